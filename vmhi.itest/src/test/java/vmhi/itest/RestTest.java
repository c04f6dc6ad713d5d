package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;

import vmhi.api.machine.MachineState;

/** The REST protocol on the real platform: machines are run by it, and it comes and goes without them. */
@PaxExam
public class RestTest {
	private static final Pattern EVENT_NUMBER = Pattern.compile("\"number\"\\s*:\\s*([0-9]+)");

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("RestTest") };
	}

	private final HttpClient client = HttpClient.newHttpClient();

	private static BundleContext context() {
		return FrameworkUtil.getBundle(RestTest.class).getBundleContext();
	}

	private static String base() {
		return Lab.await("an HTTP endpoint", () -> {
			ServiceReference<?> http = context()
					.getServiceReference("org.osgi.service.servlet.runtime.HttpServiceRuntime");
			Object endpoint = http == null ? null : http.getProperty("osgi.http.endpoint");
			return endpoint instanceof String[] urls && urls.length > 0 ? urls[0] + "api/v1" : null;
		});
	}

	private HttpResponse<String> send(String method, String path, HttpRequest.BodyPublisher body) throws Exception {
		String token = Files.readString(Path.of(context().getProperty("vmhi.home"), "token")).strip();
		return client.send(HttpRequest.newBuilder(URI.create(base() + path)).method(method, body)
				.header("Authorization", "Bearer " + token).header("Content-Type", "application/json").build(),
				HttpResponse.BodyHandlers.ofString());
	}

	private HttpResponse<String> get(String path) throws Exception {
		return send("GET", path, HttpRequest.BodyPublishers.noBody());
	}

	private void awaitRest() {
		Lab.await("REST", () -> get("/machines").statusCode() == 200 ? true : null);
	}

	@Test
	public void aMachineIsDefinedStartedWatchedAndDeleted() throws Exception {
		Lab lab = new Lab();
		awaitRest();
		String spec = lab.hypervisor().specs().write(lab.guest("hello", "by REST").spec("hello"));

		assertEquals(201, send("POST", "/machines", HttpRequest.BodyPublishers.ofString(spec)).statusCode());
		HttpResponse<
				String> started = send("POST", "/machines/hello/start?wait=30", HttpRequest.BodyPublishers.noBody());
		assertEquals(200, started.statusCode(), started::body);
		Lab.await("the end of the guest", () -> get("/machines/hello").body().contains("\"stopped\"") ? true : null);
		assertTrue(get("/machines/hello/consoles/com1?from=0").body().contains("command line: by REST"));
		assertEquals(204, send("DELETE", "/machines/hello", HttpRequest.BodyPublishers.noBody()).statusCode());
	}

	@Test
	public void theProtocolLeavesAndComesBackAndNoEventIsMissing() throws Exception {
		Lab lab = new Lab();
		awaitRest();
		try (Lab.Running guest = lab.guest("counter", "ms=20").start()) {
			guest.awaitOutput("tick [0-9]+");
			long after = lab.hypervisor().events().last();
			List<Long> seen = new ArrayList<>(numbers(after));

			lab.hypervisor().plugins().remove(lab.plugin("vmhi.mgmt.rest").id());
			guest.machine().pause().join(Lab.SECONDS_30);
			guest.machine().resume().join(Lab.SECONDS_30);
			guest.awaitProgress();
			lab.hypervisor().plugins().install(new ByteArrayInputStream(Lab.renumbered("vmhi.mgmt.rest", "1.0.0")));
			awaitRest();
			guest.awaitProgress();

			seen.addAll(numbers(seen.isEmpty() ? after : seen.get(seen.size() - 1)));
			for (int i = 0; i < seen.size(); i++)
				assertEquals(after + 1 + i, seen.get(i), "events in order, without gap or double");
			assertTrue(seen.size() >= 4, "pausing and resuming are among them");
			assertEquals(MachineState.RUNNING, guest.state());
			guest.type("q");
			guest.awaitEnd("counter: stopped at [0-9]+");
		}
	}

	private List<Long> numbers(long after) throws Exception {
		Matcher matcher = EVENT_NUMBER.matcher(get("/events?limit=1000&after=" + after).body());
		List<Long> numbers = new ArrayList<>();
		while (matcher.find())
			numbers.add(Long.parseLong(matcher.group(1)));
		return numbers;
	}

	@Test
	public void theProtocolUpdatesItself() throws Exception {
		Lab lab = new Lab();
		awaitRest();
		long id = lab.plugin("vmhi.mgmt.rest").id();
		byte[] next = Lab.renumbered("vmhi.mgmt.rest", "1.0.7");
		try {
			send("PUT", "/plugins/" + id, HttpRequest.BodyPublishers.ofByteArray(next));
		} catch (IOException e) {
			// the connection may go with the bundle that had it
		}

		Lab.await("the new version", () -> lab.plugin("vmhi.mgmt.rest").version().equals("1.0.7") ? true : null);
		awaitRest();
	}

	@Test
	public void whatIsWrongIsSaidInOneLineAndLeavesNothing() throws Exception {
		Lab lab = new Lab();
		awaitRest();
		HttpResponse<String> misspelt = send("POST", "/machines", HttpRequest.BodyPublishers
				.ofString("{\"name\": \"x\", \"memory\": \"64M\", \"boot\": {\"kernel\": \"/none\", \"kernal\": 1}}"));
		assertEquals(400, misspelt.statusCode());
		assertTrue(misspelt.body().contains("boot.kernal"), misspelt::body);

		HttpResponse<String> jar = send("POST", "/plugins", HttpRequest.BodyPublishers.ofString("not a jar"));
		assertEquals(400, jar.statusCode(), jar::body);

		assertEquals(401, client.send(HttpRequest.newBuilder(URI.create(base() + "/machines")).build(),
				HttpResponse.BodyHandlers.discarding()).statusCode());
		assertTrue(lab.hypervisor().machines().list().stream().noneMatch(m -> m.name().equals("x")));
	}
}
