package vmhi.core.mgmt;

import static vmhi.api.mgmt.Permission.VIEW;

import java.util.List;

import vmhi.api.machine.Job;
import vmhi.api.machine.Jobs;
import vmhi.api.machine.MachineException;

/** The jobs behind a {@link Guard}. */
final class GuardedJobs implements Jobs {
	private final Guard guard;
	private final Jobs jobs;

	GuardedJobs(Guard guard, Jobs jobs) {
		this.guard = guard;
		this.jobs = jobs;
	}

	@Override
	public List<Job.Snapshot> list() {
		guard.check(VIEW, "job.list", "");
		return jobs.list();
	}

	@Override
	public Job get(String id) throws MachineException {
		guard.check(VIEW, "job.get", id);
		return new GuardedJob(guard, jobs.get(id));
	}
}
