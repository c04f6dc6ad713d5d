package vmhi.core.event;

import static vmhi.api.machine.MachineException.Kind.CANCELLED;
import static vmhi.api.machine.MachineException.Kind.CONFLICT;
import static vmhi.api.machine.MachineException.Kind.INTERNAL;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;

/**
 * A job and its way through its states. For any thread: the snapshot is read without a lock, and changed under that of
 * this object, which also keeps the job's events in order.
 */
final class JobTask implements Job, JobList.Control, Runnable {

	private static final Logger LOG = LoggerFactory.getLogger(JobTask.class);
	private static final long NANOS_BETWEEN_EVENTS = TimeUnit.MILLISECONDS.toNanos(250);
	private static final int MOST_CHARS = 1000;

	private final JobList list;
	private final JobList.Work work;
	private final CountDownLatch over = new CountDownLatch(1);
	private volatile Snapshot snapshot;
	private volatile boolean cancelled;
	private MachineException failure; // written before the snapshot and the latch tell that it is over
	private long lastEvent; // of progress; guarded by this
	private boolean progressed; // guarded by this

	/** A job that waits for its turn. */
	JobTask(JobList list, Snapshot snapshot, JobList.Work work) {
		this.list = list;
		this.snapshot = snapshot;
		this.work = work;
	}

	/** A job that is over. */
	JobTask(JobList list, Snapshot snapshot, MachineException.Kind failed) {
		this(list, snapshot, control -> {});
		failure = failed == null ? null : new MachineException(failed, snapshot.message());
		over.countDown();
	}

	@Override
	public void run() {
		if (!begin())
			return;
		try {
			work.run(this);
			end(State.DONE, null);
		} catch (MachineException e) {
			end(e.kind() == CANCELLED ? State.CANCELLED : State.FAILED, e);
		} catch (InterruptedException e) {
			end(State.FAILED, new MachineException(INTERNAL, "the host is ending", e));
			Thread.currentThread().interrupt();
		} catch (RuntimeException | Error e) { // whoever waits for the job has to hear of it
			LOG.error("job {}, {}", snapshot.id(), snapshot.kind(), e);
			end(State.FAILED, new MachineException(INTERNAL, "internal error: " + e, e));
		}
	}

	private synchronized boolean begin() {
		if (snapshot.state() != State.QUEUED)
			return false; // cancelled while it waited
		change(State.RUNNING, 0, "", null);
		list.publish("job.started", snapshot, Map.of());
		return true;
	}

	/** Ends the job. Who sees that it is over finds that on disk, and who has waited for it finds its last event. */
	void end(State state, MachineException why) {
		synchronized (this) {
			if (snapshot.over())
				return;
			failure = why;
			Snapshot now = snapshot;
			Snapshot ended = new Snapshot(now.id(), now.kind(), now.machine(), state,
					state == State.DONE ? 1 : now.progress(), why == null ? now.message() : bounded(why.getMessage()),
					now.principal(), now.started(), Instant.now());
			list.keep(new JobLine(ended, why == null ? null : why.kind()));
			snapshot = ended;
			list.publish("job.ended", ended, Map.of("state", state.name(), "message", ended.message()));
		}
		over.countDown();
		list.ended(this);
	}

	/** The job as it is written down. */
	JobLine line() {
		Snapshot now = snapshot;
		return new JobLine(now, !now.over() || failure == null ? null : failure.kind());
	}

	private void change(State state, double progress, String message, Instant ended) {
		Snapshot now = snapshot;
		snapshot = new Snapshot(now.id(), now.kind(), now.machine(), state, progress, message, now.principal(),
				now.started(), ended);
	}

	@Override
	public synchronized void progress(double share, String message) {
		if (snapshot.state() != State.RUNNING)
			return;
		change(State.RUNNING, Double.isNaN(share) ? snapshot.progress() : Math.max(0, Math.min(1, share)),
				bounded(message), null);
		long now = System.nanoTime();
		if (progressed && now - lastEvent < NANOS_BETWEEN_EVENTS)
			return;
		progressed = true;
		lastEvent = now;
		list.publish("job.progress", snapshot,
				Map.of("progress", Double.toString(snapshot.progress()), "message", snapshot.message()));
	}

	private static String bounded(String message) {
		String text = message == null ? "" : message;
		return text.length() > MOST_CHARS ? text.substring(0, MOST_CHARS) + "..." : text;
	}

	@Override
	public boolean cancelled() {
		return cancelled;
	}

	@Override
	public void checkCancelled() throws MachineException {
		if (cancelled)
			throw cancellation();
	}

	private MachineException cancellation() {
		return new MachineException(CANCELLED, snapshot.kind() + " was cancelled");
	}

	@Override
	public Snapshot snapshot() {
		return snapshot;
	}

	@Override
	public void cancel() {
		cancelled = true;
		synchronized (this) {
			if (snapshot.state() == State.QUEUED)
				end(State.CANCELLED, cancellation());
		}
	}

	private boolean overWithin(long millis) throws InterruptedException {
		if (snapshot.over())
			over.await(); // only for the last event, which is being published
		return over.await(millis, TimeUnit.MILLISECONDS);
	}

	@Override
	public Snapshot await(long millis) throws InterruptedException {
		overWithin(millis);
		return snapshot;
	}

	@Override
	public void join(long millis) throws MachineException, InterruptedException {
		if (!overWithin(millis))
			throw new MachineException(CONFLICT, "job %s, %s, is not over after %d ms"
					.formatted(snapshot.id(), snapshot.kind(), millis));
		if (failure != null)
			throw new MachineException(failure.kind(), failure.getMessage(), failure);
	}
}
