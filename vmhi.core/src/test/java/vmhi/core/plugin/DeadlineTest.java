package vmhi.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeadlineTest {

	@Test
	void givesWhatTheCallGives() throws Exception {
		assertEquals(42, Deadline.call("answer", 10_000, () -> 42));
	}

	@Test
	void givesWhatTheCallThrows() {
		Error error = new NoClassDefFoundError("plugin.Part");
		ExecutionException e = assertThrows(ExecutionException.class, () -> Deadline.call("fail", 10_000, () -> {
			throw error;
		}));
		assertSame(error, e.getCause());
	}

	@Test
	void goesOnWithoutACallThatHangsAndInterruptsIt() throws Exception {
		CountDownLatch interrupted = new CountDownLatch(1);
		Exception e = assertThrows(Deadline.MissedException.class, () -> Deadline.call("close disk", 20, () -> {
			try {
				new CountDownLatch(1).await();
			} catch (InterruptedException wanted) {
				interrupted.countDown();
			}
			return null;
		}));
		assertEquals("close disk did not come back within 20 ms", e.getMessage());
		assertTrue(interrupted.await(20, TimeUnit.SECONDS));
	}

	@Test
	void anInterruptOfTheCallerEndsTheWaitAndTheCall() throws Exception {
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		Thread caller = Thread.currentThread();
		assertThrows(InterruptedException.class, () -> Deadline.call("wait", 20_000, () -> {
			inside.countDown();
			caller.interrupt();
			try {
				new CountDownLatch(1).await();
			} finally {
				interrupted.countDown();
			}
			return null;
		}));
		assertTrue(inside.getCount() == 0 && interrupted.await(20, TimeUnit.SECONDS));
	}
}
