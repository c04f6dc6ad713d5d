package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerTest {
	private final ExecutorService pool = Executors.newCachedThreadPool();
	private final Worker worker = new Worker("test", pool);

	@AfterEach
	void end() {
		pool.shutdownNow();
	}

	@Test
	void jobsRunOneAfterTheOtherInTheirOrder() throws Exception {
		List<Integer> done = Collections.synchronizedList(new ArrayList<>());
		List<Integer> expected = new ArrayList<>();
		for (int i = 0; i < 5_000; i++) {
			int number = i;
			expected.add(i);
			worker.execute(() -> done.add(number));
		}
		assertTrue(worker.awaitIdle(20_000));
		assertEquals(expected, done);
	}

	@Test
	void aJobThatFailsDoesNotStopTheNext() throws Exception {
		CountDownLatch done = new CountDownLatch(2);
		for (Throwable failure : new Throwable[] { new IllegalStateException(), new AssertionError() })
			worker.execute(() -> {
				done.countDown();
				if (failure instanceof Error error)
					throw error;
				throw (RuntimeException) failure;
			});
		done.await();
		assertTrue(worker.awaitIdle(20_000));
	}

	@Test
	void isNotIdleWhileAJobIsOn() throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		assertTrue(worker.awaitIdle(0));
		worker.execute(() -> {
			try {
				go.await();
			} catch (InterruptedException e) {
				// the test is over
			}
		});
		assertFalse(worker.awaitIdle(1));
		go.countDown();
		assertTrue(worker.awaitIdle(20_000));
	}
}
