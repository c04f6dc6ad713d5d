package vmhi.mgmt.rest;

import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;

/** The service on the Jetty that it ships with, over real sockets, in front of a host in memory. */
final class TestServer {
	static final String ADMIN = "token.of-the_admin~1";
	static final String VIEWER = "token.of-the_viewer~1";
	static final String NOBODY = "token.of-nobody";

	final MemoryHost host;
	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
			.connectTimeout(Duration.ofSeconds(10)).build();
	private final Server server = new Server();
	private final ServerConnector connector = new ServerConnector(server);
	private final Front front = new Front();
	private final RestService.Config config;

	TestServer() throws Exception {
		this(new TestConfig(8, 4, 15), 1000);
	}

	TestServer(RestService.Config config, int eventsKept) throws Exception {
		this.config = config;
		host = new MemoryHost(eventsKept);
		host.tokens.put(ADMIN, new Principal("admin", "rest", Set.of(Role.ADMIN)));
		host.tokens.put(VIEWER, new Principal("viewer", "rest", Set.of(Role.VIEWER)));
		host.tokens.put(NOBODY, new Principal("nobody", "rest", Set.of()));
		connector.setHost("127.0.0.1");
		connector.setIdleTimeout(2_000); // far less than what is waited for, and far less than a stream is idle
		server.addConnector(connector);
		ServletContextHandler context = new ServletContextHandler();
		ServletHolder holder = new ServletHolder(front);
		holder.setAsyncSupported(true);
		context.addServlet(holder, RestService.BASE + "/*");
		server.setHandler(context);
		restart();
		server.start();
	}

	/** Takes the service away, as when the bundle is updated, and puts another in its place. */
	void restart() {
		stop();
		RestService next = new RestService(host, config);
		next.addAuthenticator(host);
		front.service = next;
	}

	void stop() {
		RestService old = front.service;
		front.service = null;
		if (old != null)
			old.deactivate();
	}

	RestService service() {
		return front.service;
	}

	int port() {
		return connector.getLocalPort();
	}

	/** Threads of the server that are at work or kept ready. */
	int busyThreads() {
		return server.getThreadPool().getThreads() - server.getThreadPool().getIdleThreads();
	}

	URI uri(String path) {
		return URI.create("http://127.0.0.1:" + port() + RestService.BASE + path);
	}

	HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(20)).header("Authorization",
				"Bearer " + ADMIN);
	}

	HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
	}

	HttpResponse<InputStream> open(HttpRequest.Builder request) throws IOException, InterruptedException {
		return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
	}

	HttpResponse<String> get(String path) throws IOException, InterruptedException {
		return send(request(path));
	}

	HttpResponse<String> post(String path) throws IOException, InterruptedException {
		return send(request(path).POST(HttpRequest.BodyPublishers.noBody()));
	}

	HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
		return send(request(path).header("Content-Type", "application/json")
				.POST(HttpRequest.BodyPublishers.ofString(json)));
	}

	static JsonNode json(HttpResponse<String> response) throws IOException {
		return new ObjectMapper().readTree(response.body());
	}

	/** Waits for what another thread brings about. */
	static void await(BooleanSupplier condition) {
		long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() > deadline)
				throw new AssertionError("not in 15 s");
			Thread.onSpinWait();
		}
	}

	/** Sends a request as it is written here, lines ending with CRLF, and returns all that is answered. */
	String raw(String request) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
			socket.setSoTimeout(10_000);
			socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	void close() throws Exception {
		stop();
		server.stop();
	}

	/** What the HTTP server has for a servlet, while there is one. */
	private static final class Front extends HttpServlet {
		private static final long serialVersionUID = 1L;
		private transient volatile RestService service;

		@Override
		protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
			RestService now = service;
			if (now == null)
				response.setStatus(404); // what a whiteboard says
			else
				now.service(request, response);
		}
	}

	/** A configuration. */
	record TestConfig(int streams, int waits, int heartbeat) implements RestService.Config {
		@Override
		public boolean remote() {
			return false;
		}

		@Override
		public String[] hosts() {
			return new String[] { "vmhi.example.org" };
		}

		@Override
		public Class<? extends Annotation> annotationType() {
			return RestService.Config.class;
		}
	}
}
