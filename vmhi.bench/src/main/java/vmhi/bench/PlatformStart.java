package vmhi.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/**
 * From the start of the process {@code vmhi serve} to the first answer of REST: with a new home, where nothing is
 * remembered from an earlier start, and with one in which the platform ran before. In turns with {@code java -version}:
 * what a JVM takes that does nothing, on the host as it is at that moment.
 * <p>
 * Files are in the host's page cache, from the rounds before.
 */
final class PlatformStart {

	private record Start(double millis, double cpuMillis, String log) {}

	private PlatformStart() {}

	static void run(Setup setup) throws Exception {
		System.out.printf("%nvmhi serve until REST answers, %d rounds; ms%n", setup.rounds());
		System.out.printf("%-10s %-12s %8s %8s %8s %8s%n", "java", "", "median", "least", "most", "CPU");
		for (Path java : setup.javas()) {
			Path used = setup.folder("home");
			start(setup, java, used, List.of());
			Sample[] bare = { new Sample(), new Sample() };
			Sample[] fresh = { new Sample(), new Sample() };
			Sample[] again = { new Sample(), new Sample() };
			for (int i = 0; i < setup.rounds(); i++) {
				bare[0].add(bareMillis(java));
				add(fresh, start(setup, java, setup.folder("home"), List.of()));
				add(again, start(setup, java, used, List.of()));
			}
			row(java, "-version", bare);
			row(java, "home new", fresh);
			row(java, "home used", again);
			String steps = start(setup, java, used, List.of("--debug")).log;
			System.out.println("  one start of the latter with --debug, which takes longer:");
			steps.lines().filter(line -> line.matches("vmhi.* after [0-9]+ ms"))
					.forEach(line -> System.out.println("    " + line));
		}
	}

	private static void add(Sample[] samples, Start start) {
		samples[0].add(start.millis);
		samples[1].add(start.cpuMillis);
	}

	private static double bareMillis(Path java) throws IOException, InterruptedException {
		long began = System.nanoTime();
		new ProcessBuilder(java.resolve("bin/java").toString(), "-version").redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		return (System.nanoTime() - began) / 1e6;
	}

	private static Start start(Setup setup, Path java, Path home, List<String> arguments) throws Exception {
		try (Daemon daemon = new Daemon(setup, java, home, arguments)) {
			daemon.awaitGreeting(); // one that is told to end before leaves no archive of classes
			return new Start(daemon.startMillis(), daemon.startCpuMillis(), daemon.log());
		}
	}

	private static void row(Path java, String what, Sample[] samples) throws IOException {
		System.out.printf("%-10s %-12s %8.0f %8.0f %8.0f %8s%n", version(java), what, samples[0].median(),
				samples[0].least(), samples[0].most(),
				samples[1].isEmpty() ? "" : "%.0f".formatted(samples[1].median()));
	}

	private static String version(Path java) throws IOException {
		Properties release = new Properties();
		try (InputStream in = Files.newInputStream(java.resolve("release"))) {
			release.load(in);
		}
		return release.getProperty("JAVA_VERSION", "?").replace("\"", "");
	}
}
