package vmhi.softcpu.fp;

/**
 * Arithmetic on numbers taken apart. Operands are no NaN; results are exact as far as rounding to 64 bits can tell, and
 * good to some 126 bits where they are operands again. Returned are the exceptions that are known beforehand, and then
 * {@code into} is what the processor answers to those; {@code into} may be an operand.
 */
final class RealMath {
	/** One bit more than 64, and one that says whether anything follows. */
	private static final int SHORT_STEPS = 66;
	private static final int LONG_STEPS = 128;

	private RealMath() {}

	/** {@code a + b}, or {@code a - b}; {@code down} says that an exact zero is negative (IEEE 754, section 6.3). */
	static int add(Real a, Real b, boolean subtract, boolean down, Real into) {
		boolean sign = b.negative != subtract;
		if (a.kind == Real.INFINITE || b.kind == Real.INFINITE) {
			if (a.kind == b.kind && a.negative != sign) {
				into.indefinite();
				return Rounding.INVALID;
			}
			into.infinite(a.kind == Real.INFINITE ? a.negative : sign);
		} else if (b.kind == Real.ZERO) {
			if (a.kind == Real.ZERO) {
				into.zero(a.negative == sign ? sign : down);
			} else {
				into.set(a);
			}
		} else if (a.kind == Real.ZERO) {
			into.set(b);
			into.negative = sign;
		} else if (a.negative == sign) {
			addMagnitudes(a, b, into);
			into.negative = sign;
		} else {
			int order = a.compareMagnitude(b);
			if (order == 0) {
				into.zero(down);
			} else if (order > 0) {
				subtractMagnitudes(a, b, a.negative, into);
			} else {
				subtractMagnitudes(b, a, sign, into);
			}
		}
		return 0;
	}

	private static void addMagnitudes(Real a, Real b, Real into) {
		Real big = a.exponent >= b.exponent ? a : b;
		Real small = big == a ? b : a;
		int shift = big.exponent - small.exponent;
		long low = big.low + shiftedLow(small, shift);
		long carry = Long.compareUnsigned(low, big.low) < 0 ? 1 : 0;
		long part = shiftedHigh(small, shift) + carry;
		long high = big.high + part;
		// part is zero here only if the carry went through it, which takes a shifted number of all ones
		boolean over = Long.compareUnsigned(high, big.high) < 0 || part == 0 && carry != 0;
		int exponent = big.exponent;
		if (over) {
			low = low >>> 1 | high << 63 | low & 1;
			high = high >>> 1 | 1L << 63;
			exponent++;
		}
		into.finite(false, exponent, high, low);
	}

	private static void subtractMagnitudes(Real big, Real small, boolean negative, Real into) {
		int shift = big.exponent - small.exponent;
		long take = shiftedLow(small, shift);
		long borrow = Long.compareUnsigned(big.low, take) < 0 ? 1 : 0;
		long low = big.low - take;
		long high = big.high - shiftedHigh(small, shift) - borrow;
		into.finite(negative, big.exponent, high, low);
	}

	private static long shiftedHigh(Real value, int shift) {
		return shift < 64 ? value.high >>> shift : 0;
	}

	/** The lower half of a number shifted right; what falls out is kept as a one in bit 0. */
	private static long shiftedLow(Real value, int shift) {
		if (shift == 0) {
			return value.low;
		}
		if (shift < 64) {
			long lost = value.low << 64 - shift;
			return value.high << 64 - shift | value.low >>> shift | (lost != 0 ? 1 : 0);
		}
		if (shift == 64) {
			return value.high | (value.low != 0 ? 1 : 0);
		}
		if (shift < 128) {
			boolean lost = (value.high << 128 - shift | value.low) != 0;
			return value.high >>> shift - 64 | (lost ? 1 : 0);
		}
		return 1;
	}

	static int multiply(Real a, Real b, Real into) {
		boolean negative = a.negative != b.negative;
		if (a.kind == Real.FINITE && b.kind == Real.FINITE) {
			multiplyFinite(a, b, negative, into);
		} else if (a.kind == Real.INFINITE || b.kind == Real.INFINITE) {
			if (a.kind == Real.ZERO || b.kind == Real.ZERO) {
				into.indefinite();
				return Rounding.INVALID;
			}
			into.infinite(negative);
		} else {
			into.zero(negative);
		}
		return 0;
	}

	private static void multiplyFinite(Real a, Real b, boolean negative, Real into) {
		long high = multiplyHigh(a.high, b.high);
		long low = a.high * b.high;
		if ((a.low | b.low) != 0) {
			long first = multiplyHigh(a.high, b.low);
			long second = multiplyHigh(a.low, b.high);
			low += first;
			high += Long.compareUnsigned(low, first) < 0 ? 1 : 0;
			low += second;
			high += Long.compareUnsigned(low, second) < 0 ? 1 : 0;
			low |= 1;
		}
		into.finite(negative, a.exponent + b.exponent + 1, high, low);
	}

	/** The upper half of the product of two unsigned numbers. */
	private static long multiplyHigh(long a, long b) {
		return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
	}

	static int divide(Real a, Real b, Real into) {
		boolean negative = a.negative != b.negative;
		if (a.kind == Real.FINITE && b.kind == Real.FINITE) {
			boolean isShort = (a.low | b.low) == 0;
			divideFinite(a, b, isShort ? SHORT_STEPS : LONG_STEPS, into);
		} else if (a.kind == b.kind) {
			into.indefinite();
			return Rounding.INVALID;
		} else if (a.kind == Real.INFINITE) {
			into.infinite(negative);
		} else if (b.kind == Real.ZERO) {
			into.infinite(negative);
			return Rounding.ZERO_DIVIDE;
		} else {
			into.zero(negative);
		}
		return 0;
	}

	/** Divides finite numbers to all bits that there are, as an operand of more arithmetic. */
	static void quotient(Real a, Real b, Real into) {
		divideFinite(a, b, LONG_STEPS, into);
	}

	/** Bit by bit, as on paper. */
	private static void divideFinite(Real a, Real b, int steps, Real into) {
		boolean negative = a.negative != b.negative;
		int exponent = a.exponent - b.exponent;
		long high = a.high;
		long low = a.low;
		long quotientHigh = 0;
		long quotientLow = 0;
		boolean carry = false;
		for (int i = 0; i < steps; i++) {
			quotientHigh = quotientHigh << 1 | quotientLow >>> 63;
			quotientLow <<= 1;
			if (carry || atLeast(high, low, b.high, b.low)) {
				long borrow = Long.compareUnsigned(low, b.low) < 0 ? 1 : 0;
				high -= b.high + borrow;
				low -= b.low;
				quotientLow |= 1;
			}
			carry = high < 0;
			high = high << 1 | low >>> 63;
			low <<= 1;
		}
		int shift = LONG_STEPS - steps;
		if (shift != 0) {
			quotientHigh = quotientHigh << shift | quotientLow >>> 64 - shift;
			quotientLow <<= shift;
		}
		boolean rest = carry || (high | low) != 0;
		into.finite(negative, exponent, quotientHigh, quotientLow | (rest ? 1 : 0));
	}

	private static boolean atLeast(long high, long low, long otherHigh, long otherLow) {
		int order = Long.compareUnsigned(high, otherHigh);
		return order > 0 || order == 0 && Long.compareUnsigned(low, otherLow) >= 0;
	}

	/** Divides a finite number by a small positive one. */
	static void divideBySmall(Real value, int divisor) {
		long rest = value.high >>> 32;
		long first = rest / divisor;
		rest = rest % divisor << 32 | value.high & 0xffffffffL;
		long second = rest / divisor;
		rest = rest % divisor << 32 | value.low >>> 32;
		long third = rest / divisor;
		rest = rest % divisor << 32 | value.low & 0xffffffffL;
		value.finite(value.negative, value.exponent, first << 32 | second, third << 32 | rest / divisor | 1);
	}

	/** The root of a number of at most 64 bits, two bits of it at a time. */
	static int squareRoot(Real a, Real into) {
		if (a.kind == Real.ZERO || a.kind == Real.INFINITE && !a.negative) {
			into.set(a);
			return 0;
		}
		if (a.negative) {
			into.indefinite();
			return Rounding.INVALID;
		}
		int exponent = a.exponent >> 1;
		boolean even = (a.exponent & 1) == 0;
		long high = even ? a.high >>> 1 : a.high;
		long low = even ? a.high << 63 : 0;
		long rootHigh = 0;
		long rootLow = 0;
		long restHigh = 0;
		long restLow = 0;
		for (int i = 0; i < SHORT_STEPS; i++) {
			restHigh = restHigh << 2 | restLow >>> 62;
			restLow = restLow << 2 | high >>> 62;
			high = high << 2 | low >>> 62;
			low <<= 2;
			long tryHigh = rootHigh << 2 | rootLow >>> 62;
			long tryLow = rootLow << 2 | 1;
			rootHigh = rootHigh << 1 | rootLow >>> 63;
			rootLow <<= 1;
			if (atLeast(restHigh, restLow, tryHigh, tryLow)) {
				restHigh -= tryHigh + (Long.compareUnsigned(restLow, tryLow) < 0 ? 1 : 0);
				restLow -= tryLow;
				rootLow |= 1;
			}
		}
		int shift = LONG_STEPS - SHORT_STEPS;
		long rest = (restHigh | restLow) != 0 ? 1 : 0;
		into.finite(false, exponent, rootHigh << shift | rootLow >>> 64 - shift, rootLow << shift | rest);
		return 0;
	}

	/**
	 * Takes {@code b}, times two to the power of {@code exponents}, from the magnitude of {@code a} as often as it fits;
	 * the exponent of {@code a} is at least that high. Returns the last bits of how often.
	 */
	static long remainder(Real a, Real b, int exponents, Real into) {
		int steps = a.exponent - b.exponent - exponents;
		int exponent = b.exponent + exponents;
		long high = a.high;
		long low = a.low;
		long quotient = 0;
		boolean carry = false;
		for (int i = 0;; i++) {
			quotient <<= 1;
			if (carry || atLeast(high, low, b.high, b.low)) {
				high -= b.high + (Long.compareUnsigned(low, b.low) < 0 ? 1 : 0);
				low -= b.low;
				quotient |= 1;
			}
			if (i >= steps) {
				break;
			}
			carry = high < 0;
			high = high << 1 | low >>> 63;
			low <<= 1;
		}
		into.finite(a.negative, exponent, high, low);
		return quotient;
	}
}
