package vmhi.mgmt.rest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of an event stream that reads it the way HTML says, on one connection. */
final class EventReader implements AutoCloseable {
	/** A line of the stream that begins a comment, an event, or at the end {@code "end"}. */
	record Item(String id, String data, String comment) {}

	static final Item END = new Item(null, null, null);

	private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
	private final InputStream bytes;

	EventReader(TestServer server, HttpRequest.Builder request) throws IOException, InterruptedException {
		HttpResponse<InputStream> response = server.open(request.header("Accept", "text/event-stream"));
		if (response.statusCode() != 200)
			throw new IOException("status " + response.statusCode());
		bytes = response.body();
		Threads.daemon("event-reader", this::read).start();
	}

	private void read() {
		String id = null;
		String data = null;
		try (BufferedReader in = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8))) {
			for (String line; (line = in.readLine()) != null;)
				if (line.startsWith(":"))
					items.add(new Item(null, null, line.substring(1).strip()));
				else if (line.startsWith("id: "))
					id = line.substring(4);
				else if (line.startsWith("data: "))
					data = line.substring(6);
				else if (line.isEmpty() && id != null) {
					items.add(new Item(id, data, null));
					id = data = null;
				}
		} catch (IOException e) {
			// the connection is gone, which is an end as well
		}
		items.add(END);
	}

	/** The next item of any kind. */
	Item next() throws InterruptedException {
		Item item = items.poll(15, TimeUnit.SECONDS);
		if (item == null)
			throw new AssertionError("nothing came in 15 s");
		return item;
	}

	/** The next that is an event or the end. */
	Item nextEvent() throws InterruptedException {
		for (;;) {
			Item item = next();
			if (item == END || item.data() != null)
				return item;
		}
	}

	@Override
	public void close() throws IOException {
		bytes.close(); // its reader would wait for the thread that reads
	}
}
