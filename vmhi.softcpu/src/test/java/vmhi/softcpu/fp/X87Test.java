package vmhi.softcpu.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** State of the FPU, and what the CPU relies on around an instruction; arithmetic is {@link RecordedX87Test}'s. */
class X87Test {
	private static final long ONE = 0x8000000000000000L;
	private static final int ONE_EXPONENT = 0x3fff;
	private static final int ZERO_DIVIDE_UNMASKED = 0x37b;
	private static final int STACK_FAULT = 0x41;
	private static final int C1 = 0x200, C2 = 0x400;
	private static final int SUMMARY_AND_BUSY = 0x8080;

	private final X87 fpu = new X87();

	private void push1() {
		fpu.register(1, 0xe8, 0);
	}

	private void push0() {
		fpu.register(1, 0xee, 0);
	}

	@Test
	void resetEmptiesRegistersAndMasksExceptions() {
		push1();
		fpu.instructionPointer = 5;
		fpu.reset();
		assertEquals(0x37f, fpu.control());
		assertEquals(0, fpu.status());
		assertEquals(0xffff, fpu.tagWord());
		assertEquals(0, fpu.instructionPointer);
	}

	@ParameterizedTest
	@CsvSource({ "0, 0x40", "0xffff, 0x1f7f", "0xe080, 0x40", "0x1f7f, 0x1f7f" })
	void controlWordKeepsWhatItHas(String written, String read) {
		fpu.control(Integer.decode(written));
		assertEquals(Integer.decode(read), fpu.control());
	}

	@Test
	void exceptionWaitsOnceItIsUnmasked() {
		fpu.status(0x4);
		assertFalse(fpu.pendingException());
		fpu.control(ZERO_DIVIDE_UNMASKED);
		assertTrue(fpu.pendingException());
		assertEquals(SUMMARY_AND_BUSY | 4, fpu.status());
		fpu.control(0x37f);
		assertFalse(fpu.pendingException());
		assertEquals(4, fpu.status());
	}

	@Test
	void clearingExceptionsLeavesConditionCodesAndTop() {
		fpu.status(0x6d7f);
		fpu.register(3, 0xe2, 0);
		assertEquals(0x6d00, fpu.status());
	}

	@Test
	void unmaskedExceptionLeavesOperandsAlone() {
		fpu.control(ZERO_DIVIDE_UNMASKED);
		push0();
		push1();
		fpu.register(6, 0xf1, 0); // FDIVRP ST(1), ST(0): 1 / 0
		assertTrue(fpu.pendingException());
		assertEquals(6, fpu.top());
		assertEquals(ONE, fpu.stMantissa(0));
		assertEquals(0, fpu.stMantissa(1));
	}

	@Test
	void tagWordTellsZeroNormalAndSpecial() {
		fpu.abridgedTag(0x7f);
		long[] mantissas = { 0, ONE, 1, ONE, ONE, -1, ONE, 0 };
		int[] exponents = { 0, 0, 0, 1, 0x7fff, 0x7fff, 0xbfff, 0 };
		for (int r = 0; r < 8; r++) {
			fpu.physical(r, mantissas[r], exponents[r]);
		}
		// zero, pseudo-denormal, denormal, normal, infinity, NaN, normal, empty
		assertEquals(0b11_00_10_10_00_10_10_01, fpu.tagWord());
	}

	@Test
	void tagWordGivesBackWhichRegistersAreEmpty() {
		fpu.tagWord(0b11_00_10_01_11_11_00_11);
		assertEquals(0b01110010, fpu.abridgedTag());
	}

	@Test
	void pushOntoFullStackIsToldFromPopOfAnEmptyOne() {
		fpu.abridgedTag(0xff);
		push1();
		assertEquals(STACK_FAULT | C1 | 7 << 11, fpu.status());
		assertEquals(0xffff, fpu.stSignExponent(0));
		fpu.reset();
		fpu.register(1, 0xfa, 0);
		assertEquals(STACK_FAULT, fpu.status());
	}

	@Test
	void storeThatMemoryRefusesHasNoEffect() {
		push1();
		fpu.load(0, 6, 0x40400000); // 1 / 3
		int status = fpu.status();
		assertTrue(fpu.prepareStore(1, 3));
		assertEquals(0x3eaaaaab, fpu.stored);
		assertEquals(status, fpu.status());
		assertTrue(fpu.prepareStore(1, 3));
		fpu.finishStore(1, 3);
		assertEquals(0, fpu.top());
		assertEquals(0xffff, fpu.tagWord());
	}

	@Test
	void unmaskedInvalidStoreWritesNothing() {
		fpu.control(0x37e);
		assertFalse(fpu.prepareStore(3, 3));
		assertTrue(fpu.pendingException());
		assertEquals(0, fpu.top());
	}

	@Test
	void trigonometryEndsAtTwoToThe63() {
		push1();
		fpu.st(0, ONE, ONE_EXPONENT + 63);
		fpu.register(1, 0xfe, 0);
		assertEquals(C2, fpu.status() & C2);
		assertEquals(ONE_EXPONENT + 63, fpu.stSignExponent(0));
		fpu.st(0, -1, ONE_EXPONENT + 62);
		fpu.register(1, 0xfe, 0);
		assertEquals(0, fpu.status() & C2);
	}

	@Test
	void sineOfPiIsWhatPiLacks() {
		fpu.register(1, 0xeb, 0);
		fpu.register(1, 0xfe, 0);
		// 66 bits of pi, less the 64 of FLDPI
		assertEquals(0xbfbf, fpu.stSignExponent(0));
		assertEquals(ONE, fpu.stMantissa(0));
	}

	@Test
	void multimediaRegistersAreThePhysicalOnes() {
		push1();
		fpu.enterMmx();
		fpu.mmx(3, 0x123456789L);
		assertEquals(0, fpu.top());
		assertEquals(0xff, fpu.abridgedTag());
		assertEquals(0x123456789L, fpu.mantissa(3));
		assertEquals(0xffff, fpu.signExponent(3));
		assertEquals(ONE, fpu.mmx(7));
		fpu.emptyMmx();
		assertEquals(0, fpu.abridgedTag());
	}

	@ParameterizedTest
	@CsvSource({ "0xd9, 0x3f, false", "0xd9, 0x2f, true", "0xdd, 0x37, false", "0xdd, 0x27, true", "0xdb, 0xe2, false",
			"0xdb, 0xe3, false", "0xdf, 0xe0, false", "0xd9, 0xd0, true", "0xd8, 0xc1, true" })
	void onlyControlInstructionsDoNotWait(String escape, String modrm, boolean waits) {
		assertEquals(waits, X87.waits(Integer.decode(escape) - 0xd8, Integer.decode(modrm)));
	}

	@ParameterizedTest
	@CsvSource({ "0xd9, 0xd1", "0xd9, 0xe2", "0xd9, 0xef", "0xda, 0xe0", "0xda, 0xe8", "0xdb, 0xe5", "0xdb, 0xf8",
			"0xdd, 0xf0", "0xde, 0xd8", "0xdf, 0xe1", "0xdf, 0xf8" })
	void whatIsNoInstructionIsRefused(String escape, String modrm) {
		assertEquals(-1, fpu.register(Integer.decode(escape) - 0xd8, Integer.decode(modrm), 0));
	}

	@Test
	void noStateAndNoOperandStopsTheFpu() {
		Random random = new Random(7);
		for (int n = 0; n < 200_000; n++) {
			fpu.control(random.nextInt());
			fpu.status(random.nextInt());
			fpu.abridgedTag(random.nextInt());
			fpu.st(0, random.nextLong(), random.nextInt());
			fpu.st(1, random.nextLong(), random.nextInt());
			int escape = random.nextInt(8);
			int modrm = random.nextInt(0x100);
			if (modrm >= 0xc0) {
				fpu.register(escape, modrm, random.nextInt());
			} else {
				touchMemory(escape, modrm >> 3 & 7, random);
			}
		}
	}

	private void touchMemory(int escape, int reg, Random random) {
		switch (X87.operand(escape, reg)) {
			case X87.LOAD_2 -> fpu.load(escape, reg, random.nextLong() & 0xffff);
			case X87.LOAD_4 -> fpu.load(escape, reg, random.nextLong() & 0xffffffffL);
			case X87.LOAD_8 -> fpu.load(escape, reg, random.nextLong());
			case X87.LOAD_10 -> fpu.load10(escape, reg, random.nextLong(), random.nextInt());
			case X87.STORE_2, X87.STORE_4, X87.STORE_8, X87.STORE_10 -> {
				if (fpu.prepareStore(escape, reg)) {
					fpu.finishStore(escape, reg);
				}
			}
			default -> fpu.tagWord(random.nextInt());
		}
	}
}
