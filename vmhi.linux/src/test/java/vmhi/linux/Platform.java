package vmhi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The daemon as an operator has it: the process {@code vmhi serve} of the distribution, driven over REST, with one
 * machine. Belongs to the thread that runs the tests; another one collects events.
 */
final class Platform implements AutoCloseable {
	private static final Path DIST = Path.of(System.getProperty("vmhi.dist", "../vmhi.launcher/target/dist"));
	private static final Path SCRATCH = Path.of(System.getProperty("vmhi.linux.scratch", "target"));
	private static final Pattern ADDRESS = Pattern.compile("REST +(http://\\S+:[0-9]+)/");
	private static final Pattern TIME = Pattern.compile("\"time\":\"([^\"]+)\"");
	private static final Duration UP = Duration.ofSeconds(60);
	private static final Duration ANSWER = Duration.ofSeconds(90);
	private static final String MACHINE = "linux", CONSOLE = "com1";
	private static final int TAIL = 3000;

	private final Process process;
	private final Path home;
	private final Path log;
	private final String base;
	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
	private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
	private final StringBuilder output = new StringBuilder();
	private long position;
	private int seen;

	/** Starts it, in a home that it has not had before, and returns when it answers. */
	Platform() throws IOException, InterruptedException {
		Path vmhi = DIST.resolve("vmhi").toAbsolutePath().normalize();
		assumeTrue(Files.isExecutable(vmhi), () -> "there is no %s; mvn package makes it".formatted(vmhi));
		home = SCRATCH.resolve("serve").toAbsolutePath();
		delete(home);
		log = SCRATCH.resolve("serve.log").toAbsolutePath();
		ProcessBuilder builder = new ProcessBuilder(vmhi.toString(), "serve", "--port", "0")
				.redirectErrorStream(true).redirectOutput(log.toFile());
		builder.environment().put("VMHI_HOME", home.toString());
		builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
		process = builder.start();
		try {
			base = awaitAddress() + "/api/v1";
			HttpResponse<Stream<String>> stream = client.send(request("/events?after=0")
					.header("Accept", "text/event-stream").build(), BodyHandlers.ofLines());
			Thread reader = new Thread(() -> collect(stream.body()), "events");
			reader.setDaemon(true);
			reader.start();
		} catch (IOException | InterruptedException | RuntimeException | Error e) {
			close();
			throw e;
		}
	}

	private static void delete(Path folder) throws IOException {
		if (!Files.exists(folder))
			return;
		try (Stream<Path> all = Files.walk(folder)) {
			for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList())
				Files.delete(path);
		}
	}

	/** It says where it listens when it is up. */
	private String awaitAddress() throws IOException, InterruptedException {
		long deadline = System.nanoTime() + UP.toNanos();
		while (System.nanoTime() - deadline < 0) {
			Matcher m = ADDRESS.matcher(log());
			if (m.find())
				return m.group(1);
			if (process.waitFor(20, TimeUnit.MILLISECONDS))
				break;
		}
		return fail("vmhi serve does not come up:\n" + log());
	}

	/** What the daemon has printed. */
	String log() throws IOException {
		return Files.readString(log);
	}

	private void collect(Stream<String> lines) {
		try (lines) {
			lines.filter(line -> line.startsWith("data:")).forEach(events::add);
		} catch (RuntimeException e) {
			// the daemon is gone
		}
	}

	// --- requests

	private HttpRequest.Builder request(String path) throws IOException {
		return HttpRequest.newBuilder(URI.create(base + path)).timeout(ANSWER)
				.header("Authorization", "Bearer " + Files.readString(home.resolve("token")).strip());
	}

	private String call(String method, String path, byte[] body) throws IOException, InterruptedException {
		HttpResponse<String> answer = client.send(request(path).header("Content-Type", "application/json")
				.method(method, BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());
		assertTrue(answer.statusCode() < 300,
				() -> "%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
		return answer.body();
	}

	private String call(String method, String path) throws IOException, InterruptedException {
		return call(method, path, new byte[0]);
	}

	/** Waits for an event that has all of these in it, after the last one that was waited for. @return its time */
	Instant awaitEvent(Duration most, String... parts) throws InterruptedException, IOException {
		long deadline = System.nanoTime() + most.toNanos();
		while (true) {
			String event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
			if (event == null)
				fail("no event with %s:\n%s\n%s".formatted(List.of(parts), log(), tail()));
			if (event.contains("\"machine.state\"") && event.contains("\"failed\""))
				fail(event + "\n" + log());
			if (Stream.of(parts).allMatch(event::contains)) {
				Matcher m = TIME.matcher(event);
				assertTrue(m.find(), event);
				return Instant.parse(m.group(1));
			}
		}
	}

	// --- the machine

	/**
	 * On the software CPU, with the board that {@code vmhi run} has.
	 *
	 * @param options for the kernel, further ones
	 */
	void startLinux(Path initrd, String run, int vcpus, String memory, String options)
			throws IOException, InterruptedException {
		String spec = """
				{"name": "%s", "memory": "%s", "cpu": {"backend": "soft", "count": %d}, "onReset": "stop",
				 "boot": {"protocol": "linux", "kernel": "%s", "initrd": "%s", "commandLine": "%s"},
				 "devices": [{"kind": "irqchip"}, {"kind": "rtc"}, {"kind": "acpi"},
				             {"kind": "serial", "name": "%s"}]}
				""".formatted(MACHINE, memory, vcpus, Images.kernel(), initrd,
				"console=ttyS0 panic=-1 cryptomgr.notests " + options + " run=" + run.replace(' ', '+'), CONSOLE);
		call("POST", "/machines", spec.getBytes(StandardCharsets.UTF_8));
		call("POST", "/machines/" + MACHINE + "/start?wait=60");
	}

	/** As a person at the console, with Enter. */
	void type(String line) throws IOException, InterruptedException {
		call("POST", "/machines/" + MACHINE + "/consoles/" + CONSOLE,
				(line + "\r").getBytes(StandardCharsets.US_ASCII));
	}

	/** Waits until the guest has written this after all that was waited for before. */
	void await(String expression, Duration most) throws IOException, InterruptedException {
		Pattern pattern = Pattern.compile(expression);
		await(expression, text -> {
			Matcher m = pattern.matcher(text);
			return m.find() ? m.end() : 0;
		}, most);
	}

	/** @param test is given what came after all that was waited for before, and says how much of it was waited for now */
	void await(String what, ToIntFunction<String> test, Duration most) throws IOException, InterruptedException {
		long deadline = System.nanoTime() + most.toNanos();
		while (true) {
			int length = test.applyAsInt(output.substring(seen));
			seen += length;
			if (length > 0)
				return;
			long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
			if (left <= 0)
				fail("after %d s: no %s in what the guest wrote:%n%s%n%s".formatted(most.toSeconds(), what, tail(),
						log()));
			read(Math.min(left, 1000));
		}
	}

	/** All that has been written by now, and after which the guest is waited for from here on. */
	void skip() throws IOException, InterruptedException {
		seen = text().length();
	}

	/** @return whether there was something */
	private boolean read(long millis) throws IOException, InterruptedException {
		String path = "/machines/%s/consoles/%s?from=%d&wait=%d".formatted(MACHINE, CONSOLE, position, millis);
		HttpResponse<byte[]> answer = client.send(request(path).build(), BodyHandlers.ofByteArray());
		assertEquals(200, answer.statusCode(), path);
		long start = answer.headers().firstValueAsLong("X-Console-Start").orElseThrow();
		assertEquals(position, start, "nothing was lost that the guest wrote");
		output.append(new String(answer.body(), StandardCharsets.ISO_8859_1).replace("\r", ""));
		position = answer.headers().firstValueAsLong("X-Console-Position").orElseThrow();
		return answer.body().length > 0;
	}

	/** All that the guest has written by now. */
	String text() throws IOException, InterruptedException {
		while (read(0))
			continue;
		return output.toString();
	}

	private String tail() {
		return output.substring(Math.max(0, output.length() - TAIL));
	}

	// --- bundles

	/** Puts another version of a bundle of the distribution in the place of the one that is there. */
	void update(String name, String version) throws IOException, InterruptedException {
		call("PUT", "/plugins/" + plugin(name), renumbered(name, version));
	}

	/** Stops a bundle and forgets it. */
	void remove(String name) throws IOException, InterruptedException {
		call("DELETE", "/plugins/" + plugin(name));
	}

	/** Installs a version of a bundle of the distribution. */
	void install(String name, String version) throws IOException, InterruptedException {
		call("POST", "/plugins", renumbered(name, version));
	}

	private String plugin(String name) throws IOException, InterruptedException {
		Matcher m = Pattern.compile("\"id\":([0-9]+),\"name\":\"" + Pattern.quote(name) + "\"")
				.matcher(call("GET", "/plugins"));
		assertTrue(m.find(), () -> "there is no " + name);
		return m.group(1);
	}

	private static byte[] renumbered(String name, String version) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		Path jar = DIST.resolve("bundles").resolve(name + ".jar");
		try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
			Manifest manifest = new Manifest(in.getManifest());
			manifest.getMainAttributes().putValue("Bundle-Version", version);
			try (JarOutputStream out = new JarOutputStream(bytes, manifest)) {
				for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
					out.putNextEntry(new JarEntry(entry.getName()));
					in.transferTo(out);
				}
			}
		}
		return bytes.toByteArray();
	}

	/** Ends the daemon, and the machine with it. */
	@Override
	public void close() {
		process.destroy();
		try {
			if (process.waitFor(30, TimeUnit.SECONDS))
				return;
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
		process.descendants().forEach(ProcessHandle::destroyForcibly);
		process.destroyForcibly();
	}
}
