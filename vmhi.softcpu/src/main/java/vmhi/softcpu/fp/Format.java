package vmhi.softcpu.fp;

/** What a result is rounded to: significant bits, and the exponents of normal numbers (SDM volume 1, table 4-2). */
final class Format {
	static final Format SINGLE = new Format(24, 127);
	static final Format DOUBLE = new Format(53, 1023);
	static final Format EXTENDED = new Format(64, 16383);
	/** Precision control 0 and 2 shorten the significand, and leave the exponent as wide as it was (8.1.5.2). */
	static final Format EXTENDED_24 = new Format(24, 16383);
	static final Format EXTENDED_53 = new Format(53, 16383);

	final int precision;
	final int maxExponent;
	final int minExponent;

	private Format(int precision, int maxExponent) {
		this.precision = precision;
		this.maxExponent = maxExponent;
		this.minExponent = 1 - maxExponent;
	}

	/** How many bits the fraction has in memory; for {@link #SINGLE} and {@link #DOUBLE}, as is all below. */
	private int fraction() {
		return precision - 1;
	}

	private int width() {
		return this == SINGLE ? 32 : 64;
	}

	void unpack(long bits, Real into) {
		boolean minus = (bits >>> width() - 1 & 1) != 0;
		long fraction = bits & (1L << fraction()) - 1;
		int biased = (int) (bits >>> fraction()) & 2 * maxExponent + 1;
		int toTop = 64 - precision;
		if (biased == 0) {
			into.finite(minus, minExponent, fraction << toTop, 0);
			into.denormal = fraction != 0;
		} else if (biased <= 2 * maxExponent) {
			into.finite(minus, biased - maxExponent, fraction << toTop | 1L << 63, 0);
		} else if (fraction == 0) {
			into.infinite(minus);
		} else {
			into.nan(minus, fraction << toTop);
		}
	}

	/** Of a number that was rounded to this format; a NaN comes out quiet. */
	long pack(Real value) {
		long sign = value.negative ? 1L << width() - 1 : 0;
		int toTop = 64 - precision;
		long all = (2L * maxExponent + 1) << fraction();
		return sign | switch (value.kind) {
			case Real.ZERO -> 0;
			case Real.FINITE -> value.exponent < minExponent
					? value.high >>> toTop + minExponent - value.exponent
					: ((long) (value.exponent + maxExponent) << fraction()) + (value.high << 1 >>> toTop + 1);
			case Real.INFINITE -> all;
			default -> all | 1L << fraction() - 1 | value.high << 1 >>> toTop + 1;
		};
	}
}
