package vmhi.softcpu.core;

import vmhi.softcpu.fp.SseMath;

/** Arithmetic on packed and scalar floating-point numbers: opcodes 51 to 5F, C2, horizontal forms, rounding, DPPS. */
final class SseFloatInsns {
	/** Operation on single precision, the destination's operand before first. */
	@FunctionalInterface
	interface Single {
		int apply(SseMath math, int a, int b);
	}

	/** The same on double precision. */
	@FunctionalInterface
	interface Double {
		long apply(SseMath math, long a, long b);
	}

	private SseFloatInsns() {}

	/** Opcodes 51 to 5F without the conversions, ModRM read; {@code null} if undefined. */
	static Insn decode(Decoder d, int opcode, int prefix) {
		SseInsn logic = prefix <= SseInsn.P66 ? logic(opcode) : null;
		if (logic != null)
			return SseInsn.finish(d, logic, 16);
		if (prefix == SseInsn.NONE || prefix == SseInsn.PF3) {
			Single operation = single(opcode);
			if (operation == null)
				return null;
			return prefix == SseInsn.NONE ? SseInsn.finish(d, new PackedSingle(operation), 16)
					: SseInsn.finish(d, scalarSingle(opcode, operation), 4);
		}
		Double operation = twice(opcode);
		if (operation == null)
			return null;
		return prefix == SseInsn.P66 ? SseInsn.finish(d, new PackedDouble(operation), 16)
				: SseInsn.finish(d, scalarDouble(opcode, operation), 8);
	}

	private static SseInsn logic(int opcode) {
		return switch (opcode) {
			case 0x54 -> new SseIntegerInsns.And();
			case 0x55 -> new SseIntegerInsns.AndNot();
			case 0x56 -> new SseIntegerInsns.Or();
			case 0x57 -> new SseIntegerInsns.Xor();
			default -> null;
		};
	}

	private static Single single(int opcode) {
		return switch (opcode) {
			case 0x51 -> (m, a, b) -> m.sqrt32(b);
			case 0x52 -> (m, a, b) -> reciprocalRoot(b);
			case 0x53 -> (m, a, b) -> reciprocal(b);
			case 0x58 -> SseMath::add32;
			case 0x59 -> SseMath::mul32;
			case 0x5c -> SseMath::sub32;
			case 0x5d -> SseMath::min32;
			case 0x5e -> SseMath::div32;
			case 0x5f -> SseMath::max32;
			default -> null;
		};
	}

	private static Double twice(int opcode) {
		return switch (opcode) {
			case 0x51 -> (m, a, b) -> m.sqrt64(b);
			case 0x58 -> SseMath::add64;
			case 0x59 -> SseMath::mul64;
			case 0x5c -> SseMath::sub64;
			case 0x5d -> SseMath::min64;
			case 0x5e -> SseMath::div64;
			case 0x5f -> SseMath::max64;
			default -> null;
		};
	}

	private static SseInsn scalarSingle(int opcode, Single operation) {
		return switch (opcode) {
			case 0x58 -> new AddSingle();
			case 0x59 -> new MultiplySingle();
			case 0x5c -> new SubtractSingle();
			case 0x5e -> new DivideSingle();
			default -> new ScalarSingle(operation);
		};
	}

	private static SseInsn scalarDouble(int opcode, Double operation) {
		return switch (opcode) {
			case 0x58 -> new AddDouble();
			case 0x59 -> new MultiplyDouble();
			case 0x5c -> new SubtractDouble();
			case 0x5e -> new DivideDouble();
			default -> new ScalarDouble(operation);
		};
	}

	/**
	 * RCPPS. An approximation with a relative error of 1.5 * 2^-12 at most, which this one, having none, meets. It
	 * raises no exceptions, and knows no denormal numbers, neither before nor after.
	 */
	private static int reciprocal(int bits) {
		float value = withoutDenormal(bits);
		return Float.isNaN(value) ? bits | 0x40_0000
				: Float.floatToRawIntBits(withoutDenormal(
						Float.floatToRawIntBits(1 / value)));
	}

	/** RSQRTPS, in the same way. */
	private static int reciprocalRoot(int bits) {
		float value = withoutDenormal(bits);
		if (Float.isNaN(value))
			return bits | 0x40_0000;
		return value < 0 ? 0xffc0_0000 : Float.floatToRawIntBits((float) (1 / Math.sqrt(value)));
	}

	private static float withoutDenormal(int bits) {
		return Float.intBitsToFloat((bits & 0x7f80_0000) == 0 ? bits & 0x8000_0000 : bits);
	}

	// --- forms

	private static long pair(int low, int high) {
		return low & 0xffff_ffffL | (long) high << 32;
	}

	private static long replaceLow(long value, int low) {
		return value & 0xffff_ffff_0000_0000L | low & 0xffff_ffffL;
	}

	private static final class PackedSingle extends SseInsn.Full {
		private final Single operation;

		PackedSingle(Single operation) {
			this.operation = operation;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = both(c.sse, x[d], low);
			long resultHigh = both(c.sse, x[d + 1], high);
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}

		private long both(SseMath math, long a, long b) {
			int low = operation.apply(math, (int) a, (int) b);
			return pair(low, operation.apply(math, (int) (a >> 32), (int) (b >> 32)));
		}
	}

	private static final class PackedDouble extends SseInsn.Full {
		private final Double operation;

		PackedDouble(Double operation) {
			this.operation = operation;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = operation.apply(c.sse, x[d], low);
			long resultHigh = operation.apply(c.sse, x[d + 1], high);
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}
	}

	private static final class ScalarSingle extends SseInsn.Quarter {
		private final Single operation;

		ScalarSingle(Single operation) {
			this.operation = operation;
		}

		@Override
		void apply(Cpu c, long[] x, int d, int value) {
			int result = operation.apply(c.sse, (int) x[d], value);
			settle(c);
			x[d] = replaceLow(x[d], result);
		}
	}

	private static final class ScalarDouble extends SseInsn.Half {
		private final Double operation;

		ScalarDouble(Double operation) {
			this.operation = operation;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			long result = operation.apply(c.sse, x[d], value);
			settle(c);
			x[d] = result;
		}
	}

	private static final class AddSingle extends SseInsn.Quarter {
		@Override
		void apply(Cpu c, long[] x, int d, int value) {
			int result = c.sse.add32((int) x[d], value);
			settle(c);
			x[d] = replaceLow(x[d], result);
		}
	}

	private static final class SubtractSingle extends SseInsn.Quarter {
		@Override
		void apply(Cpu c, long[] x, int d, int value) {
			int result = c.sse.sub32((int) x[d], value);
			settle(c);
			x[d] = replaceLow(x[d], result);
		}
	}

	private static final class MultiplySingle extends SseInsn.Quarter {
		@Override
		void apply(Cpu c, long[] x, int d, int value) {
			int result = c.sse.mul32((int) x[d], value);
			settle(c);
			x[d] = replaceLow(x[d], result);
		}
	}

	private static final class DivideSingle extends SseInsn.Quarter {
		@Override
		void apply(Cpu c, long[] x, int d, int value) {
			int result = c.sse.div32((int) x[d], value);
			settle(c);
			x[d] = replaceLow(x[d], result);
		}
	}

	private static final class AddDouble extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			long result = c.sse.add64(x[d], value);
			settle(c);
			x[d] = result;
		}
	}

	private static final class SubtractDouble extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			long result = c.sse.sub64(x[d], value);
			settle(c);
			x[d] = result;
		}
	}

	private static final class MultiplyDouble extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			long result = c.sse.mul64(x[d], value);
			settle(c);
			x[d] = result;
		}
	}

	private static final class DivideDouble extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			long result = c.sse.div64(x[d], value);
			settle(c);
			x[d] = result;
		}
	}

	// --- comparison

	/** CMPPS and the others by prefix; the predicate is in an immediate byte, of which three bits count. */
	static Insn compare(Decoder d, int prefix) {
		int predicate = d.u8() & 7;
		Single single = (m, a, b) -> m.compare32(a, b, predicate);
		Double twice = (m, a, b) -> m.compare64(a, b, predicate);
		return switch (prefix) {
			case SseInsn.NONE -> SseInsn.finish(d, new PackedSingle(single), 16);
			case SseInsn.P66 -> SseInsn.finish(d, new PackedDouble(twice), 16);
			case SseInsn.PF3 -> SseInsn.finish(d, new ScalarSingle(single), 4);
			default -> SseInsn.finish(d, new ScalarDouble(twice), 8);
		};
	}

	/** COMISS and UCOMISS. */
	static final class CompareSingle extends SseInsn.Quarter {
		private final boolean quiet;

		CompareSingle(boolean quiet) {
			this.quiet = quiet;
		}

		@Override
		void apply(Cpu c, long[] x, int d, int value) {
			int flags = c.sse.comis32((int) x[d], value, quiet);
			settle(c);
			c.arithmeticFlags(flags);
		}
	}

	/** COMISD and UCOMISD. */
	static final class CompareDouble extends SseInsn.Half {
		private final boolean quiet;

		CompareDouble(boolean quiet) {
			this.quiet = quiet;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			int flags = c.sse.comis64(x[d], value, quiet);
			settle(c);
			c.arithmeticFlags(flags);
		}
	}

	// --- horizontal

	/** HADDPS and HSUBPS: sums or differences of neighbours, first the destination's. */
	static final class HorizontalSingle extends SseInsn.Full {
		private final Single operation;

		HorizontalSingle(boolean subtract) {
			operation = subtract ? SseMath::sub32 : SseMath::add32;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = pair(neighbours(c.sse, x[d]), neighbours(c.sse, x[d + 1]));
			long resultHigh = pair(neighbours(c.sse, low), neighbours(c.sse, high));
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}

		private int neighbours(SseMath math, long value) {
			return operation.apply(math, (int) value, (int) (value >> 32));
		}
	}

	/** HADDPD and HSUBPD. */
	static final class HorizontalDouble extends SseInsn.Full {
		private final Double operation;

		HorizontalDouble(boolean subtract) {
			operation = subtract ? SseMath::sub64 : SseMath::add64;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = operation.apply(c.sse, x[d], x[d + 1]);
			long resultHigh = operation.apply(c.sse, low, high);
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}
	}

	/** ADDSUBPS: even elements are subtracted, odd ones added. */
	static final class AddSubtractSingle extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = both(c.sse, x[d], low);
			long resultHigh = both(c.sse, x[d + 1], high);
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}

		private static long both(SseMath math, long a, long b) {
			int low = math.sub32((int) a, (int) b);
			return pair(low, math.add32((int) (a >> 32), (int) (b >> 32)));
		}
	}

	/** ADDSUBPD. */
	static final class AddSubtractDouble extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = c.sse.sub64(x[d], low);
			long resultHigh = c.sse.add64(x[d + 1], high);
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}
	}

	// --- SSE4.1

	/** ROUNDPS, ROUNDPD, ROUNDSS, ROUNDSD: 0F 3A 08 to 0B. */
	static Insn round(Decoder d, int opcode) {
		int mode = d.u8();
		Single single = (m, a, b) -> m.round32(b, mode);
		Double twice = (m, a, b) -> m.round64(b, mode);
		return switch (opcode) {
			case 0x08 -> SseInsn.finish(d, new PackedSingle(single), 16);
			case 0x09 -> SseInsn.finish(d, new PackedDouble(twice), 16);
			case 0x0a -> SseInsn.finish(d, new ScalarSingle(single), 4);
			default -> SseInsn.finish(d, new ScalarDouble(twice), 8);
		};
	}

	/**
	 * DPPS: products of the elements that the upper half of the immediate selects, their sum to those that the lower
	 * half does. Each step notes its exceptions before the next, as it can be where an unmasked one ends it.
	 */
	static final class DotSingle extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			int product0 = product(c.sse, 4, (int) x[d], (int) low);
			int product1 = product(c.sse, 5, (int) (x[d] >> 32), (int) (low >> 32));
			int product2 = product(c.sse, 6, (int) x[d + 1], (int) high);
			int product3 = product(c.sse, 7, (int) (x[d + 1] >> 32), (int) (high >> 32));
			settle(c);
			int sum0 = c.sse.add32(product0, product1);
			int sum1 = c.sse.add32(product2, product3);
			settle(c);
			int sum = c.sse.add32(sum0, sum1);
			settle(c);
			x[d] = pair(selected(0) ? sum : 0, selected(1) ? sum : 0);
			x[d + 1] = pair(selected(2) ? sum : 0, selected(3) ? sum : 0);
		}

		private boolean selected(int bit) {
			return (imm >> bit & 1) != 0;
		}

		private int product(SseMath math, int bit, int a, int b) {
			return selected(bit) ? math.mul32(a, b) : 0;
		}
	}

	/** DPPD. */
	static final class DotDouble extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long product0 = (imm & 0x10) != 0 ? c.sse.mul64(x[d], low) : 0;
			long product1 = (imm & 0x20) != 0 ? c.sse.mul64(x[d + 1], high) : 0;
			settle(c);
			long sum = c.sse.add64(product0, product1);
			settle(c);
			x[d] = (imm & 1) != 0 ? sum : 0;
			x[d + 1] = (imm & 2) != 0 ? sum : 0;
		}
	}
}
