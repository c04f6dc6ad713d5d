package vmhi.softcpu.core;

import vmhi.softcpu.fp.SseMath;

/** Conversions between integers and floating-point numbers, and between precisions. */
final class SseConvertInsns {
	private SseConvertInsns() {}

	/** Opcodes 2A, 2C, 2D, 5A, 5B and E6 with ModRM read; {@code null} if undefined. */
	static Insn decode(Decoder d, int opcode, int prefix) {
		boolean truncate = opcode == 0x2c;
		return switch (opcode) {
			case 0x2a -> switch (prefix) {
				case SseInsn.NONE, SseInsn.P66 -> SseInsn.finish(d, new FromMmx(prefix == SseInsn.P66), 8);
				default -> SseInsn.finish(d, fromGeneral(d.rexW, prefix == SseInsn.PF2), d.rexW ? 8 : 4);
			};
			case 0x2c, 0x2d -> switch (prefix) {
				case SseInsn.NONE -> SseInsn.finish(d, new SingleToMmx(truncate), 8);
				case SseInsn.P66 -> SseInsn.finish(d, new DoubleToMmx(truncate), 16);
				case SseInsn.PF3 -> SseInsn.finish(d, new SingleToGeneral(truncate, d.rexW), 4);
				default -> SseInsn.finish(d, new DoubleToGeneral(truncate, d.rexW), 8);
			};
			case 0x5a -> switch (prefix) {
				case SseInsn.NONE -> SseInsn.finish(d, new SinglesToDoubles(), 8);
				case SseInsn.P66 -> SseInsn.finish(d, new DoublesToSingles(), 16);
				case SseInsn.PF3 -> SseInsn.finish(d, new SingleToDouble(), 4);
				default -> SseInsn.finish(d, new DoubleToSingle(), 8);
			};
			case 0x5b -> switch (prefix) {
				case SseInsn.NONE -> SseInsn.finish(d, new IntegersToSingles(), 16);
				case SseInsn.P66 -> SseInsn.finish(d, new SinglesToIntegers(false), 16);
				case SseInsn.PF3 -> SseInsn.finish(d, new SinglesToIntegers(true), 16);
				default -> null;
			};
			default -> switch (prefix) {
				case SseInsn.P66 -> SseInsn.finish(d, new DoublesToIntegers(true), 16);
				case SseInsn.PF2 -> SseInsn.finish(d, new DoublesToIntegers(false), 16);
				case SseInsn.PF3 -> SseInsn.finish(d, new IntegersToDoubles(), 8);
				default -> null;
			};
		};
	}

	private static long pair(int low, int high) {
		return low & 0xffff_ffffL | (long) high << 32;
	}

	private static long replaceLow(long value, int low) {
		return value & 0xffff_ffff_0000_0000L | low & 0xffff_ffffL;
	}

	private static SseInsn fromGeneral(boolean wide, boolean twice) {
		if (twice)
			return wide ? new LongToDouble() : new IntegerToDouble();
		return new ToSingle();
	}

	/** CVTSI2SS. */
	private static final class ToSingle extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = memory ? c.load(address(c), size) : c.r[rm];
			int result = size == 8 ? c.sse.longTo32(value) : c.sse.intTo32((int) value);
			settle(c);
			c.xmm[reg << 1] = replaceLow(c.xmm[reg << 1], result);
		}
	}

	/** CVTSI2SD of 32 bits, which is always exact. */
	private static final class IntegerToDouble extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			int value = memory ? c.load32(address(c)) : (int) c.r[rm];
			c.xmm[reg << 1] = c.sse.intTo64(value);
		}
	}

	private static final class LongToDouble extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long result = c.sse.longTo64(memory ? c.load64(address(c)) : c.r[rm]);
			settle(c);
			c.xmm[reg << 1] = result;
		}
	}

	/** CVTSS2SI and CVTTSS2SI. */
	private static final class SingleToGeneral extends SseInsn {
		private final boolean truncate, wide;

		SingleToGeneral(boolean truncate, boolean wide) {
			this.truncate = truncate;
			this.wide = wide;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			int value = memory ? c.load32(address(c)) : (int) c.xmm[rm << 1];
			long result = wide ? c.sse.toLong32(value, truncate) : c.sse.toInt32(value, truncate) & 0xffff_ffffL;
			settle(c);
			c.r[reg] = result;
		}
	}

	/** CVTSD2SI and CVTTSD2SI. */
	private static final class DoubleToGeneral extends SseInsn {
		private final boolean truncate, wide;

		DoubleToGeneral(boolean truncate, boolean wide) {
			this.truncate = truncate;
			this.wide = wide;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			long value = memory ? c.load64(address(c)) : c.xmm[rm << 1];
			long result = wide ? c.sse.toLong64(value, truncate) : c.sse.toInt64(value, truncate) & 0xffff_ffffL;
			settle(c);
			c.r[reg] = result;
		}
	}

	private static final class SingleToDouble extends SseInsn.Quarter {
		@Override
		void apply(Cpu c, long[] x, int d, int value) {
			long result = c.sse.cvt32to64(value);
			settle(c);
			x[d] = result;
		}
	}

	private static final class DoubleToSingle extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			int result = c.sse.cvt64to32(value);
			settle(c);
			x[d] = replaceLow(x[d], result);
		}
	}

	private static final class SinglesToDoubles extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			long low = c.sse.cvt32to64((int) value);
			long high = c.sse.cvt32to64((int) (value >> 32));
			settle(c);
			x[d] = low;
			x[d + 1] = high;
		}
	}

	private static final class DoublesToSingles extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			int first = c.sse.cvt64to32(low);
			int second = c.sse.cvt64to32(high);
			settle(c);
			x[d] = pair(first, second);
			x[d + 1] = 0;
		}
	}

	private static final class IntegersToSingles extends SseInsn.Full {
		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = both(c.sse, low);
			long resultHigh = both(c.sse, high);
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}

		private static long both(SseMath math, long value) {
			int low = math.intTo32((int) value);
			return pair(low, math.intTo32((int) (value >> 32)));
		}
	}

	private static final class SinglesToIntegers extends SseInsn.Full {
		private final boolean truncate;

		SinglesToIntegers(boolean truncate) {
			this.truncate = truncate;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			long resultLow = integers(c.sse, low, truncate);
			long resultHigh = integers(c.sse, high, truncate);
			settle(c);
			x[d] = resultLow;
			x[d + 1] = resultHigh;
		}
	}

	private static long integers(SseMath math, long singles, boolean truncate) {
		int low = math.toInt32((int) singles, truncate);
		return pair(low, math.toInt32((int) (singles >> 32), truncate));
	}

	private static final class DoublesToIntegers extends SseInsn.Full {
		private final boolean truncate;

		DoublesToIntegers(boolean truncate) {
			this.truncate = truncate;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			int first = c.sse.toInt64(low, truncate);
			int second = c.sse.toInt64(high, truncate);
			settle(c);
			x[d] = pair(first, second);
			x[d + 1] = 0;
		}
	}

	private static final class IntegersToDoubles extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			x[d] = c.sse.intTo64((int) value);
			x[d + 1] = c.sse.intTo64((int) (value >> 32));
		}
	}

	// --- with MMX registers, which enter MMX mode with them (SDM volume 1, 11.6.8), even if an exception ends them

	/**
	 * CVTPI2PS and CVTPI2PD. With an operand in memory, they have nothing to do with the FPU; the manual says so of the
	 * latter only, processors do it with both.
	 */
	private static final class FromMmx extends SseInsn {
		private final boolean twice;

		FromMmx(boolean twice) {
			this.twice = twice;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			if (!memory)
				MmxInsn.pending(c);
			long value = memory ? c.load64(address(c)) : c.x87.mmx(rm & 7);
			if (!memory)
				c.x87.enterMmx();
			long low;
			long high;
			if (twice) {
				low = c.sse.intTo64((int) value);
				high = c.sse.intTo64((int) (value >> 32));
			} else {
				int first = c.sse.intTo32((int) value);
				low = pair(first, c.sse.intTo32((int) (value >> 32)));
				high = c.xmm[(reg << 1) + 1];
				settle(c);
			}
			c.xmm[reg << 1] = low;
			c.xmm[(reg << 1) + 1] = high;
		}
	}

	/** CVTPS2PI and CVTTPS2PI. */
	private static final class SingleToMmx extends SseInsn {
		private final boolean truncate;

		SingleToMmx(boolean truncate) {
			this.truncate = truncate;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			MmxInsn.pending(c);
			long value = memory ? c.load64(address(c)) : c.xmm[rm << 1];
			c.x87.enterMmx();
			long result = integers(c.sse, value, truncate);
			settle(c);
			c.x87.mmx(reg & 7, result);
		}
	}

	/** CVTPD2PI and CVTTPD2PI. */
	private static final class DoubleToMmx extends SseInsn {
		private final boolean truncate;

		DoubleToMmx(boolean truncate) {
			this.truncate = truncate;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			MmxInsn.pending(c);
			long low = c.xmm[rm << 1];
			long high = c.xmm[(rm << 1) + 1];
			if (memory) {
				long address = aligned(c);
				low = c.load64(address);
				high = c.load64(address + 8);
			}
			c.x87.enterMmx();
			int first = c.sse.toInt64(low, truncate);
			long result = pair(first, c.sse.toInt64(high, truncate));
			settle(c);
			c.x87.mmx(reg & 7, result);
		}
	}
}
