package vmhi.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.memory.DirtySource;
import vmhi.api.memory.DirtyTracker;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;
import vmhi.api.memory.WriteListener;

/**
 * The RAM of one machine, in mappings of its own.
 * <p>
 * RAM lies from 0 up to 3 GiB, and what is more lies from 4 GiB on: the gap is where devices are. It is reached through
 * buffers, one for each GiB of the address space, so that an address finds its buffer by a shift, and so that a wrong
 * address ends in Java and not in the host. {@link #close} gives the pages back at once and leaves the address range to
 * the garbage collector: a device that still holds a slice reads zeros.
 */
public final class GuestRam implements GuestMemory, AutoCloseable {
	private static final Logger LOG = LoggerFactory.getLogger(GuestRam.class);
	/** Where the gap for devices begins and ends. */
	public static final long GAP_START = 3L << 30, GAP_END = 4L << 30;

	private static final int WINDOW_SHIFT = 30;
	private static final int WINDOW = 1 << WINDOW_SHIFT;

	private static final VarHandle SHORT = MethodHandles.byteBufferViewVarHandle(short[].class,
			ByteOrder.LITTLE_ENDIAN);
	private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

	private final List<MemoryRegion> regions = new ArrayList<>();
	private final List<Mapping> mappings = new ArrayList<>();
	/** By address divided by 1 GiB; {@code null} where there is no RAM. Each has the bytes that its GiB has. */
	private final ByteBuffer[] windows;
	private final long size;

	private final List<Tracker> trackers = new CopyOnWriteArrayList<>();
	private volatile boolean tracking;
	/** Replaced under the lock of this object. */
	private volatile WriteListener[] listeners = {};
	private DirtySource source;

	/**
	 * Maps the RAM of a machine.
	 *
	 * @param size bytes, a multiple of 4 KiB
	 * @param cleaner unmaps what nobody can reach any more
	 * @throws OutOfMemoryError if the host has no address space for it
	 */
	public GuestRam(long size, Cleaner cleaner) {
		this.size = size;
		long low = Math.min(size, GAP_START);
		long end = size > low ? GAP_END + size - low : low;
		windows = new ByteBuffer[(int) (end + WINDOW - 1 >>> WINDOW_SHIFT)];
		map(0, low, cleaner);
		if (size > low)
			map(GAP_END, size - low, cleaner);
	}

	private void map(long gpa, long length, Cleaner cleaner) {
		Mapping mapping = new Mapping(length);
		mappings.add(mapping);
		regions.add(new MemoryRegion(gpa, length, mapping.address()));
		for (long at = 0; at < length; at += WINDOW) {
			ByteBuffer window = mapping.window(at, (int) Math.min(WINDOW, length - at));
			cleaner.register(window, mapping::release);
			windows[(int) (gpa + at >>> WINDOW_SHIFT)] = window;
		}
	}

	@Override
	public List<MemoryRegion> regions() {
		return List.copyOf(regions);
	}

	@Override
	public long size() {
		return size;
	}

	@Override
	public boolean contains(long gpa, long length) {
		if (length < 0)
			return false;
		for (int i = 0; i < regions.size(); i++) // without an iterator: it is asked at each write
			if (regions.get(i).contains(gpa, length))
				return true;
		return false;
	}

	/** The window that holds all of {@code bytes} at the address, or {@code null}. */
	private ByteBuffer window(long gpa, int bytes) {
		long index = gpa >>> WINDOW_SHIFT;
		if (index >= windows.length)
			return null;
		ByteBuffer window = windows[(int) index];
		return window != null && (gpa & WINDOW - 1) + bytes <= window.limit() ? window : null;
	}

	private static int offset(long gpa) {
		return (int) gpa & WINDOW - 1;
	}

	@Override
	public int getByte(long gpa) {
		ByteBuffer window = window(gpa, 1);
		return window == null ? 0xff : window.get(offset(gpa)) & 0xff;
	}

	@Override
	public int getShort(long gpa) {
		ByteBuffer window = window(gpa, 2);
		return window == null ? (int) across(gpa, 2) : window.getShort(offset(gpa)) & 0xffff;
	}

	@Override
	public int getInt(long gpa) {
		ByteBuffer window = window(gpa, 4);
		return window == null ? (int) across(gpa, 4) : window.getInt(offset(gpa));
	}

	@Override
	public long getLong(long gpa) {
		ByteBuffer window = window(gpa, 8);
		return window == null ? across(gpa, 8) : window.getLong(offset(gpa));
	}

	@Override
	public int getShortAcquire(long gpa) {
		ByteBuffer window = window(gpa, 2);
		return window == null || (gpa & 1) != 0 ? getShort(gpa)
				: (short) SHORT.getAcquire(window, offset(gpa)) & 0xffff;
	}

	@Override
	public int getIntAcquire(long gpa) {
		ByteBuffer window = window(gpa, 4);
		return window == null || (gpa & 3) != 0 ? getInt(gpa) : (int) INT.getAcquire(window, offset(gpa));
	}

	/** A number that lies across two windows, or that is not RAM. */
	private long across(long gpa, int bytes) {
		if (!contains(gpa, bytes))
			return bytes == 8 ? -1 : (1L << 8 * bytes) - 1;
		long value = 0;
		for (int i = bytes; i-- > 0;)
			value = value << 8 | getByte(gpa + i);
		return value;
	}

	@Override
	public void putByte(long gpa, int value) {
		ByteBuffer window = window(gpa, 1);
		if (window != null)
			window.put(offset(gpa), (byte) value);
		markDirty(gpa, 1);
	}

	@Override
	public void putShort(long gpa, int value) {
		ByteBuffer window = window(gpa, 2);
		if (window == null)
			putAcross(gpa, 2, value);
		else
			window.putShort(offset(gpa), (short) value);
		markDirty(gpa, 2);
	}

	@Override
	public void putInt(long gpa, int value) {
		ByteBuffer window = window(gpa, 4);
		if (window == null)
			putAcross(gpa, 4, value);
		else
			window.putInt(offset(gpa), value);
		markDirty(gpa, 4);
	}

	@Override
	public void putLong(long gpa, long value) {
		ByteBuffer window = window(gpa, 8);
		if (window == null)
			putAcross(gpa, 8, value);
		else
			window.putLong(offset(gpa), value);
		markDirty(gpa, 8);
	}

	@Override
	public void putShortRelease(long gpa, int value) {
		ByteBuffer window = window(gpa, 2);
		if (window == null || (gpa & 1) != 0) {
			VarHandle.releaseFence();
			putShort(gpa, value);
			return;
		}
		SHORT.setRelease(window, offset(gpa), (short) value);
		markDirty(gpa, 2);
	}

	@Override
	public void putIntRelease(long gpa, int value) {
		ByteBuffer window = window(gpa, 4);
		if (window == null || (gpa & 3) != 0) {
			VarHandle.releaseFence();
			putInt(gpa, value);
			return;
		}
		INT.setRelease(window, offset(gpa), value);
		markDirty(gpa, 4);
	}

	private void putAcross(long gpa, int bytes, long value) {
		if (contains(gpa, bytes))
			for (int i = 0; i < bytes; i++)
				putByte(gpa + i, (int) (value >>> 8 * i));
	}

	@Override
	public boolean read(long gpa, ByteBuffer target) {
		if (!contains(gpa, target.remaining()))
			return false;
		for (long at = gpa; target.hasRemaining();) {
			ByteBuffer window = windows[(int) (at >>> WINDOW_SHIFT)];
			int part = Math.min(target.remaining(), window.limit() - offset(at));
			target.put(target.position(), window, offset(at), part).position(target.position() + part);
			at += part;
		}
		return true;
	}

	@Override
	public boolean write(long gpa, ByteBuffer source) {
		int length = source.remaining();
		if (!contains(gpa, length))
			return false;
		for (long at = gpa; source.hasRemaining();) {
			ByteBuffer window = windows[(int) (at >>> WINDOW_SHIFT)];
			int part = Math.min(source.remaining(), window.limit() - offset(at));
			window.put(offset(at), source, source.position(), part);
			source.position(source.position() + part);
			at += part;
		}
		markDirty(gpa, length);
		return true;
	}

	@Override
	public ByteBuffer slice(long gpa, int length) {
		ByteBuffer window = length > 0 ? window(gpa, length) : null;
		return window == null ? null : window.slice(offset(gpa), length).order(ByteOrder.LITTLE_ENDIAN);
	}

	@Override
	public long release(long gpa, long length) {
		if (!contains(gpa, length))
			return 0;
		long first = gpa + PAGE_SIZE - 1 & -PAGE_SIZE;
		long end = gpa + length & -PAGE_SIZE;
		if (first >= end)
			return 0;
		for (int i = 0; i < regions.size(); i++)
			if (regions.get(i).contains(first, end - first))
				mappings.get(i).drop(first - regions.get(i).gpa(), end - first);
		markDirty(first, end - first);
		return end - first;
	}

	@Override
	public void markDirty(long gpa, long length) {
		WriteListener[] told = listeners;
		if (!tracking && told.length == 0 || length <= 0 || !contains(gpa, length))
			return;
		markTrackers(gpa, length);
		for (WriteListener listener : told)
			tell(listener, gpa, length);
	}

	private void markTrackers(long gpa, long length) {
		if (tracking)
			for (Tracker tracker : trackers)
				tracker.mark(gpa, length);
	}

	private void tell(WriteListener listener, long gpa, long length) {
		try {
			listener.written(gpa, length);
		} catch (RuntimeException | LinkageError e) {
			removeWriteListener(listener);
			LOG.error("{} is told of writes to guest RAM no more, for it threw", listener.getClass().getName(), e);
		}
	}

	@Override
	public synchronized void addWriteListener(WriteListener listener) {
		List<WriteListener> next = new ArrayList<>(List.of(listeners));
		next.add(listener);
		listeners = next.toArray(WriteListener[]::new);
	}

	@Override
	public synchronized void removeWriteListener(WriteListener listener) {
		List<WriteListener> next = new ArrayList<>(List.of(listeners));
		next.remove(listener);
		listeners = next.toArray(WriteListener[]::new);
	}

	/**
	 * Says who else writes RAM, in place of who did; called while no vCPU runs.
	 *
	 * @param next {@code null} for nobody
	 */
	public synchronized void dirtySource(DirtySource next) {
		if (tracking && source != null)
			gather();
		source = next;
		if (tracking && next != null)
			next.trackDirty(true);
	}

	/** Takes over what the guest wrote since the last time. */
	private void gather() {
		if (source != null)
			source.collectDirty(this::markTrackers);
	}

	@Override
	public synchronized DirtyTracker track() {
		Tracker tracker = new Tracker(windows.length);
		trackers.add(tracker);
		if (!tracking) {
			tracking = true;
			if (source != null)
				source.trackDirty(true);
		}
		return tracker;
	}

	/** Gives all pages back to the host. What still looks reads zeros. */
	@Override
	public void close() {
		mappings.forEach(mapping -> mapping.drop(0, mapping.length()));
	}

	/** A bit for each page, in a bitmap for each GiB. */
	private final class Tracker implements DirtyTracker {
		private final DirtyPages[] pages;

		Tracker(int windows) {
			pages = new DirtyPages[windows];
			for (int i = 0; i < windows; i++)
				if (GuestRam.this.windows[i] != null)
					pages[i] = new DirtyPages((long) i << WINDOW_SHIFT, WINDOW / PAGE_SIZE);
		}

		void mark(long gpa, long length) {
			long last = gpa + length - 1 >>> 12;
			for (long page = gpa >>> 12; page <= last; page++)
				pages[(int) (page >>> WINDOW_SHIFT - 12)].mark((int) page & WINDOW / PAGE_SIZE - 1);
		}

		@Override
		public long collect(PageVisitor visitor) {
			synchronized (GuestRam.this) {
				gather();
			}
			long count = 0;
			for (DirtyPages part : pages)
				if (part != null)
					count += part.collect(visitor);
			return count;
		}

		@Override
		public void close() {
			synchronized (GuestRam.this) {
				if (trackers.remove(this) && trackers.isEmpty()) {
					tracking = false;
					if (source != null)
						source.trackDirty(false);
				}
			}
		}
	}
}
