package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.device.irqchip.Rig.LEVEL;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.CpuException;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;

/** States that are taken out and put in, at moments at which something is under way. */
class StateTest {
	private Rig rig;

	@BeforeEach
	void powerOn() throws DeviceException {
		rig = new Rig(2).enabled().pics();
	}

	@AfterEach
	void powerOff() {
		rig.close();
	}

	private void move() throws DeviceException {
		Rig next = rig.copy();
		rig.close();
		rig = next;
	}

	@Test
	void levelInServiceIsEndedByTheNextDevice() throws DeviceException {
		rig.pin(20, 1, 0x61 | LEVEL);
		rig.device.line(20, true);
		assertEquals(0x61, rig.accept(1));
		move();
		assertEquals(-1, rig.accept(1));
		rig.apic(1, Rig.EOI, 0);
		assertEquals(0x61, rig.accept(1));
		rig.device.line(20, false);
		rig.apic(1, Rig.EOI, 0);

		assertEquals(-1, rig.accept(1));
	}

	@Test
	void pendingInterruptsArePendingAndToldToTheVcpu() throws DeviceException {
		rig.ipi(0, 1, 0x45);
		rig.device.line(4, true);
		move();

		assertEquals(List.of("interrupt"), rig.vcpus[0].told);
		assertEquals(List.of("interrupt"), rig.vcpus[1].told);
		assertEquals(0x34, rig.accept(0));
		assertEquals(0x45, rig.accept(1));
	}

	@Test
	void lineThatWasHighMakesNoSecondEdge() throws DeviceException {
		rig.pin(5, 1, 0x55);
		rig.device.line(5, true);
		assertEquals(0x35, rig.accept(0));
		assertEquals(0x55, rig.accept(1));
		rig.out(0x20, 0x20);
		rig.apic(1, Rig.EOI, 0);
		move();
		rig.device.line(5, true);
		assertFalse(rig.sources[0].pending());
		assertFalse(rig.sources[1].pending());
		rig.device.line(5, false);
		rig.device.line(5, true);

		assertEquals(0x35, rig.accept(0));
		assertEquals(0x55, rig.accept(1));
	}

	@Test
	void initializationUnderWayGoesOn() throws DeviceException {
		rig.out(0x20, 0x11);
		rig.out(0x21, 0x70);
		move();
		rig.out(0x21, 4, 1, 0xef);
		rig.device.line(4, true);

		assertEquals(0x74, rig.accept());
	}

	@Test
	void halfReadCountGoesOn() throws DeviceException {
		rig.out(0x61, 1);
		rig.out(0x43, 0xb4);
		rig.out(0x42, 0x34, 0x12);
		rig.out(0x43, 0x80);
		assertEquals(0x34, rig.in(0x42));
		rig.out(0x42, 0x78);
		move();
		assertEquals(0x12, rig.in(0x42));
		rig.out(0x61, 0);
		rig.out(0x42, 0x56);
		rig.out(0x61, 1);

		assertEquals(0x78, rig.in(0x42));
		assertEquals(0x56, rig.in(0x42));
	}

	@Test
	void x2ApicModeGoesOn() throws DeviceException {
		rig.extended();
		rig.msr(0, 0x830, 1L << 32 | 0x45);
		move();

		assertEquals(1L << 32 | 0x45, rig.msr(0, 0x830));
		assertEquals(2, rig.msr(1, 0x80d));
		assertEquals(0x45, rig.accept(1));
	}

	@Test
	void externalInterruptByMessageGoesOn() throws DeviceException {
		rig.apic(0, Rig.LINT0, 0x1_0700);
		rig.pin(0, 1, 0x700);
		rig.device.line(4, true);
		move();

		assertEquals(0x34, rig.accept(1));
	}

	@Test
	void nmiAtLintZeroIsNotToldAgain() throws DeviceException {
		rig.apic(0, Rig.LINT0, 0x400);
		rig.device.line(4, true);
		assertEquals(List.of("nmi"), rig.vcpus[0].told);
		move();

		assertEquals(List.of(), rig.vcpus[0].told);
	}

	@Test
	void resetForgetsAlarms() {
		rig.apic(0, Rig.LVT_TIMER, 0x2_0031);
		rig.apic(0, Rig.COUNT, 1000);
		rig.out(0x43, 0x34);
		rig.out(0x40, 0, 1);
		rig.device.reset();
		assertEquals(0, rig.board.clock().armed());
		rig.board.clock().advance(1_000_000_000);

		assertFalse(rig.sources[0].pending());
	}

	@ParameterizedTest(name = "{0} = {1}")
	@CsvSource({ "pic0.priorityAdd, 8", "ioApic.levels, -1", "pit0.count, 0", "pit0.count, 65537", "apic0.base, 0",
			"apic0.base, 0xfee00400", "apic1.timerLeft, -2", "pit2.elapsed, -1" })
	void numberThatCannotBeIsRefused(String field, String value) throws DeviceException {
		Map<String, Object> fields = new HashMap<>(rig.device.save().fields());
		assertTrue(fields.containsKey(field), fields.keySet().toString());
		fields.put(field, Long.decode(value));

		DeviceException refusal = assertThrows(DeviceException.class,
				() -> rig.device.restore(new DeviceState(Irqchip.KIND, 1, fields)));
		assertEquals(DeviceException.Kind.STATE, refusal.kind());
		assertTrue(refusal.getMessage().startsWith(field), refusal.getMessage());
	}

	@Test
	void pageOfAnotherSizeIsRefused() {
		assertThrows(DeviceException.class, () -> rig.device
				.restore(new DeviceState(Irqchip.KIND, 1, Map.of("apic0.page", new byte[0x3ff]))));
	}

	// the chips that all vCPUs share, as other implementations have them, too

	@Test
	void chipsAreAsKvmHasThem() {
		rig.pin(20, 3, 0x61 | LEVEL | 0x1_0000);
		rig.device.line(20, true);
		rig.device.line(4, true);
		rig.out(0x43, 0x34);
		rig.out(0x40, 0x10, 0x27);
		rig.out(0x61, 3);
		rig.board.clock().advance(1_000_000);

		ChipState state = rig.device.saveChips();

		assertEquals(0xfec0_0000L, state.ioApic().baseAddress());
		assertEquals(3L << 56 | 0x61 | LEVEL | 0x1_0000, state.ioApic().redirection()[20]);
		assertEquals(1 << 20 | 1 << 4 | 1, state.ioApic().pending(), "pin 0 is INTR");
		assertEquals(new ChipState.Pic(0x10, 0x10, 0, 0, 0, 0x30, false, false, false, 0, false, false, false, true, 0,
				0xf8), state.primaryPic());
		assertEquals(new ChipState.Channel(10_000, 0, 0, false, 0, 3, 3, 0x10, 3, 2, false, true, 1_000_000),
				state.pit().channels().get(0));
		assertEquals(3, state.pit().speaker());
		assertEquals(24, state.lines().size());
		assertTrue(state.lines().get(20) && state.lines().get(4));
	}

	@Test
	void chipsThatArePutInGoOn() throws CpuException, DeviceException {
		rig.pin(20, 1, 0x61 | LEVEL);
		rig.device.line(20, true);
		assertEquals(0x61, rig.accept(1));
		rig.out(0x43, 0x34);
		rig.out(0x40, 0x10, 0x27);
		rig.board.clock().advance(5_000_000);
		ChipState state = rig.device.saveChips();
		try (Rig next = new Rig(2, 99_000_000).enabled()) {
			next.device.restoreChips(state);

			assertArrayEquals(state.ioApic().redirection(), next.device.saveChips().ioApic().redirection());
			assertEquals(state.primaryPic(), next.device.saveChips().primaryPic());
			assertEquals(state.pit(), next.device.saveChips().pit());
			assertEquals(state.lines(), next.device.saveChips().lines());
			next.board.clock().advance(3_300_000);
			assertFalse(next.sources[0].pending());
			next.board.clock().advance(100_000);
			assertEquals(0x30, next.accept());
		}
	}

	@Test
	void chipsThatAreMissingStayAndThoseThatDoNotFitAreRefused() throws CpuException {
		ChipState before = rig.device.saveChips();
		rig.device.restoreChips(new ChipState(null, null, null, null, List.of()));
		assertEquals(before.primaryPic(), rig.device.saveChips().primaryPic());

		ChipState.IoApic small = new ChipState.IoApic(IoApic.BASE, 0, 0, new long[8], 0);
		assertThrows(CpuException.class,
				() -> rig.device.restoreChips(new ChipState(small, null, null, null, List.of())));
		List<Boolean> many = Collections.nCopies(25, true);
		assertThrows(CpuException.class, () -> rig.device.restoreChips(new ChipState(null, null, null, null, many)));
		ChipState.Pit none = new ChipState.Pit(List.of(), 0);
		assertThrows(CpuException.class,
				() -> rig.device.restoreChips(new ChipState(null, null, null, none, List.of())));
	}
}
