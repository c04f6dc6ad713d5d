package vmhi.softcpu.diff;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Values at which instructions are likely to go wrong, among random ones. Belongs to one generator. */
final class Values {
	private static final long[] EDGES = { 0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x7f, 0x80, 0xff, 0x7fff, 0x8000,
			0xffff, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL, 0x1_0000_0000L, -128, -32768, Integer.MIN_VALUE, 2, 0x100,
			0x5555_5555_5555_5555L, 0xaaaa_aaaa_aaaa_aaaaL };
	private static final int[] FLOATS = { 0, 0x8000_0000, 1, 0x007f_ffff, 0x0080_0000, 0x8040_0000, 0x7f80_0000,
			0xff80_0000, 0x7fc0_0000, 0xffc0_0001, 0x7fa0_0000, 0xff80_0001, 0x3f80_0000, 0x3f80_0001, 0x3f7f_ffff,
			0xbf80_0000, 0x7f7f_ffff, 0xff7f_ffff, 0x4f00_0000, 0xcf00_0000, 0x4eff_ffff, 0x5f00_0000, 0xdf00_0000,
			0x3f00_0000, 0x3fc0_0000, 0x4020_0000, 0x4b00_0001, 0x0080_0001 };
	private static final long[] DOUBLES = { 0, Long.MIN_VALUE, 1, 0x000f_ffff_ffff_ffffL, 0x0010_0000_0000_0000L,
			0x8008_0000_0000_0000L, 0x7ff0_0000_0000_0000L, 0xfff0_0000_0000_0000L, 0x7ff8_0000_0000_0000L,
			0xfff8_0000_0000_0001L, 0x7ff4_0000_0000_0000L, 0xfff0_0000_0000_0001L, 0x3ff0_0000_0000_0000L,
			0x3ff0_0000_0000_0001L, 0x3fef_ffff_ffff_ffffL, 0xbff0_0000_0000_0000L, 0x7fef_ffff_ffff_ffffL,
			0xffef_ffff_ffff_ffffL, 0x41e0_0000_0000_0000L, 0x41df_ffff_ffc0_0000L, 0xc1e0_0000_0020_0000L,
			0x43e0_0000_0000_0000L, 0xc3e0_0000_0000_0000L, 0x3fe0_0000_0000_0000L, 0x3ff8_0000_0000_0000L,
			0x47ef_ffff_e000_0000L, 0x3810_0000_0000_0000L, 0x36a0_0000_0000_0000L, 0x380f_ffff_ffff_ffffL };
	private static final int[] EXPONENTS = { 0, 1, 2, 0x3fff, 0x3ffe, 0x4000, 0x403e, 0x403d, 0x403f, 0x7ffe, 0x7fff,
			0x3f81,
			0x3c01, 0x43fe, 0x407e, 0x400e, 0x401e };
	private static final long[] SIGNIFICANDS = { 0, 1, Long.MIN_VALUE, 0xc000_0000_0000_0000L, -1,
			0x8000_0000_0000_0001L,
			0x8000_0080_0000_0000L, 0x8000_0000_0000_0400L, 0xa000_0000_0000_0000L, 0x4000_0000_0000_0000L };

	private final SplittableRandom random;

	Values(SplittableRandom random) {
		this.random = random;
	}

	/** Numbers for one case of a run: those of another seed or index have nothing to do with them. */
	static SplittableRandom random(long seed, long index) {
		return new SplittableRandom(new SplittableRandom(seed).nextLong() + index);
	}

	/** For a general register or as many bytes of memory. */
	long integer() {
		return switch (random.nextInt(8)) {
			case 0, 1 -> EDGES[random.nextInt(EDGES.length)];
			case 2 -> (1L << random.nextInt(64)) + random.nextInt(3) - 1;
			case 3 -> random.nextInt(-200, 200);
			case 4 -> random.nextLong() >> random.nextInt(64);
			default -> random.nextLong();
		};
	}

	int single() {
		return switch (random.nextInt(4)) {
			case 0 -> random.nextInt();
			case 1 -> (random.nextInt() & 0x807f_ffff) | (random.nextInt(110, 150) << 23);
			case 2 -> Float.floatToRawIntBits(random.nextInt(-1000, 1000) / (float) (1 << random.nextInt(4)));
			default -> FLOATS[random.nextInt(FLOATS.length)];
		};
	}

	long twice() {
		return switch (random.nextInt(4)) {
			case 0 -> random.nextLong();
			case 1 -> (random.nextLong() & 0x800f_ffff_ffff_ffffL) | ((long) random.nextInt(980, 1070) << 52);
			case 2 -> Double.doubleToRawLongBits(random.nextInt(-1000, 1000) / (double) (1 << random.nextInt(4)));
			default -> DOUBLES[random.nextInt(DOUBLES.length)];
		};
	}

	/** Sixteen bytes of one kind of number. */
	void vector(ByteBuffer target) {
		int kind = random.nextInt(4);
		for (int i = 0; i < 2; i++)
			if (kind == 0)
				target.putInt(single()).putInt(single());
			else
				target.putLong(kind == 1 ? twice() : kind == 2 ? integer() : random.nextLong());
	}

	/** Ten bytes, and six of zeros. */
	void extended(ByteBuffer target) {
		boolean sign = random.nextBoolean();
		int exponent;
		long significand;
		switch (random.nextInt(6)) {
			case 0 -> {
				exponent = EXPONENTS[random.nextInt(EXPONENTS.length)];
				significand = SIGNIFICANDS[random.nextInt(SIGNIFICANDS.length)];
			}
			case 1 -> {
				exponent = random.nextInt(0x8000);
				significand = random.nextLong() | Long.MIN_VALUE;
			}
			case 2 -> {
				exponent = random.nextInt(0x3fff, 0x4010);
				significand = Long.MIN_VALUE | (random.nextLong() & -1L << random.nextInt(64));
			}
			case 3 -> {
				exponent = 0;
				significand = random.nextBoolean() ? 0 : random.nextLong();
			}
			case 4 -> {
				exponent = random.nextInt(0x3fc0, 0x4040);
				significand = random.nextLong() | Long.MIN_VALUE;
			}
			default -> {
				exponent = EXPONENTS[random.nextInt(EXPONENTS.length)];
				significand = random.nextLong() | Long.MIN_VALUE;
			}
		}
		target.putLong(significand).putShort((short) (exponent | (sign ? 0x8000 : 0))).putShort((short) 0).putInt(0);
	}
}
