package vmhi.softcpu.diff;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.memory.GuestMemory;

/** A mode and privilege level that random bytes are run at, and the tables for all of them. */
enum Level {
	REAL(16, 0), VIRTUAL(16, 3), PROTECTED_16(16, 0), PROTECTED_16_USER(16, 3), PROTECTED_0(32, 0), PROTECTED_1(32,
			1), PROTECTED_2(32, 2), PROTECTED_3(32, 3), COMPATIBLE_0(32, 0), COMPATIBLE_3(32, 3), LONG_0(64,
					0), LONG_1(64, 1), LONG_2(64, 2), LONG_3(64, 3);

	/** All that is restored before each case lies below. */
	static final int TOP = 0x2_0000;
	static final int CODE = 0x1_0000;
	private static final int PML4 = 0x1000, PDPT = 0x2000, DIRECTORY = 0x3000, OLD_DIRECTORY = 0x4000, GDT = 0x5000;
	private static final int IDT = 0x6000, OLD_IDT = 0x7000, TASK = 0x8000, OLD_TASK = 0x9000, STACK = 0xc000;
	private static final int HANDLER = 0xd000;
	private static final int TASK_LIMIT = 0x67, TABLE_LIMIT = 16 * 32 - 1, IO_MAP = 0x66;

	// segment attributes, see CpuState.Segment; and selectors: eight descriptors for each level
	private static final int CODE_64 = 0xa9b, CODE_32 = 0xc9b, CODE_16 = 0x09b, DATA_32 = 0xc93, DATA_16 = 0x093;
	private static final int TASK_STATE = 0x08b, NO_TABLE = 0x1082, FIRST = 2, FLAVOURS = 4;
	private static final int PROTECTION = 1, PAGING = 0x8000_0000, VIRTUAL_FLAG = 0x2_0000;

	private final int bits;
	private final int privilege;

	Level(int bits, int privilege) {
		this.bits = bits;
		this.privilege = privilege;
	}

	boolean isLong() {
		return name().startsWith("LONG") || name().startsWith("COMPATIBLE");
	}

	private static int selector(int privilege, int flavour) {
		return (FIRST + FLAVOURS * privilege + flavour) << 3 | privilege;
	}

	private static long descriptor(int limit, int attributes) {
		return limit & 0xffffL | (long) (attributes & 0xff) << 40 | (long) (limit >> 16 & 0xf) << 48
				| (long) (attributes >> 8 & 0xf) << 52;
	}

	/** Maps 2 MiB one to one for every level, in both kinds of page tables; handlers end the run at a port. */
	static void buildTables(GuestMemory memory) {
		memory.putLong(PML4, PDPT | 7);
		memory.putLong(PDPT, DIRECTORY | 7);
		memory.putLong(DIRECTORY, 0x87);
		memory.putInt(OLD_DIRECTORY, 0x87);
		for (int privilege = 0; privilege < 4; privilege++) {
			int[] attributes = { CODE_64, CODE_32, CODE_16, DATA_32 };
			for (int flavour = 0; flavour < FLAVOURS; flavour++)
				memory.putLong(GDT + (selector(privilege, flavour) & ~7),
						descriptor(flavour == 2 ? 0xffff : 0xf_ffff, attributes[flavour] | privilege << 5));
		}
		for (int vector = 0; vector < 32; vector++) {
			memory.putShort(vector * 4, HANDLER);
			memory.putShort(vector * 4 + 2, 0);
			memory.putLong(OLD_IDT + vector * 8, HANDLER | selector(0, 1) << 16 | 0xee00L << 32);
			memory.putLong(IDT + vector * 16, HANDLER | selector(0, 0) << 16 | 0xee00L << 32);
			memory.putLong(IDT + vector * 16 + 8, 0);
		}
		for (int i = 0; i < 3; i++) {
			memory.putLong(TASK + 4 + 8 * i, STACK);
			memory.putInt(OLD_TASK + 4 + 8 * i, STACK);
			memory.putInt(OLD_TASK + 8 + 8 * i, selector(i, 3));
		}
		memory.putShort(TASK + IO_MAP, TASK_LIMIT + 1);
		memory.putShort(OLD_TASK + IO_MAP, TASK_LIMIT + 1);
		memory.putLong(HANDLER, 0xfe_ebf4_81e6L); // out 0x81, al; hlt; jmp $
	}

	/**
	 * The state at the start of the code.
	 *
	 * @param tables whether exceptions find handlers; otherwise they pile up to a shutdown
	 * @param bits that are turned in CR0 and CR4, of those that may be
	 */
	CpuState begin(long[] registers, long flags, boolean tables, int cr0Bits, int cr4Bits) {
		boolean real = this == REAL || this == VIRTUAL;
		int flavour = bits == 64 ? 0 : bits == 32 ? 1 : 2;
		int[] codes = { CODE_64, CODE_32, CODE_16 };
		Segment code = real ? new Segment(CODE >> 4, CODE, 0xffff, (this == VIRTUAL ? 0xf3 : CODE_16))
				: new Segment(selector(privilege, flavour), 0, flavour == 2 ? 0xffff : -1,
						codes[flavour] | privilege << 5);
		Segment data = real ? new Segment(0, 0, 0xffff, DATA_16 | (this == VIRTUAL ? 0x60 : 0))
				: new Segment(selector(privilege, 3), 0, -1, DATA_32 | privilege << 5);
		boolean protectedMode = this != REAL;
		boolean paging = isLong() || protectedMode && (cr0Bits & PROTECTION) != 0;
		int cr0 = 0x10 | (protectedMode ? PROTECTION : 0) | (paging ? PAGING : 0) | cr0Bits & 0x5_002e;
		long rip = flavour == 2 ? real ? 0 : CODE & 0xffff : CODE;
		if (!real && flavour == 2)
			code = new Segment(code.selector(), CODE, 0xffff, code.attributes());
		General general = new General(registers, rip, flags & 0x24_4ed5 | 2 | (this == VIRTUAL ? VIRTUAL_FLAG : 0));
		Segment task = new Segment(8, isLong() ? TASK : OLD_TASK, TASK_LIMIT, TASK_STATE);
		SystemRegisters system = new SystemRegisters(code, data, data, data, data, data, task,
				new Segment(0, 0, 0, NO_TABLE), new Table(GDT, 8 * 32 - 1),
				new Table(this == REAL ? 0 : isLong() ? IDT : OLD_IDT, tables ? this == REAL ? 0x3ff : TABLE_LIMIT : 0),
				cr0 & 0xffff_ffffL, 0, isLong() ? PML4 : OLD_DIRECTORY, (isLong() ? 0x20 : 0x10) | cr4Bits & 0x68c, 0,
				isLong() ? 0xd00 : 0, 0xfee0_0900L);
		return new CpuState(general, system, null, null, null, null, null, CpuState.Events.NONE, MpState.RUNNABLE);
	}
}
