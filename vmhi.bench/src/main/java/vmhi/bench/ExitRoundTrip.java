package vmhi.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;

import com.fasterxml.jackson.databind.JsonNode;

import vmhi.guest.Guests;

/**
 * An exit from guest to device and back, through all of the platform, and beside it through a loop in C: the same guest
 * on the same KVM, in turns, so that whatever else the host does falls on both.
 */
final class ExitRoundTrip {
	private static final int WARM_UP = 3;
	private static final int EXITS = 30_000;
	/** Time is taken from here on: what comes before is the compilation of a loop anew, and a cold cache. */
	private static final int FIRST = 5_000;

	private enum Kind {
		PIO("pioloop", "port=%#x", BenchDevice.PORT), MMIO("mmioloop", "addr=%#x", BenchDevice.GPA);

		final String guest;
		final String argument;
		final long address;

		Kind(String guest, String argument, long address) {
			this.guest = guest;
			this.argument = argument;
			this.address = address;
		}

		String commandLine() {
			return "n=%d %s".formatted(EXITS, argument.formatted(address));
		}
	}

	/** Nanoseconds for each exit, by the clock and in CPU time of the vCPU's thread. */
	private static final class Column {
		final Sample nanos = new Sample();
		final Sample cpu = new Sample();

		double add(long allNanos, long allCpu) {
			double each = (double) allNanos / (EXITS - FIRST);
			nanos.add(each);
			cpu.add((double) allCpu / (EXITS - FIRST));
			return each;
		}
	}

	private final Setup setup;
	private final ExitLoop peer;
	private final Daemon daemon;

	private ExitRoundTrip(Setup setup, ExitLoop peer, Daemon daemon) {
		this.setup = setup;
		this.peer = peer;
		this.daemon = daemon;
	}

	static void run(Setup setup) throws Exception {
		setup.needKvm();
		ExitLoop peer = new ExitLoop(setup);
		try (Daemon daemon = Daemon.withDevice(setup)) {
			for (Kind kind : Kind.values())
				new ExitRoundTrip(setup, peer, daemon).run(kind);
		}
	}

	private void run(Kind kind) throws Exception {
		Path image = setup.file(kind.guest + ".bin", Guests.image(kind.guest));
		daemon.define(spec(kind, image));
		for (int i = 0; i < WARM_UP; i++)
			ofPlatform(kind);

		System.out.printf("%n%s: %d exits a round, ns for each by the clock%n", kind, EXITS - FIRST);
		System.out.printf("%5s %10s %10s %10s %8s%n", "round", "C", "C, regs", "VMHI", "ratio");
		Column c = new Column();
		Column withRegisters = new Column();
		Column vmhi = new Column();
		Sample ratios = new Sample();
		Sample cpuRatios = new Sample();
		for (int round = 1; round <= setup.rounds(); round++) {
			ExitLoop.Times first = ofPeer(kind, image, false);
			JsonNode second = ofPlatform(kind);
			ExitLoop.Times third = ofPeer(kind, image, true);
			double a = c.add(first.nanos(), first.cpu());
			double b = vmhi.add(second.get("nanos").asLong(), second.get("cpu").asLong());
			double d = withRegisters.add(third.nanos(), third.cpu());
			ratios.add(b / a);
			cpuRatios.add(second.get("cpu").asDouble() / first.cpu());
			System.out.printf("%5d %10.0f %10.0f %10.0f %8.3f%n", round, a, d, b, b / a);
		}
		row("median", c.nanos.median(), withRegisters.nanos.median(), vmhi.nanos.median());
		row("least", c.nanos.least(), withRegisters.nanos.least(), vmhi.nanos.least());
		row("CPU", c.cpu.median(), withRegisters.cpu.median(), vmhi.cpu.median());
		System.out.printf("median of the ratios of the rounds: %.3f by the clock (%.3f to %.3f), %.3f in CPU time%n",
				ratios.median(), ratios.least(), ratios.most(), cpuRatios.median());
	}

	private static void row(String name, double c, double withRegisters, double vmhi) {
		System.out.printf("%-6s%10.0f %10.0f %10.0f %8.3f%n", name, c, withRegisters, vmhi, vmhi / c);
	}

	private ExitLoop.Times ofPeer(Kind kind, Path image, boolean registers) throws IOException, InterruptedException {
		return peer.run(registers, image, kind.commandLine(), kind.address, FIRST, EXITS);
	}

	private JsonNode ofPlatform(Kind kind) throws IOException, InterruptedException, TimeoutException {
		daemon.power(kind.guest, "start");
		JsonNode timed = daemon.await("device.timed", data -> true);
		daemon.await("machine.state", data -> data.get("state").asText().equals("stopped"));
		return timed;
	}

	private static String spec(Kind kind, Path image) {
		return """
				{"name": "%s", "cpu": {"backend": "kvm"}, "memory": "64M",
				 "boot": {"protocol": "flat", "kernel": "%s", "commandLine": "%s"},
				 "devices": [{"kind": "serial"}, {"kind": "exit"}, {"kind": "bench", "first": %d, "last": %d}]}
				""".formatted(kind.guest, image, kind.commandLine(), FIRST, EXITS);
	}
}
