package vmhi.api.vdisk;

import java.nio.ByteBuffer;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A disk as the guest sees it: a fixed run of bytes, all of them readable.
 * <p>
 * Reads may run at the same time as each other and as writes elsewhere on the disk. Two writes that overlap are ordered
 * by the caller. {@link #flush} may run at the same time as any of them. The core checks bounds and read-only before it
 * calls, so {@code offset} and the buffer always lie within {@link #size()}. Buffers may be direct or not, and may be
 * guest RAM, which changes while it is read: what has to be consistent is copied first.
 */
@ConsumerType
public interface VirtualDisk extends AutoCloseable {

	/** Size in bytes; the same for as long as the disk is open, but for {@link Resizable#resize}. */
	long size();

	/** Fills {@code target} from its position to its limit. A hole reads as zeros. */
	void read(long offset, ByteBuffer target) throws DiskException;

	/** Writes what remains in {@code source}. It is lasting only after {@link #flush()}. */
	void write(long offset, ByteBuffer source) throws DiskException;

	/** Returns once every write that had returned before this call would survive a power cut. */
	void flush() throws DiskException;

	/**
	 * Flushes, then gives up the image. A second call does nothing. Afterwards the image has been given up even if this
	 * throws.
	 */
	@Override
	void close() throws DiskException;
}
