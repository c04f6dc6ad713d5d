package vmhi.softcpu.core;

/**
 * An instruction on MMX registers, which are the mantissas of the FPU's (SDM volume 1, 9.2): it reports an exception
 * that the FPU left, and marks all registers as in use.
 */
abstract class MmxInsn extends Insn {
	/** Comes first in every one. */
	static void available(Cpu c) {
		if ((c.cr0 & Cpu.CR0_EM) != 0)
			throw c.undefined();
		if ((c.cr0 & Cpu.CR0_TS) != 0)
			throw c.fault(Fault.NM);
		pending(c);
	}

	static void pending(Cpu c) {
		if (c.x87.pendingException())
			throw c.fault(Fault.MF);
	}

	/** The operand {@code rm}: a register, or 4 or 8 bytes of memory. */
	final long operand(Cpu c) {
		if (!memory)
			return c.x87.mmx(rm & 7);
		return size == 4 ? c.load32(address(c)) & 0xffff_ffffL : c.load64(address(c));
	}

	/** Destination {@code reg}, source {@code rm}. */
	abstract static class Binary extends MmxInsn {
		@Override
		public final void exec(Cpu c) {
			available(c);
			long b = operand(c);
			c.x87.enterMmx();
			c.x87.mmx(reg & 7, apply(c, c.x87.mmx(reg & 7), b));
		}

		abstract long apply(Cpu c, long a, long b);
	}
}
