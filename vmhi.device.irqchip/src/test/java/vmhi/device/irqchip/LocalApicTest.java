package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.device.irqchip.LocalApic.BASE;
import static vmhi.device.irqchip.LocalApic.BASE_BSP;
import static vmhi.device.irqchip.LocalApic.BASE_ENABLED;
import static vmhi.device.irqchip.LocalApic.BASE_X2APIC;
import static vmhi.device.irqchip.Rig.EOI;
import static vmhi.device.irqchip.Rig.ESR;
import static vmhi.device.irqchip.Rig.ICR;
import static vmhi.device.irqchip.Rig.MASKED;
import static vmhi.device.irqchip.Rig.PPR;
import static vmhi.device.irqchip.Rig.SVR;
import static vmhi.device.irqchip.Rig.TPR;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.device.DeviceException;

/** Registers, priorities and modes of one local APIC; SDM volume 3, chapter 10. */
class LocalApicTest {
	private static final int SELF = 0x4_0000;

	private Rig rig;

	@BeforeEach
	void powerOn() throws DeviceException {
		rig = new Rig(2);
	}

	@AfterEach
	void powerOff() {
		rig.close();
	}

	@Test
	void isAfterPowerOnAsFirmwareLeavesIt() {
		assertEquals(BASE | BASE_ENABLED | BASE_BSP, rig.sources[0].apicBase());
		assertEquals(BASE | BASE_ENABLED, rig.sources[1].apicBase());
		assertEquals(0x0100_0000, rig.apic(1, 0x20));
		assertEquals(0x0005_0014, rig.apic(0, 0x30));
		assertEquals(0xff, rig.apic(0, SVR));
		assertEquals(-1, rig.apic(0, Rig.DFR));
		assertEquals(0x700, rig.apic(0, Rig.LINT0));
		assertEquals(0x400, rig.apic(0, Rig.LINT1));
		assertEquals(MASKED, rig.apic(0, Rig.LVT_TIMER));
		assertEquals(MASKED, rig.apic(1, Rig.LINT0));
	}

	@Test
	void higherClassInterruptsAndTheSameClassWaits() {
		rig.enabled();
		rig.apic(0, ICR, SELF | 0x45);
		assertEquals(0x45, rig.accept());
		assertEquals(0x40, rig.apic(0, PPR));
		rig.apic(0, ICR, SELF | 0x4f);
		assertEquals(-1, rig.accept());
		assertEquals(1 << 0xf, rig.apic(0, Rig.IRR + 0x20));
		assertEquals(1 << 5, rig.apic(0, Rig.ISR + 0x20));
		rig.apic(0, ICR, SELF | 0x51);
		assertEquals(0x51, rig.accept());

		rig.apic(0, EOI, 0);
		assertEquals(-1, rig.accept());
		rig.apic(0, EOI, 0);
		assertEquals(0x4f, rig.accept());
		rig.apic(0, EOI, 0);
		rig.apic(0, EOI, 0);
		assertEquals(0, rig.apic(0, PPR));
	}

	@Test
	void taskPriorityHoldsBackItsClassAndBelow() {
		rig.enabled();
		rig.apic(0, TPR, 0x4f);
		assertEquals(4, rig.sources[0].taskPriority());
		rig.apic(0, ICR, SELF | 0x4f);
		assertFalse(rig.sources[0].pending());
		rig.sources[0].taskPriority(3);

		assertEquals(0x30, rig.apic(0, TPR));
		assertEquals(0x4f, rig.accept());
	}

	@Test
	void interruptThatIsHeldBackBeforeItIsAcceptedGoesAway() {
		rig.enabled();
		rig.apic(0, ICR, SELF | 0x45);
		assertTrue(rig.sources[0].pending());
		rig.sources[0].taskPriority(9);

		assertEquals(-1, rig.sources[0].accept());
		rig.sources[0].taskPriority(0);
		assertEquals(0x45, rig.accept());
	}

	@Test
	void vcpuIsToldWhenSomethingBecomesPending() {
		rig.enabled();
		rig.sources[0].taskPriority(15);
		rig.apic(0, ICR, SELF | 0x45);
		assertEquals(List.of(), rig.vcpus[0].told);
		rig.sources[0].taskPriority(0);

		assertEquals(List.of("interrupt"), rig.vcpus[0].told);
	}

	@Test
	void anotherVcpuGoesOnWithTheSameLocalApic() {
		rig.enabled();
		rig.apic(0, ICR, SELF | 0x45);
		rig.connect(0);

		assertEquals(List.of("interrupt"), rig.vcpus[0].told);
		assertEquals(0x45, rig.accept());
	}

	@Test
	void softwareDisableMasksTheLvtAndTakesNothing() {
		rig.enabled();
		rig.apic(0, Rig.LVT_TIMER, 0x2_0031);
		rig.apic(0, SVR, 0xff);
		assertEquals(0x3_0031, rig.apic(0, Rig.LVT_TIMER));
		assertEquals(0x1_0700, rig.apic(0, Rig.LINT0));
		rig.apic(0, Rig.LVT_TIMER, 0x31);
		assertEquals(0x1_0031, rig.apic(0, Rig.LVT_TIMER));
		rig.apic(0, ICR, SELF | 0x45);

		assertFalse(rig.sources[0].pending());
	}

	@Test
	void whatWasRequestedBeforeTheDisableIsDelivered() {
		rig.enabled();
		rig.apic(0, ICR, SELF | 0x45);
		rig.apic(0, SVR, 0xff);

		assertEquals(0x45, rig.accept());
	}

	@Test
	void errorsAreSeenAfterAWriteAndInterruptOnce() {
		rig.enabled();
		rig.apic(0, Rig.LVT_ERROR, 0xfe);
		rig.apic(0, ICR, SELF | 0x05);
		rig.apic(0, ICR, SELF | 0x06);
		rig.apic(0, 0x40);
		assertEquals(0, rig.apic(0, ESR));
		rig.apic(0, ESR, 0);
		assertEquals(0xa0, rig.apic(0, ESR));
		rig.apic(0, ESR, 0);
		assertEquals(0, rig.apic(0, ESR));

		assertEquals(0xfe, rig.accept());
		assertEquals(-1, rig.accept());
	}

	@Test
	void errorInterruptWithAnIllegalVectorIsJustAnotherError() {
		rig.enabled();
		rig.apic(0, Rig.LVT_ERROR, 0x03);
		rig.apic(0, ICR, SELF | 0x05);
		rig.apic(0, ESR, 0);

		assertEquals(0x60, rig.apic(0, ESR));
		assertFalse(rig.sources[0].pending());
	}

	@Test
	void registersThatAreNotThereReadAsZeroAndReadOnlyOnesStay() {
		for (int offset : new int[] { 0, 0x10, 0x40, 0x2f0, 0x3a0, 0x3f0, 0x400, 0xff0 })
			assertEquals(0, rig.apic(0, offset), Integer.toHexString(offset));
		rig.apic(0, 0x20, 0x7f00_0000);
		rig.apic(0, 0x30, 0);
		rig.apic(0, Rig.IRR, -1);

		assertEquals(0, rig.apic(0, 0x20));
		assertEquals(0x0005_0014, rig.apic(0, 0x30));
		assertEquals(0, rig.apic(0, Rig.IRR));
	}

	@Test
	void accessesOfOtherSizes() {
		assertEquals(0x05, rig.board.load(rig.vcpus[0].context, BASE + 0x32, 1));
		assertEquals(0x0014, rig.board.load(rig.vcpus[0].context, BASE + 0x30, 2));
		assertEquals(0, rig.board.load(rig.vcpus[0].context, BASE + 0x30, 8));
		assertEquals(0, rig.board.load(rig.vcpus[0].context, BASE + 0x34, 4));
		rig.board.store(rig.vcpus[0].context, BASE + TPR, 1, 0x50);
		rig.board.store(rig.vcpus[0].context, BASE + TPR + 1, 4, 0x50);
		assertEquals(0, rig.apic(0, TPR));
	}

	// the APIC base

	@ParameterizedTest(name = "from {0} to {1}: {2}")
	@CsvSource({ "0x800, 0x000, true", "0x800, 0xc00, true", "0x800, 0x400, false", "0x000, 0x800, true",
			"0x000, 0xc00, false", "0x000, 0x400, false", "0xc00, 0x800, false", "0xc00, 0x000, true",
			"0xc00, 0x400, false", "0x800, 0xa00, false", "0x800, 0x801, false", "0x800, 0x1800, false",
			"0x800, 0x900, true" })
	void modesChangeAsTheyMay(String from, String to, boolean may) {
		for (long step : new long[] { Long.decode(from) })
			assertTrue(rig.sources[1].apicBase(BASE | step));

		assertEquals(may, rig.sources[1].apicBase(BASE | Long.decode(to)));
		assertEquals(BASE | Long.decode(may ? to : from), rig.sources[1].apicBase());
	}

	@ParameterizedTest
	@ValueSource(longs = { 0xfee0_1900L, 0xfed0_0900L, 0x1_fee0_0900L, 0x900L, -1, 0x8000_0000_fee0_0900L })
	void otherAddressesAreRefused(long base) {
		assertFalse(rig.sources[0].apicBase(base));
	}

	@Test
	void disabledOneHasNoRegistersAndForgetsThem() {
		rig.enabled();
		rig.apic(1, TPR, 0x50);
		rig.sources[1].apicBase(BASE);
		assertEquals(-1, rig.apic(1, SVR));
		rig.apic(1, SVR, 0x1ff);
		rig.ipi(0, 1, 0x45);
		rig.sources[1].apicBase(BASE | BASE_ENABLED);

		assertEquals(0xff, rig.apic(1, SVR));
		assertEquals(0, rig.apic(1, TPR));
		assertFalse(rig.sources[1].pending());
	}

	// x2APIC

	@Test
	void registersAreMsrsInX2ApicModeAlone() {
		assertNull(rig.msr(0, 0x802));
		assertFalse(rig.msr(0, 0x808, 0));
		rig.extended();

		assertEquals(1, rig.msr(1, 0x802));
		assertEquals(0x2, rig.msr(1, 0x80d));
		assertTrue(rig.msr(1, 0x808, 0x50));
		assertEquals(0x50, rig.msr(1, 0x808));
		assertEquals(-1, rig.apic(1, TPR));
		rig.apic(1, TPR, 0x10);
		assertEquals(0x50, rig.msr(1, 0x808));
	}

	@Test
	void reservedBitsAndRegistersRaiseAFault() {
		rig.extended();
		long[][] bad = { { 0x802, 0 }, { 0x803, 0 }, { 0x808, 0x100 }, { 0x80a, 0 }, { 0x80b, 1 }, { 0x80d, 0 },
				{ 0x80e, 0 }, { 0x80f, 0x1000 }, { 0x810, 0 }, { 0x820, 0 }, { 0x828, 1 }, { 0x82f, 0 },
				{ 0x830, 0x10_0000 }, { 0x831, 0 }, { 0x832, 1L << 32 }, { 0x835, 0x800 }, { 0x839, 0 }, { 0x83e, 4 },
				{ 0x83f, 0x100 }, { 0x838, 1L << 32 }, { 0x800, 0 }, { 0x804, 0 } };
		for (long[] each : bad)
			assertFalse(rig.msr(0, (int) each[0], each[1]), Long.toHexString(each[0]));
		for (int index : new int[] { 0x800, 0x809, 0x80b, 0x80c, 0x80e, 0x82f, 0x831, 0x83a, 0x83f })
			assertNull(rig.msr(0, index), Integer.toHexString(index));
	}

	@Test
	void selfIpiAndEoiAreMsrs() {
		rig.extended();
		assertTrue(rig.msr(0, 0x83f, 0x45));
		assertEquals(0x45, rig.accept());
		assertEquals(1 << 5, rig.msr(0, 0x812));
		assertTrue(rig.msr(0, 0x80b, 0));

		assertEquals(0, rig.msr(0, 0x812));
	}
}
