package vmhi.core.event;

import static vmhi.api.machine.MachineException.Kind.INTERNAL;
import static vmhi.api.machine.MachineException.Kind.NOT_FOUND;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.Job;
import vmhi.api.machine.Jobs;
import vmhi.api.machine.MachineException;
import vmhi.core.state.Home;
import vmhi.core.state.Journal;

/**
 * The jobs of this host. For any thread.
 * <p>
 * Each is a line in a journal when it is submitted and another when it ends, before anyone hears of either, so that a
 * host that is killed knows of all of them when it comes back; the lines reach the disk a moment later.
 */
@Component(service = JobList.class)
@Designate(ocd = JobList.Config.class)
public final class JobList implements Jobs {

	@ObjectClassDefinition(name = "Jobs")
	@interface Config {
		@AttributeDefinition(description = "Jobs kept after their end", min = "0")
		int kept() default 1000;
	}

	/** What a job does. */
	public interface Work {

		/**
		 * Does it, and returns when all it was to bring about can be seen.
		 *
		 * @throws MachineException if it failed, and nothing half-made is left; of kind {@code CANCELLED} if it ended
		 *         early because somebody asked
		 * @throws InterruptedException if the executor is being shut down; cancelling does not interrupt
		 */
		void run(Control control) throws MachineException, InterruptedException;
	}

	/** What the work tells of itself, and learns. */
	public interface Control {

		/** How far it is; cheap, and published at most four times a second. */
		void progress(double share, String message);

		/** Whether somebody asked for an early end. */
		boolean cancelled();

		/** @throws MachineException of kind {@code CANCELLED} if somebody asked for an early end */
		void checkCancelled() throws MachineException;
	}

	private static final Logger LOG = LoggerFactory.getLogger(JobList.class);
	private static final SecureRandom RANDOM = new SecureRandom();
	private static final String ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";
	private static final int ID_LENGTH = 10; // 50 bits
	private static final int LINES_PER_JOB = 4; // of the journal, before it is written anew
	private static final int LEAST_LINES = 1000;

	private final EventLog events;
	private final int kept;
	private final Map<String, JobTask> jobs = new LinkedHashMap<>(); // the oldest first; guarded by itself, and so is
	private final Deque<JobTask> over = new ArrayDeque<>(); // in the order in which they ended
	private final Journal journal; // appending, and writing it anew, under its lock
	private int lines; // in the journal; guarded by it
	private final AtomicBoolean syncing = new AtomicBoolean();
	private final ThreadPoolExecutor syncer = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS,
			new LinkedBlockingQueue<>(), JobList::syncThread);
	private volatile boolean closed;

	/** The jobs of a home. */
	@Activate
	public JobList(@Reference Home home, @Reference EventLog events, Config config) throws IOException {
		this(home, events, config.kept());
	}

	/** The jobs of a home, {@code kept} of them after their end. */
	public JobList(Home home, EventLog events, int kept) throws IOException {
		this.events = events;
		this.kept = kept;
		syncer.allowCoreThreadTimeOut(true);
		journal = new Journal(home.path().resolve("jobs.log"));
		for (JobLine line : replay().values())
			add(line.afterRestart());
		tidy();
	}

	private static Thread syncThread(Runnable work) {
		Thread thread = new Thread(work, "vmhi-jobs-sync");
		thread.setDaemon(true);
		return thread;
	}

	private void add(JobLine line) {
		JobTask job = new JobTask(this, line.job(), line.failed());
		jobs.put(line.job().id(), job);
		ended(job);
	}

	/**
	 * Adds a job and hands it to an executor, which decides when its turn comes. What the executor gets is the
	 * {@link Job} itself: one that it does not want to carry out any more it has to cancel, or somebody may wait for it
	 * for ever.
	 *
	 * @param machine id; {@code ""} for the host
	 * @param principal who asks for it, by name
	 */
	public Job submit(String kind, String machine, String principal, Executor executor, Work work) {
		JobTask job;
		synchronized (jobs) {
			String id = freeId();
			job = new JobTask(this, new Job.Snapshot(id, kind, machine, Job.State.QUEUED, 0, "", principal,
					Instant.now(), null), work);
			jobs.put(id, job);
		}
		keep(job.line());
		publish("job.queued", job.snapshot(), Map.of());
		try {
			executor.execute(job);
		} catch (RejectedExecutionException e) {
			job.end(Job.State.FAILED, new MachineException(INTERNAL, "the host is ending", e));
		}
		return job;
	}

	private String freeId() {
		StringBuilder id = new StringBuilder();
		for (int i = 0; i < ID_LENGTH; i++)
			id.append(ID_LETTERS.charAt(RANDOM.nextInt(ID_LETTERS.length())));
		return jobs.containsKey(id.toString()) ? freeId() : id.toString();
	}

	@Override
	public List<Job.Snapshot> list() {
		List<Job.Snapshot> list = new ArrayList<>();
		synchronized (jobs) {
			jobs.values().forEach(job -> list.add(job.snapshot()));
		}
		Collections.reverse(list);
		return list;
	}

	@Override
	public Job get(String id) throws MachineException {
		JobTask job = find(id);
		if (job == null)
			throw new MachineException(NOT_FOUND, "no job " + id);
		return job;
	}

	/** Jobs that are not over then are told as failed by the next run. */
	@Deactivate
	public void close() throws IOException {
		if (closed)
			return;
		closed = true;
		syncer.shutdown();
		journal.sync();
		journal.close();
	}

	/** A job is over: the oldest of those that were over before may be forgotten. */
	void ended(JobTask job) {
		synchronized (jobs) {
			over.add(job);
			while (over.size() > kept)
				jobs.remove(over.remove().snapshot().id());
		}
	}

	/** Publishes an event of a job. */
	void publish(String type, Job.Snapshot job, Map<String, String> more) {
		Map<String, String> data = new HashMap<>(more);
		data.put("job", job.id());
		data.put("kind", job.kind());
		data.put("principal", job.principal());
		events.publish(job.machine(), type, data);
	}

	/** Writes down how a job is. */
	void keep(JobLine line) {
		if (closed)
			return;
		try {
			synchronized (journal) {
				journal.append(line.write());
				lines++;
			}
			if (syncing.compareAndSet(false, true))
				syncer.execute(this::sync);
		} catch (IOException e) {
			LOG.error("job {} cannot be written to {}; after a restart it may be unknown: {}", line.job().id(),
					journal.path(), e.toString());
		} catch (RejectedExecutionException e) {
			LOG.debug("closed while job {} was written", line.job().id());
		}
	}

	private void sync() {
		syncing.set(false); // what is appended from here on asks again
		try {
			if (lines() > LEAST_LINES + LINES_PER_JOB * kept)
				tidy();
			journal.sync();
		} catch (IOException e) {
			if (!closed)
				LOG.error("{} cannot be made lasting: {}", journal.path(), e.toString());
		}
	}

	private int lines() {
		synchronized (journal) {
			return lines;
		}
	}

	/**
	 * Writes the journal anew, with one line for each job that is still in the list. It is made from the journal
	 * itself, because a job is written before its snapshot changes.
	 */
	private void tidy() throws IOException {
		synchronized (journal) {
			List<String> newest = new ArrayList<>();
			for (JobLine line : replay().values()) {
				JobTask job = find(line.job().id());
				if (job != null)
					newest.add((job.snapshot().over() ? job.line() : line).write());
			}
			journal.replace(newest);
			lines = newest.size();
		}
	}

	private JobTask find(String id) {
		synchronized (jobs) {
			return jobs.get(id);
		}
	}

	/** The last line of each job in the journal, in the order of their first. */
	private Map<String, JobLine> replay() throws IOException {
		Map<String, JobLine> newest = new LinkedHashMap<>();
		List<String> unreadable = new ArrayList<>();
		journal.forEach(text -> JobLine.read(text).ifPresentOrElse(line -> newest.put(line.job().id(), line),
				() -> unreadable.add(text)));
		if (!unreadable.isEmpty())
			LOG.warn("{} lines of {} cannot be read and are left out", unreadable.size(), journal.path());
		return newest;
	}
}
