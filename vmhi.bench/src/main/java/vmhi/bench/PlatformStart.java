package vmhi.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/**
 * From the start of the process {@code vmhi serve} to the first answer of REST: with an empty home, where nothing is
 * remembered from an earlier start, and with the home of a run that ended before.
 * <p>
 * Files are in the host's page cache, from the rounds before.
 */
final class PlatformStart {
	private PlatformStart() {}

	static void run(Setup setup) throws Exception {
		System.out.printf("%nvmhi serve until REST answers, %d rounds; ms%n", setup.rounds());
		System.out.printf("%-10s %-26s %8s %8s %8s%n", "java", "home", "median", "least", "most");
		for (Path java : setup.javas()) {
			start(setup, java, setup.folder("home"), List.of()); // fills the page cache
			Sample fresh = new Sample();
			for (int i = 0; i < setup.rounds(); i++)
				fresh.add(start(setup, java, setup.folder("home"), List.of()).millis);
			row(java, "new", fresh);

			Path home = setup.folder("home");
			start(setup, java, home, List.of());
			Sample used = new Sample();
			for (int i = 0; i < setup.rounds(); i++)
				used.add(start(setup, java, home, List.of()).millis);
			row(java, "used before", used);

			String steps = start(setup, java, home, List.of("--debug")).log;
			System.out.println("  one start of the latter with --debug, which takes longer:");
			steps.lines().filter(line -> line.matches("vmhi.* after [0-9]+ ms"))
					.forEach(line -> System.out.println("    " + line));
		}
	}

	private record Start(double millis, String log) {
	}

	private static Start start(Setup setup, Path java, Path home, List<String> arguments) throws Exception {
		Daemon daemon = new Daemon(setup, java, home, arguments);
		daemon.close();
		return new Start(daemon.startMillis(), daemon.log());
	}

	private static void row(Path java, String home, Sample sample) throws IOException {
		System.out.printf("%-10s %-26s %8.0f %8.0f %8.0f%n", version(java), home, sample.median(), sample.least(),
				sample.most());
	}

	private static String version(Path java) throws IOException {
		Properties release = new Properties();
		try (InputStream in = Files.newInputStream(java.resolve("release"))) {
			release.load(in);
		}
		return release.getProperty("JAVA_VERSION", "?").replace("\"", "");
	}
}
