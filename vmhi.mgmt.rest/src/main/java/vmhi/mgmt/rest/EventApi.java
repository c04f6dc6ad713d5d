package vmhi.mgmt.rest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import vmhi.api.machine.Event;
import vmhi.api.machine.Events;
import vmhi.api.mgmt.Permission;

/** Events, as JSON or as a stream of server-sent events (HTML, section 9.2). */
final class EventApi {

	private static final Streams.Kind KIND = new Streams.Kind("text/event-stream", ascii(":\n\n"),
			ascii(": the server is being replaced, come back\n\n"));
	private static final byte[] LOST = ascii(": too far behind\n\n");

	private record Page(long first, long last, List<Event> events) {}

	private final Streams streams;

	EventApi(Streams streams) {
		this.streams = streams;
	}

	List<Route> routes() {
		return List.of(Route.get("/events", Permission.VIEW, this::events, "after", "limit"));
	}

	private Answer events(Exchange x) throws Problem {
		Events events = x.host().events();
		return x.wantsEventStream() ? stream(events, x) : page(events, x);
	}

	private static Answer page(Events events, Exchange x) throws Problem {
		long after = x.number("after", 0, 0, Long.MAX_VALUE);
		int limit = (int) x.number("limit", 100, 1, 1000);
		refuseGap(events, after);
		return Reply.json(200, new Page(events.first(), events.last(), events.since(after, limit)));
	}

	/**
	 * From where the client says it was, else from now on. The header counts more than the parameter: a client that
	 * resumes comes back to the same address, and adds the header.
	 */
	private Answer stream(Events events, Exchange x) throws Problem {
		long asked = x.number("after", events.last(), 0, Long.MAX_VALUE);
		long after = x.header("Last-Event-ID", asked, 0, Long.MAX_VALUE);
		refuseGap(events, after);
		return streams.begin(KIND, Map.of(), stream -> {
			// the number at once, so that a client that is cut off before the first event can resume as well
			stream.send(ascii("retry: 1000\nid: " + after + "\n\n"));
			return events.subscribe(after, event -> stream.send(frame(event)), () -> stream.end(LOST))::close;
		});
	}

	/** 0 means the oldest that is kept. A number that is yet to come is from another host, or another life of this one. */
	private static void refuseGap(Events events, long after) throws Problem {
		long first = events.first();
		long last = events.last();
		if (after > last || after > 0 && after + 1 < first)
			throw new Problem(Fault.GONE, "event %d is not among those kept, %d to %d".formatted(after, first, last))
					.with("first", first).with("last", last);
	}

	private static byte[] frame(Event event) {
		ByteArrayOutputStream frame = new ByteArrayOutputStream();
		frame.writeBytes(ascii("id: " + event.number() + "\ndata: "));
		frame.writeBytes(Json.write(event));
		frame.writeBytes(ascii("\n\n"));
		return frame.toByteArray();
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}
}
