package vmhi.softcpu.jit;

import java.util.Arrays;

import vmhi.softcpu.core.Entry;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Translation;

/** What the class of a region inherits, and what it calls. */
public abstract class Region extends Translation {
	/** Of the class that this thread is about to initialize. */
	private static final ThreadLocal<Insn[]> CONSTANTS = new ThreadLocal<>();
	private static final ThreadLocal<long[]> REGISTERS = new ThreadLocal<>();

	/** Instructions that may fault, by number. */
	private Insn[] faulting;

	/** Blocks by address, in a table that forgets one of two that have the same place; their numbers and pages. */
	private long[] addresses, needs;
	private int[] numbers;

	/** Makes the object of a class that was just defined. */
	static Region make(Class<?> code, Selection selection, long[] registers, Insn[] executed, Insn[] faulting,
			int exits)
			throws ReflectiveOperationException {
		CONSTANTS.set(executed);
		REGISTERS.set(registers);
		try {
			Region region = (Region) code.getDeclaredConstructor().newInstance();
			region.faulting = faulting;
			region.exits = new Entry[exits];
			region.index(selection);
			return region;
		} finally {
			CONSTANTS.remove();
		}
	}

	private void index(Selection selection) {
		int size = Integer.highestOneBit(8 * selection.blocks().size() - 1);
		addresses = new long[size];
		needs = new long[size];
		numbers = new int[size];
		Arrays.fill(numbers, -1);
		selection.byRip().forEach((rip, number) -> {
			int slot = slot(rip);
			addresses[slot] = rip;
			needs[slot] = selection.pages().needs(number);
			numbers[slot] = number;
		});
	}

	private int slot(long rip) {
		return (int) (rip ^ rip >>> 7) & addresses.length - 1;
	}

	/** The number of the block with this address; -1 if it may not be gone on with without a look. */
	protected final int find(long rip, long mapped) {
		int slot = slot(rip);
		return addresses[slot] == rip && (needs[slot] & ~mapped) == 0 ? numbers[slot] : -1;
	}

	/** The registers of the only vCPU. */
	static long[] registers() {
		return REGISTERS.get();
	}

	/** The instructions that the class executes by their objects. */
	static Insn[] constants() {
		return CONSTANTS.get();
	}

	/** A fault was raised by one of {@link #faulting}. */
	protected final void faulted(Cpu c, int slot) {
		if (c.rotate != 0) {
			c.arithmeticFlags(
					(int) Support.rotated(c.rotate, c.flagKind, c.flagResult, c.flagA, c.flagB, c.rotated));
			c.rotate = 0;
		}
		c.interpreter.faulted(faulting[slot]);
	}
}
