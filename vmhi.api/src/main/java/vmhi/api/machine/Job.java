package vmhi.api.machine;

import java.time.Instant;

import org.osgi.annotation.versioning.ProviderType;

/** Work that goes on by itself. For any thread. */
@ProviderType
public interface Job {

	/** The job as it is now, without waiting. */
	Snapshot snapshot();

	/** Asks the job to end early. It ends when it can; one that is past that point is done all the same. */
	void cancel();

	/**
	 * Waits for the end of the job.
	 *
	 * @return the job as it is then, or as it is after {@code millis}
	 */
	Snapshot await(long millis) throws InterruptedException;

	/**
	 * Waits for the end of the job and takes anything but {@code DONE} as an exception.
	 *
	 * @throws MachineException as the job failed; of kind {@code CANCELLED} if it was; of kind {@code CONFLICT} if it is
	 *         not over after {@code millis}
	 */
	void join(long millis) throws MachineException, InterruptedException;

	/**
	 * A job at one moment.
	 *
	 * @param id unique, also over restarts of the host
	 * @param kind for example {@code machine.start}
	 * @param machine id of the machine it is about; {@code ""} for the host
	 * @param progress share done, 0 to 1
	 * @param message for people: what it is at, or why it failed
	 * @param principal who asked for it
	 * @param ended {@code null} while it goes on
	 */
	record Snapshot(String id, String kind, String machine, State state, double progress, String message,
			String principal, Instant started, Instant ended) {

		/** Whether it is over. */
		public boolean over() {
			return state != State.QUEUED && state != State.RUNNING;
		}
	}

	/** Where a job is. */
	enum State {
		/** Waits for others. */
		QUEUED,
		/** At work. */
		RUNNING,
		/** Done: the next call finds its result. */
		DONE,
		/** Ended without a result; nothing half-made is left. */
		FAILED,
		/** Ended early because somebody asked; nothing half-made is left. */
		CANCELLED
	}
}
