package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.device.irqchip.Rig.COUNT;
import static vmhi.device.irqchip.Rig.CURRENT;
import static vmhi.device.irqchip.Rig.DEADLINE_MSR;
import static vmhi.device.irqchip.Rig.DIVIDE;
import static vmhi.device.irqchip.Rig.EOI;
import static vmhi.device.irqchip.Rig.LVT_TIMER;
import static vmhi.device.irqchip.Rig.MASKED;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.RunEnd;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.tck.device.TestClock;

/** The timer of the local APIC; SDM volume 3, 10.5.4. */
class ApicTimerTest {
	private static final int BY_ONE = 0xb;
	private static final int PERIODIC = 0x2_0000, DEADLINE = 0x4_0000;
	private static final int VECTOR = 0xec;

	private Rig rig;
	private TestClock clock;

	@BeforeEach
	void powerOn() throws DeviceException {
		use(new Rig(1, 777).enabled());
	}

	private void use(Rig next) {
		rig = next;
		clock = rig.board.clock();
	}

	@AfterEach
	void powerOff() {
		rig.close();
	}

	private void start(int lvt, int divide, int count) {
		rig.apic(0, DIVIDE, divide);
		rig.apic(0, LVT_TIMER, lvt | VECTOR);
		rig.apic(0, COUNT, count);
	}

	private boolean served() {
		if (rig.accept() != VECTOR)
			return false;
		rig.apic(0, EOI, 0);
		return true;
	}

	@Test
	void oneShotGoesOffOnce() {
		start(0, BY_ONE, 1_000_000);
		assertEquals(1_000_000, rig.apic(0, CURRENT));
		clock.advance(400_000);
		assertEquals(600_000, rig.apic(0, CURRENT));
		clock.advance(599_999);
		assertFalse(served());
		clock.advance(1);
		assertTrue(rig.sources[0].pending(), "by the alarm alone");
		assertTrue(served());
		assertEquals(0, rig.apic(0, CURRENT));
		assertEquals(1_000_000, rig.apic(0, COUNT));
		clock.advance(5_000_000);
		assertFalse(served());
	}

	@Test
	void periodicGoesOffAgainAndAgain() {
		start(PERIODIC, BY_ONE, 1_000_000);
		for (int i = 0; i < 100; i++) {
			clock.advance(999_999);
			assertFalse(served(), "period " + i);
			clock.advance(1);
			assertTrue(served(), "period " + i);
		}
		rig.apic(0, COUNT, 0);
		clock.advance(10_000_000);
		assertFalse(served());
	}

	@ParameterizedTest(name = "{0} divides by {1}")
	@CsvSource({ "0, 2", "1, 4", "2, 8", "3, 16", "8, 32", "9, 64", "10, 128", "11, 1" })
	void clockIsDivided(int register, int by) {
		start(0, register, 1000);
		clock.advance(999L * by);
		assertEquals(1, rig.apic(0, CURRENT));
		assertFalse(served());
		clock.advance(by);

		assertTrue(served());
	}

	@Test
	void changeOfTheDivisorGoesOnWithWhatIsLeft() {
		start(0, BY_ONE, 1_000_000);
		clock.advance(500_000);
		rig.apic(0, DIVIDE, 0);
		assertEquals(500_000, rig.apic(0, CURRENT));
		clock.advance(999_999);
		assertFalse(served());
		clock.advance(1);

		assertTrue(served());
	}

	@Test
	void maskedTimerCountsInSilence() {
		start(MASKED, BY_ONE, 1_000_000);
		clock.advance(1_500_000);

		assertEquals(0, rig.apic(0, CURRENT));
		assertFalse(rig.sources[0].pending());
	}

	@Test
	void earlierCountReplacesALaterOneAndTheOtherWayRound() {
		start(0, BY_ONE, 10_000_000);
		start(0, BY_ONE, 1_000_000);
		clock.advance(1_000_000);
		assertTrue(served());
		start(0, BY_ONE, 1_000_000);
		start(0, BY_ONE, 3_000_000);
		clock.advance(2_999_999);
		assertFalse(served());
		clock.advance(1);
		assertTrue(rig.sources[0].pending());
	}

	@Test
	void lateAlarmMakesOneInterruptOfManyPeriods() {
		start(PERIODIC, BY_ONE, 1000);
		clock.advance(10_000_000);
		assertTrue(served());
		assertTrue(rig.apic(0, CURRENT) > 0);
	}

	// deadlines

	@Test
	void deadlineIsATimeStamp() {
		rig.vcpus[0].offset = 5_000_000_000L;
		rig.apic(0, LVT_TIMER, DEADLINE | VECTOR);
		long deadline = rig.vcpus[0].timeStamp() + 1_000_000;
		assertTrue(rig.msr(0, DEADLINE_MSR, deadline));
		assertEquals(deadline, rig.msr(0, DEADLINE_MSR));
		clock.advance(998_000);
		assertFalse(served());
		assertEquals(0, rig.apic(0, CURRENT));
		clock.advance(2_000 + Alarm.LEAST_INTERVAL);

		assertTrue(rig.sources[0].pending());
		assertTrue(served());
		assertEquals(0, rig.msr(0, DEADLINE_MSR));
		clock.advance(10_000_000);
		assertFalse(served());
	}

	@Test
	void deadlineThatIsFarAwaySetsNoAlarmForNow() {
		rig.apic(0, LVT_TIMER, DEADLINE | VECTOR);
		assertTrue(rig.msr(0, DEADLINE_MSR, -1));
		assertTrue(rig.msr(0, DEADLINE_MSR, Long.MAX_VALUE));
		clock.advance(1L << 50);

		assertFalse(rig.sources[0].pending());
	}

	@Test
	void deadlineThatIsPastGoesOffAtOnce() {
		rig.vcpus[0].offset = 5_000_000_000L;
		rig.apic(0, LVT_TIMER, DEADLINE | VECTOR);
		assertTrue(rig.msr(0, DEADLINE_MSR, 1));

		assertTrue(served());
		assertEquals(0, rig.msr(0, DEADLINE_MSR));
	}

	@Test
	void zeroClearsTheDeadline() {
		rig.apic(0, LVT_TIMER, DEADLINE | VECTOR);
		rig.msr(0, DEADLINE_MSR, 1_000_000);
		rig.msr(0, DEADLINE_MSR, 0);
		clock.advance(2_000_000);

		assertFalse(rig.sources[0].pending());
	}

	@Test
	void slowerTimeStampsTakeLonger() {
		rig.vcpus[0].khz = 500_000;
		rig.apic(0, LVT_TIMER, DEADLINE | VECTOR);
		rig.msr(0, DEADLINE_MSR, 500_000);
		clock.advance(900_000);
		assertFalse(served());
		clock.advance(150_000);

		assertTrue(served());
	}

	@Test
	void otherModesDoNotKnowADeadlineNorThisOneACount() {
		assertTrue(rig.msr(0, DEADLINE_MSR, 1000));
		assertEquals(0, rig.msr(0, DEADLINE_MSR));
		start(DEADLINE, BY_ONE, 1000);
		assertEquals(0, rig.apic(0, COUNT));
		rig.msr(0, DEADLINE_MSR, 1_000_000);
		rig.apic(0, LVT_TIMER, VECTOR);
		clock.advance(2_000_000);

		assertFalse(rig.sources[0].pending());
	}

	@Test
	void vcpuWithoutTimeStampsHasNoDeadlines() {
		Rig.Vcpu vcpu = rig.vcpus[0];
		rig.sources[0] = rig.device.localApic(0, new Plain(vcpu));

		assertFalse(rig.msr(0, DEADLINE_MSR, 1));
		assertNull(rig.msr(0, DEADLINE_MSR));
		rig.apic(0, LVT_TIMER, DEADLINE | VECTOR);
		assertEquals(VECTOR, rig.apic(0, LVT_TIMER));
	}

	/** A vCPU that tells no time stamps. */
	private record Plain(Rig.Vcpu vcpu) implements InterruptibleVcpu {
		@Override
		public void connect(InterruptSource source) {}

		@Override
		public void interruptPending() {
			vcpu.interruptPending();
		}

		@Override
		public void nmi() {}

		@Override
		public void init() {}

		@Override
		public void startup(int vector) {}

		@Override
		public RunEnd run() {
			return null;
		}

		@Override
		public void stop() {}

		@Override
		public CpuState save() {
			return null;
		}

		@Override
		public void restore(CpuState state) {}
	}

	// states

	@Test
	void countGoesOnAfterRestore() throws DeviceException {
		start(PERIODIC, BY_ONE, 1_000_000);
		clock.advance(1_400_000);
		assertTrue(served());
		try (Rig old = rig) {
			use(old.copy());
		}
		assertEquals(600_000, rig.apic(0, CURRENT));
		clock.advance(599_999);
		assertFalse(served());
		clock.advance(1);
		assertTrue(rig.sources[0].pending());
		clock.advance(1_000_000);
		assertTrue(served());
	}

	@Test
	void deadlineGoesOnAfterRestore() throws DeviceException {
		rig.apic(0, LVT_TIMER, DEADLINE | VECTOR);
		rig.msr(0, DEADLINE_MSR, 1_000_000);
		try (Rig old = rig) {
			use(old.copy());
		}
		assertEquals(1_000_000, rig.msr(0, DEADLINE_MSR));
		clock.advance(900_000);
		assertFalse(served());
		clock.advance(200_000);

		assertTrue(rig.sources[0].pending());
	}

	@Test
	void interruptThatIsDueWhenTheStateIsTakenIsNotLost() throws DeviceException {
		start(0, BY_ONE, 10);
		try (Rig old = rig) {
			DeviceState state = old.device.save();
			use(new Rig(1, clock.nanos() + 1_000_000));
			rig.device.restore(state);
		}
		assertFalse(rig.sources[0].pending());
		clock.advance(10 + Alarm.LEAST_INTERVAL);

		assertTrue(rig.sources[0].pending());
		assertTrue(served());
	}
}
