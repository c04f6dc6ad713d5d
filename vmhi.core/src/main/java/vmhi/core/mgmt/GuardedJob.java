package vmhi.core.mgmt;

import static vmhi.api.mgmt.Permission.POWER;
import static vmhi.api.mgmt.Permission.VIEW;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;

/** A job behind a {@link Guard}. All jobs there are change the power of a machine, so that is what cancelling needs. */
final class GuardedJob implements Job {
	private final Guard guard;
	private final Job job;

	GuardedJob(Guard guard, Job job) {
		this.guard = guard;
		this.job = job;
	}

	@Override
	public Snapshot snapshot() {
		guard.check(VIEW, "job.get", "");
		return job.snapshot();
	}

	@Override
	public void cancel() {
		guard.check(POWER, "job.cancel", "");
		job.cancel();
		guard.changed("job.cancel", job.snapshot().id());
	}

	@Override
	public Snapshot await(long millis) throws InterruptedException {
		guard.check(VIEW, "job.get", "");
		return job.await(millis);
	}

	@Override
	public void join(long millis) throws MachineException, InterruptedException {
		guard.check(VIEW, "job.get", "");
		job.join(millis);
	}
}
