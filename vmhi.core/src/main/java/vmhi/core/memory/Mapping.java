package vmhi.core.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.jna.LastErrorException;
import com.sun.jna.Pointer;

import vmhi.core.host.Libc;

/**
 * Anonymous host memory, mapped once and unmapped when the last buffer over it is gone.
 * <p>
 * Pages are set aside when they are first touched (MAP_NORESERVE): a machine costs what its guest uses. From 256 MiB on
 * they are huge ones where the host has them, and the memory begins where such a page does, as processors need it that
 * map the guest's addresses themselves. A smaller machine is better off with small ones: it may use but a few.
 */
final class Mapping {
	private static final int PROT_READ_WRITE = 1 | 2;
	private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
	private static final int MADV_DONTNEED = 4, MADV_HUGEPAGE = 14;

	private static final long HUGE_PAGE = 2 << 20, HUGE_FROM = 256 << 20;

	/** What was mapped, and the part of it that is used. */
	private final Pointer mapped, start;
	private final long length;
	private final AtomicInteger windows = new AtomicInteger();

	Mapping(long length) {
		this.length = length;
		try {
			mapped = Libc.mmap(null, length + HUGE_PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
		} catch (LastErrorException e) {
			throw new OutOfMemoryError("mmap of %d bytes for guest RAM: %s".formatted(length, e.getMessage()));
		}
		start = mapped.share(-Pointer.nativeValue(mapped) & HUGE_PAGE - 1);
		if (length < HUGE_FROM)
			return;
		try {
			Libc.madvise(start, length, MADV_HUGEPAGE);
		} catch (LastErrorException e) {
			// a host without them
		}
	}

	long address() {
		return Pointer.nativeValue(start);
	}

	long length() {
		return length;
	}

	/** A buffer over a part. Slices of it keep it, and so the mapping, alive. */
	ByteBuffer window(long offset, int bytes) {
		windows.incrementAndGet();
		return start.getByteBuffer(offset, bytes).order(ByteOrder.LITTLE_ENDIAN);
	}

	/** One of the buffers can no longer be reached. */
	void release() {
		if (windows.decrementAndGet() == 0)
			Libc.munmap(mapped, length + HUGE_PAGE);
	}

	/** Gives the pages of a part back; they read as zeros from now on. */
	void drop(long offset, long bytes) {
		Libc.madvise(start.share(offset), bytes, MADV_DONTNEED);
	}
}
