package vmhi.core;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other threads do, with a deadline that only a failing test reaches. */
public final class Eventually {
	private static final long SECONDS = 20;

	private Eventually() {}

	/** Waits until something holds. */
	public static void until(String what, Callable<Boolean> condition) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
		while (!condition.call()) {
			if (System.nanoTime() - deadline > 0)
				fail("not within %d s: %s".formatted(SECONDS, what));
			LockSupport.parkNanos(200_000);
		}
	}
}
