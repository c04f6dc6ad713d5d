package vmhi.softcpu.fp;

/**
 * A floating-point number taken apart, wide enough for every format of the processor and for intermediate results. It is
 * a variable: whoever owns one uses it again and again, so that arithmetic allocates nothing. A finite number is
 * {@code (high:low / 2^127) * 2^exponent} with bit 63 of {@code high} set. Bit 0 of {@code low} also stands for all bits
 * beyond it, which is enough to round to 64 bits.
 */
final class Real {
	static final int ZERO = 0;
	static final int FINITE = 1;
	static final int INFINITE = 2;
	static final int QUIET = 3;
	static final int SIGNALING = 4;
	/** An encoding of 80 bits that no operation accepts (SDM volume 1, table 8-3). */
	static final int UNSUPPORTED = 5;

	private static final int EXTENDED_BIAS = 0x3fff;
	private static final long INTEGER_BIT = 1L << 63;
	private static final long QUIET_BIT = 1L << 62;

	int kind;
	boolean negative;
	int exponent;
	/** Of a NaN: its 64 bits as the 80-bit format has them. */
	long high;
	long low;
	/** Whether it was denormal, or pseudo-denormal, where it was read. */
	boolean denormal;

	void set(Real other) {
		kind = other.kind;
		negative = other.negative;
		exponent = other.exponent;
		high = other.high;
		low = other.low;
		denormal = other.denormal;
	}

	private Real special(int newKind, boolean newNegative, long bits) {
		kind = newKind;
		negative = newNegative;
		exponent = 0;
		high = bits;
		low = 0;
		denormal = false;
		return this;
	}

	Real zero(boolean minus) {
		return special(ZERO, minus, 0);
	}

	Real infinite(boolean minus) {
		return special(INFINITE, minus, INTEGER_BIT);
	}

	/** The NaN that stands for the result of an invalid operation. */
	Real indefinite() {
		return special(QUIET, true, INTEGER_BIT | QUIET_BIT);
	}

	Real nan(boolean minus, long bits) {
		long all = bits | INTEGER_BIT;
		return special((all & QUIET_BIT) != 0 ? QUIET : SIGNALING, minus, all);
	}

	/** Takes 128 bits that need not be normalized, at the scale of {@code newExponent}. */
	Real finite(boolean minus, int newExponent, long newHigh, long newLow) {
		special(FINITE, minus, newHigh);
		exponent = newExponent;
		low = newLow;
		if (newHigh == 0) {
			if (newLow == 0) {
				return zero(minus);
			}
			high = newLow;
			low = 0;
			exponent -= 64;
		}
		int shift = Long.numberOfLeadingZeros(high);
		if (shift != 0) {
			high = high << shift | low >>> 64 - shift;
			low <<= shift;
			exponent -= shift;
		}
		return this;
	}

	Real integer(long value) {
		return finite(value < 0, 63, Math.abs(value), 0);
	}

	/** Reads the 80-bit format (SDM volume 1, section 4.2.2). */
	void extended(long mantissa, int signExponent) {
		boolean minus = (signExponent & 0x8000) != 0;
		int biased = signExponent & 0x7fff;
		if (biased == 0) {
			finite(minus, 1 - EXTENDED_BIAS, mantissa, 0);
			denormal = mantissa != 0;
		} else if (mantissa >= 0) {
			special(UNSUPPORTED, minus, mantissa);
		} else if (biased < 0x7fff) {
			special(FINITE, minus, mantissa);
			exponent = biased - EXTENDED_BIAS;
		} else if (mantissa == INTEGER_BIT) {
			infinite(minus);
		} else {
			nan(minus, mantissa);
		}
	}

	/** The mantissa of this rounded number in the 80-bit format; a NaN comes out quiet. */
	long extendedMantissa() {
		return switch (kind) {
			case ZERO -> 0;
			case FINITE -> exponent < 1 - EXTENDED_BIAS ? high >>> 1 - EXTENDED_BIAS - exponent : high;
			case INFINITE -> INTEGER_BIT;
			default -> high | INTEGER_BIT | QUIET_BIT;
		};
	}

	int extendedSignExponent() {
		int biased = switch (kind) {
			case ZERO -> 0;
			case FINITE -> exponent < 1 - EXTENDED_BIAS ? 0 : exponent + EXTENDED_BIAS;
			default -> 0x7fff;
		};
		return negative ? 0x8000 | biased : biased;
	}

	boolean isNan() {
		return kind >= QUIET;
	}

	/** Of two numbers that are zero or finite, or infinite, without their signs: as {@code compare} does. */
	int compareMagnitude(Real other) {
		if (kind != other.kind || kind != FINITE) {
			return Integer.compare(kind, other.kind);
		}
		if (exponent != other.exponent) {
			return Integer.compare(exponent, other.exponent);
		}
		int order = Long.compareUnsigned(high, other.high);
		return order != 0 ? order : Long.compareUnsigned(low, other.low);
	}

	/** Of two numbers that are no NaN: as {@code compare} does; zeros are equal. */
	int compare(Real other) {
		if (kind == ZERO && other.kind == ZERO) {
			return 0;
		}
		if (negative != other.negative) {
			return negative ? -1 : 1;
		}
		return negative ? other.compareMagnitude(this) : compareMagnitude(other);
	}
}
