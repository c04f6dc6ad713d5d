package vmhi.core.mgmt;

import static vmhi.api.mgmt.Permission.VIEW;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import vmhi.api.machine.Event;
import vmhi.api.machine.Events;
import vmhi.core.event.EventLog;

/**
 * The events behind a {@link Guard}. Subscriptions are noted in a set that belongs to the bundle which made them, so
 * that they end with it.
 */
final class GuardedEvents implements Events {
	private final Guard guard;
	private final EventLog events;
	private final Set<EventLog.Listening> open;

	GuardedEvents(Guard guard, EventLog events, Set<EventLog.Listening> open) {
		this.guard = guard;
		this.events = events;
		this.open = open;
	}

	@Override
	public long last() {
		guard.check(VIEW, "event.read", "");
		return events.last();
	}

	@Override
	public long first() {
		guard.check(VIEW, "event.read", "");
		return events.first();
	}

	@Override
	public List<Event> since(long after, int most) {
		guard.check(VIEW, "event.read", "");
		return events.since(after, most);
	}

	@Override
	public Subscription subscribe(long after, Consumer<Event> listener, Runnable lost) {
		guard.check(VIEW, "event.read", "");
		open.removeIf(EventLog.Listening::over); // those that lost something, and were not closed
		EventLog.Listening subscription = events.subscribe(after, listener, lost);
		open.add(subscription);
		return () -> {
			open.remove(subscription);
			subscription.close();
		};
	}
}
