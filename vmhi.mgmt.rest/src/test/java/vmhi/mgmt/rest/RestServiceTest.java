package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.mgmt.rest.TestServer.json;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.databind.JsonNode;

import vmhi.api.machine.Job;

/** What an operator does with it, over HTTP. */
@Timeout(60)
class RestServiceTest {
	private TestServer server;

	@BeforeEach
	void start() throws Exception {
		server = new TestServer();
	}

	@AfterEach
	void stop() throws Exception {
		server.close();
	}

	@Test
	void machineIsDefinedStartedStoppedAndDeleted() throws Exception {
		HttpResponse<String> defined = server.post("/machines", "{\"name\": \"vm1\"}");
		assertEquals(201, defined.statusCode());
		assertEquals("/api/v1/machines/vm1", defined.headers().firstValue("Location").orElseThrow());
		assertEquals("defined", json(defined).get("state").textValue());

		HttpResponse<String> started = server.post("/machines/vm1/start?wait=10");
		assertEquals(200, started.statusCode());
		assertEquals("done", json(started).get("state").textValue());
		assertEquals("running", json(server.get("/machines/vm1")).get("state").textValue());

		HttpResponse<String> stopped = server.post("/machines/vm1/stop");
		assertEquals(202, stopped.statusCode());
		String job = stopped.headers().firstValue("Location").orElseThrow();
		assertEquals("/api/v1/jobs/" + json(stopped).get("id").textValue(), job);
		HttpResponse<String> ended = server.get(job.substring("/api/v1".length()) + "?wait=10");
		assertEquals(200, ended.statusCode());
		assertEquals("machine.stop", json(ended).get("kind").textValue());

		assertEquals(204, server.send(server.request("/machines/vm1").DELETE()).statusCode());
		assertEquals(404, server.get("/machines/vm1").statusCode());
	}

	@Test
	void machineLooksAsDocumented() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");

		HttpResponse<String> machine = server.get("/machines/vm1");

		assertEquals("application/json", machine.headers().firstValue("Content-Type").orElseThrow());
		assertEquals("nosniff", machine.headers().firstValue("X-Content-Type-Options").orElseThrow());
		assertEquals("no-store", machine.headers().firstValue("Cache-Control").orElseThrow());
		assertEquals("""
				{"id":"id-1","name":"vm1","state":"defined","reason":"","status":0,"since":"2026-01-02T03:04:05Z",\
				"revision":0,"backend":"","plugins":[],"counters":{"exits.mmio":1,"exits.port":7},\
				"consoles":["serial0"],"guestIdentity":"0x8000000000000001",\
				"spec":{
				  "name": "vm1",
				  "kernel": "/kernel"
				}}""", machine.body());
		assertEquals("[" + json(machine) + "]", json(server.get("/machines")).get("machines").toString());
		assertEquals(json(machine).get("spec"), json(server.get("/machines/vm1/spec")));
	}

	@Test
	void hostSaysWhatItIsAndHowMuchThereIs() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");

		JsonNode host = json(server.get(""));

		assertEquals("1.2.3", host.get("versions").get("vmhi.core").textValue());
		assertEquals("""
				{"fitness":"slow","summary":"runs anywhere","maxVcpus":8,"details":["pure Java"]}""",
				host.get("cpus").get("softcpu").toString());
		assertEquals("{\"defined\":1,\"running\":0,\"paused\":0,\"stopped\":0,\"failed\":0}",
				host.get("machines").toString());
		assertEquals("{\"queued\":0,\"running\":0,\"done\":0,\"failed\":0,\"cancelled\":0}",
				host.get("jobs").toString());
		assertEquals(1, host.get("plugins").intValue());
	}

	@Test
	void specificationIsReplacedByPut() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");

		HttpResponse<String> replaced = server.send(server.request("/machines/vm1").header("Content-Type",
				"application/json").PUT(HttpRequest.BodyPublishers.ofString("{\"name\":\"vm1\",\"kernel\":\"/new\"}")));

		assertEquals(200, replaced.statusCode());
		assertEquals("/new", json(server.get("/machines/vm1/spec")).get("kernel").textValue());
	}

	@Test
	void jobLooksAsDocumented() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");
		server.host.slow = true;

		HttpResponse<String> job = server.post("/machines/vm1/start");

		assertEquals("""
				{"id":"job-2","kind":"machine.start","machine":"id-1","state":"running","progress":0.5,\
				"message":"at it","principal":"admin","started":"2026-01-02T03:04:05Z","ended":null}""", job.body());
		assertEquals(json(job), json(server.get("/jobs")).get("jobs").get(0));
	}

	@Test
	void waitEndsWhenTheJobDoes() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");
		server.host.slow = true;
		String job = json(server.post("/machines/vm1/start")).get("id").textValue();
		CompletableFuture<HttpResponse<String>> waiting = later(server.request("/jobs/" + job + "?wait=60"));

		server.host.jobs.get(0).done();

		assertEquals("done", json(waiting.get(10, TimeUnit.SECONDS)).get("state").textValue());
	}

	@Test
	void waitThatIsTooShortAnswersWithTheJobAsItIs() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");
		server.host.slow = true;

		HttpResponse<String> started = server.post("/machines/vm1/start?wait=1");

		assertEquals(202, started.statusCode());
		assertEquals("running", json(started).get("state").textValue());
	}

	@Test
	void jobThatFailedWhileWaitedForIsAProblem() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\", \"kernel\": \"/nowhere\"}");
		server.post("/machines", "{\"name\": \"vm2\", \"kernel\": \"/plugin\"}");

		HttpResponse<String> host = server.post("/machines/vm1/start?wait=10");
		HttpResponse<String> plugin = server.post("/machines/vm2/start?wait=10");

		assertEquals(500, host.statusCode());
		assertEquals("application/problem+json", host.headers().firstValue("Content-Type").orElseThrow());
		assertEquals("urn:vmhi:problem:host", json(host).get("type").textValue());
		assertEquals("there is no file /nowhere", json(host).get("detail").textValue());
		assertEquals("failed", json(host).get("job").get("state").textValue());
		assertEquals(424, plugin.statusCode());
		assertEquals("no installed bundle knows disk format x", json(plugin).get("detail").textValue());
	}

	@Test
	void cancelledJobIsAConflictForWhoWaits() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");
		server.host.slow = true;
		CompletableFuture<HttpResponse<String>> waiting = later(server.request("/machines/vm1/start?wait=60")
				.POST(HttpRequest.BodyPublishers.noBody()));
		TestServer.await(() -> !server.host.jobs.isEmpty());

		HttpResponse<String> cancelled = server
				.send(server.request("/jobs/" + server.host.jobs.get(0).snapshot().id()).DELETE());

		assertEquals(202, cancelled.statusCode());
		HttpResponse<String> problem = waiting.get(10, TimeUnit.SECONDS);
		assertEquals(409, problem.statusCode());
		assertEquals("urn:vmhi:problem:cancelled", json(problem).get("type").textValue());
	}

	@Test
	void thoseThatWaitHaveALimit() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");
		server.host.slow = true;
		String job = json(server.post("/machines/vm1/start")).get("id").textValue();
		List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
		for (int i = 0; i < 5; i++)
			waiting.add(later(server.request("/jobs/" + job + "?wait=60")));

		CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
		List<CompletableFuture<HttpResponse<String>>> refused = waiting.stream().filter(CompletableFuture::isDone)
				.toList();

		assertEquals(1, refused.size());
		assertEquals(503, refused.get(0).get().statusCode());
		assertEquals("1", refused.get(0).get().headers().firstValue("Retry-After").orElseThrow());
		server.host.jobs.get(0).done();
		for (CompletableFuture<HttpResponse<String>> one : waiting)
			one.get(10, TimeUnit.SECONDS);
	}

	@Test
	void thoseThatWaitGetTheJobAsItIsWhenTheBundleLeaves() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");
		server.host.slow = true;
		CompletableFuture<HttpResponse<String>> waiting = later(server.request("/machines/vm1/start?wait=60")
				.POST(HttpRequest.BodyPublishers.noBody()));
		TestServer.await(() -> !server.host.jobs.isEmpty());

		server.restart();

		assertEquals(202, waiting.get(10, TimeUnit.SECONDS).statusCode());
		assertEquals(Job.State.RUNNING, server.host.jobs.get(0).snapshot().state());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{"name": "vm1"            | 1 | 15
			{"name": "a", "name": 1}  | 1 | 21
			{"name": 'a'}             | 1 | 10
			{} {}                     | 1 | 4
			""", quoteCharacter = '`')
	void bodyThatIsNotJsonIsRefusedWithLineAndColumn(String body, int line, int column) throws Exception {
		HttpResponse<String> refused = server.post("/machines", body);

		assertEquals(400, refused.statusCode());
		assertEquals(line, json(refused).get("line").intValue());
		assertEquals(column, json(refused).get("column").intValue(), refused.body());
		assertTrue(json(refused).get("detail").textValue().startsWith("line %d, column %d: ".formatted(line, column)));
		assertFalse(json(refused).get("detail").textValue().contains("\n"));
	}

	@Test
	void fieldThatIsWrongIsNamedByAPointer() throws Exception {
		HttpResponse<String> refused = server.post("/machines", "{}");

		assertEquals(400, refused.statusCode());
		assertEquals("""
				{"type":"urn:vmhi:problem:invalid","title":"The request is wrong","status":400,\
				"detail":"disks[0].format: missing","pointer":"#/disks/0/format"}""", refused.body());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			POST | /machines             | {"name": "vm1"} | 409
			GET  | /machines/vm2         |                 | 404
			GET  | /machines/            |                 | 404
			GET  | /machines/vm1/        |                 | 404
			GET  | /nothing              |                 | 404
			GET  | /plugins/7            |                 | 404
			GET  | /plugins/x            |                 | 404
			GET  | /jobs/7               |                 | 404
			GET  | /machines/vm1/consoles/x |              | 404
			POST | /machines/vm1/move    | {"backend": 7}  | 400
			POST | /machines/vm1/move    | {"backend": "kvm", "x": 1} | 400
			POST | /machines/vm1/move    | ["backend"]     | 400
			POST | /machines/vm1/move    | {"backend": "x"} | 400
			POST | /machines/vm1/start?wait=61 |           | 400
			POST | /machines/vm1/start?wait=x |            | 400
			POST | /machines/vm1/start?weit=1 |            | 400
			POST | /machines/vm1/start?wait=1&wait=1 |     | 400
			POST | /machines/vm1/start?wait=%zz |          | 400
			GET  | /audit?most=1001      |                 | 400
			GET  | /events?limit=0       |                 | 400
			POST | /machines/vm1/reset   |                 | 500
			""")
	void mistakesHaveTheStatusTheyShould(String method, String path, String body, int status) throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");

		// java.net.URI would refuse what is encoded in the wrong way
		String answer = server.raw("""
				%s /api/v1%s HTTP/1.1
				Host: localhost
				Authorization: Bearer %s
				Content-Type: application/json
				Content-Length: %d
				Connection: close

				%s""".formatted(method, path, TestServer.ADMIN, body == null ? 0 : body.length(),
				body == null ? "" : body));

		assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
	}

	@Test
	void mistakeInTheCoreIsNotShown() throws Exception {
		server.post("/machines", "{\"name\": \"vm1\"}");

		HttpResponse<String> failed = server.post("/machines/vm1/reset");

		assertEquals("see the log of the host", json(failed).get("detail").textValue());
	}

	@Test
	void otherMethodsAreAnsweredWithThoseAllowed() throws Exception {
		HttpResponse<String> refused = server
				.send(server.request("/machines").method("PATCH", HttpRequest.BodyPublishers.noBody()));

		assertEquals(405, refused.statusCode());
		assertEquals("GET, POST", refused.headers().firstValue("Allow").orElseThrow());
	}

	@Test
	void bodyOverItsLimitIsRefused() throws Exception {
		String mebibyte = "\"" + "x".repeat((1 << 20) - 2) + "\"";
		String head = """
				POST /api/v1/machines HTTP/1.1
				Host: localhost
				Authorization: Bearer %s
				Content-Type: application/json
				""".formatted(TestServer.ADMIN);

		String most = server.post("/machines", mebibyte).body();
		String announced = server.raw(head + "Content-Length: 1048577\n\n");
		String chunked = server.raw(head + "Transfer-Encoding: chunked\n\n100001\n" + mebibyte + " \n0\n\n");

		assertTrue(most.contains("disks[0].format"), most);
		assertTrue(announced.startsWith("HTTP/1.1 413 "), announced);
		assertTrue(chunked.startsWith("HTTP/1.1 413 "), chunked);
	}

	@Test
	void specificationOfAnotherTypeThanJsonIsRefused() throws Exception {
		HttpResponse<String> form = server.send(server.request("/machines")
				.header("Content-Type", "application/x-www-form-urlencoded")
				.POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"vm1\"}")));
		HttpResponse<String> latin = server.send(server.request("/machines").header("Content-Type", "application/json")
				.POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] { '"', (byte) 0xe9, '"' })));

		assertEquals(415, form.statusCode());
		assertEquals(400, latin.statusCode());
	}

	@Test
	void pluginIsInstalledUpdatedAndRemoved() throws Exception {
		HttpResponse<String> installed = server
				.send(server.request("/plugins").POST(HttpRequest.BodyPublishers.ofString("jar vmhi.vdisk.raw")));
		assertEquals(201, installed.statusCode());
		String path = installed.headers().firstValue("Location").orElseThrow().substring("/api/v1".length());
		assertEquals("vmhi.vdisk.raw", json(server.get(path)).get("name").textValue());

		assertEquals(200, server.send(server.request(path).PUT(HttpRequest.BodyPublishers.ofString("jar x")))
				.statusCode());
		HttpResponse<String> wrong = server
				.send(server.request("/plugins").POST(HttpRequest.BodyPublishers.ofString("no bundle")));
		assertEquals(400, wrong.statusCode());
		assertEquals(204, server.send(server.request(path).DELETE()).statusCode());
		assertEquals(404, server.send(server.request(path).DELETE()).statusCode());
	}

	@Test
	void jarOverItsLimitIsRefusedBeforeItIsSent() throws Exception {
		String refused = server.raw("""
				POST /api/v1/plugins HTTP/1.1
				Host: localhost
				Authorization: Bearer %s
				Content-Length: 67108865
				Expect: 100-continue

				""".formatted(TestServer.ADMIN));

		assertTrue(refused.startsWith("HTTP/1.1 413 "), refused);
	}

	@Test
	void auditLogIsThere() throws Exception {
		JsonNode entry = json(server.get("/audit?most=5")).get("entries").get(0);

		assertEquals("{\"number\":1,\"time\":\"2026-01-02T03:04:05Z\",\"principal\":\"admin\",\"origin\":\"rest\","
				+ "\"action\":\"machine.start\",\"object\":\"vm1\",\"outcome\":\"ok\",\"hash\":\"00ff\"}",
				entry.toString());
	}

	private CompletableFuture<HttpResponse<String>> later(HttpRequest.Builder request) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return server.send(request);
			} catch (IOException | InterruptedException e) {
				throw new AssertionError(e);
			}
		}, work -> Threads.daemon("client", work).start());
	}
}
