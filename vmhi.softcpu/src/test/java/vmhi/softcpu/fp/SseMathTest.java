package vmhi.softcpu.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short way of SSE arithmetic against the exact one, and what becomes of exceptions. */
class SseMathTest {
	private static final int CASES = 20_000;
	private static final int IE = 1, ZE = 4, OE = 8, UE = 16, PE = 32;
	private static final int ZERO_DIVIDE_UNMASKED = 0x1f80 & ~(ZE << 7);
	private static final int ALL_MASKED_AND_PRECISION_NOTED = 0x1fa0;

	private final Random random = new Random(20);
	private final SseMath sse = new SseMath();
	private final SseMath other = new SseMath();
	private final SseExact exact = new SseExact(other);

	/** Numbers that are often near each other, often short, and sometimes at the edges. */
	private long bits64() {
		long fraction = random.nextLong() >>> 12;
		fraction = random.nextBoolean() ? fraction >>> random.nextInt(52) << random.nextInt(52) : fraction;
		long exponent = switch (random.nextInt(8)) {
			case 0 -> random.nextInt(3);
			case 1 -> 0x7ff - random.nextInt(3);
			case 2 -> random.nextInt(0x800);
			default -> 0x3fb + random.nextInt(8);
		};
		return (long) random.nextInt(2) << 63 | exponent << 52 | fraction & (1L << 52) - 1;
	}

	private int bits32() {
		int fraction = random.nextInt();
		fraction = random.nextBoolean() ? fraction << random.nextInt(23) : fraction;
		int exponent = switch (random.nextInt(8)) {
			case 0 -> random.nextInt(3);
			case 1 -> 0xff - random.nextInt(3);
			case 2 -> random.nextInt(0x100);
			default -> 0x7c + random.nextInt(8);
		};
		return random.nextInt(2) << 31 | exponent << 23 | fraction & (1 << 23) - 1;
	}

	private void start(int mxcsr) {
		sse.mxcsr = mxcsr;
		sse.raised = 0;
		other.mxcsr = mxcsr;
		other.raised = 0;
	}

	/** A precision exception that was noted before need not be raised again. */
	private void same(long expected, long got, String what) {
		assertEquals(Long.toHexString(expected), Long.toHexString(got), what);
		assertEquals(other.raised | other.mxcsr, sse.raised | sse.mxcsr, "exceptions of " + what);
	}

	@ParameterizedTest
	@ValueSource(ints = { SseMath.DEFAULT_MXCSR, ALL_MASKED_AND_PRECISION_NOTED, 0x9fc0, 0x3fa0, 0x0f80 })
	void shortWaysOf64BitsAgreeWithTheExactOne(int mxcsr) {
		for (int i = 0; i < CASES; i++) {
			long a = bits64();
			long b = bits64();
			String operands = " " + Long.toHexString(a) + " " + Long.toHexString(b);
			start(mxcsr);
			same(exact.arithmetic(SseExact.ADD, a, b, Format.DOUBLE), sse.add64(a, b), "add" + operands);
			start(mxcsr);
			same(exact.arithmetic(SseExact.SUBTRACT, a, b, Format.DOUBLE), sse.sub64(a, b), "sub" + operands);
			start(mxcsr);
			same(exact.arithmetic(SseExact.MULTIPLY, a, b, Format.DOUBLE), sse.mul64(a, b), "mul" + operands);
			start(mxcsr);
			same(exact.arithmetic(SseExact.DIVIDE, a, b, Format.DOUBLE), sse.div64(a, b), "div" + operands);
			start(mxcsr);
			same(exact.squareRoot(a, Format.DOUBLE), sse.sqrt64(a), "sqrt" + operands);
			start(mxcsr);
			same((int) exact.convert(a, Format.DOUBLE, Format.SINGLE), sse.cvt64to32(a), "cvt" + operands);
			start(mxcsr);
			same(exact.toInteger(a, Format.DOUBLE, 64, false), sse.toLong64(a, false), "toLong" + operands);
			start(mxcsr);
			same(exact.round(a, 4, Format.DOUBLE), sse.round64(a, 4), "round" + operands);
			start(mxcsr);
			same(exact.fromInteger(a, Format.DOUBLE), sse.longTo64(a), "longTo64" + operands);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { SseMath.DEFAULT_MXCSR, ALL_MASKED_AND_PRECISION_NOTED, 0x9fc0, 0x3fa0, 0x0f80 })
	void shortWaysOf32BitsAgreeWithTheExactOne(int mxcsr) {
		for (int i = 0; i < CASES; i++) {
			int a = bits32();
			int b = bits32();
			String operands = " " + Integer.toHexString(a) + " " + Integer.toHexString(b);
			start(mxcsr);
			same((int) exact.arithmetic(SseExact.ADD, a, b, Format.SINGLE), sse.add32(a, b), "add" + operands);
			start(mxcsr);
			same((int) exact.arithmetic(SseExact.SUBTRACT, a, b, Format.SINGLE), sse.sub32(a, b), "sub" + operands);
			start(mxcsr);
			same((int) exact.arithmetic(SseExact.MULTIPLY, a, b, Format.SINGLE), sse.mul32(a, b), "mul" + operands);
			start(mxcsr);
			same((int) exact.arithmetic(SseExact.DIVIDE, a, b, Format.SINGLE), sse.div32(a, b), "div" + operands);
			start(mxcsr);
			same((int) exact.squareRoot(a, Format.SINGLE), sse.sqrt32(a), "sqrt" + operands);
			start(mxcsr);
			same(exact.convert(a, Format.SINGLE, Format.DOUBLE), sse.cvt32to64(a), "cvt" + operands);
			start(mxcsr);
			same((int) exact.toInteger(a, Format.SINGLE, 32, true), sse.toInt32(a, true), "toInt" + operands);
			start(mxcsr);
			same((int) exact.fromInteger(a, Format.SINGLE), sse.intTo32(a), "intTo32" + operands);
		}
	}

	@Test
	void defaultRoundingIsThatOfJava() {
		sse.mxcsr = ALL_MASKED_AND_PRECISION_NOTED;
		for (int i = 0; i < CASES; i++) {
			double a = random.nextGaussian();
			double b = random.nextGaussian() * 1e10;
			long x = Double.doubleToRawLongBits(a);
			long y = Double.doubleToRawLongBits(b);
			assertEquals(a + b, Double.longBitsToDouble(sse.add64(x, y)));
			assertEquals(a * b, Double.longBitsToDouble(sse.mul64(x, y)));
			assertEquals(a / b, Double.longBitsToDouble(sse.div64(x, y)));
		}
		assertEquals(0, sse.raised);
	}

	@Test
	void unmaskedExceptionFaultsAndIsNoted() {
		sse.mxcsr = ZERO_DIVIDE_UNMASKED;
		sse.div32(Float.floatToRawIntBits(1), 0);
		assertTrue(sse.faults());
		assertEquals(ZERO_DIVIDE_UNMASKED | ZE, sse.mxcsr);
		assertEquals(0, sse.raised);
	}

	@Test
	void maskedExceptionIsOnlyNoted() {
		sse.div64(Double.doubleToRawLongBits(1), 0);
		assertFalse(sse.faults());
		assertEquals(SseMath.DEFAULT_MXCSR | ZE, sse.mxcsr);
	}

	@Test
	void exceptionKnownBeforehandHidesThoseOfOtherElements() {
		sse.mxcsr = ZERO_DIVIDE_UNMASKED;
		sse.div32(Float.floatToRawIntBits(1), Float.floatToRawIntBits(3));
		sse.div32(Float.floatToRawIntBits(1), 0);
		assertTrue(sse.faults());
		assertEquals(ZERO_DIVIDE_UNMASKED | ZE, sse.mxcsr, "1/3 is not exact, but that does not show");
	}

	@Test
	void overflowAndUnderflowAreTold() {
		long max = Double.doubleToRawLongBits(Double.MAX_VALUE);
		long min = Double.doubleToRawLongBits(Double.MIN_NORMAL);
		assertEquals(Double.POSITIVE_INFINITY, Double.longBitsToDouble(sse.add64(max, max)));
		assertEquals(OE | PE, sse.raised);
		sse.raised = 0;
		assertEquals(0, sse.mul64(min, min));
		assertEquals(UE | PE, sse.raised);
	}

	@Test
	void integerThatDoesNotFitIsIndefinite() {
		assertEquals(Integer.MIN_VALUE, sse.toInt64(Double.doubleToRawLongBits(2147483648.0), true));
		assertEquals(IE, sse.raised);
		sse.raised = 0;
		assertEquals(Integer.MIN_VALUE, sse.toInt64(Double.doubleToRawLongBits(-2147483648.0), true));
		assertEquals(0, sse.raised, "this one fits");
		assertEquals(Integer.MAX_VALUE, sse.toInt64(Double.doubleToRawLongBits(2147483647.0), false));
		assertEquals(0, sse.raised, "and so does this");
	}
}
