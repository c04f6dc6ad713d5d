package vmhi.vdisk.raw;

import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.nio.ByteBuffer;
import java.util.Map;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.vdisk.DiskCreator;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VdiskFormat;
import vmhi.api.vdisk.VirtualDisk;

/**
 * Raw images: byte n of the file is byte n of the disk, and there is nothing else in it.
 * <p>
 * The disk is as long as the file, rounded up to whole sectors of 512 bytes as QEMU does it. What the file lacks of the
 * last sector reads as zeros, and a write there makes the file whole. An empty file is a disk of size 0.
 */
@Component(service = DiskFormat.class)
@VdiskFormat("raw")
public final class RawFormat implements DiskFormat, DiskCreator {
	private static final String PREALLOCATION = "preallocation";
	private static final int CHUNK = 1 << 20;

	/** Made by DS; there is nothing to configure. */
	@Activate
	public RawFormat() {}

	/**
	 * Says yes to anything, since a raw image has no signature: whoever looks for the format of an image asks this one
	 * last, and never asks about an image that a guest could write.
	 */
	@Override
	public boolean recognises(Storage image) {
		return true;
	}

	@Override
	public VirtualDisk open(Storage image) throws DiskException {
		return new RawDisk(image);
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * The file gets exactly this size. The one option is {@code preallocation}: {@code off}, the default, leaves a
	 * hole; {@code full} writes zeros, so that the guest's own writes cannot run out of space.
	 */
	@Override
	public void create(Storage image, long size, Map<String, String> options) throws DiskException {
		for (String option : options.keySet())
			if (!option.equals(PREALLOCATION))
				throw new DiskException(UNSUPPORTED, "raw has no option " + option);
		String preallocation = options.getOrDefault(PREALLOCATION, "off");
		switch (preallocation) {
			case "off" -> image.length(size);
			case "full" -> fill(image, size);
			default -> throw new DiskException(UNSUPPORTED, "preallocation is " + preallocation + ", not off or full");
		}
	}

	private static void fill(Storage image, long size) throws DiskException {
		ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
		for (long offset = 0; offset < size; offset += CHUNK)
			image.write(offset, zeros.clear().limit((int) Math.min(CHUNK, size - offset)));
	}
}
