package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.ChipState.Channel;
import vmhi.api.cpu.ChipState.IoApic;
import vmhi.api.cpu.ChipState.Pic;
import vmhi.api.cpu.ChipState.Pit;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState.Debug;
import vmhi.api.cpu.CpuState.Events;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.cpu.CpuState.Xcr;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;

/** What goes into KVM's structures comes out of them, without a kernel. */
class KvmStructuresTest {

	@Test
	void generalRegisters() {
		long[] registers = new long[16];
		for (int i = 0; i < 16; i++)
			registers[i] = -i;
		General back = KvmRegs.read(KvmRegs.write(new General(registers, 0x1000, 0x202)));

		assertArrayEquals(registers, back.registers());
		assertEquals(0x1000, back.rip());
		assertEquals(0x202, back.rflags());
	}

	@Test
	void segmentsAndControlRegisters() {
		SystemRegisters s = new SystemRegisters(segment(1), segment(2), segment(3), segment(4), segment(5), segment(6),
				segment(7), segment(8), new Table(0x1_0000_0000L, 0xffff), new Table(2, 0x27), 0x8000_0011L, 2, 3, 4, 5,
				0x500,
				0xfee0_0900L);

		assertEquals(s, KvmSregs.read(KvmSregs.write(s)));
	}

	@ParameterizedTest(name = "bit {0}")
	@ValueSource(ints = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 })
	void eachAttributeOfASegment(int bit) {
		Segment one = new Segment(0xffff, -1, -1, 1 << bit), none = new Segment(0, 0, 0, 0);
		SystemRegisters s = new SystemRegisters(one, none, none, none, none, none, none, none, new Table(0, 0),
				new Table(0, 0), 0, 0, 0, 0, 0, 0, 0);

		assertEquals(s, KvmSregs.read(KvmSregs.write(s)));
	}

	@ParameterizedTest(name = "CR0 {0}, EFER {1}, RFLAGS {2}, SS {3}, CS {4}: level {5}, {6} bits")
	@CsvSource({
			"0x10,       0x0,   0x2,     0x93, 0x9b,   0, 16",
			"0x11,       0x0,   0x2,     0x93, 0xc9b,  0, 32",
			"0x11,       0x0,   0x20002, 0xf3, 0xfb,   3, 16",
			"0x80000011, 0x500, 0x2,     0xf3, 0xafb,  3, 64",
			"0x80000011, 0x500, 0x2,     0xf3, 0xcfb,  3, 32",
			"0x80000011, 0x100, 0x2,     0x93, 0xa9b,  0, 16" })
	void privilegeAndWidthOfCode(long cr0, long efer, long rflags, int ss, int cs, int privilege, int bits) {
		Segment none = new Segment(0, 0, 0, 0);
		ByteBuffer sregs = KvmSregs.write(new SystemRegisters(new Segment(8, 0, -1, cs), none, none, none, none,
				new Segment(16, 0, -1, ss), none, none, new Table(0, 0), new Table(0, 0), cr0, 0, 0, 0, 0, efer, 0));

		assertEquals(privilege, KvmSregs.privilege(sregs, 0, rflags));
		assertEquals(bits, KvmSregs.codeBits(sregs, 0));
	}

	@Test
	void debugAndExtendedControlRegisters() {
		Debug debug = new Debug(new long[] { 1, 2, 3, -4 }, 0xffff_0ff0L, 0x400);
		Debug back = KvmDebugRegs.read(KvmDebugRegs.write(debug));
		assertArrayEquals(debug.dr0to3(), back.dr0to3());
		assertEquals(debug.dr6(), back.dr6());
		assertEquals(debug.dr7(), back.dr7());

		List<Xcr> xcrs = List.of(new Xcr(0, 7), new Xcr(1, -1));
		assertEquals(xcrs, KvmXcrs.read(KvmXcrs.write(xcrs)));
	}

	@Test
	void events() {
		for (Events e : List.of(Events.NONE, new Events(14, true, 7, 0, -1, false, 0, true, false, -1),
				new Events(3, false, 0, 0, 0xff, true, 2, false, true, -1)))
			assertEquals(e, KvmEvents.read(KvmEvents.write(e)));
	}

	@Test
	void startupVectorIsToldToKvmOnlyIfThereIsOne() {
		assertEquals(0x11, startup(0x11).getInt(KvmEvents.SIPI_VECTOR));
		assertTrue((startup(0).getInt(KvmEvents.FLAGS) & KvmEvents.VALID_SIPI_VECTOR) != 0);
		assertEquals(0, startup(-1).getInt(KvmEvents.FLAGS) & KvmEvents.VALID_SIPI_VECTOR);
	}

	@Test
	void nmiWhoseDeliveryWasInterruptedIsStillToCome() {
		ByteBuffer events = KvmEvents.write(Events.NONE).put(KvmEvents.NMI_INJECTED, (byte) 1);

		assertTrue(KvmEvents.read(events).nmiPending());
		assertFalse(KvmEvents.read(events).nmiBlocked());
	}

	@Test
	void interruptChips() {
		Pic pic = new Pic(1, 0x80, 0xff, 2, 3, 0x70, true, false, true, 2, false, true, false, true, 0x0e, 0xde);
		assertEquals(pic, KvmIrqchip.readPic(KvmIrqchip.write(KvmIrqchip.SECONDARY_PIC, pic)));

		long[] redirection = new long[24];
		redirection[23] = 0xff00_0000_0001_00efL;
		IoApic back = KvmIrqchip
				.readIoApic(KvmIrqchip.write(new IoApic(0xfec0_0000L, 0x3f, 2, redirection, 1 << 23)));
		assertEquals(0xfec0_0000L, back.baseAddress());
		assertEquals(0x3f, back.select());
		assertEquals(2, back.id());
		assertArrayEquals(redirection, back.redirection());
		assertEquals(1 << 23, back.pending());
	}

	@Test
	void timerKeepsTheTimeSinceItsCountsWereLoaded() {
		Channel channel = new Channel(65536, 0xffff, 2, true, 0x80, 3, 1, 0xff, 3, 2, false, true, 5000);
		Pit pit = new Pit(List.of(channel, channel, channel), 3);

		assertEquals(pit, KvmPit.read(KvmPit.write(pit, 1_000_000), 1_000_000));
		assertEquals(7000, KvmPit.read(KvmPit.write(pit, 1_000_000), 1_002_000).channels().get(2).elapsed());
	}

	@Test
	void cpuidTableIsWrittenAsItIs() throws Exception {
		ByteBuffer list = KvmCpuid.write(new CpuidTable(List.of(new Leaf(0x8000_0000, 0, false, 1, 2, 3, 4),
				new Leaf(4, 3, true, 5, 6, 7, 8))));

		assertEquals(2, list.getInt(0));
		assertArrayEquals(new int[] { 0x8000_0000, 0, 0, 1, 2, 3, 4, 0, 0, 0, 4, 3, 1, 5, 6, 7, 8, 0, 0, 0 },
				ints(list, 8));
		CpuidTable much = new CpuidTable(Collections.nCopies(257, new Leaf(1, 0, false, 0, 0, 0, 0)));
		CpuException refusal = assertThrows(CpuException.class, () -> KvmCpuid.write(much));
		assertEquals("the CPUID table has 257 entries, KVM takes 256", refusal.getMessage());
	}

	@Test
	void supportedCpuidIsSortedAndThatOfAMachineWithOneProcessor() {
		ByteBuffer list = ByteBuffer.allocate(8 + 40 * 6).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 6);
		entry(list, 0, 0x8000_0000, 0, 0, 0x8000_0008, 0, 0, 0);
		entry(list, 1, 0x4000_0000, 0, 0, 0x4000_0001, 0, 0, 0);
		entry(list, 2, 4, 1, 1, 0x7c00_4122, 2, 3, 4);
		entry(list, 3, 4, 0, 1, 0x7c00_4121, 2, 3, 4);
		entry(list, 4, 0xb, 0, 1, 0, 0, 0, 5);
		entry(list, 5, 1, 7, 0, 0xa0671, 0x0610_0800, 0, 0x1fff_fbff);

		assertEquals(List.of(new Leaf(1, 0, false, 0xa0671, 0x0001_0800, 1 << 24, 0x0fff_fbff),
				new Leaf(4, 0, true, 0x121, 2, 3, 4), new Leaf(4, 1, true, 0x122, 2, 3, 4),
				new Leaf(0xb, 0, true, 0, 0, 0, 0), new Leaf(0x8000_0000, 0, false, 0x8000_0008, 0, 0, 0)),
				KvmCpuid.supported(list, true).leaves());
		assertEquals(0, KvmCpuid.supported(list, false).find(1, 0).orElseThrow().ecx());
	}

	@Test
	void supportedCpuidHasNothingThatAStateCantHold() {
		ByteBuffer list = ByteBuffer.allocate(8 + 40 * 6).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 6);
		entry(list, 0, 1, 0, 0, 0, 0, 1 << 5 | 1, 0); // VMX
		entry(list, 1, 7, 0, 1, 1, 0, 0, 1 << 24 | 1); // AMX-TILE
		entry(list, 2, 7, 1, 1, 1 << 21 | 1, 0, 0, 0); // AMX-FP16
		entry(list, 3, 0x1d, 0, 1, 1, 0, 0, 0);
		entry(list, 4, 0x8000_0001, 0, 0, 0, 0, 1 << 2 | 1, 0); // SVM
		entry(list, 5, 0x8000_000a, 0, 0, 1, 8, 0, 0);

		assertEquals(List.of(new Leaf(1, 0, false, 0, 1 << 16, 1, 0), new Leaf(7, 0, true, 1, 0, 0, 1),
				new Leaf(7, 1, true, 1, 0, 0, 0), new Leaf(0x8000_0001, 0, false, 0, 0, 1, 0)),
				KvmCpuid.supported(list, false).leaves());
	}

	private static ByteBuffer startup(int vector) {
		return KvmEvents.write(new Events(-1, false, 0, 0, -1, false, 0, false, false, vector));
	}

	private static Segment segment(int number) {
		return new Segment(8 * number, 0x1_0000_0000L * number, -number, 0x1fff >> number);
	}

	private static void entry(ByteBuffer list, int i, int... fields) {
		for (int field = 0; field < fields.length; field++)
			list.putInt(8 + 40 * i + 4 * field, fields[field]);
	}

	private static int[] ints(ByteBuffer buffer, int from) {
		int[] ints = new int[(buffer.capacity() - from) / 4];
		for (int i = 0; i < ints.length; i++)
			ints[i] = buffer.getInt(from + 4 * i);
		return ints;
	}
}
