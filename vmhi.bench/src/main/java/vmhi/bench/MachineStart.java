package vmhi.bench;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import com.fasterxml.jackson.databind.JsonNode;

import vmhi.guest.Guests;

/**
 * From the request that starts a machine to the first exit of its guest in a device, and where the time goes. Beside it,
 * the same by the loop in C: what KVM itself takes.
 */
final class MachineStart {
	private static final int WARM_UP = 5;
	private static final String NAME = "start";

	private MachineStart() {}

	static void run(Setup setup) throws Exception {
		setup.needKvm();
		ExitLoop peer = new ExitLoop(setup);
		Path image = setup.file("pioloop.bin", Guests.image("pioloop"));
		String commandLine = "n=1 port=%#x".formatted(BenchDevice.PORT);
		try (Daemon daemon = Daemon.withDevice(setup)) {
			daemon.define("""
					{"name": "%s", "cpu": {"backend": "kvm"}, "memory": "64M",
					 "boot": {"protocol": "flat", "kernel": "%s", "commandLine": "%s"},
					 "devices": [{"kind": "serial"}, {"kind": "exit"}, {"kind": "bench", "first": 1, "last": 1}]}
					""".formatted(NAME, image, commandLine));
			Sample all = new Sample();
			Sample request = new Sample();
			Sample devices = new Sample();
			Sample processor = new Sample();
			Sample c = new Sample();
			double first = 0;
			for (int round = -WARM_UP; round < setup.rounds(); round++) {
				double ofPeer = peer.run(false, image, commandLine, BenchDevice.PORT, 1, 1).toFirst() / 1e6;
				long before = micros(Instant.now());
				JsonNode job = daemon.power(NAME, "start");
				JsonNode timed = daemon.await("device.timed", data -> true);
				daemon.await("machine.state", data -> data.get("state").asText().equals("stopped"));
				long started = micros(Instant.parse(job.get("started").asText()));
				long attached = timed.get("attached").asLong();
				long reached = timed.get("reached").asLong();
				double total = (reached - before) / 1e3;
				if (round == -WARM_UP)
					first = total;
				if (round < 0)
					continue;
				all.add(total);
				request.add((started - before) / 1e3);
				devices.add((attached - started) / 1e3);
				processor.add((reached - attached) / 1e3);
				c.add(ofPeer);
			}
			System.out.printf("%nmachine start, %d rounds after %d to warm up; ms%n", setup.rounds(), WARM_UP);
			System.out.printf("%-52s %8s %8s%n", "", "median", "least");
			row("request sent to first exit in a device", all);
			row("  request sent to job begun (HTTP, queue)", request);
			row("  to device attached (RAM, console, other devices)", devices);
			row("  to first exit (CPUID, VM and vCPU, boot, guest)", processor);
			row("loop in C, KVM's device opened to first exit", c);
			System.out.printf("first machine after the start of the platform: %.1f; ratio of medians to C: %.1f%n",
					first,
					all.median() / c.median());
		}
	}

	private static void row(String what, Sample sample) {
		System.out.printf("%-52s %8.1f %8.1f%n", what, sample.median(), sample.least());
	}

	private static long micros(Instant time) {
		return ChronoUnit.MICROS.between(Instant.EPOCH, time);
	}
}
