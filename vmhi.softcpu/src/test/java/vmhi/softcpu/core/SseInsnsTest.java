package vmhi.softcpu.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.zip.CRC32C;

import org.junit.jupiter.api.Test;

/** What is not computation in the instructions on XMM and MMX registers: memory, exceptions, availability. */
class SseInsnsTest {
	private static final String ADDPD_TO_XMM1_FROM_RAX = "660f5808";
	private static final String MOVUPS_TO_RAX_FROM_XMM1 = "0f1108";
	private static final String PADDB_MM1_MM2 = "0ffcca";
	private static final long ONE = Double.doubleToRawLongBits(1);

	private final SingleStep step = new SingleStep();
	private final Cpu cpu = step.cpu;

	@Test
	void operandOfArithmeticHasToBeAligned() {
		cpu.r[Cpu.RAX] = SingleStep.DATA + 8;

		assertEquals(Fault.GP, step.execute(ADDPD_TO_XMM1_FROM_RAX));
		assertEquals(0, cpu.faultError);
		assertEquals(Fault.GP, step.execute("0f2908")); // movaps
		assertEquals(SingleStep.NONE, step.execute("0f1008")); // movups
		assertEquals(SingleStep.NONE, step.execute("f20f5808")); // addsd
		assertEquals(SingleStep.NONE, step.execute("660f3a630800")); // pcmpistri
	}

	@Test
	void loadsAndStoresGoToTheAddressInTheOrderOfBytes() {
		cpu.r[Cpu.RAX] = SingleStep.DATA + 1;
		cpu.xmm[2] = 0x0706_0504_0302_0100L;
		cpu.xmm[3] = 0x0f0e_0d0c_0b0a_0908L;

		assertEquals(SingleStep.NONE, step.execute(MOVUPS_TO_RAX_FROM_XMM1));
		assertEquals(SingleStep.NONE, step.execute("0f10500f")); // movups xmm2, [rax + 15]

		for (int at = 0; at < 16; at++)
			assertEquals(at, step.memory.getByte(SingleStep.DATA + 1 + at));
		assertEquals(0x0f, cpu.xmm[4]);
		assertEquals(0, cpu.xmm[5]);
	}

	@Test
	void storeThatHalfOfIsNotAllowedLeavesMemoryAlone() {
		cpu.r[Cpu.RAX] = SingleStep.DATA + 4096 - 8;
		cpu.xmm[2] = -1;
		step.protect(SingleStep.DATA + 4096);

		assertEquals(Fault.PF, step.execute(MOVUPS_TO_RAX_FROM_XMM1));
		assertEquals(SingleStep.DATA + 4096, cpu.faultPayload);
		assertEquals(0, step.memory.getLong(SingleStep.DATA + 4096 - 8));
	}

	@Test
	void maskedStoreNeedsNoRightsForBytesItLeavesOut() {
		cpu.r[Cpu.RDI] = SingleStep.DATA + 4096 - 8;
		cpu.xmm[2] = 0x1122_3344_5566_7788L;
		cpu.xmm[3] = -1;
		cpu.xmm[4] = 0x8000_0000_0000_0080L;
		step.protect(SingleStep.DATA + 4096);

		assertEquals(SingleStep.NONE, step.execute("660ff7ca")); // maskmovdqu xmm1, xmm2
		assertEquals(0x1100_0000_0000_0088L, step.memory.getLong(SingleStep.DATA + 4096 - 8));

		cpu.xmm[4] = -1;
		cpu.xmm[5] = -1;
		assertEquals(Fault.PF, step.execute("660ff7ca"));
		assertEquals(0x1100_0000_0000_0088L, step.memory.getLong(SingleStep.DATA + 4096 - 8));
	}

	@Test
	void withoutTheSwitchInCr4ThereIsNoSseButMmx() {
		cpu.cr4 &= ~Cpu.CR4_OSFXSR;

		assertEquals(Fault.UD, step.execute("0f58ca")); // addps
		assertEquals(Fault.UD, step.execute("660ffcca")); // paddb on xmm
		assertEquals(SingleStep.NONE, step.execute(PADDB_MM1_MM2));
		assertEquals(SingleStep.NONE, step.execute("f20f38f1ca")); // crc32
		cpu.r[Cpu.RAX] = SingleStep.DATA;
		assertEquals(SingleStep.NONE, step.execute("0fc308")); // movnti
	}

	@Test
	void stateOfAnotherTaskIsNotAvailable() {
		cpu.cr0 |= Cpu.CR0_TS;

		assertEquals(Fault.NM, step.execute("0f58ca"));
		assertEquals(Fault.NM, step.execute(PADDB_MM1_MM2));
		assertEquals(Fault.NM, step.execute("0f77")); // emms
		cpu.cr0 |= Cpu.CR0_EM;
		assertEquals(Fault.UD, step.execute("0f58ca"));
		assertEquals(Fault.UD, step.execute(PADDB_MM1_MM2));
	}

	@Test
	void unmaskedExceptionIsNotedAndLeavesTheDestination() {
		cpu.sse.mxcsr = 0x1f80 & ~0x200; // division by zero
		cpu.xmm[2] = ONE;
		cpu.xmm[4] = 0;

		assertEquals(Fault.XM, step.execute("f20f5eca")); // divsd xmm1, xmm2
		assertEquals(ONE, cpu.xmm[2]);
		assertEquals(0x1d84, cpu.sse.mxcsr);

		cpu.cr4 &= ~Cpu.CR4_OSXMMEXCPT;
		assertEquals(Fault.UD, step.execute("f20f5eca"));
	}

	@Test
	void maskedExceptionStaysInMxcsr() {
		cpu.xmm[2] = ONE;
		cpu.xmm[3] = ONE;
		cpu.xmm[4] = Double.doubleToRawLongBits(3);
		cpu.xmm[5] = 0;

		assertEquals(SingleStep.NONE, step.execute("660f5eca")); // divpd xmm1, xmm2
		assertEquals(Double.doubleToRawLongBits(1 / 3.0), cpu.xmm[2]);
		assertEquals(Double.doubleToRawLongBits(Double.POSITIVE_INFINITY), cpu.xmm[3]);
		assertEquals(0x1fa4, cpu.sse.mxcsr);
	}

	@Test
	void mmxTakesTheRegistersOfTheFpu() {
		cpu.x87.mmx(1, 0x0102_0304_0506_0708L);
		cpu.x87.mmx(2, 0x0101_0101_0101_01ffL);
		cpu.x87.abridgedTag(0);
		cpu.x87.status(0x3800);

		assertEquals(SingleStep.NONE, step.execute(PADDB_MM1_MM2));
		assertEquals(0x0203_0405_0607_0807L, cpu.x87.mmx(1));
		assertEquals(0xffff, cpu.x87.signExponent(1));
		assertEquals(0xff, cpu.x87.abridgedTag());
		assertEquals(0, cpu.x87.top());

		assertEquals(SingleStep.NONE, step.execute("0f77")); // emms
		assertEquals(0, cpu.x87.abridgedTag());
	}

	@Test
	void mmxThatFaultsLeavesTheFpuAsItWas() {
		cpu.x87.abridgedTag(0x18);
		cpu.r[Cpu.RAX] = SingleStep.DATA;
		step.protect(SingleStep.DATA);

		assertEquals(Fault.PF, step.execute("0f7f08")); // movq [rax], mm1
		assertEquals(0x18, cpu.x87.abridgedTag());
	}

	@Test
	void mmxReportsWhatTheFpuLeft() {
		cpu.x87.control(0x37e);
		cpu.x87.status(1);

		assertEquals(Fault.MF, step.execute(PADDB_MM1_MM2));
		assertEquals(Fault.MF, step.execute("0f2aca")); // cvtpi2ps xmm1, mm2
		assertEquals(SingleStep.NONE, step.execute("660ffcca"));
	}

	@Test
	void registersFromEightOnAreForXmmOnly() {
		cpu.xmm[18] = 0x1234;
		cpu.x87.mmx(1, 0);
		cpu.x87.mmx(2, 0x55);

		assertEquals(SingleStep.NONE, step.execute("66450f6fd1")); // movdqa xmm10, xmm9
		assertEquals(0x1234, cpu.xmm[20]);
		assertEquals(SingleStep.NONE, step.execute("450f6fca")); // movq mm1, mm2
		assertEquals(0x55, cpu.x87.mmx(1));
	}

	@Test
	void formsThatDoNotExistAreUndefined() {
		for (String hex : new String[] { "f00f58ca", "f30f28ca", "660f12ca", "0f2bca", "660fe7ca", "0fc3ca",
				"0f6cca", "660f71ca01", "0fd6ca", "f30f3800ca", "0f3810ca", "0f38f0ca", "0f78ca", "660f5008",
				"f30f38f0ca", "f30f7cca" })
			assertEquals(Fault.UD, step.execute(hex), hex);
	}

	@Test
	void outsideOf64BitModeSegmentsAreChecked() {
		step.protectedMode(32);
		cpu.r[Cpu.RAX] = SingleStep.DATA;
		cpu.limit[Cpu.DS] = (int) SingleStep.DATA + 14;
		cpu.segmentation.modeChanged();

		assertEquals(Fault.GP, step.execute("0f1008")); // movups xmm1, [eax]
		assertEquals(SingleStep.NONE, step.execute("f20f1008")); // movsd
	}

	@Test
	void checksumOfBytesIsThatOfLongerPieces() {
		int whole = Crc32Insn.crc(0x1234_5678, 0x1122_3344_5566_7788L, 8);
		int parts = Crc32Insn.crc(Crc32Insn.crc(Crc32Insn.crc(0x1234_5678, 0x7788, 2), 0x66, 1), 0x55, 1);
		parts = Crc32Insn.crc(parts, 0x1122_3344, 4);

		assertEquals(whole, parts);
		CRC32C reference = new CRC32C();
		reference.update(new byte[] { 0x78, 0x56, 0x34, 0x12 });
		assertEquals((int) reference.getValue(), ~Crc32Insn.crc(-1, 0x1234_5678, 4));
	}

	@Test
	void carrylessProductIsThatOfShiftsAndExclusiveOrs() {
		long a = 0xdead_beef_0123_4567L;
		long b = 0x9e37_79b9_7f4a_7c15L;
		long low = 0;
		long high = 0;
		for (int bit = 0; bit < 64; bit++)
			if ((b >>> bit & 1) != 0) {
				low ^= a << bit;
				high ^= bit == 0 ? 0 : a >>> 64 - bit;
			}

		assertEquals(low, CarrylessMultiplyInsn.low(a, b));
		assertEquals(high, CarrylessMultiplyInsn.high(a, b));
		assertEquals(0x5555_5555_5555_5555L, CarrylessMultiplyInsn.low(-1, -1));
	}
}
