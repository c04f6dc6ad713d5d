package vmhi.softcpu.core;

/** PUSH, POP and their kin. */
final class StackInsns {
	private StackInsns() {}

	/** The linear address of {@code size} bytes {@code offset} bytes above the top of the stack. */
	static long address(Cpu c, long offset, int size, boolean write) {
		long at = c.r[Cpu.RSP] + offset;
		if (c.stackBits == 64)
			return at;
		return c.segmentation.linear(Cpu.SS, c.stackBits == 32 ? at & 0xffff_ffffL : at & 0xffff, size, write);
	}

	static void push(Cpu c, int size, long value) {
		c.store(address(c, -size, size, true), size, value);
		release(c, -size);
	}

	/** What lies on top. */
	static long top(Cpu c, int size) {
		return c.load(address(c, 0, size, false), size);
	}

	/** Moves the stack pointer up. */
	static void release(Cpu c, int bytes) {
		pointer(c, c.r[Cpu.RSP] + bytes);
	}

	/** Sets as much of the stack pointer as the stack's width has. */
	static void pointer(Cpu c, long value) {
		c.reg(Cpu.RSP, c.stackBits / 8, value);
	}

	/** PUSH of a register or memory. */
	static final class Push extends Insn {
		@Override
		public void exec(Cpu c) {
			push(c, size, readRm(c));
		}
	}

	/** PUSH of a constant. */
	static final class PushImmediate extends Insn {
		@Override
		public void exec(Cpu c) {
			push(c, size, imm);
		}
	}

	/** POP into a register or memory. */
	static final class Pop extends Insn {
		@Override
		public void exec(Cpu c) {
			long value = top(c, size);
			if (!memory) {
				release(c, size);
				c.reg(rm, size, value);
				return;
			}
			long before = c.r[Cpu.RSP];
			release(c, size); // an address with RSP in it is that after the pop
			try {
				c.store(address(c), size, value);
			} catch (Fault fault) {
				c.r[Cpu.RSP] = before;
				throw fault;
			}
		}
	}

	/** PUSHA. */
	static final class PushAll extends Insn {
		@Override
		public void exec(Cpu c) {
			for (int i = 1; i <= 8; i++)
				c.paging.checkStore(StackInsns.address(c, -i * size, size, true), size);
			for (int i = 0; i < 8; i++)
				c.store(StackInsns.address(c, -(i + 1) * size, size, true), size, c.r[i]);
			release(c, -8 * size);
		}
	}

	/** POPA. */
	static final class PopAll extends Insn {
		@Override
		public void exec(Cpu c) {
			long[] values = new long[8];
			for (int i = 0; i < 8; i++)
				values[7 - i] = c.load(StackInsns.address(c, i * size, size, false), size);
			for (int i = 0; i < 8; i++)
				if (i != Cpu.RSP)
					c.reg(i, size, values[i]);
			release(c, 8 * size);
		}
	}

	/** ENTER. */
	static final class Enter extends Insn {
		private final int level;

		Enter(int level) {
			this.level = level;
		}

		@Override
		public void exec(Cpu c) {
			long frame = c.r[Cpu.RSP] - size;
			// one after the other, since a frame that is copied may reach into the new one
			c.store(StackInsns.address(c, -size, size, true), size, c.r[Cpu.RBP]);
			for (int i = 1; i <= level; i++)
				c.store(StackInsns.address(c, -(i + 1) * size, size, true), size,
						i < level ? loadByFrame(c, -i * size) : frame);
			long end = -size * (level + 1L) - imm;
			c.checkStore(StackInsns.address(c, end, size, true), size); // after all that is pushed
			c.reg(Cpu.RBP, size == 2 ? 2 : c.stackBits / 8, frame);
			pointer(c, c.r[Cpu.RSP] + end);
		}

		private long loadByFrame(Cpu c, long offset) {
			long at = c.r[Cpu.RBP] + offset;
			return c.load(c.stackBits == 64 ? at
					: c.segmentation.linear(Cpu.SS,
							c.stackBits == 32 ? at & 0xffff_ffffL : at & 0xffff, size, false),
					size);
		}
	}

	/** LEAVE. */
	static final class Leave extends Insn {
		@Override
		public void exec(Cpu c) {
			long frame = c.r[Cpu.RBP];
			long at = c.stackBits == 64 ? frame
					: c.segmentation.linear(Cpu.SS,
							c.stackBits == 32 ? frame & 0xffff_ffffL : frame & 0xffff, size, false);
			long value = c.load(at, size);
			pointer(c, frame + size);
			c.reg(Cpu.RBP, size, value);
		}
	}
}
