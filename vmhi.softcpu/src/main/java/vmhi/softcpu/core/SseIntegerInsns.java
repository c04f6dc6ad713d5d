package vmhi.softcpu.core;

import vmhi.softcpu.core.PackedInteger.Operation;

/** Integer arithmetic, logic and shifts on whole XMM registers. What user code does most has a class of its own. */
final class SseIntegerInsns {
	private SseIntegerInsns() {}

	/** The instruction of the two-byte map with the prefix 66, without its operands; {@code null} if there is none. */
	static SseInsn of(int opcode) {
		return switch (opcode) {
			case 0x74 -> new EqualBytes();
			case 0xd4 -> new AddQuadwords();
			case 0xda -> new MinBytes();
			case 0xdb -> new And();
			case 0xdf -> new AndNot();
			case 0xeb -> new Or();
			case 0xef -> new Xor();
			case 0xf8 -> new SubtractBytes();
			case 0xfe -> new AddDwords();
			case 0x60, 0x61, 0x62 -> new UnpackLow(PackedInteger.unpackLow(opcode), PackedInteger.unpackHigh(opcode));
			case 0x68, 0x69, 0x6a -> new UnpackHigh(PackedInteger.unpackLow(opcode), PackedInteger.unpackHigh(opcode));
			case 0x63, 0x67, 0x6b -> new Fold(PackedInteger.fold(opcode));
			case 0x6c -> new UnpackLowQuadwords();
			case 0x6d -> new UnpackHighQuadwords();
			case 0xd1, 0xd2, 0xd3, 0xe1, 0xe2, 0xf1, 0xf2, 0xf3 -> new Shift(PackedInteger.shift(opcode));
			default -> {
				Operation each = PackedInteger.each(opcode);
				yield each == null ? null : new Each(each);
			}
		};
	}

	/** The same for 0F 38. */
	static SseInsn of38(int opcode) {
		Operation each = PackedInteger.each38(opcode);
		if (each != null)
			return new Each(each);
		Operation fold = PackedInteger.fold38(opcode);
		return fold == null ? null : new Fold(fold);
	}

	/** Shift by an immediate; opcodes 71 to 73, the operation in the reg field. */
	static SseInsn shiftImmediate(int opcode, int operation) {
		if (opcode == 0x73 && (operation & 3) == 3)
			return new ShiftBytes(operation == 7);
		Operation shift = PackedInteger.shiftImmediate(opcode, operation);
		return shift == null ? null : new ShiftImmediate(shift);
	}

	private static final class Each extends SseInsn.Full {
		private final Operation operation;

		Each(Operation operation) {
			this.operation = operation;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = operation.apply(x[d], low);
			x[d + 1] = operation.apply(x[d + 1], high);
		}
	}

	/** The low half of the result is of the destination, the high half of the source. */
	private static final class Fold extends SseInsn.Full {
		private final Operation operation;

		Fold(Operation operation) {
			this.operation = operation;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = operation.apply(x[d], x[d + 1]);
			x[d + 1] = operation.apply(low, high);
		}
	}

	private static final class UnpackLow extends SseInsn.Full {
		private final Operation ofLow, ofHigh;

		UnpackLow(Operation ofLow, Operation ofHigh) {
			this.ofLow = ofLow;
			this.ofHigh = ofHigh;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long a = x[d];
			x[d] = ofLow.apply(a, low);
			x[d + 1] = ofHigh.apply(a, low);
		}
	}

	private static final class UnpackHigh extends SseInsn.Full {
		private final Operation ofLow, ofHigh;

		UnpackHigh(Operation ofLow, Operation ofHigh) {
			this.ofLow = ofLow;
			this.ofHigh = ofHigh;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long a = x[d + 1];
			x[d] = ofLow.apply(a, high);
			x[d + 1] = ofHigh.apply(a, high);
		}
	}

	/** Also UNPCKLPD. */
	static final class UnpackLowQuadwords extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d + 1] = low;
		}
	}

	/** Also UNPCKHPD. */
	static final class UnpackHighQuadwords extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = x[d + 1];
			x[d + 1] = high;
		}
	}

	private static final class Shift extends SseInsn.Full {
		private final Operation operation;

		Shift(Operation operation) {
			this.operation = operation;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = operation.apply(x[d], low);
			x[d + 1] = operation.apply(x[d + 1], low);
		}
	}

	private static final class ShiftImmediate extends SseInsn {
		private final Operation operation;

		ShiftImmediate(Operation operation) {
			this.operation = operation;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			int d = rm << 1;
			c.xmm[d] = operation.apply(c.xmm[d], imm);
			c.xmm[d + 1] = operation.apply(c.xmm[d + 1], imm);
		}
	}

	/** PSLLDQ and PSRLDQ. */
	private static final class ShiftBytes extends SseInsn {
		private final boolean left;

		ShiftBytes(boolean left) {
			this.left = left;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			long[] x = c.xmm;
			int d = rm << 1;
			int bits = (int) Math.min(imm, 16) * 8;
			long low = x[d];
			long high = x[d + 1];
			if (left) {
				x[d] = left(low, bits);
				x[d + 1] = left(high, bits) | (bits <= 64 ? right(low, 64 - bits) : left(low, bits - 64));
			} else {
				x[d] = right(low, bits) | (bits <= 64 ? left(high, 64 - bits) : right(high, bits - 64));
				x[d + 1] = right(high, bits);
			}
		}
	}

	/** Shifts by 0 to 128 bits. */
	static long left(long value, int bits) {
		return bits < 64 ? value << bits : 0;
	}

	static long right(long value, int bits) {
		return bits < 64 ? value >>> bits : 0;
	}

	/** Also ANDPS and ANDPD. */
	static final class And extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] &= low;
			x[d + 1] &= high;
		}
	}

	/** Also ANDNPS and ANDNPD. */
	static final class AndNot extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = ~x[d] & low;
			x[d + 1] = ~x[d + 1] & high;
		}
	}

	/** Also ORPS and ORPD. */
	static final class Or extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] |= low;
			x[d + 1] |= high;
		}
	}

	/** Also XORPS and XORPD. */
	static final class Xor extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] ^= low;
			x[d + 1] ^= high;
		}
	}

	private static final class EqualBytes extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = Lanes.BYTES.equal(x[d], low);
			x[d + 1] = Lanes.BYTES.equal(x[d + 1], high);
		}
	}

	private static final class MinBytes extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = Lanes.BYTES.minUnsigned(x[d], low);
			x[d + 1] = Lanes.BYTES.minUnsigned(x[d + 1], high);
		}
	}

	private static final class SubtractBytes extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = Lanes.BYTES.subtract(x[d], low);
			x[d + 1] = Lanes.BYTES.subtract(x[d + 1], high);
		}
	}

	private static final class AddDwords extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = Lanes.DWORDS.add(x[d], low);
			x[d + 1] = Lanes.DWORDS.add(x[d + 1], high);
		}
	}

	private static final class AddQuadwords extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] += low;
			x[d + 1] += high;
		}
	}
}
