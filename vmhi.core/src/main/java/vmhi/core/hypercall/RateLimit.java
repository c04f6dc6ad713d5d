package vmhi.core.hypercall;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets so many calls a second through, a second's worth of them at once. Kept as the time at which the bucket would be
 * full again ("generic cell rate algorithm"), so that one compare-and-set does it.
 */
final class RateLimit {
	private static final long SECOND = 1_000_000_000;

	private final long interval; // nanoseconds a call; 0 for no limit
	private final AtomicLong full = new AtomicLong(Long.MIN_VALUE);

	RateLimit(int callsPerSecond) {
		interval = callsPerSecond == 0 ? 0 : Math.max(1, SECOND / callsPerSecond);
	}

	boolean limits() {
		return interval != 0;
	}

	/**
	 * Lets a call through, or not.
	 *
	 * @param now a value of {@link System#nanoTime}
	 * @return 0 if it is let through; else in how many microseconds the next one is
	 */
	long microsToWait(long now) {
		while (true) {
			long was = full.get();
			long next = (was == Long.MIN_VALUE || was - now < 0 ? now : was) + interval;
			if (next - now > SECOND)
				return Math.max(1, (next - now - SECOND) / 1000);
			if (full.compareAndSet(was, next))
				return 0;
		}
	}
}
