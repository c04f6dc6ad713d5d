package vmhi.core.machine;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.Job;

/** Runs jobs one after the other, in the order given, on threads borrowed from a pool. For any thread. */
final class Worker implements Executor {
	private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

	private final String name;
	private final Executor pool;
	private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();
	private boolean busy;

	Worker(String name, Executor pool) {
		this.name = name;
		this.pool = pool;
	}

	@Override
	public void execute(Runnable job) {
		synchronized (jobs) {
			jobs.add(job);
			if (busy)
				return;
			busy = true;
		}
		pool.execute(this::work);
	}

	private void work() {
		while (true) {
			Runnable job;
			synchronized (jobs) {
				job = jobs.poll();
				if (job == null) {
					busy = false;
					jobs.notifyAll();
					return;
				}
			}
			try {
				job.run();
			} catch (RuntimeException | Error e) {
				LOG.warn("{}: a job failed", name, e);
			}
		}
	}

	/** Cancels the jobs that have not begun; they still come to their turn, and end at once. */
	void cancelQueued() {
		List<Runnable> queued;
		synchronized (jobs) {
			queued = List.copyOf(jobs);
		}
		for (Runnable task : queued)
			if (task instanceof Job job)
				job.cancel();
	}

	/**
	 * Waits until there is nothing to do.
	 *
	 * @return whether that came to be in time
	 */
	boolean awaitIdle(long millis) throws InterruptedException {
		long deadline = System.nanoTime() + millis * 1_000_000;
		synchronized (jobs) {
			while (busy) {
				long left = (deadline - System.nanoTime()) / 1_000_000;
				if (left <= 0)
					return false;
				jobs.wait(left);
			}
			return true;
		}
	}
}
