package vmhi.device.irqchip;

/**
 * Registers of a local APIC: offset divided by 16 in the page, and number from 0x800 among the MSRs (SDM volume 3,
 * tables 10-1 and 10-6).
 */
final class ApicRegister {
	static final int ID = 0x02;
	static final int VERSION = 0x03;
	static final int TPR = 0x08;
	static final int APR = 0x09;
	static final int PPR = 0x0a;
	static final int EOI = 0x0b;
	static final int RRD = 0x0c;
	static final int LDR = 0x0d;
	static final int DFR = 0x0e;
	static final int SVR = 0x0f;
	static final int ISR = 0x10; // eight of them, as of the next two
	static final int TMR = 0x18;
	static final int IRR = 0x20;
	static final int ESR = 0x28;
	static final int ICR_LOW = 0x30;
	static final int ICR_HIGH = 0x31;
	static final int LVT = 0x32; // six: timer, thermal sensor, performance counters, LINT0, LINT1, error
	static final int INITIAL_COUNT = 0x38;
	static final int CURRENT_COUNT = 0x39;
	static final int DIVIDE = 0x3e;
	static final int SELF_IPI = 0x3f; // as an MSR only

	static final int LVTS = 6;
	static final int LVT_TIMER = 0;
	static final int LVT_LINT0 = 3;
	static final int LVT_LINT1 = 4;
	static final int LVT_ERROR = 5;

	private ApicRegister() {}

	/** Whether RDMSR knows it. */
	static boolean readableMsr(int register) {
		return switch (register) {
			case ID, VERSION, TPR, PPR, LDR, SVR, ESR, ICR_LOW, INITIAL_COUNT, CURRENT_COUNT, DIVIDE -> true;
			default -> register >= ISR && register < ESR || register >= LVT && register < LVT + LVTS;
		};
	}

	/**
	 * The bits that WRMSR may set; other values raise #GP, as writes to registers that cannot be written do (SDM volume 3,
	 * 10.12.1.3). -1 for those.
	 */
	static long writableMsr(int register) {
		return switch (register) {
			case TPR, SELF_IPI -> 0xff;
			case EOI, ESR -> 0;
			case SVR -> 0x3ff;
			case ICR_LOW -> 0xffff_ffff_000c_dfffL;
			case INITIAL_COUNT -> 0xffff_ffffL;
			case DIVIDE -> 0xb;
			default -> register >= LVT && register < LVT + LVTS ? writableLvt(register - LVT) | LVT_READ_ONLY : -1;
		};
	}

	private static final int LVT_READ_ONLY = 1 << 12 | 1 << 14; // delivery status, remote IRR

	/** The bits of an LVT register that can be written (SDM volume 3, figure 10-8). */
	static int writableLvt(int lvt) {
		return switch (lvt) {
			case LVT_TIMER -> 0x7_00ff;
			case LVT_ERROR -> 0x1_00ff;
			case LVT_LINT0, LVT_LINT1 -> 0x1_a7ff;
			default -> 0x1_07ff;
		};
	}
}
