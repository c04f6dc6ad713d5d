package vmhi.core.event;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.Event;
import vmhi.api.machine.Events;
import vmhi.core.state.Home;

/**
 * The events of this host: the newest in a ring, each with a number one above the one before. For any thread.
 * <p>
 * Publishing takes one lock, which nobody holds while he does more than copy references, and never waits for a listener
 * or for the disk. Each listener has a thread, which follows the ring at its own pace.
 */
@Component(service = EventLog.class)
@Designate(ocd = EventLog.Config.class)
public final class EventLog implements Events {

	@ObjectClassDefinition(name = "Events")
	@interface Config {
		@AttributeDefinition(description = "Events kept in memory for those who come later", min = "1")
		int kept() default 10_000;
	}

	private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
	private static final int BATCH = 256;
	private static final int MOST_CHARS = 4000;

	private final EventNumbers numbers;
	private final Event[] ring; // an event lies at its number modulo the length
	private final long before; // highest number of earlier runs
	private final ReentrantLock lock = new ReentrantLock();
	private final Condition grown = lock.newCondition();
	private long last; // guarded by lock, as is the ring
	private final Set<Listening> listening = ConcurrentHashMap.newKeySet();

	/** The events of a home. */
	@Activate
	public EventLog(@Reference Home home, Config config) throws IOException {
		this(home, config.kept());
	}

	/** The events of a home, {@code kept} of them in memory. */
	public EventLog(Home home, int kept) throws IOException {
		numbers = new EventNumbers(home.path().resolve("events.number"));
		ring = new Event[kept];
		before = numbers.open();
		last = before;
	}

	/**
	 * Publishes an event. It can be found, and is in what {@link #last} tells, when this returns. Long texts in it are
	 * shortened.
	 *
	 * @param machine id; {@code ""} for the host
	 * @return its number
	 */
	public long publish(String machine, String type, Map<String, String> data) {
		Map<String, String> copy = bounded(data);
		long number;
		lock.lock();
		try {
			number = ++last;
			ring[index(number)] = new Event(number, Instant.now(), machine, type, copy);
			grown.signalAll();
		} finally {
			lock.unlock();
		}
		numbers.used(number);
		return number;
	}

	/** A guest can have its say in an event, and thousands of them are kept. */
	private static Map<String, String> bounded(Map<String, String> data) {
		if (data.values().stream().allMatch(text -> text.length() <= MOST_CHARS))
			return Map.copyOf(data);
		return data.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey,
				entry -> entry.getValue().length() <= MOST_CHARS ? entry.getValue()
						: entry.getValue().substring(0, MOST_CHARS) + "..."));
	}

	private int index(long number) {
		return (int) (number % ring.length);
	}

	@Override
	public long last() {
		lock.lock();
		try {
			return last;
		} finally {
			lock.unlock();
		}
	}

	/** Number of the oldest event that is kept; of the next one if there is none. */
	@Override
	public long first() {
		lock.lock();
		try {
			return Math.max(before, last - ring.length) + 1;
		} finally {
			lock.unlock();
		}
	}

	@Override
	public List<Event> since(long after, int most) {
		lock.lock();
		try {
			List<Event> events = new ArrayList<>();
			for (long number = Math.max(after + 1, first()); number <= last && events.size() < most; number++)
				events.add(ring[index(number)]);
			return events;
		} finally {
			lock.unlock();
		}
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * {@code after} 0 means from the oldest that is kept. Any other number that is older than that has been lost
	 * already. If the listener throws, that is logged, and it goes on with the next event.
	 */
	@Override
	public Listening subscribe(long after, Consumer<Event> listener, Runnable lost) {
		Listening subscription = new Listening(after, listener, lost);
		listening.add(subscription);
		subscription.start();
		return subscription;
	}

	/** Ends all subscriptions, without waiting for listeners that are at work, and gives back numbers not used. */
	@Deactivate
	public void close() throws IOException {
		listening.forEach(Listening::abandon);
		numbers.close(last());
	}

	/** A listener and its thread. */
	public final class Listening implements Subscription {
		private final Consumer<Event> listener;
		private final Runnable lost;
		private final Thread thread = new Thread(this::run, "vmhi-event-listener");
		private long heard; // belongs to the thread
		private boolean ended; // guarded by this, as is called
		private boolean called;
		private boolean complained; // belongs to the thread

		private Listening(long after, Consumer<Event> listener, Runnable lost) {
			this.heard = after == 0 ? first() - 1 : after;
			this.listener = listener;
			this.lost = lost;
			thread.setDaemon(true);
		}

		private void start() {
			thread.start();
		}

		private void run() {
			try {
				for (List<Event> events = next(); events != null; events = next()) {
					if (events.isEmpty()) {
						call(lost);
						return;
					}
					for (Event event : events) {
						call(() -> listener.accept(event));
						heard = event.number();
					}
				}
			} catch (InterruptedException e) {
				LOG.debug("a listener's thread was interrupted, which ends its subscription");
			} finally {
				abandon();
			}
		}

		/** Waits for events; none if some were lost, {@code null} when it is over. */
		private List<Event> next() throws InterruptedException {
			lock.lockInterruptibly();
			try {
				while (heard >= last && !over())
					grown.await();
				return over() ? null : heard + 1 < first() ? List.of() : since(heard, BATCH);
			} finally {
				lock.unlock();
			}
		}

		/** Whether the listener isn't called any more, or not again after the call that is at work. */
		public synchronized boolean over() {
			return ended;
		}

		private void call(Runnable what) {
			synchronized (this) {
				if (ended)
					return;
				called = true;
			}
			try {
				what.run();
			} catch (RuntimeException | Error e) { // it is a plug-in's, and not to end here
				if (!complained)
					LOG.warn("a listener of events failed; it goes on, and later failures are not logged", e);
				complained = true;
			} finally {
				synchronized (this) {
					called = false;
					notifyAll();
				}
			}
		}

		/** Ends it. When this returns the listener isn't called any more, unless the listener itself calls this. */
		@Override
		public void close() {
			abandon();
			boolean interrupted = false;
			synchronized (this) {
				while (called && Thread.currentThread() != thread)
					try {
						wait();
					} catch (InterruptedException e) {
						interrupted = true;
					}
			}
			if (interrupted)
				Thread.currentThread().interrupt();
		}

		/** Ends it without waiting: a call that is at work comes to its end, and is the last. */
		public void abandon() {
			synchronized (this) {
				ended = true;
			}
			listening.remove(this);
			lock.lock();
			try {
				grown.signalAll();
			} finally {
				lock.unlock();
			}
		}
	}
}
