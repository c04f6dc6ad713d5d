package vmhi.core.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
	private static final long SECOND = 1_000_000_000;

	@ParameterizedTest
	@ValueSource(longs = { 0, Long.MAX_VALUE - 5, Long.MIN_VALUE + 1, -3 })
	void aSecondsWorthGoesAtOnceAndThenASharePerTime(long start) {
		RateLimit limit = new RateLimit(100);
		for (int i = 0; i < 100; i++)
			assertEquals(0, limit.microsToWait(start), "call " + i);
		assertEquals(10_000, limit.microsToWait(start), 1);
		assertEquals(0, limit.microsToWait(start + SECOND / 100));
		assertTrue(limit.microsToWait(start + SECOND / 100) > 0);
		for (int i = 0; i < 100; i++)
			assertEquals(0, limit.microsToWait(start + 5 * SECOND), "rested, call " + i);
		assertTrue(limit.microsToWait(start + 5 * SECOND) > 0);
	}

	@Test
	void zeroIsNoLimit() {
		assertFalse(new RateLimit(0).limits());
		assertTrue(new RateLimit(1).limits());
	}

	@Test
	void theFastestLimitStillLetsCallsThroughZeroForARefusedCall() {
		RateLimit limit = new RateLimit(Integer.MAX_VALUE);
		long refused = 0;
		for (int i = 0; i < 10 && refused == 0; i++)
			refused = limit.microsToWait(0);
		assertTrue(refused >= 0);
	}
}
