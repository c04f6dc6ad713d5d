package vmhi.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the process takes of the host's memory with 0, 10 and 50 machines that have halted, 64 MiB of RAM each. Before
 * each look the heap is collected, so that garbage doesn't count.
 */
final class IdleMemory {
	private static final List<Integer> COUNTS = List.of(0, 10, 50);
	private static final byte[] HALT = { (byte) 0xfa, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd }; // cli; hlt; jmp $-1

	private record Memory(long rss, long pss, long privateKib, long threads) {}

	private IdleMemory() {}

	static void run(Setup setup) throws Exception {
		setup.needKvm();
		Path image = setup.file("halt.bin", HALT);
		Path java = setup.javas().get(0);
		try (Daemon daemon = Daemon.withDevice(setup)) {
			// what the first machine needs once, classes above all, isn't any machine's
			start(daemon, image, "first");
			daemon.power("first", "stop");
			System.out.printf("%nidle machines of 64 MiB; KiB of the whole process, after a full collection%n");
			System.out.printf("%8s %10s %10s %10s %8s %14s%n", "machines", "RSS", "PSS", "private", "threads",
					"PSS a machine");
			int running = 0;
			Memory base = null;
			for (int count : COUNTS) {
				for (; running < count; running++)
					start(daemon, image, "idle" + running);
				Memory now = look(java, daemon.pid());
				if (base == null)
					base = now;
				System.out.printf("%8d %10d %10d %10d %8d %14s%n", count, now.rss, now.pss, now.privateKib, now.threads,
						count == 0 ? "" : (now.pss - base.pss) / count);
			}
		}
	}

	private static void start(Daemon daemon, Path image, String name) throws IOException, InterruptedException {
		daemon.define("""
				{"name": "%s", "cpu": {"backend": "kvm"}, "memory": "64M",
				 "boot": {"protocol": "flat", "kernel": "%s"},
				 "devices": [{"kind": "serial"}, {"kind": "exit"}]}
				""".formatted(name, image));
		daemon.power(name, "start");
	}

	private static Memory look(Path java, long pid) throws IOException, InterruptedException {
		for (int i = 0; i < 2; i++) // what the first frees by way of cleaners, the second gives back
			new ProcessBuilder(java.resolve("bin/jcmd").toString(), "" + pid, "GC.run")
					.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		Path process = Path.of("/proc", "" + pid);
		List<String> rollup = Files.readAllLines(process.resolve("smaps_rollup"));
		return new Memory(number(rollup, "Rss:"), number(rollup, "Pss:"),
				number(rollup, "Private_Clean:") + number(rollup, "Private_Dirty:"),
				number(Files.readAllLines(process.resolve("status")), "Threads:"));
	}

	private static long number(List<String> lines, String name) throws IOException {
		for (String line : lines)
			if (line.startsWith(name))
				return Long.parseLong(line.replaceAll("[^0-9]", ""));
		throw new IOException("no " + name);
	}
}
