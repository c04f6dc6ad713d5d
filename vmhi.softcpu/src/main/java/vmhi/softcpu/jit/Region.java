package vmhi.softcpu.jit;

import vmhi.softcpu.core.Block;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Translation;

/** What the class of a region inherits, and what it calls. */
public abstract class Region extends Translation {
	/** Of the class that this thread is about to initialize. */
	private static final ThreadLocal<Insn[]> CONSTANTS = new ThreadLocal<>();

	/** Instructions that may fault, by number. */
	private Insn[] faulting;

	/** Makes the object of a class that was just defined. */
	static Region make(Class<?> code, Insn[] executed, Insn[] faulting, int exits) throws ReflectiveOperationException {
		CONSTANTS.set(executed);
		try {
			Region region = (Region) code.getDeclaredConstructor().newInstance();
			region.faulting = faulting;
			region.exits = new Block[exits];
			return region;
		} finally {
			CONSTANTS.remove();
		}
	}

	/** The instructions that the class executes by their objects. */
	static Insn[] constants() {
		return CONSTANTS.get();
	}

	/** A fault was raised by one of {@link #faulting}: the negative of its number less one where registers are home. */
	protected final void faulted(Cpu c, int slot) {
		c.interpreter.faulted(faulting[slot < 0 ? -1 - slot : slot]);
	}
}
