package vmhi.tck.vdisk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;

/** The bytes of one file, kept in pages: a page nobody wrote to is a hole. Guarded by its own lock. */
final class SparseBytes {
	static final int PAGE = 4096;

	private final TreeMap<Long, byte[]> pages = new TreeMap<>();
	private long length;

	synchronized long length() {
		return length;
	}

	synchronized void length(long length) {
		if (length < this.length) {
			zero(length, Math.min(this.length, length + PAGE - length % PAGE) - length, true);
			pages.tailMap((length + PAGE - 1) / PAGE).clear();
		}
		this.length = length;
	}

	/** The range lies before the end. */
	synchronized void read(long offset, ByteBuffer target) {
		while (target.hasRemaining()) {
			int at = (int) (offset % PAGE);
			int some = Math.min(target.remaining(), PAGE - at);
			byte[] page = pages.get(offset / PAGE);
			target.put(page == null ? new byte[PAGE] : page, at, some);
			offset += some;
		}
	}

	synchronized void write(long offset, ByteBuffer source) {
		while (source.hasRemaining()) {
			int at = (int) (offset % PAGE);
			int some = Math.min(source.remaining(), PAGE - at);
			source.get(pages.computeIfAbsent(offset / PAGE, index -> new byte[PAGE]), at, some);
			offset += some;
			length = Math.max(length, offset);
		}
	}

	/** Pages that lie wholly in the range become holes, or come into being, as told. */
	synchronized void zero(long offset, long count, boolean keepAllocated) {
		for (long end = offset + count; offset < end;) {
			long index = offset / PAGE;
			int at = (int) (offset % PAGE);
			int some = (int) Math.min(end - offset, PAGE - at);
			byte[] page = pages.get(index);
			if (some == PAGE && !keepAllocated)
				pages.remove(index);
			else if (page != null)
				Arrays.fill(page, at, at + some, (byte) 0);
			else if (keepAllocated && some == PAGE)
				pages.put(index, new byte[PAGE]);
			offset += some;
		}
	}

	/** How many bytes from {@code offset} on are alike: positive if stored, negative for a hole. */
	synchronized long run(long offset, long most) {
		boolean stored = pages.containsKey(offset / PAGE);
		long end = Math.min(length, offset + most);
		long to = offset - offset % PAGE + PAGE;
		while (to < end && pages.containsKey(to / PAGE) == stored)
			to = stored ? to + PAGE : nextPage(to, end);
		long run = Math.min(to, end) - offset;
		return stored ? run : -run;
	}

	private long nextPage(long from, long end) {
		Long next = pages.ceilingKey(from / PAGE);
		return next == null ? end : next * PAGE;
	}

	synchronized SparseBytes copy() {
		SparseBytes copy = new SparseBytes();
		copy.length = length;
		pages.forEach((index, page) -> copy.pages.put(index, page.clone()));
		return copy;
	}

	synchronized long allocated() {
		return (long) pages.size() * PAGE;
	}
}
