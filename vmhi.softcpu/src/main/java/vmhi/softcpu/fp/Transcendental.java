package vmhi.softcpu.fp;

/**
 * Elementary functions by series, to some 120 bits, of operands for which they are defined and not trivial. All loops
 * end when a term is too small to matter, and each makes its terms smaller by half or more. It belongs to one thread.
 */
final class Transcendental {
	/**
	 * How much smaller than a sum a term is after which no other follows. A term that is smaller still is not lost, it
	 * makes the sum inexact; two of them could undo each other.
	 */
	private static final int NEGLIGIBLE = 126;
	/** Below two to this power, the second term of a tangent only says in which direction to round. */
	private static final int SMALL = -58;
	/** Half of what the processor takes for pi: 66 bits of it (SDM volume 1, section 8.3.8). */
	private static final Real HALF_PI_OF_66_BITS = constant(0, 0xc90fdaa22168c234L, 0xc000000000000000L);
	private static final Real LN_2 = constant(-1, 0xb17217f7d1cf79abL, 0xc9e3b39803f2f6afL);
	private static final Real TWICE_LOG2_E = constant(1, 0xb8aa3b295c17f0bbL, 0xbe87fed0691d3e89L);
	/** Significand of the square root of 2, or a little less. */
	private static final long ROOT_2 = 0xb504f333f9de6484L;

	/** arctan(k / 8). */
	private static final Real[] ARCTANGENTS = { new Real().zero(false),
			constant(-4, 0xfeadd4d5617b6e32L, 0xc897989f3e888ef8L),
			constant(-3, 0xfadbafc96406eb15L, 0x6dc79ef5f7a217e6L),
			constant(-2, 0xb7b0ca0f26f78473L, 0x8aa32122dcfe4483L),
			constant(-2, 0xed63382b0dda7b45L, 0x6fe445ecbc3a8d03L),
			constant(-1, 0x8f005d5ef7f59f9bL, 0x5c835e1665c43748L),
			constant(-1, 0xa4bc7d1934f70924L, 0x19a87f2a457dac9fL),
			constant(-1, 0xb8053e2bc2319e73L, 0xcb2da55210a4443dL),
			constant(-1, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L) };

	private final Real one = new Real().integer(1);
	private final Real term = new Real();
	private final Real power = new Real();
	private final Real square = new Real();
	private final Real part = new Real();
	private final Real other = new Real();

	/** A number whose 128 bits are known. */
	static Real constant(int exponent, long high, long low) {
		return new Real().finite(false, exponent, high, low);
	}

	/**
	 * Takes multiples of half pi from the magnitude of a number below 2^63, so that at most a quarter of pi remains.
	 * Returns how often, modulo 4.
	 */
	int reduce(Real x, Real rest) {
		rest.set(x);
		rest.negative = false;
		long quotient = 0;
		if (rest.exponent >= HALF_PI_OF_66_BITS.exponent) {
			quotient = RealMath.remainder(rest, HALF_PI_OF_66_BITS, 0, rest);
		}
		rest.exponent++;
		boolean more = rest.compareMagnitude(HALF_PI_OF_66_BITS) > 0;
		rest.exponent--;
		if (more) {
			add(rest, HALF_PI_OF_66_BITS, true, rest);
			quotient++;
		}
		return (int) quotient & 3;
	}

	/** Sine of a reduced number. */
	void sine(Real x, Real into) {
		RealMath.multiply(x, x, square);
		term.set(x);
		alternating(1, into);
	}

	/** Cosine of a reduced number. */
	void cosine(Real x, Real into) {
		RealMath.multiply(x, x, square);
		term.set(one);
		alternating(0, into);
	}

	/** Tangent of a number that was reduced from the quadrant before; the cosine comes out as well. */
	void tangent(Real x, int quadrant, Real into, Real divisor) {
		if (x.exponent < SMALL && (quadrant & 1) == 0) {
			into.finite(x.negative, x.exponent, x.high, x.low | 1);
			return;
		}
		sine(x, into);
		cosine(x, divisor);
		if ((quadrant & 1) == 0) {
			RealMath.quotient(into, divisor, into);
		} else {
			RealMath.quotient(divisor, into, into);
			into.negative = !into.negative;
		}
	}

	/** Sums up terms with factorials in them; the first one is there, and has the factorial of {@code n}. */
	private void alternating(int n, Real into) {
		into.set(term);
		int next = n;
		while (counts(into)) {
			RealMath.multiply(term, square, term);
			RealMath.divideBySmall(term, (next + 1) * (next + 2));
			term.negative = !term.negative;
			next += 2;
			add(into, term, false, into);
		}
	}

	private boolean counts(Real sum) {
		return term.exponent > sum.exponent - NEGLIGIBLE;
	}

	/** 2^x - 1 for x from -1 to 1. */
	void exponentialLessOne(Real x, Real into) {
		RealMath.multiply(x, LN_2, part);
		term.set(part);
		into.set(part);
		for (int n = 2; counts(into); n++) {
			RealMath.multiply(term, part, term);
			RealMath.divideBySmall(term, n);
			add(into, term, false, into);
		}
	}

	/** The binary logarithm of a positive number. */
	void logarithm(Real x, Real into) {
		int exponent = x.exponent;
		other.set(x);
		other.exponent = 0;
		if (Long.compareUnsigned(other.high, ROOT_2) > 0) {
			other.exponent = -1;
			exponent++;
		}
		add(other, one, true, part);
		if (part.kind == Real.ZERO) {
			into.integer(exponent);
			return;
		}
		add(other, one, false, other);
		areaTangent(part, other, into);
		if (exponent != 0) {
			add(into, part.integer(exponent), false, into);
		}
	}

	/** The binary logarithm of {@code 1 + x} for an x above -1 that is not zero. */
	void logarithmOfMore(Real x, Real into) {
		if (x.exponent >= -1) {
			add(x, one, false, into);
			logarithm(into, into);
			return;
		}
		part.set(x);
		add(x, part.integer(2), false, other);
		part.set(x);
		areaTangent(part, other, into);
	}

	/** Twice the area tangent of {@code a / b}, divided by the logarithm of 2; the quotient is below 1/4. */
	private void areaTangent(Real a, Real b, Real into) {
		RealMath.quotient(a, b, power);
		RealMath.multiply(power, power, square);
		odd(power, false, into);
		RealMath.multiply(into, TWICE_LOG2_E, into);
	}

	/** Sums up {@code x + x^3 / 3 + x^5 / 5}, or that with changing signs; {@link #square} is there. */
	private void odd(Real x, boolean alternate, Real into) {
		into.set(x);
		term.set(x);
		for (int n = 3; counts(into); n += 2) {
			RealMath.multiply(power, square, power);
			power.negative ^= alternate;
			term.set(power);
			RealMath.divideBySmall(term, n);
			add(into, term, false, into);
		}
	}

	/** The angle of the point (x, y), both finite and positive, as if they were. */
	void arctangent(Real y, Real x, boolean xNegative, Real into) {
		other.set(x);
		other.negative = false;
		part.set(y);
		part.negative = false;
		boolean steep = part.compareMagnitude(other) > 0;
		if (steep) {
			into.set(part);
			part.set(other);
			other.set(into);
		}
		RealMath.quotient(part, other, part);
		arctangentOfLess(part, into);
		if (steep) {
			add(halfPi(part), into, !xNegative, into);
		} else if (xNegative) {
			halfPi(part).exponent = 1;
			add(part, into, true, into);
		}
	}

	private static Real halfPi(Real into) {
		into.set(ARCTANGENTS[8]);
		into.exponent = 0;
		return into;
	}

	/** For {@code t} up to 1: arctan(t) = arctan(c) + arctan((t - c) / (1 + t c)). */
	private void arctangentOfLess(Real t, Real into) {
		int eighths = t.exponent < -4 ? 0 : (int) ((t.high >>> 59 - t.exponent) + 1 >>> 1);
		power.set(t);
		if (eighths != 0) {
			square.integer(eighths);
			square.exponent -= 3;
			RealMath.multiply(t, square, other);
			add(other, one, false, other);
			add(t, square, true, power);
			if (power.kind == Real.ZERO) {
				into.set(ARCTANGENTS[eighths]);
				return;
			}
			RealMath.quotient(power, other, power);
		}
		RealMath.multiply(power, power, square);
		odd(power, true, into);
		if (eighths != 0) {
			add(into, ARCTANGENTS[eighths], false, into);
		}
	}

	private static void add(Real a, Real b, boolean subtract, Real into) {
		RealMath.add(a, b, subtract, false, into);
	}
}
