package vmhi.api.memory;

import java.nio.ByteBuffer;
import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The RAM of one machine.
 * <p>
 * The guest is hostile, so no access through this interface throws for an address or length the guest chose: a read
 * outside RAM gives all ones, a write outside RAM is dropped, and the methods that move blocks say {@code false} and
 * move nothing at all unless the whole range is RAM.
 * <p>
 * Called from any thread. Accesses of 2, 4 and 8 bytes on their natural boundary are single copies: another thread, or
 * the guest, sees all of such a write or nothing. The plain forms promise no order; the {@code Acquire} and
 * {@code Release} forms order what a queue shared with the guest needs. When the machine ends the pages are given back
 * at once, but the address range stays valid until nobody can reach this object or a {@linkplain #slice slice} of it:
 * a late access reads zeros, it does not take the host down.
 */
@ProviderType
public interface GuestMemory {

	/** Version of this contract. */
	String CONTRACT = "1.1.0";

	/** Bytes in a page, the unit of dirty tracking and release. */
	int PAGE_SIZE = 4096;

	/** The regions, in ascending order and without overlap; the same for the machine's life. */
	List<MemoryRegion> regions();

	/** Bytes of RAM in all regions. */
	long size();

	/** Tells whether the whole range is RAM. {@code length} is 0 or more; a negative one is never RAM. */
	boolean contains(long gpa, long length);

	/** Reads one byte, zero-extended; {@code 0xff} outside RAM. */
	int getByte(long gpa);

	/** Reads two bytes, zero-extended; {@code 0xffff} outside RAM. */
	int getShort(long gpa);

	/** Reads four bytes; {@code -1} outside RAM. */
	int getInt(long gpa);

	/** Reads eight bytes; {@code -1} outside RAM. */
	long getLong(long gpa);

	/** Reads two bytes, ordered before all later accesses of this thread. On a 2-byte boundary. */
	int getShortAcquire(long gpa);

	/** Reads four bytes, ordered before all later accesses of this thread. On a 4-byte boundary. */
	int getIntAcquire(long gpa);

	/** Writes the low byte of {@code value}. */
	void putByte(long gpa, int value);

	/** Writes the low two bytes of {@code value}. */
	void putShort(long gpa, int value);

	/** Writes four bytes. */
	void putInt(long gpa, int value);

	/** Writes eight bytes. */
	void putLong(long gpa, long value);

	/** Writes two bytes, ordered after all earlier accesses of this thread. On a 2-byte boundary. */
	void putShortRelease(long gpa, int value);

	/** Writes four bytes, ordered after all earlier accesses of this thread. On a 4-byte boundary. */
	void putIntRelease(long gpa, int value);

	/**
	 * Fills {@code target} from its position to its limit.
	 *
	 * @return {@code false} if any of the range is not RAM; {@code target} is then as it was
	 */
	boolean read(long gpa, ByteBuffer target);

	/**
	 * Writes what remains in {@code source}.
	 *
	 * @return {@code false} if any of the range is not RAM; nothing is then written
	 */
	boolean write(long gpa, ByteBuffer source);

	/**
	 * A window on RAM itself, for moving bulk data without a copy: a disk reads into it, for example. What is read
	 * through it may change at any moment, so nothing that has to be checked is read this way. Whoever writes through a
	 * slice calls {@link #markDirty} for what was written, after the write.
	 *
	 * @param length 1 or more
	 * @return a direct, little-endian buffer from position 0 to {@code length}; or {@code null} if any of the range is
	 *         not RAM or it is not in one piece on the host, which can only be at the border of two regions or at an
	 *         address within one that is a multiple of 1 GiB
	 */
	ByteBuffer slice(long gpa, int length);

	/** Notes that the range was written through a {@linkplain #slice slice}. Nearly free while nobody wants to know. */
	void markDirty(long gpa, long length);

	/**
	 * Gives the whole pages inside the range back to the host; they read as zeros until they are written again.
	 *
	 * @return bytes given back; 0 if any of the range is not RAM
	 */
	long release(long gpa, long length);

	/**
	 * Starts to note which pages are written, by whomever: through this interface, through slices, and by the guest.
	 * Several trackers may run side by side. Nobody needs one for a machine that isn't copied.
	 */
	DirtyTracker track();

	/**
	 * Has a listener be told of all writes through this interface, those through slices when they are
	 * {@linkplain #markDirty marked}, and pages that are {@linkplain #release released}, from now on. What the guest
	 * writes is not told. A listener that throws is removed, and that is logged.
	 */
	void addWriteListener(WriteListener listener);

	/** Ends that. A call that is under way may still come to its end. Does nothing for a listener that is not there. */
	void removeWriteListener(WriteListener listener);
}
