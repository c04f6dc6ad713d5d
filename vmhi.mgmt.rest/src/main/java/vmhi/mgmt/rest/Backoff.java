package vmhi.mgmt.rest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Has those wait who present wrong tokens again and again. A right token is never held up: on the loopback interface
 * everybody is the same peer. For any thread; guarded by itself.
 */
final class Backoff {

	private static final int FREE = 5;
	private static final long FIRST_MILLIS = 100;
	private static final long MOST_MILLIS = 2_000;
	private static final long FORGET_NANOS = 60_000_000_000L;
	private static final int MOST_PEERS = 1024;

	private record Failures(int count, long last) {}

	private final LongSupplier nanoTime;
	private final Map<String, Failures> peers = new LinkedHashMap<>(16, 0.75f, true) {
		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
			return size() > MOST_PEERS;
		}
	};

	Backoff(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/** Counts a failure. Returns how many there were lately. */
	synchronized int failed(String peer) {
		long now = nanoTime.getAsLong();
		Failures before = peers.get(peer);
		int count = before == null || now - before.last > FORGET_NANOS ? 1 : before.count + 1;
		peers.put(peer, new Failures(count, now));
		return count;
	}

	/** How long the answer to this failure waits, in milliseconds. */
	static long delay(int failures) {
		return failures <= FREE ? 0 : Math.min(MOST_MILLIS, FIRST_MILLIS << Math.min(failures - FREE - 1, 10));
	}

	synchronized int peers() {
		return peers.size();
	}
}
