package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.mgmt.rest.TestServer.json;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConsoleApiTest {
	private static final String CONSOLE = "/machines/vm1/consoles/serial0";
	private TestServer server;

	@BeforeEach
	void start() throws Exception {
		server = new TestServer(new TestServer.TestConfig(2, 4, 15), 1000);
		server.post("/machines", "{\"name\": \"vm1\"}");
	}

	@AfterEach
	void stop() throws Exception {
		server.close();
	}

	@Test
	void isReadFromAPositionOn() throws Exception {
		server.host.console.say("login: ");

		HttpResponse<String> all = server.get(CONSOLE);
		HttpResponse<String> rest = server.get(CONSOLE + "?from=5");
		HttpResponse<String> beyond = server.get(CONSOLE + "?from=500&wait=1");

		assertEquals("login: ", all.body());
		assertEquals("application/octet-stream", all.headers().firstValue("Content-Type").orElseThrow());
		assertEquals("0", all.headers().firstValue("X-Console-Start").orElseThrow());
		assertEquals("7", all.headers().firstValue("X-Console-Position").orElseThrow());
		assertEquals(": ", rest.body());
		assertEquals("", beyond.body());
		assertEquals("7", beyond.headers().firstValue("X-Console-Position").orElseThrow());
	}

	@Test
	void saysWhereItBeginsWhenTheOldestIsGone() throws Exception {
		server.host.console.say("x".repeat(1500));

		HttpResponse<String> kept = server.get(CONSOLE);

		assertEquals(1000, kept.body().length());
		assertEquals("500", kept.headers().firstValue("X-Console-Start").orElseThrow());
		assertEquals("1500", kept.headers().firstValue("X-Console-Position").orElseThrow());
	}

	@Test
	void waitsForTheGuest() throws Exception {
		CompletableFuture<HttpResponse<String>> waiting = CompletableFuture.supplyAsync(() -> {
			try {
				return server.get(CONSOLE + "?wait=60000");
			} catch (IOException | InterruptedException e) {
				throw new AssertionError(e);
			}
		});
		TestServer.await(() -> server.host.console.waiting() != 0);

		server.host.console.say("# ");

		assertEquals("# ", waiting.get(10, TimeUnit.SECONDS).body());
	}

	@Test
	void typesAsMuchAsThereIsRoomFor() throws Exception {
		// as curl sends it unless told otherwise
		HttpResponse<String> typed = server.send(server.request(CONSOLE)
				.header("Content-Type", "application/x-www-form-urlencoded")
				.POST(HttpRequest.BodyPublishers.ofString("echo a=1&b=2 and so on\n")));

		assertEquals(16, json(typed).get("typed").intValue());
		assertEquals("echo a=1&b=2 and", server.host.console.typed());
	}

	@Test
	void isFollowedUntilTheBundleLeaves() throws Exception {
		server.host.console.say("one ");

		HttpResponse<InputStream> stream = server.open(server.request(CONSOLE + "/stream"));

		assertEquals("0", stream.headers().firstValue("X-Console-Start").orElseThrow());
		assertEquals("one ", read(stream, 4));
		server.host.console.say("two ");
		assertEquals("two ", read(stream, 4));
		server.stop();
		assertEquals(-1, stream.body().read());
		TestServer.await(() -> server.host.console.waiting() == 0);
	}

	@Test
	void followersHaveALimitThatFreesWhenTheyLeave() throws Exception {
		HttpResponse<InputStream> one = server.open(server.request(CONSOLE + "/stream"));
		try (InputStream two = server.open(server.request(CONSOLE + "/stream")).body()) {
			assertEquals(503, server.get(CONSOLE + "/stream").statusCode());
			assertEquals(503,
					server.send(server.request("/events").header("Accept", "text/event-stream")).statusCode());
			assertEquals(0, two.available());
		}
		HttpResponse<InputStream> next;
		do { // nobody is seen to have left before something is said
			server.host.console.say("anybody there? ");
			next = server.open(server.request(CONSOLE + "/stream"));
		} while (next.statusCode() == 503);
		assertEquals(200, next.statusCode());
		assertTrue(read(one, 15).startsWith("anybody there?"));
	}

	@Test
	void isFollowedLongerThanAConnectionMayBeIdle() throws Exception {
		HttpResponse<InputStream> stream = server.open(server.request(CONSOLE + "/stream"));
		long begun = System.nanoTime();
		// the server's limit is 2 s; a second request that waits is the clock
		assertEquals("", server.get(CONSOLE + "?wait=2500").body());
		assertTrue(System.nanoTime() - begun > 2_400_000_000L);

		server.host.console.say("still here");

		assertEquals("still here", read(stream, 10));
	}

	private static String read(HttpResponse<InputStream> stream, int length) throws IOException {
		return new String(stream.body().readNBytes(length), StandardCharsets.UTF_8);
	}
}
