package vmhi.core.vdisk;

import java.util.concurrent.LinkedTransferQueue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that carry out the requests of all drives. Drives ask for turns and get them in the order in which they ask,
 * a request a turn, so none waits for more than what the others may have in flight. A thread that stays away for long is
 * not counted and another takes its place, so a disk that hangs costs the others nothing but that moment.
 * <p>
 * For any thread. {@link #ask} takes no lock.
 */
final class DiskThreads {
	private static final Logger LOG = LoggerFactory.getLogger(DiskThreads.class);

	private final LinkedTransferQueue<Client> turns = new LinkedTransferQueue<>();
	private volatile boolean stopped;

	// written with this held
	private volatile int wanted;
	private volatile int counted; // those that are not away
	private int started;

	/** A drive. */
	interface Client {

		/** Its turn on one of the threads. */
		void turn(Worker worker);
	}

	/** One of the threads, and what it needs to carry out requests. */
	final class Worker extends Thread {
		final Transfer transfer = new Transfer();
		private volatile boolean away; // written with the pool held

		Worker(int number) {
			super("vmhi disk " + number);
			setDaemon(true);
		}

		@Override
		public void run() {
			do {
				try {
					turns.take().turn(this);
				} catch (InterruptedException e) {
					// to stop, or a late one, which has nothing to say here
				} catch (RuntimeException | Error e) {
					LOG.error("a mistake in the core", e);
				}
			} while (!stopped && stays(this));
		}
	}

	DiskThreads(int threads) {
		size(threads);
	}

	/** Changes how many there are. */
	synchronized void size(int threads) {
		wanted = threads;
		while (counted < wanted)
			start();
	}

	private synchronized void start() {
		counted++;
		new Worker(++started).start();
	}

	/** Asks for a turn. Never blocks. */
	void ask(Client client) {
		turns.add(client);
	}

	/** A thread does not come back soon: another one takes its place. */
	synchronized void away(Worker worker) {
		if (worker.away || stopped)
			return;
		worker.away = true;
		counted--;
		if (counted < wanted)
			start();
	}

	private boolean stays(Worker worker) {
		if (!worker.away && counted <= wanted)
			return true;
		synchronized (this) {
			if (worker.away) {
				worker.away = false;
				counted++;
			}
			if (counted <= wanted)
				return true;
			counted--;
			return false;
		}
	}

	/** Ends them; one that hangs is left behind. */
	void stop() {
		stopped = true;
		for (int i = started(); i > 0; i--)
			turns.add(worker -> {
			});
	}

	private synchronized int started() {
		return started;
	}
}
