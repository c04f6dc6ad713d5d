package vmhi.core.memory;

import java.util.concurrent.atomic.AtomicLongArray;

import vmhi.api.memory.DirtyTracker.PageVisitor;
import vmhi.api.memory.GuestMemory;

/** A bit for each page of a run of pages. Set by any thread; a bit that is set while they are collected is not lost. */
final class DirtyPages {
	private final long gpa;
	private final AtomicLongArray words;

	DirtyPages(long gpa, int pages) {
		this.gpa = gpa;
		words = new AtomicLongArray(pages + 63 >>> 6);
	}

	void mark(int page) {
		long bit = 1L << page;
		// always the full operation: a bit seen set may be on its way to be collected with older data
		words.getAndAccumulate(page >>> 6, bit, (word, mask) -> word | mask);
	}

	/** Hands over runs of pages whose bit is set, and clears them. */
	long collect(PageVisitor visitor) {
		long count = 0;
		long start = -1; // first page of the run at hand
		int pages = words.length() << 6;
		for (int i = 0; i < words.length(); i++) {
			long word = words.getOpaque(i) == 0 ? 0 : words.getAndSet(i, 0);
			count += Long.bitCount(word);
			if (word == 0 && start < 0)
				continue;
			for (int bit = 0; bit < 64; bit++) {
				boolean set = (word >>> bit & 1) != 0;
				if (set && start < 0)
					start = (i << 6) + bit;
				if (!set && start >= 0) {
					tell(visitor, start, (i << 6) + bit);
					start = -1;
				}
			}
		}
		if (start >= 0)
			tell(visitor, start, pages);
		return count;
	}

	private void tell(PageVisitor visitor, long first, long end) {
		visitor.dirty(gpa + first * GuestMemory.PAGE_SIZE, (end - first) * GuestMemory.PAGE_SIZE);
	}
}
