package vmhi.softcpu.core;

/** Moves between XMM registers, memory and general registers, without change of what is moved. */
final class SseMoveInsns {
	private SseMoveInsns() {}

	/** Opcodes 10 to 17, with ModRM read: loads and stores of whole registers, of elements and of halves. */
	static Insn low(Decoder d, int opcode, int prefix) {
		boolean full = prefix <= SseInsn.P66;
		return switch (opcode) {
			case 0x10 -> full ? load(d, false)
					: prefix == SseInsn.PF3 ? SseInsn.finish(d, new LoadSingle(), 4)
							: SseInsn.finish(d, new LoadDouble(), 8);
			case 0x11 -> full ? store(d, false)
					: prefix == SseInsn.PF3 ? SseInsn.finishStore(d, new StoreSingle(), 4)
							: SseInsn.finishStore(d, new StoreDouble(), 8);
			case 0x12 -> switch (prefix) {
				case SseInsn.NONE -> SseInsn.finish(d, new LoadLow(), 8);
				case SseInsn.P66 -> d.memory ? SseInsn.finish(d, new LoadLow(), 8) : null;
				case SseInsn.PF3 -> SseInsn.finish(d, new DuplicateSingles(false), 16);
				default -> SseInsn.finish(d, new DuplicateDouble(), 8);
			};
			case 0x16 -> switch (prefix) {
				case SseInsn.NONE -> SseInsn.finish(d, new LoadHigh(), 8);
				case SseInsn.P66 -> d.memory ? SseInsn.finish(d, new LoadHigh(), 8) : null;
				case SseInsn.PF3 -> SseInsn.finish(d, new DuplicateSingles(true), 16);
				default -> null;
			};
			case 0x13,
					0x17 -> full && d.memory ? SseInsn.finishStore(d, new StoreHalf(opcode == 0x17 ? 1 : 0), 8) : null;
			default -> null;
		};
	}

	/** A load of 16 bytes. */
	static Insn load(Decoder d, boolean aligned) {
		return SseInsn.finish(d, d.memory ? new Load(aligned ? 16 : 1) : new Copy(), 16);
	}

	/** A store of 16 bytes. */
	static Insn store(Decoder d, boolean aligned) {
		return SseInsn.finishStore(d, d.memory ? new Store(aligned ? 16 : 1) : new CopyBack(), 16);
	}

	/** MOVAPS, MOVUPS, MOVDQA, MOVDQU, LDDQU from memory. */
	private static final class Load extends SseInsn {
		private final int alignment;

		Load(int alignment) {
			this.alignment = alignment;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			long address = aligned(c, this, alignment);
			long low = c.load64(address);
			c.xmm[(reg << 1) + 1] = c.load64(plus(this, address, 8));
			c.xmm[reg << 1] = low;
		}
	}

	/** Stores to memory; also those that go around caches. */
	private static final class Store extends SseInsn {
		private final int alignment;

		Store(int alignment) {
			this.alignment = alignment;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			long address = aligned(c, this, alignment);
			store(c, address, c.xmm[reg << 1], c.xmm[(reg << 1) + 1]);
		}
	}

	private static final class Copy extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.xmm[reg << 1] = c.xmm[rm << 1];
			c.xmm[(reg << 1) + 1] = c.xmm[(rm << 1) + 1];
		}
	}

	private static final class CopyBack extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.xmm[rm << 1] = c.xmm[reg << 1];
			c.xmm[(rm << 1) + 1] = c.xmm[(reg << 1) + 1];
		}
	}

	/** MOVSS: from memory, the rest becomes 0; between registers, it stays. */
	private static final class LoadSingle extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			int d = reg << 1;
			if (memory) {
				c.xmm[d] = c.load32(address(c)) & 0xffff_ffffL;
				c.xmm[d + 1] = 0;
			} else {
				c.xmm[d] = c.xmm[d] & 0xffff_ffff_0000_0000L | c.xmm[rm << 1] & 0xffff_ffffL;
			}
		}
	}

	private static final class StoreSingle extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = c.xmm[reg << 1];
			if (memory)
				c.store32(address(c), (int) value);
			else
				c.xmm[rm << 1] = c.xmm[rm << 1] & 0xffff_ffff_0000_0000L | value & 0xffff_ffffL;
		}
	}

	/** MOVSD, in the same way. */
	private static final class LoadDouble extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			if (memory) {
				c.xmm[reg << 1] = c.load64(address(c));
				c.xmm[(reg << 1) + 1] = 0;
			} else {
				c.xmm[reg << 1] = c.xmm[rm << 1];
			}
		}
	}

	private static final class StoreDouble extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			if (memory)
				c.store64(address(c), c.xmm[reg << 1]);
			else
				c.xmm[rm << 1] = c.xmm[reg << 1];
		}
	}

	/** MOVLPS, MOVLPD; MOVHLPS between registers. */
	private static final class LoadLow extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.xmm[reg << 1] = memory ? c.load64(address(c)) : c.xmm[(rm << 1) + 1];
		}
	}

	/** MOVHPS, MOVHPD; MOVLHPS between registers. */
	private static final class LoadHigh extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			x[d + 1] = value;
		}
	}

	private static final class StoreHalf extends SseInsn {
		private final int half;

		StoreHalf(int half) {
			this.half = half;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			c.store64(address(c), c.xmm[(reg << 1) + half]);
		}
	}

	/** MOVSLDUP and MOVSHDUP. */
	private static final class DuplicateSingles extends SseInsn.Full {
		private final boolean odd;

		DuplicateSingles(boolean odd) {
			this.odd = odd;
		}

		@Override
		void apply(Cpu c, long[] x, int d, long low, long high) {
			x[d] = duplicate(low);
			x[d + 1] = duplicate(high);
		}

		private long duplicate(long value) {
			return odd ? value >>> 32 | value & 0xffff_ffff_0000_0000L : value & 0xffff_ffffL | value << 32;
		}
	}

	/** MOVDDUP. */
	private static final class DuplicateDouble extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			x[d] = value;
			x[d + 1] = value;
		}
	}

	/** MOVD and MOVQ from a general register or memory. */
	static final class FromGeneral extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = size == 8 ? memory ? c.load64(address(c)) : c.r[rm]
					: (memory ? c.load32(address(c)) : c.r[rm]) & 0xffff_ffffL;
			c.xmm[reg << 1] = value;
			c.xmm[(reg << 1) + 1] = 0;
		}
	}

	/** MOVD and MOVQ to a general register or memory. */
	static final class ToGeneral extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = c.xmm[reg << 1];
			if (memory) {
				if (size == 8)
					c.store64(address(c), value);
				else
					c.store32(address(c), (int) value);
			} else {
				c.r[rm] = size == 8 ? value : value & 0xffff_ffffL;
			}
		}
	}

	/** MOVQ from a register or memory: the high half becomes 0 in either case. */
	static final class LoadQuadword extends SseInsn.Half {
		@Override
		void apply(Cpu c, long[] x, int d, long value) {
			x[d] = value;
			x[d + 1] = 0;
		}
	}

	/** MOVQ to a register, whose high half becomes 0, or to memory. */
	static final class StoreQuadword extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = c.xmm[reg << 1];
			if (memory) {
				c.store64(address(c), value);
			} else {
				c.xmm[rm << 1] = value;
				c.xmm[(rm << 1) + 1] = 0;
			}
		}
	}

	/** MOVNTI: a plain store from a general register, available without SSE being switched on. */
	static final class StoreGeneral extends Insn {
		@Override
		public void exec(Cpu c) {
			if (size == 8)
				c.store64(address(c), c.r[reg]);
			else
				c.store32(address(c), (int) c.r[reg]);
		}
	}

	/** MASKMOVDQU: bytes whose mask has its highest bit set, to where rDI points. */
	static final class StoreMasked extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long address = address(c);
			long[] x = c.xmm;
			int mask = PackedInteger.signs(x[rm << 1]) | PackedInteger.signs(x[(rm << 1) + 1]) << 8;
			storeMasked(c, this, address, mask, x[reg << 1], x[(reg << 1) + 1]);
		}
	}

	/** Makes an operand at DS:rDI, or in another segment by prefix, of an instruction that has registers in ModRM. */
	static Insn finishMasked(Decoder d, Insn insn, int size) {
		SseInsn.finishStore(d, insn, size);
		insn.base = Cpu.RDI;
		insn.segment = (byte) d.segmentOr(Cpu.DS);
		insn.addressing = Insn.OTHER;
		return insn;
	}

	/** Stores the bytes that {@code mask} has a bit for, all or none. */
	static void storeMasked(Cpu c, Insn insn, long address, int mask, long low, long high) {
		for (int at = 0; at < 16; at++)
			if ((mask >> at & 1) != 0)
				c.checkStore(SseInsn.plus(insn, address, at), 1);
		for (int at = 0; at < 16; at++)
			if ((mask >> at & 1) != 0)
				c.store8(SseInsn.plus(insn, address, at), (int) ((at < 8 ? low : high) >> 8 * (at & 7)));
	}
}
