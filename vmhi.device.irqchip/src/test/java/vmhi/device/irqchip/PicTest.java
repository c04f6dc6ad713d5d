package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import vmhi.api.device.DeviceException;

/** The 8259 pair, through LINT0 of the first processor as it is after power-on. */
class PicTest {
	private static final int READ_IRR = 0x0a, READ_ISR = 0x0b, EOI = 0x20;

	private Rig rig;

	@BeforeEach
	void powerOn() throws DeviceException {
		rig = new Rig(2).pics();
	}

	@AfterEach
	void powerOff() {
		rig.close();
	}

	private void pulse(int line) {
		rig.device.line(line, true);
		rig.device.line(line, false);
	}

	private void eoi(int line) {
		if (line >= 8)
			rig.out(0xa0, EOI);
		rig.out(0x20, EOI);
	}

	@Test
	void nothingComesBeforeTheyAreInitialized() throws DeviceException {
		try (Rig fresh = new Rig(1)) {
			fresh.device.line(4, true);
			assertFalse(fresh.sources[0].pending());
			assertEquals(0xff, fresh.in(0x21));
			fresh.pics();
			assertFalse(fresh.sources[0].pending());
		}
	}

	@Test
	void edgeIsTheVectorOfItsLineForTheFirstProcessorAlone() {
		pulse(4);

		assertTrue(rig.sources[0].pending());
		assertFalse(rig.sources[1].pending());
		assertEquals(List.of("interrupt"), rig.vcpus[0].told);
		assertEquals(0x34, rig.sources[0].accept());
		assertEquals(-1, rig.accept());
	}

	@Test
	void lineThatStaysHighMakesOneRequest() {
		rig.device.line(5, true);
		assertEquals(0x35, rig.accept());
		eoi(5);
		rig.device.line(5, true);

		assertEquals(-1, rig.accept());
		rig.device.line(5, false);
		rig.device.line(5, true);
		assertEquals(0x35, rig.accept());
	}

	@Test
	void lowerLinesGoFirstAndHigherOnesWaitForTheEnd() {
		pulse(6);
		pulse(1);
		assertEquals(0x31, rig.accept());
		assertEquals(-1, rig.accept());
		pulse(0);
		assertEquals(0x30, rig.accept());

		rig.out(0x20, READ_ISR);
		assertEquals(0b11, rig.in(0x20));
		rig.out(0x20, READ_IRR);
		assertEquals(1 << 6, rig.in(0x20));
		eoi(0);
		assertEquals(-1, rig.accept());
		eoi(1);
		assertEquals(0x36, rig.accept());
	}

	@Test
	void secondaryComesThroughInputTwo() {
		pulse(12);
		pulse(3);
		assertEquals(0x3c, rig.accept());
		rig.out(0x20, READ_ISR);
		rig.out(0xa0, READ_ISR);
		assertEquals(1 << 2, rig.in(0x20));
		assertEquals(1 << 4, rig.in(0xa0));
		assertEquals(-1, rig.accept());

		rig.out(0xa0, EOI);
		assertEquals(-1, rig.accept());
		rig.out(0x20, EOI);
		assertEquals(0x33, rig.accept());
	}

	@Test
	void higherLineOfTheSecondaryInterruptsALowerInSpecialFullyNestedModeOnly() {
		pulse(12);
		assertEquals(0x3c, rig.accept());
		pulse(9);
		assertEquals(-1, rig.accept());

		rig.out(0x20, 0x11);
		rig.out(0x21, 0x30, 4, 0x11, 0);
		assertEquals(0x39, rig.accept());
	}

	@Test
	void maskedLineWaitsForItsMaskToGo() {
		rig.out(0x21, 0x10);
		pulse(4);
		assertEquals(-1, rig.accept());
		assertEquals(0x10, rig.in(0x21));

		rig.out(0x21, 0);
		assertEquals(0x34, rig.accept());
	}

	@Test
	void requestThatIsMaskedBeforeItIsAcceptedGoesAway() {
		pulse(4);
		rig.out(0x21, 0x10);

		assertFalse(rig.sources[0].pending());
		assertEquals(-1, rig.sources[0].accept());
	}

	@Test
	void lineByLevelRequestsAgainWhileItIsHigh() {
		rig.out(0x4d1, 1 << 3);
		rig.device.line(11, true);
		assertEquals(0x3b, rig.accept());
		assertEquals(-1, rig.accept());
		eoi(11);
		assertEquals(0x3b, rig.accept());
		rig.device.line(11, false);
		eoi(11);

		assertEquals(-1, rig.accept());
	}

	@Test
	void linesOfTheBoardItselfStayEdges() {
		rig.out(0x4d0, 0xff);
		rig.out(0x4d1, 0xff);

		assertEquals(0xf8, rig.in(0x4d0));
		assertEquals(0xde, rig.in(0x4d1));
		assertEquals(0xdef8, rig.board.in(0x4d0, 2));
	}

	@Test
	void specificEndsEndWhatTheyName() {
		pulse(4);
		rig.accept();
		pulse(1);
		rig.accept();
		rig.out(0x20, 0x64);

		rig.out(0x20, READ_ISR);
		assertEquals(1 << 1, rig.in(0x20));
	}

	@Test
	void rotationMakesTheServedLineTheLowest() {
		pulse(3);
		assertEquals(0x33, rig.accept());
		rig.out(0x20, 0xa0);
		pulse(3);
		pulse(0);
		pulse(5);

		assertEquals(0x35, rig.accept());
		rig.out(0x20, EOI);
		assertEquals(0x30, rig.accept());
		rig.out(0x20, EOI);
		assertEquals(0x33, rig.accept());
	}

	@Test
	void priorityCanBeSet() {
		rig.out(0x20, 0xc0 | 5);
		pulse(5);
		pulse(6);
		pulse(0);

		assertEquals(0x36, rig.accept());
		rig.out(0x20, EOI);
		assertEquals(0x30, rig.accept());
	}

	@Test
	void automaticEndLeavesNothingInServiceAndMayRotate() {
		rig.out(0x20, 0x11);
		rig.out(0x21, 0x30, 4, 3, 0);
		rig.out(0x20, 0x80);
		pulse(3);
		pulse(4);
		assertEquals(0x33, rig.accept());
		pulse(3);

		assertEquals(0x34, rig.accept());
		assertEquals(0x33, rig.accept());
		rig.out(0x20, READ_ISR);
		assertEquals(0, rig.in(0x20));
	}

	@Test
	void specialMaskLetsLowerLinesThrough() {
		pulse(3);
		assertEquals(0x33, rig.accept());
		pulse(6);
		rig.out(0x21, 1 << 3);
		assertEquals(-1, rig.accept());

		rig.out(0x20, 0x68);
		assertEquals(0x36, rig.accept());
		rig.out(0x20, EOI);
		rig.out(0x20, READ_ISR);
		assertEquals(1 << 3, rig.in(0x20));
	}

	@Test
	void pollTakesTheRequestOnce() {
		pulse(5);
		rig.out(0x20, 0x0c);

		assertEquals(0x85, rig.in(0x20));
		assertEquals(-1, rig.accept());
		rig.out(0x20, 0x0c);
		assertEquals(0, rig.in(0x20));
	}

	@Test
	void initializationForgetsEdgesAndMasks() {
		rig.out(0x21, 0xff);
		pulse(4);
		rig.out(0x20, 0x11);
		assertEquals(0, rig.in(0x21));
		rig.out(0x21, 0x50, 4, 1);

		assertEquals(-1, rig.accept());
		pulse(4);
		assertEquals(0x54, rig.accept());
	}

	@Test
	void lineTwoIsNotThere() {
		pulse(2);

		assertEquals(-1, rig.accept());
		assertEquals(0, rig.in(0x20));
	}

	@Test
	void whoMasksLintZeroSeesNothingOfThem() {
		rig.apic(0, Rig.LINT0, 0x1_0700);
		pulse(4);

		assertFalse(rig.sources[0].pending());
	}

	@Test
	void localApicThatIsDisabledLetsThemThroughToTheFirstProcessor() {
		rig.apic(0, Rig.LINT0, 0x1_0700);
		for (int i = 0; i < 2; i++)
			assertTrue(rig.sources[i].apicBase(rig.sources[i].apicBase() & ~LocalApic.BASE_ENABLED));
		pulse(4);

		assertFalse(rig.sources[1].pending());
		assertEquals(0x34, rig.accept());
	}

	@Test
	void externalInterruptsDoNotCareForTheTaskPriority() {
		rig.sources[0].taskPriority(15);
		pulse(4);

		assertEquals(0x34, rig.accept());
	}

	@Test
	void lintZeroMayHaveAVectorOfItsOwn() {
		rig.enabled();
		rig.apic(0, Rig.LINT0, 0x41);
		pulse(4);

		assertEquals(0x41, rig.accept());
		assertEquals(-1, rig.accept());
	}

	@Test
	void lintZeroMayBeAnNmi() {
		rig.apic(1, Rig.SVR, 0x1ff);
		rig.apic(1, Rig.LINT0, 0x400);
		pulse(4);

		assertEquals(List.of("nmi"), rig.vcpus[1].told);
	}
}
