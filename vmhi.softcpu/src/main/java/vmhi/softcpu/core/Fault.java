package vmhi.softcpu.core;

/**
 * An exception of the guest, on its way from the instruction that raises it to the loop that delivers it. What it is
 * stands in the {@link Cpu}; this only unwinds the stack, and is made once.
 */
public final class Fault extends RuntimeException {
	private static final long serialVersionUID = 1L;

	/** The only one. */
	public static final Fault INSTANCE = new Fault();

	// vectors, SDM volume 3, table 6-1
	public static final int DE = 0, DB = 1, NMI = 2, BP = 3, OF = 4, BR = 5, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11,
			SS = 12, GP = 13, PF = 14, MF = 16, AC = 17, MC = 18, XM = 19;

	private Fault() {
		super(null, null, false, false);
	}
}
