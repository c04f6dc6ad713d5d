package vmhi.softcpu.jit;

import vmhi.softcpu.core.Block;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Translation;

/** What the class of a region inherits, and what it calls. */
public abstract class Region extends Translation {
	/** Instructions that are executed and not translated, and those that may fault, by number. */
	protected Insn[] executed, faulting;

	final void prepare(Insn[] executed, Insn[] faulting, int exits) {
		this.exits = new Block[exits];
		this.executed = executed;
		this.faulting = faulting;
	}

	/** A fault was raised by one of {@link #faulting}: the negative of its number less one where registers are home. */
	protected final void faulted(Cpu c, int slot) {
		c.interpreter.faulted(faulting[slot < 0 ? -1 - slot : slot]);
	}
}
