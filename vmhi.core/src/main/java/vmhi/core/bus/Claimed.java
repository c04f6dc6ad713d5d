package vmhi.core.bus;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.device.IoHandler;

/**
 * A range of ports or addresses and who answers there.
 * <p>
 * Its handler is a plug-in's: {@link #fault} counts what it throws, and one that keeps throwing is taken off the bus.
 */
public final class Claimed {
	/** A handler may throw this often before it is taken off. */
	static final int MOST_FAULTS = 10;

	final long first;
	final long size;
	private final boolean undivided;
	private final String owner;
	private final IoHandler handler;
	private final FaultListener faults;
	private final AtomicInteger count = new AtomicInteger();

	/** Bells in this range, by address; replaced as a whole. */
	private volatile Bell[] bells = {};

	/** Is told of faults, on the vCPU's thread; brief. */
	@FunctionalInterface
	public interface FaultListener {

		/** @param last whether the handler has now thrown too often */
		void fault(Claimed range, Throwable thrown, boolean last);
	}

	/** A write that is a mere signal. */
	public record Bell(long address, int size, Runnable ring) {}

	/**
	 * A range, not yet in any space.
	 *
	 * @param size 1 or more
	 */
	public Claimed(long first, long size, String owner, IoHandler handler, FaultListener faults) {
		this(first, size, false, owner, handler, faults);
	}

	private Claimed(long first, long size, boolean undivided, String owner, IoHandler handler, FaultListener faults) {
		this.undivided = undivided;
		this.first = first;
		this.size = size;
		this.owner = owner;
		this.handler = handler;
		this.faults = faults;
	}

	/** A single address that takes accesses of any size whole, as the port of hypercalls does. */
	public static Claimed undivided(long address, String owner, IoHandler handler, FaultListener faults) {
		return new Claimed(address, 1, true, owner, handler, faults);
	}

	/** First address. */
	public long first() {
		return first;
	}

	/** Name of the device that has it. */
	public String owner() {
		return owner;
	}

	/** Who answers. */
	public IoHandler handler() {
		return handler;
	}

	/** Tells whether the whole access lies in the range. */
	public boolean contains(long address, int bytes) {
		long offset = address - first;
		return offset >= 0 && (offset + bytes <= size || undivided);
	}

	boolean overlaps(Claimed other) {
		return first - other.first >= 0 && first - other.first < other.size
				|| other.first - first >= 0 && other.first - first < size;
	}

	/** The bell that a write of this size to this address rings, or {@code null}. */
	public Bell bell(long address, int bytes) {
		for (Bell bell : bells)
			if (bell.address == address && bell.size == bytes)
				return bell;
		return null;
	}

	/** Adds a bell. */
	public synchronized void add(Bell bell) {
		Bell[] next = Arrays.copyOf(bells, bells.length + 1);
		next[bells.length] = bell;
		bells = next;
	}

	/** Removes a bell. */
	public synchronized void remove(Bell bell) {
		bells = Arrays.stream(bells).filter(other -> other != bell).toArray(Bell[]::new);
	}

	/** The handler did not come back: it is off the bus at once. */
	public void suspend(Throwable why) {
		if (count.getAndSet(MOST_FAULTS) < MOST_FAULTS)
			faults.fault(this, why, true);
	}

	/** The handler threw. */
	public void fault(Throwable thrown) {
		int now = count.incrementAndGet();
		if (now <= MOST_FAULTS)
			faults.fault(this, thrown, now == MOST_FAULTS);
	}
}
