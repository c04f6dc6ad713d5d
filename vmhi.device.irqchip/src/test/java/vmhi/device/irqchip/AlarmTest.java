package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.tck.device.TestClock;

class AlarmTest {
	private final TestClock clock = new TestClock();
	private final List<Long> rings = new ArrayList<>();
	private final Alarm alarm = new Alarm(clock.timer(this::ring));

	private void ring() {
		rings.add(clock.nanos());
		alarm.rang(clock.nanos());
	}

	@Test
	void goesOffWhenItIsDue() {
		alarm.at(1000, 0);
		clock.advance(100_000);

		assertEquals(List.of(1000L), rings);
	}

	@Test
	void earlierTimeCountsAtOnceAndALaterOneWhenItGoesOff() {
		alarm.at(5000, 0);
		alarm.at(1000, 0);
		alarm.at(9000, 0);
		clock.advance(1000);
		assertEquals(List.of(1000L), rings);
		alarm.at(9000, 1000);
		clock.advance(100_000);

		assertEquals(List.of(1000L, 9000L), rings);
	}

	@Test
	void goesOffOnceInItsInterval() {
		alarm.at(1000, 0);
		clock.advance(1000);
		alarm.at(1001, 1000);
		clock.advance(Alarm.LEAST_INTERVAL - 1);
		assertEquals(List.of(1000L), rings);
		clock.advance(1);

		assertEquals(List.of(1000L, 1000 + Alarm.LEAST_INTERVAL), rings);
	}

	@Test
	void neverIsNoTime() {
		alarm.at(Alarm.NEVER, 0);

		assertEquals(0, clock.armed());
	}
}
