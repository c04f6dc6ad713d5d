package vmhi.core.state;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineState;
import vmhi.core.event.EventLog;
import vmhi.core.event.JobList;
import vmhi.core.mgmt.AuditLog;
import vmhi.core.spec.RandomSpecs;

/**
 * A host that does nothing but change its state, and says on standard output what has been done, until it is killed:
 * {@code saving ID NUMBER}, {@code saved ID NUMBER}, {@code deleting ID}, {@code deleted ID}, {@code event NUMBER},
 * {@code job ID}, {@code audit}. The number is the machine's status, which no two savings share.
 */
final class Victim {

	private static final FileOutputStream STDOUT = new FileOutputStream(FileDescriptor.out);

	private Victim() {}

	public static void main(String[] args) throws IOException {
		Random random = new Random(Long.parseLong(args[1]));
		int machines = Integer.parseInt(args[2]);
		int number = Integer.parseInt(args[3]);
		Home home = new Home(Path.of(args[0]));
		Store store = new Store(home);
		EventLog events = new EventLog(home, 100);
		JobList jobs = new JobList(home, events, 20);
		AuditLog audit = new AuditLog(home);
		RandomSpecs specs = new RandomSpecs(random);
		while (true) {
			String id = "m" + random.nextInt(machines);
			if (random.nextInt(4) == 0) {
				say("deleting " + id);
				store.delete(id);
				say("deleted " + id);
			} else {
				number++;
				say("saving " + id + " " + number);
				store.save(
						new Stored(id, specs.next(), Instant.now(), MachineState.STOPPED, "", number, Instant.now()));
				say("saved " + id + " " + number);
			}
			say("event " + events.publish(id, "machine.state", Map.of()));
			Job job = jobs.submit("machine.start", id, "admin", random.nextBoolean() ? Runnable::run : work -> {},
					control -> {});
			say("job " + job.snapshot().id() + " " + job.snapshot().over());
			audit.append("admin", "test", "machine.start", id, "ok");
			say("audit");
		}
	}

	/** In one piece: a pipe takes it as a whole or not at all. */
	private static void say(String line) throws IOException {
		STDOUT.write((line + "\n").getBytes(US_ASCII));
	}
}
