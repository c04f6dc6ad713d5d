package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import vmhi.api.device.GuestClock;
import vmhi.core.Eventually;

@Timeout(60)
class MachineClockTest {
	private static final long HOUR = 3_600_000_000_000L;

	private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
	private final MachineClock clock = new MachineClock(executor);

	@AfterEach
	void end() {
		executor.shutdownNow();
	}

	@Test
	void standsStillUntilItGoesAndAfterItWasHalted() throws Exception {
		assertEquals(0, clock.nanos());
		clock.go();
		Eventually.until("it goes", () -> clock.nanos() > 0);
		clock.halt();
		long stood = clock.nanos();
		assertEquals(stood, clock.nanos());
		clock.halt();
		clock.go();
		clock.go();
		assertTrue(clock.nanos() >= stood);
		assertTrue(clock.nanos() < stood + HOUR, "time that it stood does not count");
	}

	@Test
	void goesOnFromTheTimeItIsSetTo() {
		clock.set(HOUR);
		assertEquals(HOUR, clock.nanos());
		clock.go();
		assertTrue(clock.nanos() >= HOUR && clock.nanos() < 2 * HOUR);
	}

	@Test
	void anAlarmThatIsDueWaitsWhileTheClockStands() throws Exception {
		CountDownLatch rung = new CountDownLatch(1);
		GuestClock.Timer timer = clock.timer(rung::countDown);
		timer.at(-5);
		executor.submit(() -> {}).get();
		assertEquals(1, rung.getCount());
		clock.go();
		assertTrue(rung.await(20, TimeUnit.SECONDS));
	}

	@Test
	void anAlarmGoesOffOnceForEachTimeItIsSet() throws Exception {
		AtomicInteger rung = new AtomicInteger();
		GuestClock.Timer timer = clock.timer(rung::incrementAndGet);
		clock.go();
		for (int i = 1; i <= 200; i++) {
			timer.at(clock.nanos() + i % 3 * 1000);
			int times = i;
			Eventually.until("alarm " + i, () -> rung.get() == times);
			clock.halt();
			clock.go();
		}
		assertEquals(200, rung.get());
	}

	@Test
	void anAlarmThatIsClearedDoesNotGoOffAndOneThatIsSetAnewGoesOffThen() throws Exception {
		AtomicInteger rung = new AtomicInteger();
		GuestClock.Timer timer = clock.timer(rung::incrementAndGet);
		clock.go();
		timer.at(HOUR);
		timer.cancel();
		timer.at(HOUR);
		timer.at(0);
		Eventually.until("the last setting counts", () -> rung.get() == 1);
	}

	@Test
	void settingAnAlarmWhileItGoesOffNeverLosesIt() throws Exception {
		clock.go();
		for (int i = 0; i < 2000; i++) {
			long[] due = { Long.MIN_VALUE };
			CountDownLatch last = new CountDownLatch(1);
			GuestClock.Timer timer = clock.timer(() -> {
				synchronized (due) {
					if (due[0] > Long.MIN_VALUE && clock.nanos() >= due[0])
						last.countDown();
				}
			});
			timer.at(clock.nanos() + 20_000);
			long until = clock.nanos() + 20_000 + i % 40 * 1000;
			while (clock.nanos() < until)
				Thread.onSpinWait();
			synchronized (due) {
				due[0] = clock.nanos() + 100_000; // beyond what the first setting may still do
				timer.at(due[0]);
			}
			assertTrue(last.await(20, TimeUnit.SECONDS), "round " + i);
		}
	}

	@Test
	void anAlarmThatFailsDoesNotStopTheOthers() throws Exception {
		CountDownLatch rung = new CountDownLatch(2);
		clock.go();
		for (int i = 0; i < 2; i++) {
			GuestClock.Timer timer = clock.timer(() -> {
				rung.countDown();
				throw new IllegalStateException("a mistake");
			});
			timer.at(0);
		}
		assertTrue(rung.await(20, TimeUnit.SECONDS));
	}
}
