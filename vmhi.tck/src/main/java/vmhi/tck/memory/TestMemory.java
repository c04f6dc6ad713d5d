package vmhi.tck.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

import vmhi.api.memory.DirtyTracker;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;
import vmhi.api.memory.WriteListener;

/**
 * Guest RAM in direct buffers. Regions that touch are allowed: a range across the border is RAM, and has no
 * {@linkplain #slice slice}. That is how a test gets at the border without 1 GiB of RAM.
 * <p>
 * For any thread.
 */
public final class TestMemory implements GuestMemory {
	private static final VarHandle SHORT = view(short[].class);
	private static final VarHandle INT = view(int[].class);
	private static final VarHandle LONG = view(long[].class);

	/** Where a region is to be; both numbers are multiples of 4096. */
	public record Range(long gpa, int size) {}

	private record Part(long gpa, ByteBuffer bytes) {

		boolean holds(long address, long length) {
			long offset = address - gpa;
			return Long.compareUnsigned(offset, bytes.capacity()) < 0 && length <= bytes.capacity() - offset;
		}

		int at(long address) {
			return (int) (address - gpa);
		}
	}

	private final List<Part> parts = new ArrayList<>();
	private final List<Tracker> trackers = new CopyOnWriteArrayList<>();
	private final List<WriteListener> listeners = new CopyOnWriteArrayList<>();

	/** RAM from address 0 on. */
	public TestMemory(int size) {
		this(new Range(0, size));
	}

	/** RAM in several regions, given in ascending order. */
	public TestMemory(Range... ranges) {
		for (Range range : ranges) {
			if ((range.gpa() | range.size()) % PAGE_SIZE != 0 || range.size() <= 0)
				throw new IllegalArgumentException("not in pages: " + range);
			ByteBuffer bytes = ByteBuffer.allocateDirect(range.size() + PAGE_SIZE).alignedSlice(PAGE_SIZE);
			parts.add(new Part(range.gpa(), little(bytes.slice(0, range.size()))));
		}
	}

	@Override
	public List<MemoryRegion> regions() {
		return parts.stream().map(TestMemory::region).toList();
	}

	private static MemoryRegion region(Part part) {
		long address = Pointer.nativeValue(Native.getDirectBufferPointer(part.bytes()));
		return new MemoryRegion(part.gpa(), part.bytes().capacity(), address);
	}

	@Override
	public long size() {
		return parts.stream().mapToLong(part -> part.bytes().capacity()).sum();
	}

	@Override
	public boolean contains(long gpa, long length) {
		if (length < 0)
			return false;
		Part part = at(gpa);
		while (part != null && !part.holds(gpa, length)) {
			long inside = part.bytes().capacity() - (gpa - part.gpa());
			gpa += inside;
			length -= inside;
			part = at(gpa);
		}
		return part != null;
	}

	@Override
	public int getByte(long gpa) {
		Part part = at(gpa);
		return part == null ? 0xff : part.bytes().get(part.at(gpa)) & 0xff;
	}

	@Override
	public int getShort(long gpa) {
		Part part = holding(gpa, 2);
		return part == null ? (int) bytewise(gpa, 2) : (short) SHORT.get(part.bytes(), part.at(gpa)) & 0xffff;
	}

	@Override
	public int getInt(long gpa) {
		Part part = holding(gpa, 4);
		return part == null ? (int) bytewise(gpa, 4) : (int) INT.get(part.bytes(), part.at(gpa));
	}

	@Override
	public long getLong(long gpa) {
		Part part = holding(gpa, 8);
		return part == null ? bytewise(gpa, 8) : (long) LONG.get(part.bytes(), part.at(gpa));
	}

	@Override
	public int getShortAcquire(long gpa) {
		int value = getShort(gpa);
		VarHandle.acquireFence();
		return value;
	}

	@Override
	public int getIntAcquire(long gpa) {
		int value = getInt(gpa);
		VarHandle.acquireFence();
		return value;
	}

	@Override
	public void putByte(long gpa, int value) {
		Part part = at(gpa);
		if (part == null)
			return;
		part.bytes().put(part.at(gpa), (byte) value);
		markDirty(gpa, 1);
	}

	@Override
	public void putShort(long gpa, int value) {
		Part part = holding(gpa, 2);
		if (part == null) {
			bytewise(gpa, 2, value);
			return;
		}
		SHORT.set(part.bytes(), part.at(gpa), (short) value);
		markDirty(gpa, 2);
	}

	@Override
	public void putInt(long gpa, int value) {
		Part part = holding(gpa, 4);
		if (part == null) {
			bytewise(gpa, 4, value);
			return;
		}
		INT.set(part.bytes(), part.at(gpa), value);
		markDirty(gpa, 4);
	}

	@Override
	public void putLong(long gpa, long value) {
		Part part = holding(gpa, 8);
		if (part == null) {
			bytewise(gpa, 8, value);
			return;
		}
		LONG.set(part.bytes(), part.at(gpa), value);
		markDirty(gpa, 8);
	}

	@Override
	public void putShortRelease(long gpa, int value) {
		VarHandle.releaseFence();
		putShort(gpa, value);
	}

	@Override
	public void putIntRelease(long gpa, int value) {
		VarHandle.releaseFence();
		putInt(gpa, value);
	}

	@Override
	public boolean read(long gpa, ByteBuffer target) {
		if (!contains(gpa, target.remaining()))
			return false;
		while (target.hasRemaining()) {
			ByteBuffer piece = piece(gpa, target.remaining());
			gpa += piece.remaining();
			target.put(piece);
		}
		return true;
	}

	@Override
	public boolean write(long gpa, ByteBuffer source) {
		int length = source.remaining();
		if (!contains(gpa, length))
			return false;
		for (long at = gpa; source.hasRemaining();) {
			ByteBuffer piece = piece(at, source.remaining());
			int some = piece.remaining();
			piece.put(source.slice(source.position(), some));
			source.position(source.position() + some);
			at += some;
		}
		markDirty(gpa, length);
		return true;
	}

	@Override
	public ByteBuffer slice(long gpa, int length) {
		if (length < 1)
			throw new IllegalArgumentException("slice of " + length + " bytes");
		Part part = holding(gpa, length);
		return part == null ? null : little(part.bytes().slice(part.at(gpa), length));
	}

	@Override
	public void markDirty(long gpa, long length) {
		if (trackers.isEmpty() && listeners.isEmpty() || length <= 0 || !contains(gpa, length))
			return;
		for (Tracker tracker : trackers)
			tracker.mark(gpa, length);
		for (WriteListener listener : listeners)
			try {
				listener.written(gpa, length);
			} catch (RuntimeException e) {
				listeners.remove(listener);
				System.err.println(listener + " is told of writes no more, for it threw " + e);
			}
	}

	@Override
	public long release(long gpa, long length) {
		if (!contains(gpa, length))
			return 0;
		long first = gpa + PAGE_SIZE - 1 & -PAGE_SIZE;
		long end = gpa + length & -PAGE_SIZE;
		if (first >= end)
			return 0;
		for (long page = first; page < end; page += PAGE_SIZE)
			write(page, ByteBuffer.allocate(PAGE_SIZE));
		return end - first;
	}

	@Override
	public DirtyTracker track() {
		Tracker tracker = new Tracker();
		trackers.add(tracker);
		return tracker;
	}

	@Override
	public void addWriteListener(WriteListener listener) {
		listeners.add(listener);
	}

	@Override
	public void removeWriteListener(WriteListener listener) {
		listeners.remove(listener);
	}

	/** Makes all RAM here the same as there; both have the same regions. */
	public void copyFrom(TestMemory other) {
		for (int i = 0; i < parts.size(); i++)
			write(parts.get(i).gpa(), other.parts.get(i).bytes().duplicate());
	}

	private Part at(long gpa) {
		return holding(gpa, 1);
	}

	/** Without an iterator: device tests count what is allocated on the way. */
	private Part holding(long gpa, long length) {
		for (int i = 0; i < parts.size(); i++)
			if (parts.get(i).holds(gpa, length))
				return parts.get(i);
		return null;
	}

	private ByteBuffer piece(long gpa, int most) {
		Part part = at(gpa);
		return part.bytes().slice(part.at(gpa), Math.min(most, part.bytes().capacity() - part.at(gpa)));
	}

	private long bytewise(long gpa, int size) {
		if (!contains(gpa, size))
			return -1L >>> Long.SIZE - 8 * size;
		long value = 0;
		for (int i = size; i-- > 0;)
			value = value << 8 | getByte(gpa + i);
		return value;
	}

	private void bytewise(long gpa, int size, long value) {
		if (contains(gpa, size))
			for (int i = 0; i < size; i++)
				putByte(gpa + i, (int) (value >>> 8 * i));
	}

	private static ByteBuffer little(ByteBuffer buffer) {
		return buffer.order(ByteOrder.LITTLE_ENDIAN);
	}

	private static VarHandle view(Class<?> array) {
		return MethodHandles.byteBufferViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
	}

	/** One bit a page, numbered through all regions in order. */
	private final class Tracker implements DirtyTracker {
		private final BitSet pages = new BitSet();

		synchronized void mark(long gpa, long length) {
			long base = 0;
			for (Part part : parts) {
				long size = part.bytes().capacity();
				long from = Math.max(gpa - part.gpa(), 0);
				long to = Math.min(gpa - part.gpa() + length, size);
				if (from < to)
					pages.set((int) ((base + from) / PAGE_SIZE), (int) ((base + to - 1) / PAGE_SIZE) + 1);
				base += size;
			}
		}

		@Override
		public synchronized long collect(PageVisitor visitor) {
			int base = 0;
			for (Part part : parts) {
				int end = base + part.bytes().capacity() / PAGE_SIZE;
				for (int from = next(base, end), to; from < end; from = next(to, end)) {
					to = Math.min(pages.nextClearBit(from), end);
					visitor.dirty(part.gpa() + (long) (from - base) * PAGE_SIZE, (long) (to - from) * PAGE_SIZE);
				}
				base = end;
			}
			long collected = pages.cardinality();
			pages.clear();
			return collected;
		}

		private int next(int from, int end) {
			int page = pages.nextSetBit(from);
			return page < 0 ? end : page;
		}

		@Override
		public void close() {
			trackers.remove(this);
		}
	}
}
