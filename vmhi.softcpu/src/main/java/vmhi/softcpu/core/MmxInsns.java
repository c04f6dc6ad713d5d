package vmhi.softcpu.core;

import vmhi.softcpu.core.PackedInteger.Operation;

/** The instructions on MMX registers, which are those without a mandatory prefix. */
final class MmxInsns {
	private MmxInsns() {}

	/** EMMS. */
	static Insn empty(Decoder d) {
		return SseInsn.finish(d, new Empty(), 0);
	}

	/** Opcodes of the two-byte map with ModRM read; {@code null} if undefined. */
	static Insn decode(Decoder d, int opcode) {
		return switch (opcode) {
			case 0x6e -> SseInsn.finish(d, new FromGeneral(), d.rexW ? 8 : 4);
			case 0x7e -> SseInsn.finishStore(d, new ToGeneral(), d.rexW ? 8 : 4);
			case 0x6f -> SseInsn.finish(d, new Lane((a, b) -> b), 8);
			case 0x7f -> SseInsn.finishStore(d, new Store(), 8);
			case 0xe7 -> d.memory ? SseInsn.finishStore(d, new Store(), 8) : null;
			case 0x60, 0x61, 0x62 -> SseInsn.finish(d, new Lane(PackedInteger.unpackLow(opcode)), 4);
			case 0x68, 0x69, 0x6a -> SseInsn.finish(d, new Lane(PackedInteger.unpackHigh(opcode)), 8);
			case 0x63, 0x67, 0x6b -> SseInsn.finish(d, new Lane(PackedInteger.fold(opcode)), 8);
			case 0x70 -> SseInsn.finishByte(d, new ShuffleWords(), 8);
			case 0x71, 0x72, 0x73 -> {
				Operation shift = PackedInteger.shiftImmediate(opcode, d.regField & 7);
				yield d.memory || shift == null ? null : SseInsn.finishByte(d, new ShiftImmediate(shift), 0);
			}
			case 0xc4 -> SseInsn.finishByte(d, new InsertWord(), 2);
			case 0xc5 -> d.memory ? null : SseInsn.finishByte(d, new ExtractWord(), 0);
			case 0xd1, 0xd2, 0xd3, 0xe1, 0xe2, 0xf1, 0xf2,
					0xf3 -> SseInsn.finish(d, new Lane(PackedInteger.shift(opcode)), 8);
			case 0xd7 -> d.memory ? null : SseInsn.finish(d, new Signs(), 0);
			case 0xf7 -> d.memory ? null : SseMoveInsns.finishMasked(d, new StoreMasked(), 8);
			default -> lane(d, PackedInteger.each(opcode));
		};
	}

	/** Opcodes of 0F 38: those of SSSE3. */
	static Insn decode38(Decoder d, int opcode) {
		if (opcode == 0)
			return lane(d, PackedInteger::shuffle);
		if (opcode > 0x1e)
			return null;
		Operation each = PackedInteger.each38(opcode);
		return lane(d, each == null ? PackedInteger.fold38(opcode) : each);
	}

	/** PALIGNR. */
	static Insn align(Decoder d) {
		return SseInsn.finishByte(d, new Align(), 8);
	}

	private static Insn lane(Decoder d, Operation operation) {
		return operation == null ? null : SseInsn.finish(d, new Lane(operation), 8);
	}

	private static final class Lane extends MmxInsn.Binary {
		private final Operation operation;

		Lane(Operation operation) {
			this.operation = operation;
		}

		@Override
		long apply(Cpu c, long a, long b) {
			return operation.apply(a, b);
		}
	}

	private static final class ShuffleWords extends MmxInsn.Binary {
		@Override
		long apply(Cpu c, long a, long b) {
			return PackedInteger.shuffleWords(b, (int) imm);
		}
	}

	private static final class Align extends MmxInsn.Binary {
		@Override
		long apply(Cpu c, long a, long b) {
			int bits = (int) imm * 8;
			return bits >= 64 ? SseIntegerInsns.right(a, bits - 64)
					: SseIntegerInsns.right(b, bits) | SseIntegerInsns.left(a, 64 - bits);
		}
	}

	private static final class ShiftImmediate extends MmxInsn {
		private final Operation operation;

		ShiftImmediate(Operation operation) {
			this.operation = operation;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			c.x87.enterMmx();
			c.x87.mmx(rm & 7, operation.apply(c.x87.mmx(rm & 7), imm));
		}
	}

	/** MOVD and MOVQ from a general register or memory. */
	private static final class FromGeneral extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = memory ? operand(c) : size == 8 ? c.r[rm] : c.r[rm] & 0xffff_ffffL;
			c.x87.enterMmx();
			c.x87.mmx(reg & 7, value);
		}
	}

	private static final class ToGeneral extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = c.x87.mmx(reg & 7);
			if (memory)
				c.store(address(c), size, value);
			else
				c.r[rm] = size == 8 ? value : value & 0xffff_ffffL;
			c.x87.enterMmx();
		}
	}

	/** MOVQ to a register or memory, and MOVNTQ. */
	private static final class Store extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = c.x87.mmx(reg & 7);
			if (memory)
				c.store64(address(c), value);
			c.x87.enterMmx();
			if (!memory)
				c.x87.mmx(rm & 7, value);
		}
	}

	private static final class StoreMasked extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			int mask = PackedInteger.signs(c.x87.mmx(rm & 7));
			SseMoveInsns.storeMasked(c, this, address(c), mask, c.x87.mmx(reg & 7), 0);
			c.x87.enterMmx();
		}
	}

	private static final class InsertWord extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			long value = (memory ? c.load16(address(c)) : c.r[rm]) & 0xffff;
			int shift = 16 * ((int) imm & 3);
			c.x87.enterMmx();
			c.x87.mmx(reg & 7, c.x87.mmx(reg & 7) & ~(0xffffL << shift) | value << shift);
		}
	}

	private static final class ExtractWord extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.x87.enterMmx();
			c.r[reg] = c.x87.mmx(rm & 7) >> 16 * ((int) imm & 3) & 0xffff;
		}
	}

	private static final class Signs extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.x87.enterMmx();
			c.r[reg] = PackedInteger.signs(c.x87.mmx(rm & 7));
		}
	}

	private static final class Empty extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.x87.emptyMmx();
		}
	}

	/** MOVQ2DQ. */
	static final class ToXmm extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			SseInsn.available(c);
			pending(c);
			c.x87.enterMmx();
			c.xmm[reg << 1] = c.x87.mmx(rm & 7);
			c.xmm[(reg << 1) + 1] = 0;
		}
	}

	/** MOVDQ2Q. */
	static final class FromXmm extends MmxInsn {
		@Override
		public void exec(Cpu c) {
			SseInsn.available(c);
			pending(c);
			c.x87.enterMmx();
			c.x87.mmx(reg & 7, c.xmm[rm << 1]);
		}
	}
}
