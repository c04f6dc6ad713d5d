package vmhi.core.machine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.device.GuestClock;

/**
 * The time of one machine. Stands still until {@link #go} and after {@link #halt}; timers that are set meanwhile, or
 * were set before, wait.
 */
final class MachineClock implements GuestClock {
	private static final Logger LOG = LoggerFactory.getLogger(MachineClock.class);

	private final ScheduledExecutorService executor;
	private final Set<Alarm> set = ConcurrentHashMap.newKeySet();

	/** What {@link #nanos} is while the clock stands still; while it goes, what it is less the host's clock. */
	private record Reading(boolean going, long nanos) {}

	private volatile Reading reading = new Reading(false, 0);

	MachineClock(ScheduledExecutorService executor) {
		this.executor = executor;
	}

	@Override
	public long nanos() {
		Reading now = reading;
		return now.going ? now.nanos + System.nanoTime() : now.nanos;
	}

	/** Time goes on from where it stood. */
	synchronized void go() {
		if (!reading.going)
			reading = new Reading(true, reading.nanos - System.nanoTime());
		set.forEach(Alarm::schedule);
	}

	/** Time stands still. An alarm that goes off at this moment may still be under way. */
	synchronized void halt() {
		reading = new Reading(false, nanos());
		set.forEach(Alarm::unschedule);
	}

	/** The time is another one from now on; only while it stands still. */
	synchronized void set(long nanos) {
		reading = new Reading(false, nanos);
	}

	@Override
	public Timer timer(Runnable alarm) {
		return new Alarm(alarm);
	}

	private final class Alarm implements Timer {
		private final Runnable action;
		private long due;
		private long settings; // tells an alarm that was replaced while it went off from the one that counts
		private Future<?> future;

		Alarm(Runnable action) {
			this.action = action;
		}

		@Override
		public synchronized void at(long guestNanos) {
			unschedule();
			due = guestNanos;
			set.add(this);
			schedule();
		}

		@Override
		public synchronized void cancel() {
			set.remove(this);
			unschedule();
		}

		synchronized void schedule() {
			if (reading.going && future == null && set.contains(this))
				future = schedule(++settings);
		}

		private Future<?> schedule(long setting) {
			return executor.schedule(() -> fire(setting), Math.max(0, due - nanos()), TimeUnit.NANOSECONDS);
		}

		synchronized void unschedule() {
			if (future != null)
				future.cancel(false);
			future = null;
		}

		private void fire(long setting) {
			synchronized (this) {
				if (future == null || setting != settings || !reading.going)
					return; // cleared or set anew, or the machine came to a stand, while this was on its way
				future = null;
				set.remove(this);
			}
			try {
				action.run();
			} catch (RuntimeException e) {
				LOG.warn("an alarm failed", e);
			}
		}
	}
}
