package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class BackoffTest {
	private final AtomicLong now = new AtomicLong();
	private final Backoff backoff = new Backoff(now::get);

	@Test
	void fiveFailuresAreFreeAndTheDelayHasAnEnd() {
		assertEquals(0, Backoff.delay(5));
		assertEquals(100, Backoff.delay(6));
		assertEquals(200, Backoff.delay(7));
		assertEquals(2000, Backoff.delay(11));
		assertEquals(2000, Backoff.delay(Integer.MAX_VALUE));
	}

	@Test
	void failuresAreForgottenAfterAMinuteWithoutAny() {
		assertEquals(1, backoff.failed("a"));
		now.addAndGet(50_000_000_000L);
		assertEquals(2, backoff.failed("a"));
		assertEquals(1, backoff.failed("b"));
		now.addAndGet(61_000_000_000L);
		assertEquals(1, backoff.failed("a"));
	}

	@Test
	void noMorePeersAreRememberedThanThereIsRoomFor() {
		for (int i = 0; i < 5000; i++)
			backoff.failed("peer " + i);

		assertEquals(1024, backoff.peers());
	}
}
