package vmhi.softcpu.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What is not computation in the instructions of the FPU. */
class X87InsnsTest {
	private static final String FLD1 = "d9e8", FLDPI = "d9eb", FNOP = "d9d0", FNINIT = "dbe3", FNSTSW_AX = "dfe0",
			FWAIT = "9b";
	private static final long D = SingleStep.DATA;
	/** An unmasked exception that waits: invalid operation. */
	private static final int UNMASKED = 0x37e, INVALID = 1;

	private final SingleStep step = new SingleStep();
	private final Cpu cpu = step.cpu;

	private void run(String hex) {
		assertEquals(SingleStep.NONE, step.execute(hex), hex);
	}

	private int word(long address) {
		return step.memory.getShort(address) & 0xffff;
	}

	@Test
	void numbersGoThroughMemoryInAllSizes() {
		cpu.r[Cpu.RAX] = D;
		run(FLDPI);
		run("d910"); // fst dword [rax]
		run("dd5008"); // fst qword [rax + 8]
		run("db7810"); // fstp tbyte [rax + 16]
		run("db6810"); // fld tbyte [rax + 16]
		run("db5820"); // fistp dword [rax + 32]
		run("df4020"); // fild word [rax + 32]

		assertEquals(Float.floatToRawIntBits((float) Math.PI), step.memory.getInt(D));
		assertEquals(Double.doubleToRawLongBits(Math.PI), step.memory.getLong(D + 8));
		assertEquals(0xc90f_daa2_2168_c235L, step.memory.getLong(D + 16));
		assertEquals(0x4000, word(D + 24));
		assertEquals(0, word(D + 26));
		assertEquals(3, step.memory.getInt(D + 32));
		assertEquals(0xc000_0000_0000_0000L, cpu.x87.stMantissa(0));
	}

	@Test
	void exceptionIsReportedByTheNextInstructionThatWaits() {
		cpu.x87.control(UNMASKED);
		run("d8c1"); // fadd on an empty stack

		assertEquals(Fault.MF, step.execute(FLD1));
		assertEquals(Fault.MF, step.execute(FWAIT));
		run(FNSTSW_AX);
		assertEquals(0x80c1, cpu.r[Cpu.RAX] & 0xf0ff);
		run(FNINIT);
		run(FLD1);
	}

	@Test
	void taskSwitchedKeepsTheFpuFromBeingUsed() {
		cpu.cr0 |= Cpu.CR0_TS;

		assertEquals(Fault.NM, step.execute(FLD1));
		assertEquals(Fault.NM, step.execute(FNINIT));
		assertEquals(Fault.NM, step.execute(FWAIT));
		cpu.cr0 &= ~Cpu.CR0_MP;
		run(FWAIT);
		cpu.cr0 = cpu.cr0 & ~Cpu.CR0_TS | Cpu.CR0_EM;
		assertEquals(Fault.NM, step.execute(FLD1));
		run(FWAIT);
	}

	@Test
	void formsThatDoNotExistAreUndefinedEvenWithoutFpu() {
		cpu.cr0 |= Cpu.CR0_TS;

		for (String hex : new String[] { "d9d1", "d908", "db20", "dd28", "dfe1", "f0d9e8" })
			assertEquals(Fault.UD, step.execute(hex), hex);
	}

	@Test
	void pointersAreThoseOfTheLastInstructionThatComputes() {
		cpu.r[Cpu.RAX] = D - 0x10;
		step.rip = 0x1_2345_6789L;
		run("d94010"); // fld dword [rax + 16]
		step.rip = 0x1_2345_9999L;
		cpu.r[Cpu.RAX] = D;
		run("d938"); // fnstcw [rax]

		assertEquals(0x1_2345_6789L, cpu.x87.instructionPointer);
		assertEquals(D, cpu.x87.dataPointer);
		assertEquals(0x140, cpu.x87.opcode);
	}

	@Test
	void moveByFlagsAndComparisonIntoFlags() {
		run(FLD1);
		run(FLDPI);
		run("dbf1"); // fcomi st0, st1

		assertEquals(0, cpu.arithmeticFlags());
		run("dac1"); // fcmovb st0, st1
		assertEquals(0x4000, cpu.x87.stSignExponent(0));
		cpu.arithmeticFlags(Flags.CF);
		run("dac1");
		assertEquals(0x3fff, cpu.x87.stSignExponent(0));
		assertEquals(Flags.CF, cpu.arithmeticFlags());
	}

	@Test
	void storeThatFaultsChangesNothing() {
		cpu.r[Cpu.RAX] = D + 4096 - 8;
		step.protect(D + 4096);
		run(FLD1);

		assertEquals(Fault.PF, step.execute("db38")); // fstp tbyte [rax]
		assertEquals(0, step.memory.getLong(D + 4096 - 8));
		assertEquals(7, cpu.x87.top());
		assertEquals(Fault.PF, step.execute("dd30")); // fnsave
		assertEquals(0, step.memory.getLong(D + 4096 - 8));
		assertEquals(7, cpu.x87.top());
	}

	@Test
	void environmentOfProtectedModeHas28BytesOr14() {
		step.protectedMode(32);
		cpu.r[Cpu.RAX] = D;
		step.memory.putLong(D + 0x40, 0);
		run("d94040"); // fld dword [eax + 64]
		run("d930"); // fnstenv [eax]
		run("66d97020"); // fnstenv [eax + 32], of 16 bits

		int[] wide = { 0xffff_037f, 0xffff_3800, 0xffff_7fff, 0x1234, 0x140 << 16, (int) D + 0x40, 0xffff_0000 };
		for (int at = 0; at < 7; at++)
			assertEquals(wide[at], step.memory.getInt(D + 4 * at), "word " + at);
		int[] narrow = { 0x37f, 0x3800, 0x7fff, 0x1234, 0, 0x40, 0 };
		for (int at = 0; at < 7; at++)
			assertEquals(narrow[at], word(D + 32 + 2 * at), "word " + at);
		assertEquals(0, step.memory.getShort(D + 32 + 14));
	}

	@Test
	void environmentOfRealModeHasLinearAddressesAndTheOpcode() {
		step.realMode();
		cpu.base[Cpu.CS] = 0x12340;
		cpu.base[Cpu.DS] = 0x20000;
		cpu.segmentation.modeChanged();
		cpu.r[Cpu.RBX] = 0x8000;
		run("d907"); // fld dword [bx]
		run("d97720"); // fnstenv [bx + 32]

		assertEquals(0x3574, word(0x28020 + 6));
		assertEquals(0x1107, word(0x28020 + 8));
		assertEquals(0x8000, word(0x28020 + 10));
		assertEquals(0x2000, word(0x28020 + 12));
		run(FNINIT);
		run("d96720"); // fldenv [bx + 32]
		assertEquals(0x1234, cpu.x87.instructionPointer);
		assertEquals(0x8000, cpu.x87.dataPointer);
		assertEquals(0x107, cpu.x87.opcode);
		assertEquals(0x80, cpu.x87.abridgedTag());
	}

	@Test
	void storingTheEnvironmentMasksExceptions() {
		cpu.r[Cpu.RAX] = D;
		cpu.x87.control(UNMASKED);
		cpu.x87.status(INVALID);
		run("d930"); // fnstenv [rax]
		run(FNOP);

		assertEquals(UNMASKED, word(D));
		assertEquals(0x37f, cpu.x87.control());
		run("d920"); // fldenv [rax]
		assertEquals(Fault.MF, step.execute(FNOP));
	}

	@Test
	void savedStateComesBack() {
		cpu.r[Cpu.RAX] = D;
		run(FLD1);
		run(FLDPI);
		run("dd30"); // fnsave [rax]
		assertEquals(0, cpu.x87.abridgedTag());
		assertEquals(0, cpu.x87.top());
		assertEquals(0xc90f_daa2_2168_c235L, step.memory.getLong(D + 28));
		assertEquals(0x3fff, word(D + 28 + 18));
		for (int r = 0; r < 8; r++)
			cpu.x87.physical(r, 0, 0);
		run("dd20"); // frstor [rax]

		assertEquals(6, cpu.x87.top());
		assertEquals(0xc0, cpu.x87.abridgedTag());
		assertEquals(0x4000, cpu.x87.stSignExponent(0));
		assertEquals(0x8000_0000_0000_0000L, cpu.x87.stMantissa(1));
	}
}
