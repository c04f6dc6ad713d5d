package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.device.DriveRequest;
import vmhi.api.device.DriveRequest.Op;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.core.vdisk.PluginCall.Patience;

/**
 * The requests of a drive, from their submission to their answer. They are carried out, several at a time, while there is
 * a disk to carry them out on, and wait while it is {@linkplain #hold held}.
 * <p>
 * A request that the plug-in throws at is carried out again, and again, until it succeeds or the plug-in is suspected of
 * being broken. So a guest sees errors of the world only.
 * <p>
 * For any thread. The lock is held briefly, and never while a plug-in or device is called.
 */
final class DriveRequests implements DiskThreads.Client {
	private static final Logger LOG = LoggerFactory.getLogger(DriveRequests.class);

	private static final int FAULTS = 5;
	private static final long FAULTS_WITHIN = TimeUnit.MINUTES.toNanos(1);
	/** Of one request. */
	private static final int HANGS = 2;
	/** A call that takes this long occupies no place among the threads. */
	private static final long AWAY = TimeUnit.SECONDS.toNanos(1);

	/** Has a plug-in that seems to be broken replaced. */
	interface Supervisor {

		/** Nothing begins on this disk any more. Called with the lock held; returns at once. */
		void suspect(OpenDisk disk, String reason);
	}

	private final String name; // machine and drive
	private final Images images;
	private final Supervisor supervisor;
	private final DriveNews news;
	private final DriveCounters counters;
	private final ReentrantLock lock = new ReentrantLock();
	private final Condition changed = lock.newCondition();

	// guarded by lock
	private final DriveQueue queue = new DriveQueue();
	private final List<DriveTask> running = new ArrayList<>(); // in the plug-in
	private final List<DriveTask> answering = new ArrayList<>(); // in the device
	private final ArrayDeque<Long> faults = new ArrayDeque<>(); // nanoTime of each
	private OpenDisk disk; // to carry them out on
	private volatile boolean going; // read without the lock where a moment's delay does no harm
	private boolean closed;
	private int asked; // turns that were asked for and did not begin
	private long changes; // requests that changed the disk and were answered
	private long lasting; // of these, how many a flush has covered
	private String lost; // why some of them may be; null if none is

	DriveRequests(String name, Images images, Supervisor supervisor, DriveNews news, DriveCounters counters) {
		this.name = name;
		this.images = images;
		this.supervisor = supervisor;
		this.news = news;
		this.counters = counters;
	}

	// --- from and to the device

	/** Takes a request whose range is known to be good. */
	void submit(DriveRequest request) {
		DiskException refusal = wrongBuffers(request);
		if (refusal == null) {
			DriveTask task = new DriveTask(request);
			lock.lock();
			try {
				if (!closed) {
					queue.add(task);
					ask();
					return;
				}
				refusal = isClosed();
			} finally {
				lock.unlock();
			}
		}
		refuse(request, refusal);
	}

	/** Answers a request that is not carried out; on another thread, since the device may hold its locks. */
	void refuse(DriveRequest request, DiskException refusal) {
		counters.errors.increment();
		images.executor().execute(() -> answer(request, refusal));
	}

	private DiskException isClosed() {
		return new DiskException(Kind.CANCELLED, name + " is closed");
	}

	private DiskException wrongBuffers(DriveRequest request) {
		if (request.op() != Op.READ && request.op() != Op.WRITE)
			return null;
		long inBuffers = 0;
		for (ByteBuffer buffer : request.buffers()) {
			inBuffers += buffer.remaining();
			if (request.op() == Op.READ && buffer.isReadOnly())
				return new DiskException(Kind.UNSUPPORTED, name + ": a read into a buffer that is read-only");
		}
		return inBuffers == request.length() ? null
				: new DiskException(Kind.UNSUPPORTED, "%s: %s of %d bytes with buffers of %d"
						.formatted(name, request.op(), request.length(), inBuffers));
	}

	private void answer(DriveRequest request, DiskException error) {
		try {
			request.complete(error);
		} catch (RuntimeException | Error e) { // the device's, and no reason to lose a thread of the core's
			LOG.warn("{}: the device failed at an answer", name, e);
		}
	}

	// --- carrying out

	/** Asks for as many turns as there is work for. With the lock held. */
	private void ask() {
		if (!going)
			return;
		int free = images.limits().inFlight() - running.size() - answering.size();
		for (int more = Math.min(queue.ready(), free) - asked; more > 0; more--) {
			asked++;
			images.threads().ask(this);
		}
	}

	@Override
	public void turn(DiskThreads.Worker worker) {
		DriveTask task;
		OpenDisk on;
		long before;
		String missing;
		lock.lock();
		try {
			asked--;
			task = going ? queue.next() : null;
			if (task == null)
				return;
			on = disk;
			before = changes;
			missing = lost;
			task.worker = worker;
			task.calledAt = System.nanoTime();
			running.add(task);
		} finally {
			lock.unlock();
		}
		boolean whole = false;
		DiskException error = null;
		Throwable thrown = null;
		try {
			if (missing != null && task.op == Op.FLUSH)
				throw new DiskException(Kind.IO, missing);
			whole = worker.transfer.carryOut(task, on.disk(), images.open().zeros(), () -> going);
		} catch (DiskException e) {
			error = e;
		} catch (Throwable e) { // whatever a plug-in throws, the guest's request survives it
			thrown = e;
		}
		if (!ended(task, on, before, whole, error, thrown))
			return;
		counters.count(task, error == null);
		if (error != null && news.error(String.valueOf(error.getMessage())))
			LOG.warn("{}: the guest sees an error: {}", name, error.getMessage());
		answer(task.request, error);
		answered(task);
	}

	/**
	 * A call into the plug-in came back.
	 *
	 * @return whether the request is done and is to be answered
	 */
	private boolean ended(DriveTask task, OpenDisk on, long before, boolean whole, DiskException error,
			Throwable thrown) {
		lock.lock();
		try {
			boolean gaveUp = task.interrupted && (error != null || thrown != null);
			Thread.interrupted(); // nobody interrupts this thread any more, once the task is not in running
			if (task.abandoned)
				return false;
			running.remove(task);
			task.interrupted = false;
			changed.signalAll();
			boolean done = thrown == null && !gaveUp && (error != null || whole);
			if (!done) {
				queue.again(task); // and from its beginning: who knows what becomes of the part that was done
				if (thrown != null || gaveUp)
					fault(on, thrown != null ? thrown : error);
				if (gaveUp && ++task.hangs == HANGS)
					suspect(on, on.server() + " hangs");
			} else {
				if (error == null && task.writes())
					changes++;
				else if (error == null && task.op == Op.FLUSH)
					lasting = Math.max(lasting, before);
				queue.remove(task);
				answering.add(task);
			}
			ask();
			return done;
		} finally {
			lock.unlock();
		}
	}

	private void answered(DriveTask task) {
		lock.lock();
		try {
			answering.remove(task);
			changed.signalAll();
			ask();
		} finally {
			lock.unlock();
		}
	}

	// --- plug-ins that fail

	/** A plug-in threw. With the lock held. */
	private void fault(OpenDisk on, Throwable thrown) {
		counters.faults.increment();
		LOG.warn("{}: {} threw", name, on.server(), thrown);
		news.plugin("fault", on.by(), "error", String.valueOf(thrown));
		long now = System.nanoTime();
		faults.add(now);
		if (faults.size() > FAULTS)
			faults.remove();
		if (faults.size() == FAULTS && now - faults.peek() < FAULTS_WITHIN)
			suspect(on, "%s keeps failing: %s".formatted(on.server(), thrown));
	}

	/** A plug-in is not to be called any more. With the lock held. */
	private void suspect(OpenDisk on, String reason) {
		if (!going)
			return;
		going = false;
		supervisor.suspect(on, reason);
	}

	/**
	 * Looks for what takes too long: has the thread replaced, then interrupts the plug-in, then suspects it.
	 *
	 * @return whether it is the host that keeps something waiting, which is not the plug-in's fault and nobody can end
	 */
	boolean stalled(long now) {
		boolean stalled = false;
		lock.lock();
		try {
			for (DriveTask task : answering)
				sendAway(task, now);
			for (DriveTask task : running) {
				sendAway(task, now);
				if (now - task.calledAt <= images.limits().hang())
					continue;
				if (!task.interrupted && disk.chain().calls() > 0)
					stalled = true;
				else if (!task.interrupted)
					interrupt(task, now);
				else if (now - task.interruptedAt > images.limits().grace())
					suspect(disk, disk.server() + " does not come back");
			}
			return stalled;
		} finally {
			lock.unlock();
		}
	}

	private void sendAway(DriveTask task, long now) {
		if (now - task.calledAt > AWAY)
			images.threads().away(task.worker);
	}

	private static void interrupt(DriveTask task, long now) {
		task.interrupted = true;
		task.interruptedAt = now;
		task.worker.interrupt();
	}

	// --- for whoever exchanges the disk

	/**
	 * Lets nothing begin any more.
	 *
	 * @return whether it was going on
	 */
	boolean hold() {
		lock.lock();
		try {
			boolean was = going;
			going = false;
			return was;
		} finally {
			lock.unlock();
		}
	}

	/** Whether requests are carried out. */
	boolean going() {
		return going;
	}

	/** Goes on, on this disk. */
	void go(OpenDisk on) {
		lock.lock();
		try {
			if (disk != on)
				faults.clear();
			disk = on;
			going = true;
			ask();
		} finally {
			lock.unlock();
		}
	}

	/** Waits until no request is in the plug-in. */
	boolean awaitDrained(Patience patience) {
		lock.lock();
		try {
			return patience.await(running::isEmpty, this::some);
		} finally {
			lock.unlock();
		}
	}

	/** Waits until there are no requests, or they are held. */
	void awaitAnswered(Patience patience) {
		lock.lock();
		try {
			patience.await(() -> !going || queue.isEmpty() && answering.isEmpty(), this::some);
		} finally {
			lock.unlock();
		}
	}

	private void some(long millis) throws InterruptedException {
		changed.await(millis, TimeUnit.MILLISECONDS);
	}

	/** Interrupts what is in the plug-in. */
	void interrupt() {
		lock.lock();
		try {
			long now = System.nanoTime();
			for (DriveTask task : running)
				interrupt(task, now);
		} finally {
			lock.unlock();
		}
	}

	/**
	 * Puts back in the queue what a plug-in does not let go of; whatever it does with it later changes no file. (Into the
	 * buffer of a read it may still write. Nothing but a copy of everything would prevent that, or never answering.)
	 */
	void abandon() {
		lock.lock();
		try {
			for (DriveTask task : running) {
				task.abandoned = true;
				queue.replace(task, task.anew());
				images.threads().away(task.worker);
			}
			running.clear();
		} finally {
			lock.unlock();
		}
	}

	/** How many requests that changed the disk were answered; for {@link #lasts}. */
	long changes() {
		lock.lock();
		try {
			return changes;
		} finally {
			lock.unlock();
		}
	}

	/** So many changes are lasting. */
	void lasts(long upTo) {
		lock.lock();
		try {
			lasting = Math.max(lasting, upTo);
		} finally {
			lock.unlock();
		}
	}

	/** What is not lasting yet may be lost; if there is such, every flush from now on says so. */
	void lose(String reason) {
		String missing = "what was written last may be lost: " + reason;
		lock.lock();
		try {
			if (changes == lasting || lost != null)
				return;
			lost = missing;
		} finally {
			lock.unlock();
		}
		LOG.error("{}: {}", name, missing);
		news.lost(missing);
	}

	/** Takes no more. */
	void close() {
		lock.lock();
		try {
			closed = true;
		} finally {
			lock.unlock();
		}
	}

	/** Answers all that are left. */
	void cancel() {
		List<DriveTask> left;
		lock.lock();
		try {
			closed = true;
			going = false;
			left = queue.clear();
		} finally {
			lock.unlock();
		}
		for (DriveTask task : left)
			answer(task.request, isClosed());
	}
}
