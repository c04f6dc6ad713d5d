package vmhi.softcpu.fp;

/**
 * Rounds exact results, as the control word or MXCSR of a vCPU wants it, and says what was lost (SDM volume 1, sections
 * 4.8.4 and 4.9.1). It belongs to the thread of that vCPU.
 */
final class Rounding {
	static final int INVALID = 1;
	static final int DENORMAL = 2;
	static final int ZERO_DIVIDE = 4;
	static final int OVERFLOW = 8;
	static final int UNDERFLOW = 16;
	static final int PRECISION = 32;
	/** Exceptions found before anything is computed: if they are unmasked, there is no result. */
	static final int BEFORE = INVALID | DENORMAL | ZERO_DIVIDE;

	static final int NEAREST = 0;
	static final int DOWN = 1;
	static final int UP = 2;
	static final int TO_ZERO = 3;

	/** What is added to the exponent of a result that an unmasked handler shall see (8.5.4 and 8.5.5). */
	private static final int WRAP = 24576;

	int mode;
	/** Exceptions that are not masked, as bits. */
	int unmasked;
	/** A tiny result becomes zero, where underflow is masked (10.2.3.3). */
	boolean flush;
	/** Whether the last rounding made the magnitude bigger. */
	boolean grew;

	private final Real unbounded = new Real();

	/** Rounds a number, and returns which of overflow, underflow and precision exceptions there are. */
	int round(Real value, Format format) {
		grew = false;
		if (value.kind != Real.FINITE) {
			return 0;
		}
		if (value.exponent < format.minExponent) {
			return roundTiny(value, format);
		}
		int flags = cut(value, format.precision);
		return value.exponent > format.maxExponent ? flags | overflow(value, format) : flags;
	}

	private int overflow(Real value, Format format) {
		if ((unmasked & OVERFLOW) != 0) {
			value.exponent -= WRAP;
			if (value.exponent <= format.maxExponent) {
				return OVERFLOW;
			}
			// only FSCALE gets that far
			value.infinite(value.negative);
			grew = true;
			return OVERFLOW | PRECISION;
		}
		grew = mode == NEAREST || mode == (value.negative ? DOWN : UP);
		if (grew) {
			value.infinite(value.negative);
		} else {
			value.finite(value.negative, format.maxExponent, -1L << 64 - format.precision, 0);
		}
		return OVERFLOW | PRECISION;
	}

	/** Below the normal numbers. Whether a result is tiny is decided after rounding, as all x86 processors do. */
	private int roundTiny(Real value, Format format) {
		unbounded.set(value);
		int flags = cut(unbounded, format.precision);
		boolean tiny = unbounded.exponent < format.minExponent;
		if (tiny && (unmasked & UNDERFLOW) != 0) {
			value.set(unbounded);
			value.exponent += WRAP;
			if (value.exponent < format.minExponent) {
				value.zero(value.negative);
				grew = false;
				flags = PRECISION;
			}
			return UNDERFLOW | flags;
		}
		if (tiny && flush) {
			value.zero(value.negative);
			return UNDERFLOW | PRECISION;
		}
		flags = cut(value, format.precision - format.minExponent + value.exponent);
		return tiny && flags != 0 ? flags | UNDERFLOW : flags;
	}

	/** Rounds to so many significant bits, none or fewer included. Returns {@link #PRECISION} if that lost something. */
	int cut(Real value, int bits) {
		boolean half;
		boolean rest;
		if (bits >= 64) {
			half = value.low < 0;
			rest = value.low << 1 != 0;
		} else if (bits >= 0) {
			half = (value.high >>> 63 - bits & 1) != 0;
			rest = (value.high << bits << 1 | value.low) != 0;
		} else {
			half = false;
			rest = true;
		}
		boolean odd = bits > 0 && (value.high >>> 64 - bits & 1) != 0;
		value.low = 0;
		value.high = bits > 0 ? value.high & -1L << 64 - bits : 0;
		grew = away(value.negative, odd, half, rest);
		if (grew) {
			increment(value, bits);
		} else if (bits <= 0) {
			value.zero(value.negative);
		}
		return half || rest ? PRECISION : 0;
	}

	private boolean away(boolean negative, boolean odd, boolean half, boolean rest) {
		return switch (mode) {
			case NEAREST -> half && (rest || odd);
			case DOWN -> negative && (half || rest);
			case UP -> !negative && (half || rest);
			default -> false;
		};
	}

	private static void increment(Real value, int bits) {
		if (bits <= 0) {
			value.exponent += 1 - bits;
			value.high = 1L << 63;
			return;
		}
		value.high += 1L << 64 - bits;
		if (value.high == 0) {
			value.exponent++;
			value.high = 1L << 63;
		}
	}

	/** Rounds a number of at most 64 bits to an integer. Returns {@link #PRECISION} if it was none. */
	int toInteger(Real value) {
		grew = false;
		return value.kind == Real.FINITE && value.exponent < 63 ? cut(value, value.exponent + 1) : 0;
	}
}
