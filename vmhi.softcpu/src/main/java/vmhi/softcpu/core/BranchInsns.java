package vmhi.softcpu.core;

/** Near branches, and what only goes on or never does. */
final class BranchInsns {
	private BranchInsns() {}

	/** Instructions after which a block ends. */
	abstract static class Branch extends Insn {
		@Override
		public final boolean ends() {
			return true;
		}

		/** A target as the instruction pointer takes it, which cannot be if it is no address. */
		final long checked(Cpu c, long target) {
			if (size == 8) {
				if (target >> 47 != target >> 63)
					throw c.protection();
				return target;
			}
			long cut = size == 4 ? target & 0xffff_ffffL : target & 0xffff;
			if (codeBits != 64 && Long.compareUnsigned(cut, c.limit[Cpu.CS] & 0xffff_ffffL) > 0)
				throw c.protection();
			return cut;
		}
	}

	/** Jcc. */
	static final class Conditional extends Branch {
		@Override
		public void exec(Cpu c) {
			c.rip = c.condition(reg) ? checked(c, imm) : next;
		}
	}

	/** JMP with a displacement. */
	static final class Jump extends Branch {
		@Override
		public void exec(Cpu c) {
			c.rip = checked(c, imm);
		}
	}

	/** CALL with a displacement. */
	static final class Call extends Branch {
		@Override
		public void exec(Cpu c) {
			long target = checked(c, imm);
			StackInsns.push(c, size, next);
			c.rip = target;
		}
	}

	/** JMP to where a register or memory says. */
	static final class JumpIndirect extends Branch {
		@Override
		public void exec(Cpu c) {
			c.rip = checked(c, readRm(c));
		}
	}

	/** CALL to where a register or memory says. */
	static final class CallIndirect extends Branch {
		@Override
		public void exec(Cpu c) {
			long target = checked(c, readRm(c));
			StackInsns.push(c, size, next);
			c.rip = target;
		}
	}

	/** RET. */
	static final class Return extends Branch {
		@Override
		public void exec(Cpu c) {
			long target = checked(c, StackInsns.top(c, size));
			StackInsns.release(c, size + (int) imm);
			c.rip = target;
		}
	}

	/** LOOPNE, LOOPE, LOOP, JCXZ. */
	static final class Loop extends Branch {
		private final int kind;

		Loop(int kind, int size) {
			this.kind = kind;
			this.size = (short) size;
		}

		@Override
		public void exec(Cpu c) {
			int width = addressBits / 8;
			long count = c.reg(Cpu.RCX, width);
			if (kind == 3) {
				c.rip = count == 0 ? checked(c, imm) : next;
				return;
			}
			count = zero(count - 1, width);
			boolean again = count != 0 && (kind == 2 || c.condition(4) == (kind == 1));
			long target = again ? checked(c, imm) : next;
			c.reg(Cpu.RCX, width, count);
			c.rip = target;
		}
	}

	/** NOP in its many forms. */
	static final class Nop extends Insn {
		@Override
		public void exec(Cpu c) {}
	}

	/** PAUSE. */
	static final class Pause extends Insn {
		@Override
		public void exec(Cpu c) {
			Thread.onSpinWait();
		}
	}

	/** What raises an exception. */
	static final class Raise extends Insn {
		private final int vector;

		Raise(int vector) {
			this.vector = vector;
		}

		@Override
		public boolean ends() {
			return true;
		}

		@Override
		public void exec(Cpu c) {
			if (vector == Fault.GP)
				throw c.protection();
			c.presence.leave();
			c.machine.host.odd(c.context, "unknown instruction");
			c.presence.enter();
			throw c.fault(vector);
		}
	}

	/** In the place of an instruction of a block that was written: the block ends before it. */
	static final class Resume extends Insn {
		Resume(Insn instead) {
			rip = instead.rip;
			next = instead.next;
			segment = instead.segment;
		}

		@Override
		public void exec(Cpu c) {
			c.rip = rip;
			throw Interpreter.BlockEnd.INSTANCE;
		}
	}
}
