package vmhi.softcpu.core;

/** Instructions that put elements of XMM registers into another order, or other elements between them. */
final class SseShuffleInsns {
	private SseShuffleInsns() {}

	private static int element(long low, long high, int number) {
		return (int) ((number < 2 ? low : high) >> 32 * (number & 1));
	}

	private static long pair(int low, int high) {
		return low & 0xffff_ffffL | (long) high << 32;
	}

	/** PSHUFD. */
	static final class Dwords extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			int order = (int) imm;
			x[d] = pair(element(low, high, order & 3), element(low, high, order >> 2 & 3));
			x[d + 1] = pair(element(low, high, order >> 4 & 3), element(low, high, order >> 6));
		}
	}

	/** PSHUFLW. */
	static final class LowWords extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = PackedInteger.shuffleWords(low, (int) imm);
			x[d + 1] = high;
		}
	}

	/** PSHUFHW. */
	static final class HighWords extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = low;
			x[d + 1] = PackedInteger.shuffleWords(high, (int) imm);
		}
	}

	/** SHUFPS: two elements of the destination, then two of the source. */
	static final class Singles extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			int order = (int) imm;
			x[d] = pair(element(x[d], x[d + 1], order & 3), element(x[d], x[d + 1], order >> 2 & 3));
			x[d + 1] = pair(element(low, high, order >> 4 & 3), element(low, high, order >> 6));
		}
	}

	/** SHUFPD. */
	static final class Doubles extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = (imm & 1) == 0 ? x[d] : x[d + 1];
			x[d + 1] = (imm & 2) == 0 ? low : high;
		}
	}

	/** PSHUFB. */
	static final class Bytes extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long tableLow = x[d];
			long tableHigh = x[d + 1];
			x[d] = lookUp(tableLow, tableHigh, low);
			x[d + 1] = lookUp(tableLow, tableHigh, high);
		}

		private static long lookUp(long low, long high, long selectors) {
			// which of the selectors ask for the high half
			long fromHigh = Lanes.BYTES.mask(selectors << 4);
			return Lanes.select(fromHigh, PackedInteger.shuffle(high, selectors),
					PackedInteger.shuffle(low, selectors));
		}
	}

	/** PALIGNR: 16 of the 32 bytes of source and, above it, destination. */
	static final class Align extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long[] all = { low, high, x[d], x[d + 1], 0, 0, 0 };
			int first = (int) Math.min(imm, 32);
			int at = first >> 3;
			int bits = (first & 7) * 8;
			x[d] = all[at] >>> bits | SseIntegerInsns.left(all[at + 1], 64 - bits);
			x[d + 1] = all[at + 1] >>> bits | SseIntegerInsns.left(all[at + 2], 64 - bits);
		}
	}

	// --- masks of signs

	/** PMOVMSKB. */
	static final class ByteSigns extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.r[reg] = PackedInteger.signs(c.xmm[rm << 1]) | PackedInteger.signs(c.xmm[(rm << 1) + 1]) << 8;
		}
	}

	/** MOVMSKPS. */
	static final class SingleSigns extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.r[reg] = signs(c.xmm[rm << 1]) | signs(c.xmm[(rm << 1) + 1]) << 2;
		}

		private static long signs(long value) {
			return value >>> 31 & 1 | value >>> 62 & 2;
		}
	}

	/** MOVMSKPD. */
	static final class DoubleSigns extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.r[reg] = c.xmm[rm << 1] >>> 63 | c.xmm[(rm << 1) + 1] >>> 63 << 1;
		}
	}

	// --- single elements

	/** PINSRB, PINSRW, PINSRD, PINSRQ by size. */
	static final class Insert extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = memory ? c.load(address(c), size) : zero(c.r[rm], size);
			int byteNumber = (int) imm * size & 15;
			int at = (reg << 1) + (byteNumber >> 3);
			int shift = 8 * (byteNumber & 7);
			c.xmm[at] = c.xmm[at] & ~(zero(-1, size) << shift) | value << shift;
		}
	}

	/** PEXTRB, PEXTRW, PEXTRD, PEXTRQ, EXTRACTPS, from {@code reg}. To a register, the element is zero-extended. */
	static final class Extract extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = element(c, reg, (int) imm, size);
			if (memory)
				c.store(address(c), size, value);
			else
				c.r[rm] = value;
		}
	}

	/** PEXTRW as SSE2 has it: the registers are the other way round. */
	static final class ExtractWord extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.r[reg] = element(c, rm, (int) imm, 2);
		}
	}

	private static long element(Cpu c, int register, int number, int size) {
		int byteNumber = number * size & 15;
		return Insn.zero(c.xmm[(register << 1) + (byteNumber >> 3)] >>> 8 * (byteNumber & 7), size);
	}

	/** INSERTPS: which element of the source, where to in the destination, and which become zero. */
	static final class InsertSingle extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long[] x = c.xmm;
			int from = (int) imm >> 6;
			long value = memory ? c.load32(address(c)) & 0xffff_ffffL : element(c, rm, from, 4);
			int to = (int) imm >> 4 & 3;
			int at = (reg << 1) + (to >> 1);
			int shift = 32 * (to & 1);
			x[at] = x[at] & ~(0xffff_ffffL << shift) | value << shift;
			x[reg << 1] &= ~dwords((int) imm & 3);
			x[(reg << 1) + 1] &= ~dwords((int) imm >> 2 & 3);
		}
	}

	/** Ones in the doublewords that have a bit. */
	private static long dwords(int bits) {
		return ((bits & 1) != 0 ? 0xffff_ffffL : 0) | ((bits & 2) != 0 ? 0xffff_ffff_0000_0000L : 0);
	}

	// --- blending

	/** BLENDPS, BLENDPD, PBLENDW: a bit of the immediate for each element, of {@code width} bits. */
	static final class BlendImmediate extends SseInsn.Full {
		private final int width;

		BlendImmediate(int width) {
			this.width = width;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			int half = 64 / width;
			x[d] = Lanes.select(mask((int) imm), low, x[d]);
			x[d + 1] = Lanes.select(mask((int) imm >> half), high, x[d + 1]);
		}

		private long mask(int bits) {
			long mask = 0;
			for (int at = 0; at < 64; at += width)
				if ((bits >> at / width & 1) != 0)
					mask |= zero(-1, width / 8) << at;
			return mask;
		}
	}

	/** PBLENDVB, BLENDVPS, BLENDVPD: by the highest bit of each element of XMM0. */
	static final class BlendVariable extends SseInsn.Full {
		private final int width;

		BlendVariable(int width) {
			this.width = width;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long maskLow = mask(x[0]);
			long maskHigh = mask(x[1]);
			x[d] = Lanes.select(maskLow, low, x[d]);
			x[d + 1] = Lanes.select(maskHigh, high, x[d + 1]);
		}

		private long mask(long value) {
			return switch (width) {
				case 8 -> Lanes.BYTES.mask(value);
				case 32 -> Lanes.DWORDS.mask(value);
				default -> value >> 63;
			};
		}
	}

	// --- interleaving of floating-point numbers

	/** UNPCKLPS. */
	static final class UnpackLowSingles extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long a = x[d];
			x[d] = PackedInteger.evenDwords(a, low);
			x[d + 1] = PackedInteger.oddDwords(a, low);
		}
	}

	/** UNPCKHPS. */
	static final class UnpackHighSingles extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long a = x[d + 1];
			x[d] = PackedInteger.evenDwords(a, high);
			x[d + 1] = PackedInteger.oddDwords(a, high);
		}
	}

	// --- SSE4.1

	/** PMOVSX and PMOVZX: elements of {@code from} bytes become such of {@code to}. */
	static final class Widen extends SseInsn {
		private final int from, to;
		private final boolean signed;

		Widen(int from, int to, boolean signed) {
			this.from = from;
			this.to = to;
			this.signed = signed;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			long value = memory ? c.load(address(c), size) : c.xmm[rm << 1];
			int perHalf = 8 / to;
			c.xmm[reg << 1] = widen(value);
			c.xmm[(reg << 1) + 1] = widen(value >>> 8 * from * perHalf);
		}

		private long widen(long value) {
			long result = 0;
			for (int at = 0; at < 8 / to; at++) {
				long element = value >>> 8 * from * at;
				result |= zero(signed ? extend(element, from) : zero(element, from), to) << 8 * to * at;
			}
			return result;
		}
	}

	/** PTEST. */
	static final class Test extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			boolean none = (low & x[d] | high & x[d + 1]) == 0;
			boolean all = (low & ~x[d] | high & ~x[d + 1]) == 0;
			c.arithmeticFlags((none ? Flags.ZF : 0) | (all ? Flags.CF : 0));
		}
	}

	/** PHMINPOSUW: the least word, then its number. */
	static final class MinPosition extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long min = 0x1_0000;
			int position = 0;
			for (int at = 0; at < 8; at++) {
				long word = (at < 4 ? low : high) >>> 16 * (at & 3) & 0xffff;
				if (word < min) {
					min = word;
					position = at;
				}
			}
			x[d] = min | position << 16;
			x[d + 1] = 0;
		}
	}

	/** MPSADBW: a block of four bytes of the source against eight places in the destination. */
	static final class SumsOfDifferences extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			int block = element(low, high, (int) imm & 3);
			int start = (imm & 4) != 0 ? 4 : 0;
			long resultLow = 0;
			long resultHigh = 0;
			for (int at = 0; at < 4; at++) {
				resultLow |= difference(x[d], x[d + 1], start + at, block) << 16 * at;
				resultHigh |= difference(x[d], x[d + 1], start + 4 + at, block) << 16 * at;
			}
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}

		private static long difference(long low, long high, int start, int block) {
			long sum = 0;
			for (int at = 0; at < 4; at++) {
				int from = start + at;
				long a = (from < 8 ? low : high) >>> 8 * (from & 7) & 0xff;
				sum += Math.abs(a - (block >>> 8 * at & 0xff));
			}
			return sum;
		}
	}
}
