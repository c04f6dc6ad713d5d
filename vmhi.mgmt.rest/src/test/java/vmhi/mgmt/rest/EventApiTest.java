package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.mgmt.rest.TestServer.json;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EventApiTest {
	private TestServer server;

	@AfterEach
	void stop() throws Exception {
		server.close();
	}

	private void start(int streams, int heartbeat, int eventsKept) throws Exception {
		server = new TestServer(new TestServer.TestConfig(streams, 4, heartbeat), eventsKept);
	}

	private void publish(int count) {
		for (int i = 0; i < count; i++)
			server.host.events.publish("id-1", "machine.state", Map.of("state", "RUNNING", "by", "admin"));
	}

	private EventReader follow(String lastEventId) throws IOException, InterruptedException {
		return new EventReader(server, lastEventId == null ? server.request("/events")
				: server.request("/events").header("Last-Event-ID", lastEventId));
	}

	@Test
	void areReadByPages() throws Exception {
		start(4, 15, 1000);
		publish(3);

		HttpResponse<String> page = server.get("/events?after=1&limit=1");

		assertEquals("""
				{"first":1,"last":3,"events":[{"number":2,"time":"2026-01-02T03:04:05.678Z","machine":"id-1",\
				"type":"machine.state","data":{"by":"admin","state":"RUNNING"}}]}""", page.body());
		assertEquals(3, json(server.get("/events")).get("events").size());
	}

	@Test
	void areFollowedFromNowOn() throws Exception {
		start(4, 15, 1000);
		publish(3);
		try (EventReader reader = follow(null)) {
			assertEquals(new EventReader.Item("3", null, null), reader.next()); // for who is cut off before the first
			publish(1);
			assertEquals(new EventReader.Item("4", """
					{"number":4,"time":"2026-01-02T03:04:05.678Z","machine":"id-1","type":"machine.state",\
					"data":{"by":"admin","state":"RUNNING"}}""", null), reader.next());
		}
	}

	@Test
	void areFollowedFromWhereTheClientWas() throws Exception {
		start(4, 15, 1000);
		publish(3);
		try (EventReader reader = follow("1")) {
			assertEquals("2", reader.nextEvent().id());
			assertEquals("3", reader.nextEvent().id());
		}
		try (EventReader reader = new EventReader(server, server.request("/events?after=0"))) {
			assertEquals("1", reader.nextEvent().id());
		}
	}

	@Test
	void thatAreGoneAreSaidToBe() throws Exception {
		start(4, 15, 10);
		publish(15);

		HttpResponse<String> gone = server.send(server.request("/events").header("Accept", "text/event-stream")
				.header("Last-Event-ID", "4"));

		assertEquals(410, gone.statusCode());
		assertEquals("""
				{"type":"urn:vmhi:problem:gone","title":"These events are not kept any more","status":410,\
				"detail":"event 4 is not among those kept, 6 to 15","first":6,"last":15}""", gone.body());
		assertEquals(410, server.get("/events?after=4").statusCode());
		assertEquals(410, server.get("/events?after=16").statusCode());
		try (EventReader reader = follow("5")) {
			assertEquals("6", reader.nextEvent().id());
		}
		assertEquals(10, json(server.get("/events?after=0")).get("events").size());
	}

	@Test
	void streamsThatAreIdleShowSignsOfLife() throws Exception {
		start(4, 1, 1000);
		try (EventReader reader = follow(null)) {
			assertEquals("0", reader.next().id());
			for (int i = 0; i < 4; i++) // longer than the server's limit for connections that are idle
				assertEquals("", reader.next().comment());
		}
	}

	@Test
	void streamsEndInAnOrderlyWayWhenTheBundleLeaves() throws Exception {
		start(4, 15, 1000);
		try (EventReader reader = follow(null)) {
			publish(1);
			assertEquals("1", reader.nextEvent().id());

			server.stop();

			assertTrue(reader.next().comment().startsWith("the server is being replaced"));
			assertSame(EventReader.END, reader.next());
			assertEquals(0, server.host.events.subscriptions());
		}
	}

	@Test
	void noneIsMissedOrDoubledWhileTheBundleIsReplacedAgainAndAgain() throws Exception {
		int all = 10_000;
		start(4, 15, all);
		publish(1);
		Thread publisher = Threads.daemon("publisher", () -> {
			for (int i = 1; i < all; i++) {
				publish(1);
				if (i % 1000 == 0)
					server.restart();
			}
		});
		List<Long> seen = new ArrayList<>();
		int connections = 0;
		String last = "0";
		while (seen.size() < all) {
			try (EventReader reader = follow(last)) {
				if (connections++ == 0)
					publisher.start();
				for (EventReader.Item item; seen.size() < all && (item = reader.nextEvent()) != EventReader.END;) {
					last = item.id();
					seen.add(Long.valueOf(last));
				}
			} catch (IOException e) {
				assertTrue(e.getMessage().startsWith("status 404") || e.getMessage().startsWith("status 503"),
						e::toString);
			}
		}

		assertEquals(LongStream.rangeClosed(1, all).boxed().toList(), seen);
		assertTrue(connections > 1, "was never cut off");
		publisher.join(10_000);
	}

	@Test
	void streamsHaveALimitThatFreesWhenAClientLeaves() throws Exception {
		start(2, 1, 1000);
		EventReader one = follow(null);
		try (EventReader two = follow(null)) {
			assertEquals("0", one.next().id());
			assertEquals("0", two.next().id());

			HttpResponse<String> refused = server
					.send(server.request("/events").header("Accept", "text/event-stream"));

			assertEquals(503, refused.statusCode());
			assertEquals("urn:vmhi:problem:busy", json(refused).get("type").textValue());
			one.close();
			HttpResponse<InputStream> next;
			do { // the next sign of life finds out that it is gone
				next = server.open(server.request("/events").header("Accept", "text/event-stream"));
			} while (next.statusCode() == 503);
			assertEquals(200, next.statusCode());
			next.body().close();
		}
	}

	@Test
	void clientThatDoesNotReadHoldsUpNobodyElse() throws Exception {
		start(4, 1, 50_000);
		HttpResponse<InputStream> stuck = server.open(server.request("/events?after=0").header("Accept",
				"text/event-stream"));
		try (EventReader reader = follow("0")) {
			publish(50_000); // some 7 MB, far more than lies on the way to a client

			for (int i = 1; i <= 50_000; i++)
				assertEquals(Integer.toString(i), reader.nextEvent().id());
		}
		stuck.body().close();
		server.stop(); // does not wait for it either
		assertEquals(0, server.host.events.subscriptions());
	}

	@Test
	void manyStreamsTakeNoThreadsOfTheServer() throws Exception {
		start(40, 15, 1000);
		List<EventReader> readers = new ArrayList<>();
		int before = server.busyThreads();
		for (int i = 0; i < 40; i++) {
			readers.add(follow(null));
			assertEquals("0", readers.get(i).next().id());
		}

		assertTrue(server.busyThreads() < before + 20, () -> server.busyThreads() + " threads");

		publish(1);
		for (EventReader reader : readers) {
			assertEquals("1", reader.nextEvent().id());
			reader.close();
		}
	}
}
