package vmhi.softcpu.fp;

/**
 * Registers of the FPU of one vCPU, and the manners that its instructions share: the stack and its faults, exceptions,
 * condition codes (SDM volume 1, section 8.1). It belongs to the thread of that vCPU.
 */
final class X87State {
	static final int STACK_FAULT = 0x40;
	static final int SUMMARY = 0x80;
	static final int C0 = 0x100;
	static final int C1 = 0x200;
	static final int C2 = 0x400;
	static final int C3 = 0x4000;
	static final int CONDITIONS = C0 | C1 | C2 | C3;

	private static final int BUSY = 0x8000;
	private static final int EXCEPTIONS = 0x3f;
	private static final int CONTROL_AFTER_RESET = 0x37f;
	private static final int CONTROL_KEPT = 0x1f3f;
	/** A bit of the control word that is always read as one. */
	private static final int CONTROL_ONE = 0x40;
	private static final long INDEFINITE_MANTISSA = 0xc000000000000000L;
	private static final int INDEFINITE_EXPONENT = 0xffff;

	/** The physical registers. */
	final long[] mantissa = new long[8];
	final int[] signExponent = new int[8];
	/** Without the field TOP, which has its own variable. */
	int status;
	int top;
	/** A bit for each physical register that is not empty. */
	int full;
	final Rounding rounding = new Rounding();

	private int control;

	void reset() {
		status = 0;
		top = 0;
		full = 0;
		control(CONTROL_AFTER_RESET);
	}

	int control() {
		return control;
	}

	void control(int value) {
		control = value & CONTROL_KEPT | CONTROL_ONE;
		rounding.mode = control >> 10 & 3;
		rounding.unmasked = ~control & EXCEPTIONS;
		summarize();
	}

	int status() {
		return status | top << 11;
	}

	void status(int value) {
		top = value >> 11 & 7;
		status = value & (CONDITIONS | STACK_FAULT | EXCEPTIONS);
		summarize();
	}

	void summarize() {
		if ((status & rounding.unmasked) != 0) {
			status |= SUMMARY | BUSY;
		} else {
			status &= ~(SUMMARY | BUSY);
		}
	}

	/** The format that the precision control asks for; the reserved value means all there is. */
	Format format() {
		return switch (control >> 8 & 3) {
			case 0 -> Format.EXTENDED_24;
			case 2 -> Format.EXTENDED_53;
			default -> Format.EXTENDED;
		};
	}

	/** Takes note of exceptions. Returns whether the instruction has to end without a result. */
	boolean stops(int exceptions) {
		status |= exceptions;
		summarize();
		return suppresses(exceptions);
	}

	/** Whether these exceptions leave no result. */
	boolean suppresses(int exceptions) {
		return (exceptions & Rounding.BEFORE & rounding.unmasked) != 0;
	}

	/** Sets or clears C1. */
	void c1(boolean on) {
		status = on ? status | C1 : status & ~C1;
	}

	void conditions(int codes) {
		status = status & ~CONDITIONS | codes;
	}

	private int physical(int i) {
		return top + i & 7;
	}

	boolean isEmpty(int i) {
		return (full >> physical(i) & 1) == 0;
	}

	void free(int i) {
		full &= ~(1 << physical(i));
	}

	/** Notes that a register is empty that should not be. Returns whether the instruction ends there. */
	boolean underflows() {
		c1(false);
		return stops(Rounding.INVALID | STACK_FAULT);
	}

	/** Notes that the register above the top is not empty. Returns whether the instruction ends there. */
	boolean overflows() {
		c1(true);
		return stops(Rounding.INVALID | STACK_FAULT);
	}

	void read(int i, Real into) {
		int r = physical(i);
		into.extended(mantissa[r], signExponent[r]);
	}

	void write(int i, long newMantissa, int newSignExponent) {
		int r = physical(i);
		mantissa[r] = newMantissa;
		signExponent[r] = newSignExponent & 0xffff;
		full |= 1 << r;
	}

	void write(int i, Real value) {
		write(i, value.extendedMantissa(), value.extendedSignExponent());
	}

	void writeIndefinite(int i) {
		write(i, INDEFINITE_MANTISSA, INDEFINITE_EXPONENT);
	}

	long mantissa(int i) {
		return mantissa[physical(i)];
	}

	int signExponent(int i) {
		return signExponent[physical(i)];
	}

	void pop() {
		free(0);
		top = top + 1 & 7;
	}

	/** Moves the top, and nothing else: the caller writes what is there now. */
	void push() {
		top = top - 1 & 7;
	}

	/** Whether a push finds its register taken. */
	boolean isFullAbove() {
		return !isEmpty(7);
	}
}
