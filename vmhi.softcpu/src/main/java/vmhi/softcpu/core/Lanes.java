package vmhi.softcpu.core;

/**
 * Arithmetic on the integers that are packed into a long, all at once. It is done for bytes, words and doublewords in
 * the same way: the highest bit of each lane is dealt with apart, so that no carry goes from one to the next.
 *
 * @param high the highest bit of every lane
 * @param width of a lane in bits
 */
record Lanes(long high, int width) {
	static final Lanes BYTES = new Lanes(0x8080_8080_8080_8080L, 8);
	static final Lanes WORDS = new Lanes(0x8000_8000_8000_8000L, 16);
	static final Lanes DWORDS = new Lanes(0x8000_0000_8000_0000L, 32);

	/** All ones in the lanes whose highest bit is set in {@code bits}, zero in the others. */
	long mask(long bits) {
		return ((bits & high) >>> width - 1) * ((1L << width) - 1);
	}

	/** The value, which fits, in every lane. */
	private long all(long value) {
		return (high >>> width - 1) * value;
	}

	long add(long a, long b) {
		return (a & ~high) + (b & ~high) ^ (a ^ b) & high;
	}

	long subtract(long a, long b) {
		return (a | high) - (b & ~high) ^ (a ^ ~b) & high;
	}

	long addUnsignedSaturated(long a, long b) {
		long sum = add(a, b);
		return sum | mask(a & b | (a | b) & ~sum);
	}

	long subtractUnsignedSaturated(long a, long b) {
		return subtract(a, b) & ~below(a, b);
	}

	long addSaturated(long a, long b) {
		long sum = add(a, b);
		return saturated(a, sum, mask(~(a ^ b) & (a ^ sum)));
	}

	long subtractSaturated(long a, long b) {
		long difference = subtract(a, b);
		return saturated(a, difference, mask((a ^ b) & (a ^ difference)));
	}

	/** The result, and where it overflowed the limit on the side of {@code a}. */
	private long saturated(long a, long result, long overflow) {
		long limit = ~high + ((a & high) >>> width - 1);
		return result & ~overflow | limit & overflow;
	}

	long equal(long a, long b) {
		long difference = a ^ b;
		return ~mask((difference & ~high) + ~high | difference);
	}

	/** Unsigned {@code a < b}. */
	long below(long a, long b) {
		return mask(~a & b | ~(a ^ b) & subtract(a, b));
	}

	/** Signed {@code a > b}. */
	long greater(long a, long b) {
		return below(b ^ high, a ^ high);
	}

	long minUnsigned(long a, long b) {
		return select(below(a, b), a, b);
	}

	long maxUnsigned(long a, long b) {
		return select(below(a, b), b, a);
	}

	long min(long a, long b) {
		return select(greater(a, b), b, a);
	}

	long max(long a, long b) {
		return select(greater(a, b), a, b);
	}

	/** {@code a} where the mask is ones, {@code b} elsewhere. */
	static long select(long mask, long a, long b) {
		return a & mask | b & ~mask;
	}

	/** Unsigned, rounded up. */
	long average(long a, long b) {
		return (a | b) - ((a ^ b) >>> 1 & ~high);
	}

	long absolute(long a) {
		long negative = mask(a);
		return subtract(a ^ negative, negative);
	}

	/** {@code a} with the sign turned where {@code b} is negative, 0 where {@code b} is. */
	long sign(long a, long b) {
		return select(mask(b), subtract(0, a), a) & ~equal(b, 0);
	}

	// shifts, by counts as instructions have them: of 64 bits, unsigned

	long shiftLeft(long a, long count) {
		if (count >>> 6 != 0 || count >= width)
			return 0;
		return a << count & all((1L << width) - (1L << count));
	}

	long shiftRight(long a, long count) {
		if (count >>> 6 != 0 || count >= width)
			return 0;
		return a >>> count & all((1L << width - count) - 1);
	}

	long shiftRightArithmetic(long a, long count) {
		long negative = mask(a);
		if (count >>> 6 != 0 || count >= width)
			return negative;
		long kept = all((1L << width - count) - 1);
		return a >>> count & kept | negative & ~kept;
	}
}
