package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.device.DeviceException;

/** Interrupts from processor to processor, and messages. */
class IpiTest {
	private static final int LOGICAL = 0x800, LOWEST = 0x100;
	private static final int INIT = 0xc500, INIT_DEASSERT = 0x8500, STARTUP = 0x600, NMI = 0x400;

	private Rig rig;

	@BeforeEach
	void powerOn() throws DeviceException {
		rig = new Rig(20).enabled();
	}

	@AfterEach
	void powerOff() {
		rig.close();
	}

	/** Who has this vector, in text; it is served. */
	private String whoGot(int vector) {
		List<String> got = new ArrayList<>();
		for (int i = 0; i < rig.vcpus.length; i++)
			if (rig.sources[i].pending()) {
				got.add(Integer.toString(i));
				assertEquals(vector, rig.sources[i].accept());
				rig.apic(i, Rig.EOI, 0);
				rig.msr(i, 0x80b, 0);
			}
		return String.join(" ", got);
	}

	@Test
	void physicalDestinations() {
		rig.ipi(0, 7, 0x45);
		assertEquals("7", whoGot(0x45));
		rig.ipi(0, 200, 0x45);
		assertEquals("", whoGot(0x45));
		rig.ipi(3, 0xff, 0x45);
		assertEquals("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", whoGot(0x45));
	}

	@Test
	void shorthands() {
		rig.ipi(3, 9, 0x4_0045);
		assertEquals("3", whoGot(0x45));
		rig.ipi(3, 9, 0x8_0045);
		assertEquals("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", whoGot(0x45));
		rig.ipi(3, 9, 0xc_0045);
		assertEquals("0 1 2 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", whoGot(0x45));
	}

	@Test
	void flatLogicalDestinations() {
		for (int i = 0; i < 8; i++)
			rig.apic(i, Rig.LDR, 1 << 24 + i);
		rig.ipi(0, 0b1010_0001, 0x45 | LOGICAL);

		assertEquals("0 5 7", whoGot(0x45));
	}

	@Test
	void clusteredLogicalDestinations() {
		for (int i = 0; i < 20; i++) {
			rig.apic(i, Rig.DFR, 0x0fff_ffff);
			rig.apic(i, Rig.LDR, (i / 4 << 4 | 1 << i % 4) << 24);
		}
		rig.ipi(0, 0x2a, 0x45 | LOGICAL);
		assertEquals("9 11", whoGot(0x45));
		rig.ipi(0, 0x0f, 0x45 | LOGICAL);
		assertEquals("0 1 2 3", whoGot(0x45));
	}

	@Test
	void extendedDestinations() {
		rig.extended();
		assertTrue(rig.msr(0, 0x830, 17L << 32 | 0x45));
		assertEquals("17", whoGot(0x45));
		assertEquals(17L << 32 | 0x45, rig.msr(0, 0x830));
		assertTrue(rig.msr(0, 0x830, 0x1_000aL << 32 | 0x45 | LOGICAL));
		assertEquals("17 19", whoGot(0x45));
		assertTrue(rig.msr(0, 0x830, 0xffff_ffffL << 32 | 0x45));
		assertEquals("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", whoGot(0x45));
		assertTrue(rig.msr(0, 0x830, 0xffL << 32 | 0x45));
		assertEquals("", whoGot(0x45), "255 is one, and not all");
	}

	@Test
	void lowestPriorityGoesToTheIdlestAndAmongEqualsInTurn() {
		for (int i = 0; i < 4; i++)
			rig.apic(i, Rig.LDR, 1 << 24 + i);
		rig.sources[1].taskPriority(2);
		rig.apic(3, Rig.SVR, 0xff);
		List<String> got = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			rig.ipi(0, 0xf, 0x45 | LOGICAL | LOWEST);
			got.add(whoGot(0x45));
		}

		assertEquals(List.of("0", "2", "0", "2"), got);
	}

	@Test
	void initThenStartupReachesTheProcessorInThisOrder() {
		rig.apic(5, Rig.TPR, 0x50);
		rig.apic(5, Rig.LVT_TIMER, 0x31);
		rig.ipi(0, 5, INIT);
		rig.ipi(0, 5, INIT_DEASSERT);
		rig.ipi(0, 5, STARTUP | 0x9a);
		rig.ipi(0, 5, STARTUP | 0x9a);

		assertEquals(List.of("init", "startup 9a", "startup 9a"), rig.vcpus[5].told);
		assertEquals(0xff, rig.apic(5, Rig.SVR));
		assertEquals(0, rig.apic(5, Rig.TPR));
		assertEquals(0x1_0000, rig.apic(5, Rig.LVT_TIMER));
	}

	@Test
	void initToAllOthersSparesTheSender() {
		rig.ipi(0, 0, 0xc_0000 | INIT);

		assertEquals(List.of(), rig.vcpus[0].told);
		assertEquals(List.of("init"), rig.vcpus[19].told);
		assertEquals(0x1ff, rig.apic(0, Rig.SVR));
	}

	@Test
	void initKeepsTheModeAndForgetsWhatIsPending() {
		rig.extended();
		assertTrue(rig.msr(0, 0x830, 5L << 32 | 0x45));
		assertTrue(rig.sources[5].pending());
		assertTrue(rig.msr(0, 0x830, 5L << 32 | INIT));

		assertFalse(rig.sources[5].pending());
		assertEquals(0xff, rig.msr(5, 0x80f));
	}

	@Test
	void nmiNeedsNoVectorAndNoEnable() {
		rig.apic(5, Rig.SVR, 0xff);
		rig.ipi(0, 5, NMI);

		assertEquals(List.of("nmi"), rig.vcpus[5].told);
		assertFalse(rig.sources[5].pending());
	}

	@ParameterizedTest
	@ValueSource(ints = { 0x200, 0x300, 0x700 })
	void smiAndReservedModesDoNothing(int mode) {
		rig.ipi(0, 5, mode | 0x45);

		assertEquals(List.of(), rig.vcpus[5].told);
	}

	// messages

	@ParameterizedTest(name = "address {0} data {1} reaches {2}")
	@CsvSource({ "0xfee07000, 0x45, 7", "0xfeeff000, 0x45, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19",
			"0xfee06004, 0x45, 1 2", "0xfee06004, 0x145, 1", "0xfee0600c, 0x45, 1", "0xfee07000, 0xc045, 7",
			"0xfee07000, 0x8045, ''", "0xfee07000, 0x05, ''", "0xfed07000, 0x45, ''", "0x1fee07000, 0x45, ''",
			"0xfee07000, 0x645, ''", "0xfee07000, 0x345, ''" })
	void messagesReachWhomTheAddressNames(String address, String data, String reached) {
		for (int i = 0; i < 8; i++)
			rig.apic(i, Rig.LDR, 1 << 24 + i);
		rig.device.message(Long.decode(address), Integer.decode(data));

		assertEquals(reached, whoGot(0x45));
	}

	@Test
	void messageMayBeAnNmi() {
		rig.device.message(0xfee0_3000L, 0x400);

		assertEquals(List.of("nmi"), rig.vcpus[3].told);
	}

	@Test
	void messageByLevelIsMarkedAsSuch() {
		rig.device.message(0xfee0_3000L, 0xc045);

		assertEquals(1 << 5, rig.apic(3, Rig.TMR + 0x20));
	}
}
