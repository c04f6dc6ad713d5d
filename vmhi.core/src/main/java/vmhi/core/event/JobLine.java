package vmhi.core.event;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;
import vmhi.core.spec.Json;

/**
 * A line of the journal of jobs: how one was at some moment.
 *
 * @param failed how it failed; {@code null} if it did not
 */
record JobLine(Job.Snapshot job, MachineException.Kind failed) {

	private static final int DEPTH = 1;

	String write() {
		Map<String, Object> line = new LinkedHashMap<>();
		line.put("id", job.id());
		line.put("kind", job.kind());
		line.put("machine", job.machine());
		line.put("state", job.state().name());
		line.put("progress", job.progress());
		line.put("message", job.message());
		line.put("principal", job.principal());
		line.put("started", job.started().toString());
		if (job.ended() != null)
			line.put("ended", job.ended().toString());
		if (failed != null)
			line.put("failed", failed.name());
		return Json.line(line);
	}

	/** Empty if it isn't such a line. */
	static Optional<JobLine> read(String line) {
		try {
			if (!(Json.read(line, "job", DEPTH) instanceof Map<?, ?> values))
				return Optional.empty();
			Job.Snapshot job = new Job.Snapshot(text(values, "id"), text(values, "kind"), text(values, "machine"),
					Job.State.valueOf(text(values, "state")),
					values.get("progress") instanceof Double progress ? progress : 0, text(values, "message"),
					text(values, "principal"), Instant.parse(text(values, "started")),
					values.containsKey("ended") ? Instant.parse(text(values, "ended")) : null);
			return Optional.of(new JobLine(job,
					values.containsKey("failed") ? MachineException.Kind.valueOf(text(values, "failed")) : null));
		} catch (MachineException | DateTimeException | IllegalArgumentException e) {
			return Optional.empty();
		}
	}

	private static String text(Map<?, ?> values, String key) {
		if (values.get(key) instanceof String text)
			return text;
		throw new IllegalArgumentException(key);
	}

	/** The job as it is known to be after a restart: if it was not over, then it is now. */
	JobLine afterRestart() {
		if (job.over())
			return this;
		return new JobLine(new Job.Snapshot(job.id(), job.kind(), job.machine(), Job.State.FAILED, job.progress(),
				"the host ended meanwhile", job.principal(), job.started(), Instant.now()),
				MachineException.Kind.INTERNAL);
	}
}
