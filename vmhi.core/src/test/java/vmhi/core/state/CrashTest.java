package vmhi.core.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.machine.Job;
import vmhi.core.event.EventLog;
import vmhi.core.event.JobList;
import vmhi.core.mgmt.AuditLog;

/**
 * Kills a host that changes its state, at a random moment and without a warning, again and again, and looks each time
 * at what is left. {@code -Dvmhi.crash.count} sets how often.
 */
class CrashTest {

	private static final int COUNT = Integer.getInteger("vmhi.crash.count", 50);
	private static final int MACHINES = 8;
	private static final int KEPT_JOBS = 20;

	@TempDir
	private Path directory;
	private final Map<String, Integer> there = new HashMap<>(); // status of each machine that must be there
	private final Map<String, Set<Integer>> unsure = new HashMap<>(); // of those that were being changed; -1 is none
	private final Map<String, Boolean> jobs = new HashMap<>(); // of the last run, and whether they were over
	private int number;
	private long event;
	private long audited;

	@Test
	void whatWasDoneIsThereHoweverOftenTheHostIsKilled() throws IOException, InterruptedException {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		int changes = 0;
		for (int i = 0; i < COUNT; i++) {
			changes += runAndKill(random);
			look("kill %d of seed %d".formatted(i, seed));
		}
		assertTrue(changes > COUNT, "only %d changes in %d runs".formatted(changes, COUNT));
	}

	/** Returns how much it said to have done. */
	private int runAndKill(Random random) throws IOException, InterruptedException {
		Process victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx64m", "-cp",
				System.getProperty("java.class.path"), Victim.class.getName(), directory.toString(),
				Long.toString(random.nextLong()), Integer.toString(MACHINES), Integer.toString(number))
				.redirectError(ProcessBuilder.Redirect.INHERIT).start();
		int lines = 0;
		jobs.clear();
		try (BufferedReader said = new BufferedReader(new InputStreamReader(victim.getInputStream(), UTF_8))) {
			int most = 1 + random.nextInt(200);
			for (String line = said.readLine(); line != null; line = said.readLine()) {
				note(line.split(" "));
				if (++lines == most) {
					busyWait(random.nextInt(3_000_000)); // so that it is not always where it has just said something
					victim.toHandle().destroyForcibly(); // the process's own would close the pipe, too
				}
			}
		}
		assertTrue(victim.waitFor(1, TimeUnit.MINUTES));
		assertEquals(128 + 9, victim.exitValue(), "it was to be killed, not to end by itself");
		return lines;
	}

	private static void busyWait(int nanos) {
		for (long start = System.nanoTime(); System.nanoTime() - start < nanos;)
			Thread.onSpinWait();
	}

	private void note(String[] said) {
		switch (said[0]) {
			case "saving" -> {
				number = Integer.parseInt(said[2]);
				unsure.put(said[1], new HashSet<>(List.of(there.getOrDefault(said[1], -1), number)));
			}
			case "saved" -> {
				there.put(said[1], Integer.parseInt(said[2]));
				unsure.remove(said[1]);
			}
			case "deleting" -> unsure.put(said[1], new HashSet<>(List.of(there.getOrDefault(said[1], -1), -1)));
			case "deleted" -> {
				there.remove(said[1]);
				unsure.remove(said[1]);
			}
			case "event" -> {
				assertTrue(Long.parseLong(said[1]) > event, "event %s came after %d".formatted(said[1], event));
				event = Long.parseLong(said[1]);
			}
			case "job" -> jobs.put(said[1], Boolean.valueOf(said[2]));
			default -> audited++;
		}
	}

	private void look(String when) throws IOException {
		try (Home home = new Home(directory)) {
			lookAtMachines(new Store(home), when);
			EventLog events = new EventLog(home, 100);
			lookAtJobs(new JobList(home, events, KEPT_JOBS), when);
			// not closed: the next run is to find what a killed one leaves
			AuditLog audit = new AuditLog(home);
			AuditLog.Verdict verdict = audit.verify();
			assertTrue(verdict.sound(), when + ": " + verdict.problem());
			// one that was written and not yet said, and one for the repair, may be there for each kill
			assertTrue(verdict.entries() >= audited, when + ": " + verdict + ", not " + audited);
			audit.close();
		}
	}

	private void lookAtMachines(Store store, String when) throws IOException {
		Map<String, Integer> found = new HashMap<>();
		for (Stored stored : store.load())
			found.put(stored.id(), stored.status());
		assertEquals(List.of(), store.broken(), when);
		unsure.forEach((id, allowed) -> {
			int status = found.getOrDefault(id, -1);
			assertTrue(allowed.contains(status), "%s: %s is %d, not one of %s".formatted(when, id, status, allowed));
			if (status == -1)
				there.remove(id);
			else
				there.put(id, status);
		});
		unsure.clear();
		assertEquals(there, found, when);
		try (var files = Files.walk(directory.resolve("machines"))) {
			long more = files.filter(file -> Files.isRegularFile(file)).count() - found.size();
			assertTrue(more <= 1, "%s: %d files of no machine".formatted(when, more)); // one was being written
		}
	}

	private void lookAtJobs(JobList list, String when) throws IOException {
		Map<String, Job.Snapshot> found = new HashMap<>();
		list.list().forEach(job -> found.put(job.id(), job));
		jobs.forEach((id, over) -> {
			Job.Snapshot job = found.get(id);
			if (job != null) // the oldest are forgotten
				assertEquals(over ? Job.State.DONE : Job.State.FAILED, job.state(), when);
		});
		assertTrue(found.size() >= Math.min(KEPT_JOBS, jobs.size()), when + ": only " + found.size() + " jobs");
		list.close();
	}
}
