package vmhi.softcpu.core;

/**
 * AES rounds (SDM volume 1, 12.13; FIPS 197). The state is four columns of four bytes, the first byte the lowest. A
 * round is by tables: what a byte adds to its column after substitution and mixing. Timing depends on the data.
 */
final class AesInsns {
	private static final int[] SUBSTITUTE = new int[256], INVERSE = new int[256];
	/** What byte 0 of a column adds to a column, encrypting and decrypting. */
	private static final int[] MIX = new int[256], INVERSE_MIX = new int[256];

	static {
		int p = 1;
		int q = 1;
		do { // p runs through the powers of 3, q through those of its inverse
			p = p ^ twice(p);
			q ^= q << 1;
			q ^= q << 2;
			q ^= q << 4;
			q &= 0xff;
			q ^= (q & 0x80) != 0 ? 9 : 0;
			substitution(p, q);
		} while (p != 1);
		substitution(0, 0);
		for (int value = 0; value < 256; value++) {
			int s = SUBSTITUTE[value];
			MIX[value] = twice(s) | s << 8 | s << 16 | (twice(s) ^ s) << 24;
			INVERSE_MIX[value] = inverseMixed(INVERSE[value]);
		}
	}

	private AesInsns() {}

	private static int twice(int value) {
		return (value << 1 ^ ((value & 0x80) != 0 ? 0x11b : 0)) & 0xff;
	}

	private static void substitution(int value, int inverse) {
		int spread = inverse * 0x0101;
		int s = (inverse ^ spread >> 4 ^ spread >> 5 ^ spread >> 6 ^ spread >> 7) & 0xff ^ 0x63;
		SUBSTITUTE[value] = s;
		INVERSE[s] = value;
	}

	private static int inverseMixed(int value) {
		int two = twice(value);
		int four = twice(two);
		int eight = twice(four);
		return eight ^ four ^ two | (eight ^ value) << 8 | (eight ^ four ^ value) << 16 | (eight ^ two ^ value) << 24;
	}

	/** The instruction of 0F 38 DB to DF. */
	static SseInsn of(int opcode) {
		return switch (opcode) {
			case 0xdb -> new InverseMixColumns();
			case 0xdc -> new Round(1, MIX, true); // AESENC
			case 0xdd -> new Round(1, SUBSTITUTE, false); // AESENCLAST
			case 0xde -> new Round(3, INVERSE_MIX, true); // AESDEC
			default -> new Round(3, INVERSE, false); // AESDECLAST
		};
	}

	/** Byte {@code row} of column {@code number}, of which two bits count, of the state. */
	private static int at(long low, long high, int number, int row) {
		return (int) ((number & 2) == 0 ? low >>> 32 * (number & 1) + 8 * row : high >>> 32 * (number & 1) + 8 * row)
				& 0xff;
	}

	private static int mixed(int[] table, int b0, int b1, int b2, int b3) {
		return table[b0] ^ Integer.rotateLeft(table[b1], 8) ^ Integer.rotateLeft(table[b2], 16)
				^ Integer.rotateLeft(table[b3], 24);
	}

	private static int substituted(int[] table, int b0, int b1, int b2, int b3) {
		return table[b0] | table[b1] << 8 | table[b2] << 16 | table[b3] << 24;
	}

	private static long pair(int low, int high) {
		return low & 0xffff_ffffL | (long) high << 32;
	}

	/** A round. Row n is rotated by n columns: this way to encrypt, the other way in the equivalent inverse cipher. */
	private static final class Round extends SseInsn.Full {
		/** Columns by which row 1 is rotated, of four. */
		private final int rotation;
		/** What makes a column of bytes: with {@link #mixes}, or by substitution alone. */
		private final int[] table;
		private final boolean mixes;

		Round(int rotation, int[] table, boolean mixes) {
			this.rotation = rotation;
			this.table = table;
			this.mixes = mixes;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long a = x[d];
			long b = x[d + 1];
			x[d] = pair(column(a, b, 0), column(a, b, 1)) ^ low;
			x[d + 1] = pair(column(a, b, 2), column(a, b, 3)) ^ high;
		}

		private int column(long a, long b, int n) {
			int b0 = at(a, b, n, 0);
			int b1 = at(a, b, n + rotation, 1);
			int b2 = at(a, b, n + 2, 2);
			int b3 = at(a, b, n + 4 - rotation, 3);
			return mixes ? mixed(table, b0, b1, b2, b3) : substituted(table, b0, b1, b2, b3);
		}
	}

	/** AESIMC. */
	private static final class InverseMixColumns extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = pair(column((int) low), column((int) (low >> 32)));
			x[d + 1] = pair(column((int) high), column((int) (high >> 32)));
		}

		private static int column(int value) {
			// the table substitutes too, which is undone before
			return mixed(INVERSE_MIX, SUBSTITUTE[value & 0xff], SUBSTITUTE[value >>> 8 & 0xff],
					SUBSTITUTE[value >>> 16 & 0xff], SUBSTITUTE[value >>> 24]);
		}
	}

	/** AESKEYGENASSIST: doublewords 1 and 3, substituted; and both rotated and with the round's constant. */
	static final class KeyGenAssist extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = both((int) (low >> 32));
			x[d + 1] = both((int) (high >> 32));
		}

		private long both(int value) {
			int s = substituted(SUBSTITUTE, value & 0xff, value >>> 8 & 0xff, value >>> 16 & 0xff, value >>> 24);
			return pair(s, Integer.rotateRight(s, 8) ^ (int) imm);
		}
	}
}
