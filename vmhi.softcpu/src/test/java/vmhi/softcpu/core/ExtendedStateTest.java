package vmhi.softcpu.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

class ExtendedStateTest {
	private static final String FXSAVE = "0fae00", FXRSTOR = "0fae08", LDMXCSR = "0fae10", STMXCSR = "0fae18",
			XSAVE = "0fae20", XRSTOR = "0fae28", XSAVE64 = "480fae20", XRSTOR64 = "480fae28";
	private static final long D = SingleStep.DATA;
	private static final int HEADER = 512;

	private final SingleStep step = new SingleStep();
	private final Cpu cpu = step.cpu;

	private void run(String hex) {
		assertEquals(SingleStep.NONE, step.execute(hex), hex);
	}

	/** Something in every register; asks for all components, at {@link #D}. */
	private void fill() {
		for (int at = 0; at < 32; at++)
			cpu.xmm[at] = 0x0101_0101_0101_0101L * (at + 1);
		cpu.x87.control(0x27f);
		cpu.x87.status(0x2900);
		cpu.x87.abridgedTag(0xe7);
		for (int r = 0; r < 8; r++)
			cpu.x87.physical(r, 1L << 63 | r, 0x3fff + r);
		cpu.x87.instructionPointer = 0x1_0000_0003L;
		cpu.x87.dataPointer = 0x2_0000_0005L;
		cpu.x87.opcode = 0x123;
		cpu.sse.mxcsr = 0x9fa1;
		cpu.r[Cpu.RAX] = D;
		cpu.r[Cpu.RDX] = 0;
	}

	/** XSAVE and XRSTOR take the components from EAX, so the address is in another register. */
	private void components(int mask) {
		cpu.r[Cpu.RAX] = mask;
		cpu.r[Cpu.RDX] = 0;
		cpu.r[Cpu.RCX] = D;
	}

	private static String byRcx(String hex) {
		int last = Integer.parseInt(hex.substring(hex.length() - 2), 16) | 1;
		return hex.substring(0, hex.length() - 2) + String.format("%02x", last);
	}

	private void wipe() {
		Arrays.fill(cpu.xmm, 0, 32, -1);
		cpu.x87.reset();
		for (int r = 0; r < 8; r++)
			cpu.x87.physical(r, -1, -1);
		cpu.sse.mxcsr = 0x1f80;
	}

	@Test
	void imageHasAllThatIsRestored() {
		fill();
		byte[] image = ExtendedState.save(cpu);
		wipe();
		ExtendedState.restore(cpu, image);

		assertEquals(ExtendedState.BYTES, image.length);
		assertTrue(ExtendedState.valid(image));
		assertArrayEquals(image, ExtendedState.save(cpu));
		assertEquals(0x1_0000_0003L, cpu.x87.instructionPointer);
		assertEquals(0x2020_2020_2020_2020L, cpu.xmm[31]);
		assertEquals(0x9fa1, cpu.sse.mxcsr);
	}

	@Test
	void componentThatIsNotInTheImageIsReset() {
		fill();
		byte[] image = ExtendedState.save(cpu);
		image[HEADER] = 0;
		ExtendedState.restore(cpu, image);

		assertEquals(0, cpu.xmm[31]);
		assertEquals(0x37f, cpu.x87.control());
		assertEquals(0, cpu.x87.abridgedTag());
		assertEquals(0, cpu.x87.mantissa(3));
	}

	@Test
	void imagesThatAreNotOnesAreFound() {
		byte[] image = ExtendedState.save(cpu);

		assertFalse(ExtendedState.valid(Arrays.copyOf(image, ExtendedState.BYTES - 1)));
		assertTrue(ExtendedState.valid(Arrays.copyOf(image, 4096)));
		int[][] spoiled = { { HEADER, 4 }, { HEADER + 7, 0x80 }, { HEADER + 8, 1 }, { HEADER + 23, 0x80 }, { 26, 1 },
				{ 27, 0x80 } };
		for (int[] spoil : spoiled) {
			byte[] bad = image.clone();
			bad[spoil[0]] |= (byte) spoil[1];
			assertFalse(ExtendedState.valid(bad), "byte " + spoil[0]);
		}
	}

	@Test
	void fxsaveStoresTheLayoutAndFxrstorTakesIt() {
		fill();
		step.memory.putLong(D + 416, -1);
		run(FXSAVE);

		assertEquals(0x0123_00e7_2900_027fL, step.memory.getLong(D));
		assertEquals(3, step.memory.getLong(D + 8));
		assertEquals(5, step.memory.getLong(D + 16));
		assertEquals(0xffff_0000_9fa1L, step.memory.getLong(D + 24));
		assertEquals(1L << 63 | 5, step.memory.getLong(D + 32));
		assertEquals(0x4004, step.memory.getLong(D + 40));
		assertEquals(0x0101_0101_0101_0101L, step.memory.getLong(D + 160));
		assertEquals(-1, step.memory.getLong(D + 416));
		byte[] before = ExtendedState.save(cpu);
		wipe();
		run("480fae08"); // fxrstor64
		cpu.x87.instructionPointer = 0x1_0000_0003L;
		cpu.x87.dataPointer = 0x2_0000_0005L;
		assertArrayEquals(before, ExtendedState.save(cpu));
	}

	@Test
	void outsideOf64BitModeThereAreEightRegisters() {
		step.protectedMode(32);
		fill();
		run(FXSAVE);
		wipe();
		run(FXRSTOR);

		assertEquals(0x1010_1010_1010_1010L, cpu.xmm[15]);
		assertEquals(-1, cpu.xmm[16]);
		assertEquals(0, step.memory.getLong(D + 160 + 128));
	}

	@Test
	void areasThatAreNotAlignedOrNotWritableAreRefusedWhole() {
		fill();
		cpu.r[Cpu.RAX] = D + 8;
		assertEquals(Fault.GP, step.execute(FXSAVE));
		assertEquals(Fault.GP, step.execute(FXRSTOR));
		components(3);
		cpu.r[Cpu.RCX] = D + 16;
		assertEquals(Fault.GP, step.execute(byRcx(XSAVE)));
		assertEquals(Fault.GP, step.execute(byRcx(XRSTOR)));

		cpu.r[Cpu.RAX] = D + 4096 - 256;
		step.protect(D + 4096);
		assertEquals(Fault.PF, step.execute(FXSAVE));
		assertEquals(0, step.memory.getLong(D + 4096 - 256));
	}

	@Test
	void xsaveStoresWhatIsAskedForOnly() {
		fill();
		components(2);
		step.memory.putLong(D + HEADER, 4);
		run(byRcx(XSAVE64));

		assertEquals(0, step.memory.getLong(D));
		assertEquals(0xffff_0000_9fa1L, step.memory.getLong(D + 24));
		assertEquals(0x2020_2020_2020_2020L, step.memory.getLong(D + 408));
		assertEquals(6, step.memory.getLong(D + HEADER));

		components(-1);
		step.memory.putLong(D + HEADER, 0);
		run(byRcx(XSAVE64));
		assertEquals(3, step.memory.getLong(D + HEADER));
		assertEquals(0x1_0000_0003L, step.memory.getLong(D + 8));
	}

	@Test
	void xrstorLoadsOrResetsWhatIsAskedFor() {
		fill();
		components(3);
		run(byRcx(XSAVE64));
		step.memory.putLong(D + HEADER, 1);
		wipe();
		components(2);
		run(byRcx(XRSTOR64));

		assertEquals(0, cpu.xmm[0]);
		assertEquals(0x9fa1, cpu.sse.mxcsr);
		assertEquals(-1, cpu.x87.mantissa(0));
		components(1);
		run(byRcx(XRSTOR64));
		assertEquals(0x2900, cpu.x87.status());
		assertEquals(1L << 63 | 5, cpu.x87.mantissa(5));
	}

	@Test
	void headersAndControlWordsOfNonsenseAreRefused() {
		fill();
		components(3);
		run(byRcx(XSAVE64));
		byte[] before = ExtendedState.save(cpu);
		long[][] spoiled = { { HEADER, 7 }, { HEADER + 8, 1L << 63 }, { HEADER + 16, 1 }, { 24, 0x1_0000 } };
		for (long[] spoil : spoiled) {
			long good = step.memory.getLong(D + spoil[0]);
			step.memory.putLong(D + spoil[0], spoil[1]);
			assertEquals(Fault.GP, step.execute(byRcx(XRSTOR64)), "at " + spoil[0]);
			step.memory.putLong(D + spoil[0], good);
		}
		cpu.r[Cpu.RAX] = D;
		step.memory.putLong(D + 24, 0x1_1f80);
		assertEquals(Fault.GP, step.execute(FXRSTOR));
		cpu.r[Cpu.RAX] = D + 24;
		assertEquals(Fault.GP, step.execute(LDMXCSR));
		assertArrayEquals(before, ExtendedState.save(cpu));
	}

	@Test
	void mxcsrGoesToMemoryAndComesBack() {
		cpu.r[Cpu.RAX] = D + 1;
		step.memory.putInt(D + 1, 0xffbf);
		run(LDMXCSR);
		step.memory.putLong(D + 1, 0);
		run(STMXCSR);

		assertEquals(0xffbf, step.memory.getLong(D + 1));
	}

	@Test
	void whatIsSwitchedOffIsUndefinedOrUnavailable() {
		fill();
		cpu.cr0 |= Cpu.CR0_TS;
		assertEquals(Fault.NM, step.execute(FXSAVE));
		assertEquals(Fault.NM, step.execute(byRcx(XSAVE)));
		assertEquals(Fault.NM, step.execute(STMXCSR));
		cpu.cr4 &= ~(Cpu.CR4_OSXSAVE | Cpu.CR4_OSFXSR);
		assertEquals(Fault.UD, step.execute(byRcx(XSAVE)));
		assertEquals(Fault.UD, step.execute(STMXCSR));
		for (String hex : new String[] { "660fae00", "f30fae20", "0faec0", "660faef0", "f00fae00", "0fc7f0", "0fc7f8" })
			assertEquals(Fault.UD, step.execute(hex), hex);
		for (String fence : new String[] { "0faee8", "0faef0", "0faef8", "0faeff" })
			run(fence);
	}
}
