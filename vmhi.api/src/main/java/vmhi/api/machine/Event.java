package vmhi.api.machine;

import java.time.Instant;
import java.util.Map;

/**
 * Something that changed.
 *
 * @param number rises by one or more from event to event, also from one run of the host to the next
 * @param machine id of the machine it is about; {@code ""} for the host
 * @param type for example {@code machine.state}, {@code plugin.updated}, {@code job.progress}; {@code docs/events.md}
 * @param data particulars, by names that the type fixes
 */
public record Event(long number, Instant time, String machine, String type, Map<String, String> data) {

	/** The map is kept as it is now. */
	public Event {
		data = Map.copyOf(data);
	}
}
