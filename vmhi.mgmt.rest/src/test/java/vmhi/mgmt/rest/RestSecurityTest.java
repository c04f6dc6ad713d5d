package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.mgmt.rest.TestServer.json;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.mgmt.Authenticator;
import vmhi.api.mgmt.Permission;

/** Who is kept out. */
@Timeout(60)
class RestSecurityTest {
	private TestServer server;

	@BeforeEach
	void start() throws Exception {
		server = new TestServer();
		server.post("/machines", "{\"name\": \"vm1\"}");
		server.host.slow = true;
		server.post("/machines/vm1/start"); // job-2
	}

	@AfterEach
	void stop() throws Exception {
		server.close();
	}

	@Test
	void everyRouteButHealthNeedsAToken() throws Exception {
		for (Route route : server.service().routes()) {
			HttpResponse<String> answer = send(route, null);

			if (route.permission() == null) {
				assertEquals("/health", route.path());
				assertEquals("{\"status\":\"ok\"}", answer.body());
			} else {
				assertEquals(401, answer.statusCode(), route.toString());
				assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElseThrow());
			}
		}
	}

	@Test
	void everyRouteButHealthNeedsItsPermission() throws Exception {
		for (Route route : server.service().routes()) {
			HttpResponse<String> nobody = send(route, TestServer.NOBODY);
			assertEquals(route.permission() == null ? 200 : 403, nobody.statusCode(), route + nobody.body());

			if (route.permission() != null && route.permission() != Permission.VIEW) {
				HttpResponse<String> viewer = send(route, TestServer.VIEWER);
				assertEquals(403, viewer.statusCode(), route.toString());
				assertEquals(route.permission().name().toLowerCase(), json(viewer).get("permission").textValue());
			}
		}
		assertEquals(1, server.host.machines.size());
		assertEquals(1, server.host.jobs.size());
		assertEquals(1, server.host.plugins.size());
	}

	private HttpResponse<String> send(Route route, String token) throws IOException, InterruptedException {
		String path = route.path().replace("{machine}", "vm1").replace("{console}", "serial0")
				.replace("{job}", "job-2").replace("{plugin}", "1");
		HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path)).method(route.method(),
				HttpRequest.BodyPublishers.ofString(route.path().endsWith("/move") ? "{\"backend\": \"kvm\"}"
						: route.path().contains("plugins") ? "jar x" : "{\"name\": \"vm1\"}"))
				.header("Content-Type", "application/json");
		return server.send(token == null ? request : request.header("Authorization", "Bearer " + token));
	}

	@Test
	void pathsAreNotGivenAwayToStrangers() throws Exception {
		String nothing = server.raw("GET /api/v1/nothing HTTP/1.1\nHost: localhost\nConnection: close\n\n");
		String options = server.raw("OPTIONS /api/v1/machines HTTP/1.1\nHost: localhost\nConnection: close\n\n");

		assertTrue(nothing.startsWith("HTTP/1.1 401 "), nothing);
		assertTrue(options.startsWith("HTTP/1.1 401 "), options);
		assertFalse(options.contains("Access-Control"), options);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer tökén", "token.of-the_admin~1",
			"Bearer token.of-the_admin~2", "Bearer token.of-the_admin~1=", "bearer  token.of-the_admin~" })
	void whatIsNotATokenThatIsKnownIsRefused(String authorization) throws Exception {
		String answer = server.raw("GET /api/v1/machines HTTP/1.1\nHost: localhost\nAuthorization: " + authorization
				+ "\nConnection: close\n\n");

		assertTrue(answer.startsWith("HTTP/1.1 401 "), answer);
		assertTrue(answer.contains("\"type\":\"urn:vmhi:problem:unauthenticated\""), answer);
	}

	@ParameterizedTest
	@ValueSource(strings = { "localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:65535" })
	void namesOfThisMachineAreServed(String name) throws Exception {
		String answer = server.raw("GET /api/v1/health HTTP/1.1\nHost: " + name + "\nConnection: close\n\n");

		assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "evil.example.org", "localhost.evil.example.org", "127.0.0.2", "vmhi.example.org", "localhost.",
					"[::2]", "::1" })
	void otherNamesAreNot(String name) throws Exception {
		String answer = server.raw("GET /api/v1/health HTTP/1.1\nHost: " + name + "\nConnection: close\n\n");

		assertTrue(answer.startsWith("HTTP/1.1 421 ") || answer.startsWith("HTTP/1.1 400 "), answer);
	}

	@Test
	void nameInTheFirstLineCountsAsWell() throws Exception {
		String other = server.raw("GET http://evil.example.org/api/v1/health HTTP/1.1\nHost: localhost\n"
				+ "Connection: close\n\n");
		String none = server.raw("GET /api/v1/health HTTP/1.0\n\n");

		assertTrue(other.startsWith("HTTP/1.1 421 ") || other.startsWith("HTTP/1.1 400 "), other);
		assertTrue(none.startsWith("HTTP/1.1 421 "), none);
	}

	@Test
	void wrongTokensAreAnsweredLaterAndLater() throws Exception {
		HttpRequest.Builder wrong = HttpRequest.newBuilder(server.uri("/machines")).header("Authorization", "Bearer x");
		for (int i = 0; i < 7; i++)
			assertEquals(401, server.send(wrong).statusCode());
		long before = System.nanoTime();
		assertEquals(401, server.send(wrong).statusCode()); // 400 ms

		assertTrue(System.nanoTime() - before >= 400_000_000L);
		assertEquals(200, server.get("/machines").statusCode());
	}

	@Test
	void allAuthenticatorsAreAskedAndOneThatFailsLetsNobodyIn() throws Exception {
		AtomicInteger asked = new AtomicInteger();
		Authenticator broken = (scheme, evidence, origin) -> {
			throw new IllegalStateException("broken on purpose: this is expected in the log");
		};
		Authenticator counting = (scheme, evidence, origin) -> {
			assertEquals("rest 127.0.0.1", origin);
			asked.incrementAndGet();
			return Optional.empty();
		};
		for (Authenticator one : List.of(broken, counting))
			server.service().addAuthenticator(one);

		assertEquals(200, server.get("/machines").statusCode());
		assertEquals(1, asked.get());

		server.service().removeAuthenticator(server.host);
		assertEquals(401, server.get("/machines").statusCode());
	}
}
