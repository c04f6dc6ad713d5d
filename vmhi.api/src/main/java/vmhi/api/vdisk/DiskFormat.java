package vmhi.api.vdisk;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Knows one on-disk format, such as qcow2, and opens images written in it.
 * <p>
 * Called from any thread, several at a time. Holds no state of any one image: that belongs to the {@link VirtualDisk}
 * it returns. When the service is about to leave, the core drains, flushes and closes the disks it opened; guests'
 * requests wait until a bundle for the format is there again.
 */
@ConsumerType
public interface DiskFormat {

	/**
	 * Tells whether the image is in this format, by its signature alone; damage behind a good signature is for
	 * {@link #open} to report. Asked only of an image that comes in from outside: a guest can write any signature to its
	 * own disk, so that one is opened by its configured format.
	 */
	boolean recognises(Storage image) throws DiskException;

	/**
	 * Opens an image of this format, for writing if {@link Storage#readOnly} says no.
	 * <p>
	 * The image is untrusted: every length, count and offset in it is checked before it is used, and before memory is
	 * set aside for it. A backing file or extent named by the image is reached through {@link Storage#backing} and
	 * {@link Storage#extent}, never by opening a path.
	 *
	 * @return a disk that closes {@code image} when it is closed
	 * @throws DiskException of kind {@code CORRUPT} or {@code UNSUPPORTED}, or as reading failed; {@code image} is then
	 *         left open for the caller
	 */
	VirtualDisk open(Storage image) throws DiskException;
}
