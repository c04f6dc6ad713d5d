package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.ScheduledThreadPoolExecutor;

import org.junit.jupiter.api.Test;

class HeldTest {

	@Test
	void whoTriesTooManyTokensAtATimeIsAnsweredAtOnce() {
		Held held = new Held(1, new ScheduledThreadPoolExecutor(1));
		Reply refusal = Reply.none();

		assertSame(refusal, held.delayed(0, refusal));
		held.delayed(60_000, refusal);
		assertEquals(429, ((Reply) held.delayed(60_000, refusal)).status());
	}
}
