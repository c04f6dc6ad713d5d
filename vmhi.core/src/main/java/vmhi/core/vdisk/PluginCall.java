package vmhi.core.vdisk;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;

/**
 * A call into a plug-in on a thread of its own, that is left behind if it does not come back; for opening, flushing and
 * closing. What it throws, if not a {@link DiskException}, becomes one that names it.
 */
final class PluginCall<T> implements Runnable {
	private static final long LOOK_MILLIS = 20;

	private final Callable<T> call;
	private final CountDownLatch ended = new CountDownLatch(1);
	private T result; // published by ended
	private Throwable thrown; // published by ended

	private PluginCall(Callable<T> call) {
		this.call = call;
	}

	/** Says how long to wait. Asked now and then, so that it may change its mind. */
	interface Patience {

		/**
		 * Whether to go on waiting.
		 *
		 * @param waited nanoseconds
		 */
		boolean lasts(long waited);

		/** Waits until something is so. An interrupt does not end that, and is kept. */
		default boolean await(BooleanSupplier so, Wait wait) {
			long start = System.nanoTime();
			boolean interrupted = false;
			try {
				while (!so.getAsBoolean()) {
					if (!lasts(System.nanoTime() - start))
						return false;
					try {
						wait.some(LOOK_MILLIS);
					} catch (InterruptedException e) {
						interrupted = true;
					}
				}
				return true;
			} finally {
				if (interrupted)
					Thread.currentThread().interrupt();
			}
		}
	}

	/** Waits until something happened or the time is over. */
	interface Wait {
		void some(long millis) throws InterruptedException;
	}

	/**
	 * Calls and waits.
	 *
	 * @param what for messages and the thread's name: who is called, to do what
	 * @throws DiskException what the plug-in threw, or of kind {@code IO} if that was anything else, or it is still at it
	 */
	static <T> T make(String what, Patience patience, Callable<T> call) throws DiskException {
		PluginCall<T> made = new PluginCall<>(call);
		Thread thread = new Thread(made, "vmhi " + what);
		thread.setDaemon(true);
		thread.start();
		if (!patience.await(() -> made.ended.getCount() == 0, m -> made.ended.await(m, TimeUnit.MILLISECONDS))) {
			thread.interrupt();
			throw new DiskException(Kind.IO, what + " does not come back");
		}
		if (made.thrown instanceof DiskException e)
			throw e;
		if (made.thrown != null)
			throw new DiskException(Kind.IO, "%s failed: %s".formatted(what,
					made.thrown.toString().lines().findFirst().orElse("")), made.thrown);
		return made.result;
	}

	@Override
	public void run() {
		try {
			result = call.call();
		} catch (Throwable e) { // whatever it is, it is the plug-in's, and is handed over
			thrown = e;
		} finally {
			ended.countDown();
		}
	}
}
