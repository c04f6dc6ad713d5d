package vmhi.core.bus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.VcpuContext;

/**
 * Marks when the thread of a vCPU is inside a plug-in's code, and counts its exits.
 * <p>
 * {@link #enter} and {@link #leave} belong to the vCPU's thread. They are to others what a read-side critical section of
 * RCU is: who took something off a table waits with {@link #awaitQuiet} until the thread has been outside once. The
 * fence in {@code enter} is matched with the one in {@code awaitQuiet}: either the thread sees the new table, or the
 * other side sees that it is inside.
 */
public final class VcpuSlot {
	private static final VarHandle CALLS;
	/** Set in the number of calls when the thread is given up. */
	private static final long ABANDONED = Long.MIN_VALUE;

	static {
		try {
			CALLS = MethodHandles.lookup().findVarHandle(VcpuSlot.class, "calls", long.class);
		} catch (ReflectiveOperationException e) {
			throw new ExceptionInInitializerError(e);
		}
	}

	private final int index;

	/** Odd while the thread is inside; rises by one on the way in and out. Written by the vCPU's thread alone. */
	@SuppressWarnings("unused") // through CALLS
	private long calls;

	// exits by kind: written by the vCPU's thread, read by whoever wants a number that is about right
	long portReads;
	long portWrites;
	long mmioReads;
	long mmioWrites;
	long msrs;
	long hypercalls;

	/** The vCPU as it was last seen, and what it went into: for whoever has to go on in its place. */
	private VcpuContext context;
	private Object inside;
	/** Whose this is: a handler that gives up a claim does not wait for itself. */
	private volatile Thread thread;

	/** For the vCPU with this index. */
	public VcpuSlot(int index) {
		this.index = index;
	}

	/** Index of the vCPU. */
	public int index() {
		return index;
	}

	/** The thread goes into a plug-in's code. */
	void enter(VcpuContext vcpu) {
		if (context != vcpu) {
			context = vcpu;
			thread = Thread.currentThread();
		}
		CALLS.setOpaque(this, (long) CALLS.get(this) + 1);
		VarHandle.fullFence();
	}

	/**
	 * The thread is back.
	 *
	 * @throws AbandonedRun if it was given up meanwhile
	 */
	void leave() {
		long call = (long) CALLS.get(this);
		if (call < 0 || !CALLS.compareAndSet(this, call, call + 1))
			throw AbandonedRun.INSTANCE;
	}

	/** Says what the thread is in. */
	void inside(Object what) {
		inside = what;
	}

	/** What the thread went into last: a {@link Claimed} or a {@link ClaimedMsrs}, or the entry of VMCALL. */
	public Object inside() {
		return inside;
	}

	/** The vCPU as its thread passed it last; {@code null} before the first exit. */
	public VcpuContext context() {
		return context;
	}

	/** A number that is odd while the thread is inside and differs from one call to the next. */
	public long calls() {
		return (long) CALLS.getAcquire(this);
	}

	/**
	 * Gives the thread up if it is still in this call: when it comes back, it unwinds. Decided against {@link #leave} by a
	 * compare-and-set, since a thread that has just come back goes on with the vCPU.
	 *
	 * @param call what {@link #calls} gave
	 * @return {@code false} if it has left the call
	 */
	public boolean abandon(long call) {
		return call >= 0 && (call & 1) != 0 && CALLS.compareAndSet(this, call, call | ABANDONED);
	}

	/** Whether the thread was given up. */
	public boolean abandoned() {
		return calls() < 0;
	}

	/**
	 * Waits until the thread has been outside at least once since this was called.
	 *
	 * @return {@code false} if it was not by {@code deadline}, a value of {@link System#nanoTime}
	 */
	public boolean awaitQuiet(long deadline) {
		VarHandle.fullFence();
		long seen = calls();
		if ((seen & 1) == 0 || thread == Thread.currentThread())
			return true;
		while (seen >= 0 && calls() == seen) {
			if (System.nanoTime() - deadline > 0)
				return false;
			Thread.onSpinWait();
		}
		return true;
	}

	/** Exits so far, of all kinds. */
	public long exits() {
		return portReads + portWrites + mmioReads + mmioWrites + msrs + hypercalls;
	}
}
