package vmhi.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A platform as users have it: the process {@code vmhi serve} with a home of its own, driven over REST. */
final class Daemon implements AutoCloseable {
	private static final ObjectMapper JSON = new ObjectMapper();
	private static final long START_SECONDS = 60;
	private static final long STOP_SECONDS = 60;
	private static final long EVENT_SECONDS = 120;

	private final Process process;
	private final Path home;
	private final Path log;
	private final String base;
	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
	private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
	private final double startMillis;
	private final double startCpuMillis;

	/**
	 * Starts one, and returns when REST answers.
	 *
	 * @param java home of the JDK
	 * @param arguments of {@code vmhi serve}, further ones
	 */
	Daemon(Setup setup, Path java, Path home, List<String> arguments)
			throws IOException, InterruptedException, TimeoutException, Setup.MissingException {
		this.home = home;
		log = Files.createTempFile(setup.scratch(), "serve", ".log");
		int port = freePort();
		List<String> command = new ArrayList<>(List.of(setup.vmhi().toString(), "serve", "--port", "" + port));
		command.addAll(arguments);
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
		builder.environment().put("VMHI_HOME", home.toString());
		builder.environment().put("JAVA_HOME", java.toString());
		base = "http://127.0.0.1:" + port + "/api/v1";
		long began = System.nanoTime();
		process = builder.start();
		HttpRequest health = HttpRequest.newBuilder(URI.create(base + "/health")).build();
		while (!answers(health)) {
			if (!process.isAlive() || System.nanoTime() - began > TimeUnit.SECONDS.toNanos(START_SECONDS)) {
				process.destroyForcibly();
				throw new TimeoutException("vmhi serve does not come up; it said:\n" + log());
			}
			LockSupport.parkNanos(2_000_000);
		}
		startMillis = (System.nanoTime() - began) / 1e6;
		startCpuMillis = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
	}

	/** One with {@link BenchDevice} in it. */
	static Daemon withDevice(Setup setup) throws Exception {
		Path home = setup.folder("home");
		Path plugins = Files.createDirectories(home.resolve("plugins"));
		Files.copy(Setup.jar(), plugins.resolve("vmhi.bench.jar"), StandardCopyOption.REPLACE_EXISTING);
		Daemon daemon = new Daemon(setup, setup.javas().get(0), home, List.of());
		daemon.follow();
		return daemon;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private boolean answers(HttpRequest request) throws InterruptedException {
		try {
			return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
		} catch (IOException e) {
			return false; // nobody listens yet
		}
	}

	/** From the start of the process to the first answer. */
	double startMillis() {
		return startMillis;
	}

	/** The processor time that this took, in steps of the kernel's. */
	double startCpuMillis() {
		return startCpuMillis;
	}

	long pid() {
		return process.pid();
	}

	/** What it has printed. */
	String log() throws IOException {
		return Files.readString(log);
	}

	/** Waits until it has said that it is up: REST answers a moment before. */
	void awaitGreeting() throws IOException, TimeoutException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
		while (!log().contains(" is up")) {
			if (System.nanoTime() - deadline > 0)
				throw new TimeoutException("vmhi serve does not say that it is up; it said:\n" + log());
			LockSupport.parkNanos(10_000_000);
		}
	}

	/** Has a machine defined. */
	void define(String spec) throws IOException, InterruptedException {
		call("POST", "/machines", spec);
	}

	/** Starts or stops a machine. @return the job, which is done */
	JsonNode power(String machine, String what) throws IOException, InterruptedException {
		return call("POST", "/machines/" + machine + "/" + what + "?wait=60", "");
	}

	private JsonNode call(String method, String path, String body) throws IOException, InterruptedException {
		HttpRequest request = request(path).header("Content-Type", "application/json")
				.method(method, BodyPublishers.ofString(body)).build();
		HttpResponse<String> answer;
		try {
			answer = client.send(request, BodyHandlers.ofString());
		} catch (IOException e) {
			throw new IOException("%s %s: vmhi serve %s; it said:%n%s".formatted(method, path,
					process.isAlive() ? "does not answer" : "ended with " + process.exitValue(), log()), e);
		}
		if (answer.statusCode() >= 300)
			throw new IOException("%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
		return JSON.readTree(answer.body());
	}

	private HttpRequest.Builder request(String path) throws IOException {
		return HttpRequest.newBuilder(URI.create(base + path))
				.header("Authorization", "Bearer " + Files.readString(home.resolve("token")).strip());
	}

	/** The next event of this type that the test holds for; those before it are dropped. */
	JsonNode await(String type, Predicate<JsonNode> test) throws InterruptedException, TimeoutException, IOException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(EVENT_SECONDS);
		while (true) {
			JsonNode event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
			if (event == null)
				throw new TimeoutException("no event %s; the daemon said:\n%s".formatted(type, log()));
			JsonNode data = event.get("data");
			if (event.get("type").asText().equals("machine.state") && data.get("state").asText().equals("failed"))
				throw new IOException("a machine failed: " + data);
			if (event.get("type").asText().equals(type) && test.test(data))
				return data;
		}
	}

	private void follow() throws IOException, InterruptedException {
		InputStream stream = client.send(request("/events?after=0").header("Accept", "text/event-stream").build(),
				BodyHandlers.ofInputStream()).body();
		Thread reader = new Thread(() -> read(stream), "events");
		reader.setDaemon(true);
		reader.start();
	}

	private void read(InputStream stream) {
		try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
			for (String line = lines.readLine(); line != null; line = lines.readLine())
				if (line.startsWith("data:"))
					events.add(JSON.readTree(line.substring(5)));
		} catch (IOException e) {
			if (process.isAlive())
				throw new UncheckedIOException(e);
		}
	}

	/** Ends it in an orderly way. */
	@Override
	public void close() {
		process.destroy();
		try {
			if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS))
				return;
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
		process.destroyForcibly();
	}
}
