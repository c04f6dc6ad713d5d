package vmhi.softcpu.core;

/** What moves, extends and exchanges, and the flags that are set one by one. */
final class MoveInsns {
	private MoveInsns() {}

	/** MOV into a register. */
	static Insn load(int size, boolean memory) {
		if (!memory || size < 4)
			return new Load();
		return size == 8 ? new Load64() : new Load32();
	}

	/** MOV from a register. */
	static Insn store(int size, boolean memory) {
		if (!memory || size < 4)
			return new Store();
		return size == 8 ? new Store64() : new Store32();
	}

	static final class Load extends Insn {
		@Override
		public void exec(Cpu c) {
			c.reg(reg, size, readRm(c));
		}
	}

	static final class Load32 extends Insn {
		@Override
		public void exec(Cpu c) {
			c.r[reg] = c.load32(address(c)) & 0xffff_ffffL;
		}
	}

	static final class Load64 extends Insn {
		@Override
		public void exec(Cpu c) {
			c.r[reg] = c.load64(address(c));
		}
	}

	static final class Store extends Insn {
		@Override
		public void exec(Cpu c) {
			if (memory)
				c.store(address(c), size, c.reg(reg, size));
			else
				c.reg(rm, size, c.reg(reg, size));
		}
	}

	static final class Store32 extends Insn {
		@Override
		public void exec(Cpu c) {
			c.store32(address(c), (int) c.r[reg]);
		}
	}

	static final class Store64 extends Insn {
		@Override
		public void exec(Cpu c) {
			c.store64(address(c), c.r[reg]);
		}
	}

	/** MOV of a constant. */
	static final class Immediate extends Insn {
		@Override
		public void exec(Cpu c) {
			if (memory)
				c.store(address(c), size, imm);
			else
				c.reg(rm, size, imm);
		}
	}

	/** LEA. */
	static final class Lea extends Insn {
		@Override
		public void exec(Cpu c) {
			long offset = offset(c);
			c.reg(reg, size, addressBits == 64 ? offset : zero(offset, addressBits / 8));
		}
	}

	/** MOVZX, MOVSX and MOVSXD. */
	static final class Extend extends Insn {
		private final int from;
		private final boolean signed;

		Extend(int from, boolean signed) {
			this.from = from;
			this.signed = signed;
		}

		@Override
		public void exec(Cpu c) {
			long value = memory ? c.load(address(c), from) : c.reg(rm, from);
			c.reg(reg, size, signed ? extend(value, from) : value);
		}
	}

	/** XCHG, which with memory is atomic whether it says LOCK or not. */
	static final class Exchange extends Insn {
		@Override
		public void exec(Cpu c) {
			if (memory) {
				c.reg(reg, size, Atomic.update(c, address(c), size, Atomic.EXCHANGE, c.reg(reg, size)));
				return;
			}
			long value = c.reg(rm, size);
			c.reg(rm, size, c.reg(reg, size));
			c.reg(reg, size, value);
		}
	}

	/** CMOVcc, which reads memory also where it does not move. */
	static final class ConditionalMove extends Insn {
		@Override
		public void exec(Cpu c) {
			long value = readRm(c);
			c.reg(reg, size, c.condition((int) imm) ? value : c.reg(reg, size));
		}
	}

	/** SETcc. */
	static final class SetCondition extends Insn {
		@Override
		public void exec(Cpu c) {
			int value = c.condition((int) imm) ? 1 : 0;
			if (memory)
				c.store8(address(c), value);
			else
				c.r8(rm, value);
		}
	}

	/** CBW, CWDE, CDQE. */
	static final class ExtendAccumulator extends Insn {
		@Override
		public void exec(Cpu c) {
			c.reg(Cpu.RAX, size, extend(c.r[Cpu.RAX], size / 2));
		}
	}

	/** CWD, CDQ, CQO. */
	static final class ExtendIntoData extends Insn {
		@Override
		public void exec(Cpu c) {
			c.reg(Cpu.RDX, size, extend(c.r[Cpu.RAX], size) >> 63);
		}
	}

	/** BSWAP; of a word it leaves zeros, as processors do. */
	static final class ByteSwap extends Insn {
		@Override
		public void exec(Cpu c) {
			switch (size) {
				case 8 -> c.r[rm] = Long.reverseBytes(c.r[rm]);
				case 4 -> c.r[rm] = Integer.reverseBytes((int) c.r[rm]) & 0xffff_ffffL;
				default -> c.r16(rm, 0);
			}
		}
	}

	/** XLAT. */
	static final class Translate extends Insn {
		@Override
		public void exec(Cpu c) {
			long offset = zero(c.r[Cpu.RBX] + (c.r[Cpu.RAX] & 0xff), addressBits / 8);
			long at = codeBits != 64 ? c.segmentation.linear(segment, offset, 1, false)
					: segment >= Cpu.FS ? offset + c.base[segment] : offset;
			c.r8(Cpu.RAX, c.load8(at));
		}
	}

	/** SAHF and LAHF. */
	static final class FlagsByte extends Insn {
		private static final int LOW = Flags.SF | Flags.ZF | Flags.AF | Flags.PF | Flags.CF;
		private final boolean store;

		FlagsByte(boolean store) {
			this.store = store;
		}

		@Override
		public void exec(Cpu c) {
			if (store)
				c.arithmeticFlags(c.arithmeticFlags() & ~LOW | (int) c.r[Cpu.RAX] >>> 8 & LOW);
			else
				c.r8(0x10, c.arithmeticFlags() & LOW | 2);
		}
	}

	/** CMC, CLC, STC, CLD, STD. */
	static final class FlagBit extends Insn {
		private final int opcode;

		FlagBit(int opcode) {
			this.opcode = opcode;
		}

		@Override
		public void exec(Cpu c) {
			switch (opcode) {
				case 0xf5 -> c.arithmeticFlags(c.arithmeticFlags() ^ Flags.CF);
				case 0xf8 -> c.arithmeticFlags(c.arithmeticFlags() & ~Flags.CF);
				case 0xf9 -> c.arithmeticFlags(c.arithmeticFlags() | Flags.CF);
				case 0xfc -> c.flags &= ~Flags.DF;
				default -> c.flags |= Flags.DF;
			}
		}
	}
}
