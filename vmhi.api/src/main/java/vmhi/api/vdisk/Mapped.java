package vmhi.api.vdisk;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} that knows where it holds data ("block status"). What is not {@code Mapped} is data throughout. */
@ConsumerType
public interface Mapped {

	/**
	 * Describes the bytes from {@code offset} on.
	 *
	 * @param offset less than the size of the disk
	 * @param length 1 or more; how far the caller is interested
	 * @return an extent that begins at {@code offset} and has 1 to {@code length} bytes
	 */
	Extent extent(long offset, long length) throws DiskException;

	/**
	 * A run of bytes that are alike.
	 *
	 * @param depth which image of the chain answers: 0 for the disk itself, 1 for its backing file, and so on
	 */
	record Extent(long offset, long length, Kind kind, int depth) {}

	/** What the bytes of an extent are. */
	enum Kind {
		/** Stored; they can be anything. */
		DATA,
		/** Zeros, known without reading, with space set aside. */
		ZERO,
		/** Zeros, and no space is set aside. */
		HOLE
	}
}
