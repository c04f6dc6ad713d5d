package vmhi.linux;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A machine in the foreground, {@code vmhi run}, whose console is the terminal of a process. One thread reads what the
 * guest writes; the test waits for it with a deadline. What has been waited for is not looked at again.
 */
final class Guest implements AutoCloseable {
	private static final Path DIST = Path.of(System.getProperty("vmhi.dist", "../vmhi.launcher/target/dist"));
	private static final Path SCRATCH = Path.of(System.getProperty("vmhi.linux.scratch", "target"));
	private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]|\u001b[()][A-Z0-9]|\u001bc|\r");
	private static final int TAIL = 3000;

	private final Process process;
	private final Object lock = new Object();
	/** Guarded by the lock. */
	private final StringBuilder output = new StringBuilder();
	private boolean ended;
	private int seen;

	private Guest(List<String> command) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		// what later runs start faster with is kept for them, but not in the home of whoever tests
		builder.environment().put("VMHI_HOME", SCRATCH.resolve("home").toAbsolutePath().toString());
		builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
		process = builder.start();
		Thread reader = new Thread(this::read, "console");
		reader.setDaemon(true);
		reader.start();
	}

	/** With its console on pipes. */
	static Guest run(Path kernel, Object... options) throws IOException {
		return new Guest(command(kernel, options));
	}

	/** With its console on a terminal, as a person has it: {@code script} makes one. */
	static Guest runOnTerminal(Path kernel, Object... options) throws IOException {
		assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script (apt-get install bsdutils)");
		StringBuilder line = new StringBuilder("exec");
		for (String word : command(kernel, options))
			line.append(" '").append(word.replace("'", "'\\''")).append('\'');
		return new Guest(List.of("/usr/bin/script", "-qefc", line.toString(), "/dev/null"));
	}

	/** As it is done by all: Debian's kernel, what the first process runs, and options of {@code vmhi run}. */
	static Guest runInit(Path initrd, String run, Object... options) throws IOException {
		List<Object> all = new ArrayList<>(List.of("--initrd", initrd, "--append",
				"console=ttyS0 quiet panic=-1 cryptomgr.notests run=" + run.replace(' ', '+')));
		all.addAll(List.of(options));
		return run(Images.kernel(), all.toArray());
	}

	private static List<String> command(Path kernel, Object... options) {
		Path vmhi = DIST.resolve("vmhi").toAbsolutePath().normalize();
		assumeTrue(Files.isExecutable(vmhi), () -> "there is no %s; mvn package makes it".formatted(vmhi));
		List<String> command = new ArrayList<>(
				List.of(vmhi.toString(), "run", "--cpu", "soft", "--kernel", kernel.toString()));
		for (Object option : options)
			command.add(option.toString());
		return command;
	}

	private void read() {
		byte[] buffer = new byte[8192];
		try (InputStream in = process.getInputStream()) {
			for (int n = in.read(buffer); n >= 0; n = in.read(buffer))
				synchronized (lock) {
					output.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
					lock.notifyAll();
				}
		} catch (IOException e) {
			// the process is gone
		}
		synchronized (lock) {
			ended = true;
			lock.notifyAll();
		}
	}

	/** As a person at the terminal, with Enter. */
	void type(String line) throws IOException {
		process.getOutputStream().write((line + "\r").getBytes(StandardCharsets.ISO_8859_1));
		process.getOutputStream().flush();
	}

	/** Waits until the guest has written this, without escapes of terminals; a part of it may have been sent before. */
	String await(String expression, Duration most) throws InterruptedException {
		Pattern pattern = Pattern.compile(expression);
		long deadline = System.nanoTime() + most.toNanos();
		synchronized (lock) {
			while (true) {
				String text = text();
				var found = pattern.matcher(text);
				if (found.find(Math.min(seen, text.length()))) {
					seen = found.end();
					return found.group();
				}
				long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
				if (ended || left <= 0)
					return fail("%s: no \"%s\" in what the guest wrote:%n%s".formatted(
							ended ? "the machine ended" : "after " + most.toSeconds() + " s", expression, tail(text)));
				lock.wait(left);
			}
		}
	}

	/** Waits until the machine has ended. @return the status of {@code vmhi run} */
	int awaitEnd(Duration most) throws InterruptedException {
		if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS))
			fail("it runs after %d s and wrote:%n%s".formatted(most.toSeconds(), tail(text())));
		synchronized (lock) {
			while (!ended) // its output was closed with it
				lock.wait(1000);
		}
		return process.exitValue();
	}

	/** All that it wrote, without carriage returns and escapes. */
	String text() {
		synchronized (lock) {
			return ESCAPES.matcher(output).replaceAll("");
		}
	}

	private static String tail(String text) {
		return text.substring(Math.max(0, text.length() - TAIL));
	}

	@Override
	public void close() {
		process.descendants().forEach(ProcessHandle::destroy);
		process.destroy();
		try {
			if (process.waitFor(10, TimeUnit.SECONDS))
				return;
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
		process.descendants().forEach(ProcessHandle::destroyForcibly);
		process.destroyForcibly();
	}
}
