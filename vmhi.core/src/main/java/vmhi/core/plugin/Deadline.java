package vmhi.core.plugin;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls into a plug-in on a thread of its own, and goes on without it if it does not come back. For the slow paths:
 * making, attaching, saving, closing.
 */
public final class Deadline {
	/** What a plug-in has for such a call. */
	public static final long MILLIS = 10_000;

	private Deadline() {}

	/** A plug-in that did not come back in time. */
	public static final class MissedException extends Exception {
		private static final long serialVersionUID = 1L;

		MissedException(String what, long millis) {
			super("%s did not come back within %d ms".formatted(what, millis));
		}
	}

	/**
	 * Calls and waits.
	 *
	 * @param what for messages and the thread's name
	 * @throws ExecutionException with what it threw
	 * @throws MissedException if it is still at it; its thread has been interrupted and is left to itself
	 */
	public static <T> T call(String what, long millis, Callable<T> call)
			throws ExecutionException, MissedException, InterruptedException {
		FutureTask<T> task = new FutureTask<>(call);
		Thread thread = new Thread(task, what);
		thread.setDaemon(true);
		thread.start();
		try {
			return task.get(millis, TimeUnit.MILLISECONDS);
		} catch (TimeoutException e) {
			task.cancel(true);
			throw new MissedException(what, millis);
		} catch (InterruptedException e) {
			task.cancel(true);
			throw e;
		}
	}
}
