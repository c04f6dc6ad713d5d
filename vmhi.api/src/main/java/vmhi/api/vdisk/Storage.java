package vmhi.api.vdisk;

import java.nio.ByteBuffer;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The bytes of one image, already opened and locked by the core.
 * <p>
 * Called from any thread; reads and writes of different places run at the same time. A buffer may be direct or not.
 */
@ProviderType
public interface Storage extends AutoCloseable {

	/** How people know this image; for messages only. */
	String name();

	/** Whether writes are refused. */
	boolean readOnly();

	/** Length in bytes now; it grows when a write goes past the end. */
	long length() throws DiskException;

	/** Makes it this long. What is new reads as zeros. */
	void length(long length) throws DiskException;

	/** Fills {@code target}; reading past the end is a {@code CORRUPT} image, not a short read. */
	void read(long offset, ByteBuffer target) throws DiskException;

	/** @throws DiskException of kind {@code READ_ONLY} if the image was opened for reading */
	void write(long offset, ByteBuffer source) throws DiskException;

	/**
	 * Makes the range, which lies before the end, read as zeros and frees the space behind it where the host can; where
	 * it can't, writes zeros.
	 *
	 * @param keepAllocated whether to keep space set aside for the range instead of freeing it
	 */
	void zero(long offset, long length, boolean keepAllocated) throws DiskException;

	/**
	 * Tells where the host holds data: the bytes from {@code offset} on that are alike.
	 *
	 * @param offset less than the length
	 * @return {@code DATA} or {@code HOLE}, beginning at {@code offset}, 1 to {@code length} bytes
	 */
	Mapped.Extent extent(long offset, long length) throws DiskException;

	/** Makes earlier writes lasting. */
	void flush() throws DiskException;

	/**
	 * Opens the disk that this image names as its backing file, for reading. The core decides where such a name may
	 * point, how deep a chain may go, and that it does not come back on itself.
	 *
	 * @param name as written in the image
	 * @param format as written in the image, or {@code ""} to let the core find out
	 */
	VirtualDisk backing(String name, String format) throws DiskException;

	/**
	 * Opens a further file that belongs to this image, such as an extent of a VMDK. The core decides where such a name
	 * may point; it is read-only if this one is.
	 *
	 * @param name as written in the image
	 * @param create whether to make it if it does not exist
	 */
	Storage extent(String name, boolean create) throws DiskException;

	/** Gives up the lock and the file. A second call does nothing. */
	@Override
	void close() throws DiskException;
}
