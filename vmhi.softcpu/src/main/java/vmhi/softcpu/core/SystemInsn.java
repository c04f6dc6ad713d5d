package vmhi.softcpu.core;

/** An instruction of the system side, of which there are many that are a few lines each. */
final class SystemInsn extends Insn {

	/** What one does. */
	interface Action {

		/** Does it; a {@link Fault} comes before any change of registers. */
		void on(Cpu c, SystemInsn insn);
	}

	/** Where it goes on: behind it in its block, behind it in a new block, or where the action says. */
	enum Then {
		FOLLOWS, NEXT, JUMPS
	}

	private final Action action;
	private final Then then;

	private SystemInsn(Then then, Action action) {
		this.then = then;
		this.action = action;
	}

	/** One that changes nothing in how instructions are fetched or interrupted. */
	static SystemInsn plain(Decoder d, int size, Action action) {
		return made(d, size, Then.FOLLOWS, action);
	}

	/** One after which instructions may be fetched or interrupted otherwise. */
	static SystemInsn ending(Decoder d, int size, Action action) {
		return made(d, size, Then.NEXT, action);
	}

	/** One that sets {@link Cpu#rip} itself. */
	static SystemInsn jumping(Decoder d, int size, Action action) {
		return made(d, size, Then.JUMPS, action);
	}

	private static SystemInsn made(Decoder d, int size, Then then, Action action) {
		SystemInsn insn = d.finishRaw(new SystemInsn(then, action), Op.OTHER, size);
		insn.lock = false; // none of them may be locked
		return insn;
	}

	/** With an immediate operand. */
	SystemInsn with(long value) {
		imm = value;
		return this;
	}

	/** With as many bytes at the address of its operand, and whether it writes them. */
	SystemInsn accessing(int bytes, boolean writing) {
		accessSize = (short) bytes;
		writes = writing;
		return this;
	}

	/** With a memory operand on the stack. */
	SystemInsn onStack() {
		segment = Cpu.SS;
		return this;
	}

	@Override
	public boolean ends() {
		return then != Then.FOLLOWS;
	}

	@Override
	public void exec(Cpu c) {
		action.on(c, this);
		if (then == Then.NEXT)
			c.rip = next;
	}

	/** A selector: 16 bits of the r/m operand. */
	int selectorOperand(Cpu c) {
		return memory ? c.load16(address(c)) : (int) c.r[rm] & 0xffff;
	}

	/** Only at level 0. */
	static void privileged(Cpu c) {
		if (c.cpl != 0)
			throw c.protection();
	}

	/** Not where there are no descriptors. */
	static void protectedOnly(Cpu c) {
		if (!c.segmentation.checksTypes())
			throw c.undefined();
	}

	/** Where CR4.UMIP is set, what tells of the system is for level 0. */
	static void notForUsers(Cpu c) {
		if ((c.cr4 & Cpu.CR4_UMIP) != 0 && c.cpl != 0)
			throw c.protection();
	}

	/** Sets ZF alone. */
	static void zero(Cpu c, boolean set) {
		c.arithmeticFlags(c.arithmeticFlags() & ~Flags.ZF | (set ? Flags.ZF : 0));
	}

	static int ioPrivilege(Cpu c) {
		return (int) (c.flags & Flags.IOPL) >> 12;
	}
}
