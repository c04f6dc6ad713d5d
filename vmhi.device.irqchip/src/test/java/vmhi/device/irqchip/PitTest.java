package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.device.DeviceException;
import vmhi.api.device.GuestClock;

/** The 8254 and port 0x61. A clock is 1/1193182 s. */
class PitTest {
	private static final int GATE = 1, OUTPUT = 0x20;

	private Rig rig;

	@BeforeEach
	void powerOn() throws DeviceException {
		rig = new Rig(1, 12_345).pics();
	}

	@AfterEach
	void powerOff() {
		rig.close();
	}

	/** Lets time pass until exactly so many clocks after {@code start}. */
	private void until(long start, long clocks) {
		rig.board.clock().advance(start + nanos(clocks) - rig.board.clock().nanos());
	}

	private static long nanos(long clocks) {
		return (clocks * 1_000_000_000L + 1_193_181) / 1_193_182;
	}

	private long now() {
		return rig.board.clock().nanos();
	}

	/** Sets counter 2 going, with the gate open, in this mode. */
	private long start(int mode, int count) {
		rig.out(0x61, 0);
		rig.out(0x43, 0xb0 | mode << 1);
		rig.out(0x42, count & 0xff, count >>> 8);
		rig.out(0x61, GATE);
		return now();
	}

	private int count() {
		rig.out(0x43, 0x80);
		return rig.in(0x42) | rig.in(0x42) << 8;
	}

	private boolean output() {
		return (rig.in(0x61) & OUTPUT) != 0;
	}

	private int ticks() {
		int ticks = 0;
		while (rig.accept() == 0x30) {
			ticks++;
			rig.out(0x20, 0x20);
		}
		return ticks;
	}

	@Test
	void nothingHappensBeforeItIsProgrammed() {
		rig.board.clock().advance(1_000_000_000);

		assertEquals(0, ticks());
		assertFalse(output());
	}

	@ParameterizedTest
	@ValueSource(ints = { 2, 3 })
	void counterZeroTicksInItsPeriod(int mode) {
		rig.out(0x43, 0x30 | mode << 1);
		rig.out(0x40, 0xa9, 0x04); // 1193: close to 1 kHz
		long start = now();

		until(start, 1192);
		assertEquals(0, ticks());
		for (int i = 1; i <= 2000; i++) {
			until(start, 1193L * i);
			assertEquals(1, ticks(), "period " + i);
		}
		until(start, 1193L * 2001 - 1);
		assertEquals(0, ticks());
	}

	@Test
	void tickIsOneForThePicAndOneForPinTwoOfTheIoApic() {
		rig.enabled().out(0x21, 0xff);
		rig.pin(2, 0, 0x61);
		rig.out(0x43, 0x34);
		rig.out(0x40, 0, 0x10);
		rig.board.clock().advance(nanos(4096));

		assertEquals(0x61, rig.accept());
		assertEquals(-1, rig.accept());
		rig.out(0x20, 0x0a);
		assertEquals(1, rig.in(0x20));
	}

	@Test
	void modeZeroTicksOnceAtTheEndOfTheCount() {
		rig.out(0x43, 0x30);
		rig.out(0x40, 100, 0);
		long start = now();
		until(start, 99);
		assertEquals(0, ticks());
		until(start, 100);
		assertEquals(1, ticks());
		rig.board.clock().advance(1_000_000_000);
		assertEquals(0, ticks());

		rig.out(0x40, 100, 0);
		rig.board.clock().advance(nanos(100));
		assertEquals(1, ticks());
	}

	@Test
	void modeFourTicksAfterItsStrobeAndIsSetAnewByACount() {
		rig.out(0x43, 0x38);
		rig.out(0x40, 50, 0);
		long start = now();
		until(start, 50);
		assertEquals(0, ticks());
		until(start, 51);
		assertEquals(1, ticks());

		rig.out(0x40, 200, 0);
		rig.board.clock().advance(nanos(100));
		rig.out(0x40, 200, 0);
		start = now();
		until(start, 200);
		assertEquals(0, ticks());
		until(start, 201);
		assertEquals(1, ticks());
	}

	@Test
	void outputOfModeZeroRisesAtTheEndAndTheCountGoesOn() {
		long start = start(0, 1000);
		assertFalse(output());
		assertEquals(1000, count());
		until(start, 999);
		assertFalse(output());
		assertEquals(1, count());
		until(start, 1000);
		assertTrue(output());
		assertEquals(0, count());
		until(start, 1001);
		assertTrue(output());
		assertEquals(0xffff, count());
	}

	@Test
	void firstByteOfACountStopsModeZero() {
		long start = start(0, 10);
		until(start, 20);
		assertTrue(output());
		rig.out(0x42, 5);
		assertFalse(output());
		rig.board.clock().advance(1_000_000);
		assertFalse(output());
		rig.out(0x42, 0);
		rig.board.clock().advance(nanos(5));

		assertTrue(output());
	}

	@Test
	void closedGateHasModeZeroStandStill() {
		long start = start(0, 1000);
		until(start, 400);
		rig.out(0x61, 0);
		rig.board.clock().advance(1_000_000_000);
		assertEquals(600, count());
		assertFalse(output());
		rig.out(0x61, GATE);
		start = now();
		until(start, 599);
		assertFalse(output());
		until(start, 600 + 1);
		assertTrue(output());
	}

	@Test
	void modeOneIsTriggeredByTheGateAgainAndAgain() {
		long start = start(1, 100);
		assertFalse(output());
		until(start, 99);
		assertFalse(output());
		until(start, 100);
		assertTrue(output());

		rig.out(0x61, 0);
		rig.out(0x61, GATE);
		assertFalse(output());
		rig.out(0x42, 10, 0); // for the next trigger
		start = now();
		until(start, 99);
		assertFalse(output());
		rig.out(0x61, 0);
		rig.out(0x61, GATE);
		rig.board.clock().advance(nanos(10));
		assertTrue(output());
	}

	@Test
	void modeTwoIsLowForTheLastClock() {
		long start = start(2, 5);
		boolean[] expected = { true, true, true, true, false };
		for (int i = 0; i < 15; i++) {
			until(start, i);
			assertEquals(expected[i % 5], output(), "clock " + i);
			assertEquals(5 - i % 5, count(), "clock " + i);
		}
	}

	@ParameterizedTest(name = "count {0}")
	@CsvSource({ "6, 6 4 2 6 4 2, 111000", "5, 4 2 0 4 2, 11100", "2, 2 2, 10", "3, 2 0 2, 110" })
	void modeThreeIsASquareWave(int count, String counts, String outputs) {
		String[] expected = counts.split(" ");
		long start = start(3, count);
		for (int i = 0; i < 3 * count; i++) {
			until(start, i);
			assertEquals(outputs.charAt(i % count) == '1', output(), "clock " + i);
			assertEquals(Integer.parseInt(expected[i % count]), count(), "clock " + i);
		}
	}

	@Test
	void newCountOfModeTwoWaitsForTheEndOfThePeriod() {
		rig.out(0x43, 0x34);
		rig.out(0x40, 0xe8, 3); // 1000
		long start = now();
		until(start, 500);
		rig.out(0x40, 100, 0);
		until(start, 999);
		assertEquals(0, ticks());
		until(start, 1000);
		assertEquals(1, ticks());
		until(start, 1101);
		assertEquals(1, ticks());
	}

	@Test
	void newCountOfModeThreeWaitsForTheEndOfTheHalf() {
		long start = start(3, 1000);
		until(start, 200);
		rig.out(0x42, 100, 0);
		until(start, 499);
		assertTrue(output());
		until(start, 501);
		assertFalse(output());
		until(start, 548);
		assertFalse(output());
		until(start, 552);
		assertTrue(output());
	}

	@Test
	void closedGateOfModeTwoHasTheOutputHighAndStartsItAnew() {
		long start = start(2, 100);
		until(start, 99);
		assertFalse(output());
		rig.out(0x61, 0);
		assertTrue(output());
		rig.board.clock().advance(12_345);
		rig.out(0x61, GATE);
		assertEquals(100, count());
	}

	@Test
	void latchedCountStaysUntilItIsRead() {
		long start = start(2, 0x1234);
		rig.out(0x43, 0x80);
		until(start, 0x100);
		rig.out(0x43, 0x80);
		assertEquals(0x34, rig.in(0x42));
		assertEquals(0x12, rig.in(0x42));
		assertEquals(0x34, rig.in(0x42));
		assertEquals(0x11, rig.in(0x42));
	}

	@Test
	void readBackLatchesStatusBeforeCount() {
		rig.out(0x43, 0x36);
		rig.out(0x43, 0xe2);
		assertEquals(0x80 | 0x40 | 0x36, rig.in(0x40), "no count yet");
		rig.out(0x40, 0, 0);
		rig.board.clock().advance(nanos(0x100));

		rig.out(0x43, 0xc2);
		assertEquals(0x80 | 0x36, rig.in(0x40));
		assertEquals(0x00, rig.in(0x40));
		assertEquals(0xfe, rig.in(0x40));
	}

	@Test
	void countsInDecimalIfAskedTo() {
		rig.out(0x61, GATE);
		rig.out(0x43, 0xb5);
		rig.out(0x42, 0x00, 0x10);
		assertEquals(0x1000, count());
		rig.board.clock().advance(nanos(1));
		assertEquals(0x0999, count());

		rig.out(0x43, 0xb1);
		rig.out(0x42, 0, 0);
		assertEquals(0, count());
		rig.board.clock().advance(nanos(1));
		assertEquals(0x9999, count());
	}

	@Test
	void singleByteAccess() {
		rig.out(0x61, GATE);
		rig.out(0x43, 0x94);
		rig.out(0x42, 0x40);
		assertEquals(0x40, rig.in(0x42));
		assertEquals(0x40, rig.in(0x42));
		rig.out(0x43, 0xa4);
		rig.out(0x42, 0x02);
		assertEquals(0x02, rig.in(0x42));
		rig.board.clock().advance(nanos(1));
		assertEquals(0x01, rig.in(0x42));
	}

	@Test
	void portHasGateSpeakerAndTheRefreshThatToggles() {
		rig.out(0x61, 0xff);
		assertEquals(3, rig.in(0x61) & 0xf);
		rig.out(0x61, 2);
		assertEquals(2, rig.in(0x61) & 0xf);
		int before = rig.in(0x61) & 0x10;
		rig.board.clock().advance(1 << 14);
		assertEquals(0x10, before ^ rig.in(0x61) & 0x10);
	}

	@Test
	void shortestPeriodDoesNotFlood() {
		rig.out(0x20, 0x11);
		rig.out(0x21, 0x30, 4, 3); // automatic end of interrupt: no access after it is accepted
		rig.out(0x43, 0x14);
		rig.out(0x40, 2);
		int ticks = 0;
		for (int i = 0; i < 10_000; i++) {
			rig.board.clock().advance(100);
			ticks += rig.accept() == 0x30 ? 1 : 0;
		}

		assertTrue(ticks >= 19 && ticks <= 21, ticks + " in a millisecond");
	}

	@Test
	void periodThatIsUnderWayGoesOnAfterRestore() throws DeviceException {
		rig.out(0x43, 0x34);
		rig.out(0x40, 0x10, 0x27); // 10000
		long start = now();
		until(start, 15_000);
		assertEquals(1, ticks());
		rig.out(0x40, 100, 0); // for the next period
		try (Rig next = rig.copy()) {
			rig.close();
			rig = next;
			until(start, 19_999);
			assertEquals(0, ticks());
			until(start, 20_000);
			assertEquals(1, ticks());
			until(start, 20_101);
			assertEquals(1, ticks());
		}
	}

	/** A host that is late: time passes, and the alarm rings only when it is told to. */
	private static final class LateClock implements GuestClock {
		private long now;
		private long due = Long.MAX_VALUE;
		private Runnable alarm;

		@Override
		public long nanos() {
			return now;
		}

		@Override
		public Timer timer(Runnable action) {
			alarm = action;
			return new Timer() {
				@Override
				public void at(long guestNanos) {
					due = guestNanos;
				}

				@Override
				public void cancel() {
					due = Long.MAX_VALUE;
				}
			};
		}

		/** Rings as often as it is due until then. */
		void ring(long until) {
			while (due <= until) {
				now = Math.max(now, due);
				due = Long.MAX_VALUE;
				alarm.run();
			}
			now = until;
		}
	}

	@Test
	void ticksThatTheHostWasTooLateForAreMadeUpFor() {
		LateClock clock = new LateClock();
		AtomicInteger ticks = new AtomicInteger();
		Pit pit = new Pit(clock, Runnable::run, ticks::incrementAndGet);
		pit.counters().write(0, 3, 1, 0x34);
		pit.counters().write(0, 0, 1, 0xa9);
		pit.counters().write(0, 0, 1, 0x04); // 1193: close to 1 kHz
		clock.ring(10_500_000);
		assertEquals(10, ticks.get());

		clock.now = 30_500_000; // nobody rang meanwhile
		clock.ring(30_500_000);
		assertEquals(11, ticks.get(), "they do not come all at once");
		clock.ring(40_500_000);
		assertEquals(40, ticks.get(), "but are all there soon");
		clock.ring(50_500_000);
		assertEquals(50, ticks.get(), "and no more than these");
	}
}
