package vmhi.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes the verdict on every contract that a run of JUnit tested to {@value #FILE}, or to the file that the system
 * property {@value #PROPERTY} names. JUnit finds this listener by itself where the kit is on the class path; a run
 * without contract tests writes nothing.
 * <p>
 * JUnit calls it from one thread or, where tests run side by side, from several.
 */
public final class TckReport implements TestExecutionListener {
	/** Version of the kit: of its packages, and in the report. */
	public static final String VERSION = "1.0.0";

	static final String FILE = "target/vmhi-tck-report.txt";
	static final String PROPERTY = "vmhi.tck.report";

	/** One test class against one contract. */
	private record Key(String contract, String version, String subject) implements Comparable<Key> {

		@Override
		public int compareTo(Key other) {
			return title().compareTo(other.title());
		}

		String title() {
			return "%s %s, by %s".formatted(contract, version, subject);
		}
	}

	private static final class Results {
		final List<String> lines = new ArrayList<>();
		int passed;
		int failed;
		int skipped;

		String verdict() {
			String verdict = failed == 0 && passed > 0 ? "MEETS" : "DOES NOT MEET";
			return "%s: %d passed, %d failed, %d skipped".formatted(verdict, passed, failed, skipped);
		}
	}

	private final Map<Key, Results> results = new TreeMap<>();

	@Override
	public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
		String reason = result.getThrowable().map(TckReport::firstLine).orElse("");
		switch (result.getStatus()) {
			case SUCCESSFUL -> note(test, "pass", "");
			case ABORTED -> note(test, "skip", reason);
			case FAILED -> note(test, "FAIL", reason);
		}
	}

	@Override
	public synchronized void executionSkipped(TestIdentifier test, String reason) {
		note(test, "skip", reason);
	}

	private void note(TestIdentifier test, String outcome, String reason) {
		Optional<MethodSource> source = test.getSource().flatMap(TckReport::method);
		if (source.isEmpty())
			return;
		MethodSource method = source.get();
		Contract contract = method.getJavaMethod().getDeclaringClass().getAnnotation(Contract.class);
		if (contract == null)
			return;

		Results of = results.computeIfAbsent(
				new Key(contract.value(), contract.version(), method.getClassName()), key -> new Results());
		switch (outcome) {
			case "pass" -> of.passed++;
			case "skip" -> of.skipped++;
			default -> of.failed++;
		}
		of.lines.add("  " + outcome + " " + method.getMethodName() + (reason.isEmpty() ? "" : ": " + reason));
	}

	private static Optional<MethodSource> method(TestSource source) {
		return source instanceof MethodSource method ? Optional.of(method) : Optional.empty();
	}

	private static String firstLine(Throwable cause) {
		return String.valueOf(cause.getMessage()).lines().findFirst().orElse("").strip();
	}

	@Override
	public synchronized void testPlanExecutionFinished(TestPlan plan) {
		if (results.isEmpty())
			return;
		Path file = Path.of(System.getProperty(PROPERTY, FILE));
		try {
			if (file.getParent() != null)
				Files.createDirectories(file.getParent());
			Files.writeString(file, text());
		} catch (IOException e) {
			throw new UncheckedIOException("cannot write " + file, e);
		}
	}

	private String text() {
		StringBuilder text = new StringBuilder("VMHI compatibility kit ").append(VERSION).append("\n\n");
		results.forEach((key, of) -> text.append(of.verdict()).append(": ").append(key.title()).append('\n'));
		results.forEach((key, of) -> {
			text.append('\n').append(key.title()).append('\n');
			of.lines.stream().sorted().forEach(line -> text.append(line).append('\n'));
		});
		return text.toString();
	}
}
