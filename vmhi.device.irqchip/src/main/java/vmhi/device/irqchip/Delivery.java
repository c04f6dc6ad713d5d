package vmhi.device.irqchip;

/** Delivery modes, the same in the ICR, the LVT, the redirection table and messages (SDM volume 3, 10.6.1 and 10.11.2). */
final class Delivery {
	static final int FIXED = 0;
	static final int LOWEST_PRIORITY = 1;
	static final int SMI = 2;
	static final int NMI = 4;
	static final int INIT = 5;
	static final int STARTUP = 6;
	static final int EXTERNAL = 7;

	private static final int SHIFT = 8;

	private Delivery() {}

	/** The mode in a register. */
	static int of(int register) {
		return register >>> SHIFT & 7;
	}

	/** Whether it carries a vector that the local APIC takes into its IRR. */
	static boolean hasVector(int mode) {
		return mode == FIXED || mode == LOWEST_PRIORITY;
	}
}
