package vmhi.core.hypercall;

import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.RangeProvider;
import vmhi.core.plugin.Plugin;

/**
 * A range in one machine: its number, and the handler that serves it now. Handlers come and go; the number stays.
 * <p>
 * vCPU threads take a {@link #lease} for each call. The exchange of handlers is the dispatcher's, one at a time.
 */
final class Binding {
	/** A handler that faults this often within a minute is suspended. */
	private static final int MOST_FAULTS = 10;

	/** A handler that serves calls, with the number of calls that it is in. */
	static final class Active {
		final Plugin<RangeProvider> plugin;
		final RangeInfo info;
		final RangeHandler handler;
		private final BitSet functions = new BitSet();
		private final int[] privileges;
		private final AtomicInteger calls = new AtomicInteger();
		private volatile boolean draining;

		Active(Plugin<RangeProvider> plugin, RangeInfo info, RangeHandler handler) {
			this.plugin = plugin;
			this.info = info;
			this.handler = handler;
			int top = info.functions().stream().mapToInt(RangeInfo.Function::number).max().orElse(-1);
			privileges = new int[top + 1];
			for (RangeInfo.Function function : info.functions()) {
				functions.set(function.number());
				privileges[function.number()] = function.maxPrivilege();
			}
		}

		boolean has(int function) {
			return function < privileges.length && functions.get(function);
		}

		/** The highest CPL that may call a function it has. */
		int privilege(int function) {
			return privileges[function];
		}

		/** Functions 64 × {@code word} and on, a bit each. */
		long features(long word) {
			long[] words = functions.toLongArray();
			return word >= 0 && word < words.length ? words[(int) word] : 0;
		}

		/** The call is over. */
		void end() {
			calls.decrementAndGet();
		}

		/**
		 * Lets no call in any more and waits for those that are in.
		 *
		 * @return whether all have ended by the deadline
		 */
		boolean drain(long millis) {
			draining = true;
			long deadline = System.nanoTime() + millis * 1_000_000;
			while (calls.get() > 0) {
				if (System.nanoTime() - deadline > 0)
					return false;
				LockSupport.parkNanos(20_000);
			}
			return true;
		}
	}

	final UUID uuid;
	final int owner;
	final int major;
	/** Handlers of a lower minor version are not taken: the guest may have seen this one. */
	final int minor;
	private volatile Active active;
	/** What the last handler left for the next. */
	private byte[] kept;
	private int faults;
	private long faultsSince;
	private final RateLimit limit;
	private final Set<RangeProvider> suspended = Collections.newSetFromMap(new IdentityHashMap<>());

	Binding(RangeInfo info, int owner) {
		uuid = info.uuid();
		this.owner = owner;
		major = info.major();
		minor = info.minor();
		limit = new RateLimit(info.callsPerSecond());
	}

	/** Who serves now, or {@code null}. */
	Active active() {
		return active;
	}

	void active(Active next) {
		active = next;
	}

	/**
	 * Lets a call in.
	 *
	 * @param patience nanoseconds to wait if there is no handler now
	 * @return the handler, which the caller ends the call on; {@code null} if there is none
	 */
	Active lease(long patience) {
		long deadline = 0;
		while (true) {
			Active now = active;
			if (now != null) {
				now.calls.incrementAndGet();
				if (!now.draining)
					return now;
				now.calls.decrementAndGet();
			}
			if (deadline == 0)
				deadline = System.nanoTime() + patience | 1;
			else if (System.nanoTime() - deadline > 0)
				return null;
			LockSupport.parkNanos(100_000);
		}
	}

	/** Microseconds until the next call is allowed, 0 for now. */
	long microsToWait(long nanos) {
		return limit.microsToWait(nanos);
	}

	boolean limited() {
		return limit.limits();
	}

	/** Whether a range of this kind can stand in: the same one, in a version that has all this one had at first. */
	boolean takes(RangeInfo info) {
		return info.uuid().equals(uuid) && info.major() == major && info.minor() >= minor;
	}

	/** A bundle is not asked again. Guarded by the dispatcher, as are the next two. */
	void suspend(RangeProvider provider) {
		suspended.add(provider);
	}

	boolean suspended(RangeProvider provider) {
		return suspended.contains(provider);
	}

	/** Keeps a handler's state. Guarded by the dispatcher. */
	void keep(byte[] state) {
		kept = state;
	}

	/** Gives the state out, once. */
	byte[] takeKept() {
		byte[] state = kept;
		kept = null;
		return state;
	}

	/**
	 * Notes a fault.
	 *
	 * @return whether there were too many within a minute
	 */
	synchronized boolean fault() {
		long now = System.nanoTime();
		if (faults == 0 || now - faultsSince > 60_000_000_000L) {
			faultsSince = now;
			faults = 0;
		}
		return ++faults == MOST_FAULTS;
	}
}
