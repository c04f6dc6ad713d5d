/**
 * Virtual disks, contract version 1.0.
 * <p>
 * Two sides meet here. A <em>format bundle</em> implements {@link vmhi.api.vdisk.DiskFormat} and registers it as a
 * service under {@link vmhi.api.vdisk.VdiskFormat}; the <em>core</em> implements {@link vmhi.api.vdisk.Storage} and is
 * the only one to open files. A format turns the bytes of a {@code Storage} into a
 * {@link vmhi.api.vdisk.VirtualDisk}, which the core then reads and writes for a guest or for a tool. Storage that isn't
 * a local file comes from a {@link vmhi.api.vdisk.StorageTransport}, a bundle likewise.
 * <p>
 * Format bundles implement the types marked {@code @ConsumerType}. Within version 1 these gain no abstract methods: an
 * ability is a small interface of its own, found with {@code instanceof}. Of a format: {@link vmhi.api.vdisk.DiskCreator}.
 * Of a disk: {@link vmhi.api.vdisk.Discardable}, {@link vmhi.api.vdisk.ZeroWritable}, {@link vmhi.api.vdisk.Resizable},
 * {@link vmhi.api.vdisk.Mapped}, {@link vmhi.api.vdisk.Checkable}, {@link vmhi.api.vdisk.Chained},
 * {@link vmhi.api.vdisk.Snapshotted}, {@link vmhi.api.vdisk.Described}. The core implements the types marked
 * {@code @ProviderType}; they may grow.
 * <p>
 * Offsets and lengths are bytes.
 */
@Export
@Version(VdiskFormat.CONTRACT)
package vmhi.api.vdisk;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
