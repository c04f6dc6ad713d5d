package vmhi.mgmt.rest;

import java.util.List;
import java.util.Map;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Permission;

/** Jobs, and how a request that begins one is answered. */
final class JobApi {

	private static final int MOST_WAIT_SECONDS = 60;

	List<Route> routes() {
		return List.of(
				Route.get("/jobs", Permission.VIEW, x -> Reply.json(200, Map.of("jobs", x.host().jobs().list()))),
				Route.get("/jobs/{job}", Permission.VIEW, x -> Reply.json(200, await(job(x), x)), "wait"),
				Route.delete("/jobs/{job}", Permission.POWER, JobApi::cancel));
	}

	/** The answer to what has begun a job; with {@code wait}, to what has become of it. */
	static Answer begun(Job job, Exchange x) throws Problem {
		Job.Snapshot now = await(job, x);
		if (now.state() == Job.State.FAILED || now.state() == Job.State.CANCELLED)
			throw failed(job, now);
		return Reply.json(now.over() && x.waits() ? 200 : 202, now).with("Location", location(now));
	}

	/** Waits as long as the client wants, or until the bundle leaves: then the job as it is has to do. */
	private static Job.Snapshot await(Job job, Exchange x) throws Problem {
		long seconds = x.number("wait", 0, 0, MOST_WAIT_SECONDS);
		try {
			return seconds == 0 ? job.snapshot() : job.await(seconds * 1000);
		} catch (InterruptedException e) {
			return job.snapshot();
		}
	}

	/** Why it failed, in the words and with the kind of the exception that it failed with. */
	private static Problem failed(Job job, Job.Snapshot end) {
		Problem problem = new Problem(Fault.INTERNAL, end.message());
		try {
			job.join(0);
		} catch (MachineException e) {
			problem = Problem.of(e);
		} catch (InterruptedException e) {
			// nothing to wait for: the message will do
		}
		return problem.with("job", end).header("Location", location(end));
	}

	private static Answer cancel(Exchange x) throws MachineException {
		Job job = job(x);
		job.cancel();
		return Reply.json(202, job.snapshot());
	}

	private static Job job(Exchange x) throws MachineException {
		return x.host().jobs().get(x.variable("job"));
	}

	private static String location(Job.Snapshot job) {
		return RestService.BASE + "/jobs/" + job.id();
	}
}
