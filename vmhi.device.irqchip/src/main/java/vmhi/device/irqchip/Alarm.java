package vmhi.device.irqchip;

import vmhi.api.device.GuestClock;

/**
 * A timer of the machine's clock for something that is due at a time that moves a lot. It is set only when it would be
 * late otherwise: one that goes off early finds nothing due, and is set anew. And it goes off at most once in
 * {@link #LEAST_INTERVAL}, whatever period a guest chooses; what is due earlier is seen by whoever looks, but waits with
 * interrupting.
 */
final class Alarm {
	static final long NEVER = Long.MAX_VALUE;

	/** Guest nanoseconds. No guest can serve interrupts that are closer together, and each costs the host a thread. */
	static final long LEAST_INTERVAL = 50_000;

	private final GuestClock.Timer timer;
	private long due = NEVER;
	private long armed = NEVER; // no later than it is due, but for the interval
	private long last = Long.MIN_VALUE / 2;

	Alarm(GuestClock.Timer timer) {
		this.timer = timer;
	}

	/** Has it go off at {@code next}, or not at all if that is {@link #NEVER}. */
	void at(long next, long now) {
		due = next;
		if (due == NEVER)
			return;
		last = Math.min(last, now); // the clock may have been set back
		long when = Math.max(due, last + LEAST_INTERVAL);
		if (when >= armed)
			return;
		armed = when;
		timer.at(when);
	}

	/** It has gone off. */
	void rang(long now) {
		armed = NEVER;
		if (due <= now)
			last = now;
	}

	/** Forgets what it was set to. */
	void cancel() {
		due = NEVER;
		armed = NEVER;
		last = Long.MIN_VALUE / 2;
		timer.cancel();
	}
}
