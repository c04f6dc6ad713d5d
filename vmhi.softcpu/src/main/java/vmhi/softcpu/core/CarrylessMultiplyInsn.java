package vmhi.softcpu.core;

/** PCLMULQDQ: the product of two halves as polynomials over GF(2). */
final class CarrylessMultiplyInsn extends SseInsn.Full {
	/** Every fourth bit: sums of sixteen products of such do not reach the next bit of interest. */
	private static final long EVERY_FOURTH = 0x1111_1111_1111_1111L;

	@Override
	void apply(Cpu c, long[] x, int d, long low, long high) {
		long a = (imm & 1) != 0 ? x[d + 1] : x[d];
		long b = (imm & 0x10) != 0 ? high : low;
		x[d] = low(a, b);
		x[d + 1] = high(a, b);
	}

	/** The low 64 bits, by multiplication of integers with room for the carries, which are masked away. */
	static long low(long a, long b) {
		long result = 0;
		for (int bit = 0; bit < 4; bit++) {
			long sum = 0;
			for (int of = 0; of < 4; of++)
				sum ^= (a & EVERY_FOURTH << of) * (b & EVERY_FOURTH << (bit - of & 3));
			result |= sum & EVERY_FOURTH << bit;
		}
		return result;
	}

	/** The high 64 bits: those of the mirrored product. */
	static long high(long a, long b) {
		return Long.reverse(low(Long.reverse(a), Long.reverse(b))) >>> 1;
	}
}
