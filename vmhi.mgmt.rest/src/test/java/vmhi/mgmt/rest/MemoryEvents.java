package vmhi.mgmt.rest;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import vmhi.api.machine.Event;
import vmhi.api.machine.Events;

/** Events of a host in memory, so many of which are kept. */
final class MemoryEvents implements Events {
	private final ReentrantLock lock = new ReentrantLock();
	private final Condition more = lock.newCondition();
	private final Deque<Event> kept = new ArrayDeque<>();
	private final int capacity;
	private long last;
	private int subscriptions;

	MemoryEvents(int capacity) {
		this.capacity = capacity;
	}

	void publish(String machine, String type, Map<String, String> data) {
		lock.lock();
		try {
			kept.add(new Event(++last, Instant.parse("2026-01-02T03:04:05.678Z"), machine, type, data));
			if (kept.size() > capacity)
				kept.remove();
			more.signalAll();
		} finally {
			lock.unlock();
		}
	}

	int subscriptions() {
		lock.lock();
		try {
			return subscriptions;
		} finally {
			lock.unlock();
		}
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

	@Override
	public long first() {
		lock.lock();
		try {
			return kept.isEmpty() ? last + 1 : kept.getFirst().number();
		} finally {
			lock.unlock();
		}
	}

	@Override
	public List<Event> since(long after, int most) {
		lock.lock();
		try {
			return kept.stream().filter(event -> event.number() > after).limit(most).toList();
		} finally {
			lock.unlock();
		}
	}

	@Override
	public Subscription subscribe(long after, Consumer<Event> listener, Runnable lost) {
		Follower follower = new Follower(after, listener, lost);
		follower.start();
		return follower;
	}

	/** Closing waits for the listener, as the contract says, so that a test would hang where it must not be waited for. */
	private final class Follower extends Thread implements Subscription {
		private final Consumer<Event> listener;
		private final Runnable lost;
		private long next;
		private boolean closed;

		Follower(long after, Consumer<Event> listener, Runnable lost) {
			super("events");
			setDaemon(true);
			this.next = after + 1;
			this.listener = listener;
			this.lost = lost;
			lock.lock();
			subscriptions++;
			lock.unlock();
		}

		@Override
		public void run() {
			for (List<Event> events; !(events = await()).isEmpty();) {
				for (Event event : events) {
					if (isClosed())
						return;
					listener.accept(event);
					next = event.number() + 1;
				}
				if (first() > next) {
					lost.run();
					return;
				}
			}
		}

		private List<Event> await() {
			lock.lock();
			try {
				while (!closed && last < next)
					more.awaitUninterruptibly();
				return closed ? List.of() : since(next - 1, 100);
			} finally {
				lock.unlock();
			}
		}

		private boolean isClosed() {
			lock.lock();
			try {
				return closed;
			} finally {
				lock.unlock();
			}
		}

		@Override
		public void close() {
			lock.lock();
			try {
				if (closed)
					return;
				closed = true;
				subscriptions--;
				more.signalAll();
			} finally {
				lock.unlock();
			}
			if (Thread.currentThread() != this) {
				try {
					join(10_000);
				} catch (InterruptedException e) {
					Thread.currentThread().interrupt();
				}
				if (isAlive())
					throw new AssertionError("the listener does not return");
			}
		}
	}
}
