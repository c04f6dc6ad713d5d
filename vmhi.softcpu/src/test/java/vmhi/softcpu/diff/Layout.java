package vmhi.softcpu.diff;

/**
 * Where things are in the RAM of a {@link Rig}, which is mapped one to one, and in the record of a case. All of it lies
 * below 2 GiB, so that code can name an address in a 32-bit displacement.
 */
final class Layout {
	static final int RAM = 12 << 20;

	// for the supervisor alone, all below OPEN
	static final int PML4 = 0x1000, PDPT = 0x2000, DIRECTORY = 0x3000, PAGES = 0x4000, GDT = 0x5000, IDT = 0x6000;
	static final int TASK = 0x7000, STACK_0 = 0xa000, HANDLERS = 0xb000;
	static final int OPEN = 0x1_0000;

	/** The code that goes from case to case, its variables and its stack. */
	static final int HARNESS = 0x1_0000, VARIABLES = 0x1_1000, STACK_3 = 0x1_3000;
	static final int CURRENT = VARIABLES, END = VARIABLES + 8, SAVED = VARIABLES + 16, TARGET = VARIABLES + 24,
			FAR = VARIABLES + 32;

	/** Pages that fault in their own way; a plain one lies before and behind them. */
	static final int EDGE = 0x2_0000, ABSENT = 0x2_1000, READ_ONLY = 0x2_2000, SUPERVISOR = 0x2_3000,
			NO_CODE = 0x2_4000;

	static final int CODE = 0x10_0000, CODE_SIZE = 256;
	static final int RECORDS = 0x20_0000, RECORD_SIZE = 2048;
	static final int MOST_CASES = 4096;

	/** Selectors of user segments, as Linux has them: a hypervisor that runs user code natively knows no others. */
	static final int USER_CODE_32 = 0x23, USER_DATA = 0x2b, USER_CODE_64 = 0x33;
	static final long FS_BASE = 0x1_2345_0000L >> 4, GS_BASE = -0x10_0000L;

	// in a record: what a case begins with
	static final int IN_FX = 0, IN_REGISTERS = 512, IN_FLAGS = 640, IN_TARGET = 648, IN_FAR = 656;
	// and what came of it
	static final int OUT_REGISTERS = 704, OUT_FLAGS = 832, OUT_VECTOR = 840, OUT_ERROR = 848, OUT_RIP = 856,
			OUT_CS = 864, OUT_SS = 872, OUT_CR2 = 880, OUT_SEGMENTS = 888, OUT_FX = 912;
	/** Memory of the case: operands in the lower half, stack in the upper. */
	static final int SCRATCH = 1536, SCRATCH_SIZE = 512;

	/** In {@link #OUT_VECTOR} where nothing was raised. */
	static final int NO_FAULT = 0xff;
	static final int END_PORT = 0x81;
	/** Interrupts are on, which is how user code is run; nothing interrupts it. */
	static final int CLEAN_FLAGS = 0x202;

	private Layout() {}

	/** The one behind the last is nobody's: the handler notes the end of a batch there. */
	static int record(int slot) {
		return RECORDS + slot * RECORD_SIZE;
	}

	static int code(int slot) {
		return CODE + slot * CODE_SIZE;
	}

	static int scratch(int slot) {
		return record(slot) + SCRATCH;
	}
}
