package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static vmhi.device.irqchip.Rig.EOI;
import static vmhi.device.irqchip.Rig.LEVEL;
import static vmhi.device.irqchip.Rig.MASKED;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import vmhi.api.device.DeviceException;

class IoApicTest {
	private static final int REMOTE_IRR = 0x4000;

	private Rig rig;

	@BeforeEach
	void powerOn() throws DeviceException {
		rig = new Rig(4).enabled();
	}

	@AfterEach
	void powerOff() {
		rig.close();
	}

	@Test
	void tellsItsVersionAndKeepsItsId() {
		assertEquals(0x0017_0020, rig.ioApic(1));
		rig.ioApic(0, 0xffff_ffff);
		assertEquals(0x0f00_0000, rig.ioApic(0));
		assertEquals(0x0f00_0000, rig.ioApic(2));
	}

	@Test
	void tableIsMaskedAtFirstAndHasNoReservedBits() {
		assertEquals(MASKED, rig.ioApic(0x10));
		assertEquals(MASKED, rig.ioApic(0x3e));
		rig.ioApic(0x3e, 0xffff_ffff);
		rig.ioApic(0x3f, 0xffff_ffff);
		assertEquals(0x1_afff, rig.ioApic(0x3e));
		assertEquals(0xff00_0000, rig.ioApic(0x3f));
		assertEquals(0, rig.ioApic(0x40));
	}

	@Test
	void edgeIsDeliveredOnceToItsDestination() {
		rig.pin(5, 2, 0x51);
		rig.device.line(5, true);
		rig.device.line(5, true);

		assertEquals(List.of(false, false, true, false), pending());
		assertEquals(0x51, rig.accept(2));
		rig.apic(2, EOI, 0);
		assertEquals(-1, rig.accept(2));
		rig.device.line(5, false);
		rig.device.line(5, true);
		assertEquals(0x51, rig.accept(2));
	}

	private List<Boolean> pending() {
		return List.of(rig.sources[0].pending(), rig.sources[1].pending(), rig.sources[2].pending(),
				rig.sources[3].pending());
	}

	@Test
	void edgeAtAMaskedPinIsLost() {
		rig.pin(5, 0, 0x51 | MASKED);
		rig.device.line(5, true);
		rig.pin(5, 0, 0x51);

		assertEquals(-1, rig.accept());
	}

	@Test
	void levelComesAgainAfterEachEndWhileItLasts() {
		rig.pin(20, 1, 0x61 | LEVEL);
		rig.device.line(20, true);
		assertEquals(0x61 | LEVEL | REMOTE_IRR, rig.ioApic(0x10 + 40));
		assertEquals(0x61, rig.accept(1));
		assertEquals(-1, rig.accept(1));
		assertEquals(1 << 1, rig.apic(1, Rig.TMR + 0x30));
		rig.apic(1, EOI, 0);
		assertEquals(0x61, rig.accept(1));
		rig.device.line(20, false);
		rig.apic(1, EOI, 0);

		assertEquals(-1, rig.accept(1));
		assertEquals(0x61 | LEVEL, rig.ioApic(0x10 + 40));
	}

	@Test
	void levelThatFellAndRoseInServiceComesAgain() {
		rig.pin(20, 1, 0x61 | LEVEL);
		rig.device.line(20, true);
		rig.accept(1);
		rig.device.line(20, false);
		rig.device.line(20, true);
		assertEquals(-1, rig.accept(1));
		rig.apic(1, EOI, 0);

		assertEquals(0x61, rig.accept(1));
	}

	@Test
	void maskedLevelWaitsForItsMaskToGo() {
		rig.pin(20, 1, 0x61 | LEVEL | MASKED);
		rig.device.line(20, true);
		assertEquals(-1, rig.accept(1));
		rig.pin(20, 1, 0x61 | LEVEL);

		assertEquals(0x61, rig.accept(1));
	}

	@Test
	void levelForALocalApicThatIsOffWaitsForIt() {
		rig.apic(1, Rig.SVR, 0xff);
		rig.pin(20, 1, 0x61 | LEVEL);
		rig.device.line(20, true);
		assertEquals(0x61 | LEVEL, rig.ioApic(0x10 + 40));
		rig.apic(1, Rig.SVR, 0x1ff);

		assertEquals(0x61, rig.accept(1));
	}

	@Test
	void eoiRegisterEndsWhatHasTheVector() {
		rig.pin(20, 1, 0x61 | LEVEL);
		rig.device.line(20, true);
		rig.accept(1);
		rig.device.line(20, false);
		rig.board.store(Rig.IO_APIC + 0x40, 4, 0x62);
		assertEquals(0x61 | LEVEL | REMOTE_IRR, rig.ioApic(0x10 + 40));
		rig.board.store(Rig.IO_APIC + 0x40, 4, 0x61);

		assertEquals(0x61 | LEVEL, rig.ioApic(0x10 + 40));
	}

	@Test
	void changeToEdgeEndsIt() {
		rig.pin(20, 1, 0x61 | LEVEL);
		rig.device.line(20, true);
		rig.ioApic(0x10 + 40, 0x61 | MASKED);
		rig.ioApic(0x10 + 40, 0x61 | MASKED | LEVEL);

		assertEquals(0x61 | LEVEL | MASKED, rig.ioApic(0x10 + 40));
	}

	@Test
	void remoteIrrCannotBeWritten() {
		rig.pin(20, 1, 0x61 | LEVEL | REMOTE_IRR);

		assertEquals(0x61 | LEVEL, rig.ioApic(0x10 + 40));
		rig.device.line(20, true);
		rig.ioApic(0x10 + 40, 0x61 | LEVEL);
		assertEquals(0x61 | LEVEL | REMOTE_IRR, rig.ioApic(0x10 + 40));
	}

	@Test
	void levelWithoutAVectorIsAnEdge() {
		rig.pin(20, 3, 0x400 | LEVEL);
		rig.device.line(20, true);

		assertEquals(List.of("nmi"), rig.vcpus[3].told);
		assertEquals(0x400 | LEVEL, rig.ioApic(0x10 + 40));
	}

	@Test
	void logicalDestinationsAreMasks() {
		for (int i = 0; i < 4; i++)
			rig.apic(i, Rig.LDR, 1 << 24 + i);
		rig.pin(7, 0b1010, 0x71 | 0x800);
		rig.device.line(7, true);

		assertEquals(List.of(false, true, false, true), pending());
	}

	@Test
	void externalInterruptThroughPinZeroIsAVectorOfThe8259() {
		rig.pics();
		rig.apic(0, Rig.LINT0, 0x1_0700);
		rig.pin(0, 3, 0x700);
		rig.device.line(4, true);

		assertEquals(List.of(false, false, false, true), pending());
		assertEquals(0x34, rig.accept(3));
		assertFalse(rig.sources[3].pending());
	}

	@Test
	void lineThatIsNotThereIsIgnored() {
		for (int gsi : new int[] { -1, 24, 255, Integer.MAX_VALUE, Integer.MIN_VALUE })
			rig.device.line(gsi, true);

		assertEquals(List.of(false, false, false, false), pending());
	}
}
