package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

import vmhi.softcpu.fp.SseMath;
import vmhi.softcpu.fp.X87;

/**
 * The registers of one vCPU, and its way to memory. Belongs to the thread that runs the vCPU; what other threads set is
 * {@link #attention}, and what is read behind it.
 * <p>
 * Fields are public since instructions, of which there are many, and translated code work on them; nobody outside the
 * bundle sees them.
 */
@SuppressWarnings("removal")
public final class Cpu {
	public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
	public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5, LDTR = 6, TR = 7;

	/** Number of a general register that always reads as 0: base or index of an address that has none. */
	public static final int ZERO = 16;

	// CR0
	public static final long CR0_PE = 1, CR0_MP = 2, CR0_EM = 4, CR0_TS = 8, CR0_ET = 0x10, CR0_NE = 0x20,
			CR0_WP = 0x1_0000, CR0_AM = 0x4_0000, CR0_NW = 0x2000_0000, CR0_CD = 0x4000_0000, CR0_PG = 0x8000_0000L;
	// CR4
	public static final long CR4_VME = 1, CR4_PVI = 2, CR4_TSD = 4, CR4_DE = 8, CR4_PSE = 0x10, CR4_PAE = 0x20,
			CR4_MCE = 0x40, CR4_PGE = 0x80, CR4_PCE = 0x100, CR4_OSFXSR = 0x200, CR4_OSXMMEXCPT = 0x400,
			CR4_UMIP = 0x800, CR4_FSGSBASE = 0x1_0000, CR4_OSXSAVE = 0x4_0000, CR4_SMEP = 0x10_0000,
			CR4_SMAP = 0x20_0000;
	// EFER
	public static final long EFER_SCE = 1, EFER_LME = 0x100, EFER_LMA = 0x400, EFER_NXE = 0x800;

	// segment attributes, see CpuState.Segment
	public static final int ATTR_S = 0x10, ATTR_P = 0x80, ATTR_L = 0x200, ATTR_DB = 0x400, ATTR_G = 0x800,
			ATTR_UNUSABLE = 0x1000;

	/** Entries in a table of translations. */
	static final int TLB_ENTRIES = 4096;
	/** An entry is a tag, the linear address of the page, and what to add to a linear address for the host's. */
	static final int TLB_ENTRY = 16;
	static final int TLB_BYTES = TLB_ENTRIES * TLB_ENTRY;
	/** The bits of {@code address >>> 8} that are the offset of its entry. */
	public static final int TLB_MASK = (TLB_ENTRIES - 1) * TLB_ENTRY;

	/** The machine this is a processor of, and its number there. */
	public final Machine machine;
	public final int index;

	/** General registers as instructions number them, then {@link #ZERO}. */
	public final long[] r = new long[17];
	/** EIP or RIP: the offset in the code segment. Exact between blocks; within one, instructions know where they are. */
	public long rip;

	/** Arithmetic flags, see {@link Flags}. */
	public int flagKind;
	public long flagResult, flagA, flagB;
	/** A rotate whose flags translated code has not computed yet, 0 for none, and its result; only while that runs. */
	public int rotate;
	public long rotated;
	/** RFLAGS without the arithmetic flags; bit 1 is set. */
	public long flags = 2;

	// segment registers: ES CS SS DS FS GS LDTR TR
	public final int[] selector = new int[8];
	public final long[] base = new long[8];
	/** Offset of the last byte, unsigned in 32 bits; it does not count in 64-bit mode. */
	public final int[] limit = new int[8];
	public final int[] attributes = new int[8];
	public long gdtBase, idtBase;
	public int gdtLimit, idtLimit;

	public long cr0, cr2, cr3, cr4, efer;
	/** TPR where no local APIC is connected. */
	public int taskPriority;
	public long xcr0 = 1;
	public final long[] dr = new long[4];
	public long dr6 = 0xffff0ff0L, dr7 = 0x400;

	public final Msrs msrs = new Msrs();
	/** What it says of itself. */
	public final Cpuid cpuid;
	/** What others want of it. */
	public final Requests requests = new Requests(this);
	/** This vCPU, as the host sees it. */
	public final Context context = new Context(this);
	public final X87 x87 = new X87();
	public final SseMath sse = new SseMath();
	/**
	 * XMM registers, two longs each, low half first; the upper halves of YMM after them; and one more, for translated
	 * code.
	 */
	public final long[] xmm = new long[66];

	/** Current privilege level. */
	public int cpl;
	/** Width of the code: 16, 32 or 64. */
	public int codeBits = 16;
	/** Width of the stack pointer: 16, 32 or 64. */
	public int stackBits = 16;

	// what is pending: CpuState.Events
	/** Vector of the exception that {@link Fault} carries, whether it has an error code, and that. */
	public int faultVector;
	public boolean faultHasError;
	public int faultError;
	/** CR2 of a page fault; bits of DR6 of a debug exception. */
	public long faultPayload;
	/** 0; 1 after MOV SS; 2 after STI. Holds off interrupts until the next instruction is done. */
	public int interruptShadow;
	public boolean nmiBlocked;
	/** The instruction in progress has entered a handler with TF clear: there is no trap behind it. */
	boolean entered;
	/** An exception or interrupt to be delivered before the next instruction, put there from outside. */
	public int injectException = -1, injectInterrupt = -1;
	public boolean injectHasError;
	public int injectError;
	public long injectPayload;

	/** What runs: {@link #RUNNING} and the others. */
	public int activity;
	public static final int RUNNING = 0, HALTED = 1, WAIT_FOR_SIPI = 2, UNINITIALIZED = 3, SHUTDOWN = 4;

	/** Not 0 when something outside the flow of instructions wants to be looked at. Set by any thread. */
	public volatile int attention;

	/** Whether it may be writing to RAM. */
	final Presence presence = new Presence(this);

	/**
	 * Addresses of the tables in use: for reads, for writes. They depend on privilege, SMAP, breakpoints and alignment
	 * checks.
	 */
	public long readTlb, writeTlb;
	/** Changes when the translation of the addresses of code may have; see {@link Paging#codePage}. */
	public int codeGeneration;
	/** {@link #codeGeneration} when a block was last found to be where it should be; -1 since the privilege has changed. */
	int codeKnownAt = -1;
	/** The same, and whether the code is user's: rights to execute depend on it. */
	int codeStamp;
	/** The exit by which translated code was left; see {@link Translation#exits}. */
	public int exit;
	/** Whether translated code is running: what only the interpreter can do is then put off to it. */
	public boolean translated;
	/** Accesses outside RAM. */
	public final Mmio mmio = new Mmio(this);
	/** Breakpoints on data that the instruction in progress has hit, as in DR6. */
	public long watchHits;
	/** Those hit by the MOV SS or POP SS before: their trap comes after the instruction in progress. */
	long heldHits;
	/** Page tables, and accesses that the tables of translations do not serve. */
	public final Paging paging;
	/** Segment registers and descriptors. */
	public final Segmentation segmentation;
	/** Exceptions and interrupts on their way to the guest. */
	public final Delivery delivery;
	/** The loop. */
	public final Interpreter interpreter;

	public Cpu(Machine machine, int index) {
		this.machine = machine;
		this.index = index;
		cpuid = new Cpuid(machine.cpuid(index));
		paging = new Paging(this);
		segmentation = new Segmentation(this);
		delivery = new Delivery(this);
		interpreter = new Interpreter(this);
	}

	// --- exceptions

	/** Raises an exception without an error code. */
	public Fault fault(int vector) {
		faultVector = vector;
		faultHasError = false;
		faultError = 0;
		faultPayload = 0;
		return Fault.INSTANCE;
	}

	/** Raises an exception with an error code. */
	public Fault fault(int vector, int error) {
		faultVector = vector;
		faultHasError = true;
		faultError = error;
		faultPayload = 0;
		return Fault.INSTANCE;
	}

	public Fault undefined() {
		return fault(Fault.UD);
	}

	public Fault protection() {
		return fault(Fault.GP, 0);
	}

	/** An address that has no meaning: #GP, which the interpreter makes #SS where the stack segment was used. */
	Fault notCanonical() {
		Fault fault = fault(Fault.GP, 0);
		faultPayload = 1;
		return fault;
	}

	/** Has the interpreter do the instruction in progress anew, alone. */
	Fault again() {
		return fault(Interpreter.AGAIN);
	}

	/** Whether a breakpoint on data is armed. */
	boolean dataBreakpoints() {
		if ((dr7 & 0xff) == 0)
			return false;
		for (int i = 0; i < 4; i++)
			if ((dr7 >>> 2 * i & 3) != 0 && (dr7 >>> 16 + 4 * i & 3) != 0)
				return true;
		return false;
	}

	/** An access to memory by an instruction, where somebody watches: breakpoints on data, alignment. */
	void watch(long address, int size, boolean store) {
		if ((flags & Flags.AC) != 0 && cpl == 3 && (cr0 & CR0_AM) != 0 && (address & size - 1) != 0 && size <= 8)
			throw fault(Fault.AC, 0);
		if ((dr7 & 0xff) == 0)
			return;
		for (int i = 0; i < 4; i++) {
			int type = (int) (dr7 >>> 16 + 4 * i) & 3;
			int length = (int) (dr7 >>> 18 + 4 * i) & 3;
			long bytes = length == 2 ? 8 : length + 1;
			if ((dr7 >>> 2 * i & 3) != 0 && (type == 3 || type == 1 && store)) {
				long from = dr[i] & -bytes;
				if (address < from + bytes && from < address + size)
					watchHits |= 1L << i;
			}
		}
	}

	// --- modes

	public boolean protectedMode() {
		return (cr0 & CR0_PE) != 0;
	}

	/** Long mode is active: 64-bit or compatibility mode. */
	public boolean longMode() {
		return (efer & EFER_LMA) != 0;
	}

	public boolean virtual8086() {
		return (flags & Flags.VM) != 0;
	}

	// --- flags

	public boolean cf() {
		return Flags.cf(flagKind, flagResult, flagA, flagB);
	}

	public boolean condition(int code) {
		return Flags.condition(code, flagKind, flagResult, flagA, flagB);
	}

	/** The six arithmetic flags. */
	public int arithmeticFlags() {
		return Flags.bits(flagKind, flagResult, flagA, flagB);
	}

	public void arithmeticFlags(int bits) {
		flagKind = Flags.BITS;
		flagA = bits & Flags.ARITHMETIC;
	}

	/** All of RFLAGS. */
	public long rflags() {
		return flags | arithmeticFlags();
	}

	/** Sets all of RFLAGS, whatever the privilege; bits that are reserved stay as they must be. */
	public void rflags(long value) {
		arithmeticFlags((int) value);
		long next = value & 0x3f_7700L | 2;
		long changed = next ^ flags;
		flags = next;
		if ((changed & (Flags.IF | Flags.TF | Flags.RF)) != 0)
			attention = 1;
		if ((changed & Flags.AC) != 0)
			paging.contextChanged();
	}

	// --- general registers by size

	/** Low byte of a register; 0x10 and up are AH CH DH BH. */
	public int r8(int n) {
		return n < 16 ? (int) r[n] & 0xff : (int) r[n & 3] >>> 8 & 0xff;
	}

	public void r8(int n, int value) {
		if (n < 16)
			r[n] = r[n] & ~0xffL | value & 0xff;
		else
			r[n & 3] = r[n & 3] & ~0xff00L | (value & 0xff) << 8;
	}

	public void r16(int n, int value) {
		r[n] = r[n] & ~0xffffL | value & 0xffff;
	}

	/** The register, zero-extended from {@code size} bytes. */
	public long reg(int n, int size) {
		return switch (size) {
			case 1 -> r8(n);
			case 2 -> r[n] & 0xffff;
			case 4 -> r[n] & 0xffff_ffffL;
			default -> r[n];
		};
	}

	/** Writes the low {@code size} bytes; four bytes clear the upper half. */
	public void reg(int n, int size, long value) {
		switch (size) {
			case 1 -> r8(n, (int) value);
			case 2 -> r16(n, (int) value);
			case 4 -> r[n] = value & 0xffff_ffffL;
			default -> r[n] = value;
		}
	}

	// --- memory, by linear address: a hit in the table of translations, or the slow way

	public int load8(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address & -4096))
			return UNSAFE.getByte(address + UNSAFE.getLong(entry + 8)) & 0xff;
		return (int) paging.slowLoad(address, 1);
	}

	public int load16(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 1 & -4096))
			return UNSAFE.getShort(address + UNSAFE.getLong(entry + 8)) & 0xffff;
		return (int) paging.slowLoad(address, 2);
	}

	public int load32(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 3 & -4096))
			return UNSAFE.getInt(address + UNSAFE.getLong(entry + 8));
		return (int) paging.slowLoad(address, 4);
	}

	public long load64(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 7 & -4096))
			return UNSAFE.getLong(address + UNSAFE.getLong(entry + 8));
		return paging.slowLoad(address, 8);
	}

	public void store8(long address, int value) {
		long entry = writeTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address & -4096))
			UNSAFE.putByte(address + UNSAFE.getLong(entry + 8), (byte) value);
		else
			paging.slowStore(address, 1, value & 0xff);
	}

	public void store16(long address, int value) {
		long entry = writeTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 1 & -4096))
			UNSAFE.putShort(address + UNSAFE.getLong(entry + 8), (short) value);
		else
			paging.slowStore(address, 2, value & 0xffff);
	}

	public void store32(long address, int value) {
		long entry = writeTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 3 & -4096))
			UNSAFE.putInt(address + UNSAFE.getLong(entry + 8), value);
		else
			paging.slowStore(address, 4, value & 0xffff_ffffL);
	}

	public void store64(long address, long value) {
		long entry = writeTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 7 & -4096))
			UNSAFE.putLong(address + UNSAFE.getLong(entry + 8), value);
		else
			paging.slowStore(address, 8, value);
	}

	// --- the same for translated code of machines with several vCPUs: the host's processor keeps the order of x86, and
	// the JVM's compiler must as well, between accesses that it sees side by side

	public int loadOrdered8(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address & -4096))
			return UNSAFE.getByteVolatile(null, address + UNSAFE.getLong(entry + 8)) & 0xff;
		return (int) paging.slowLoad(address, 1);
	}

	public int loadOrdered16(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 1 & -4096))
			return UNSAFE.getShortVolatile(null, address + UNSAFE.getLong(entry + 8)) & 0xffff;
		return (int) paging.slowLoad(address, 2);
	}

	public int loadOrdered32(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 3 & -4096))
			return UNSAFE.getIntVolatile(null, address + UNSAFE.getLong(entry + 8));
		return (int) paging.slowLoad(address, 4);
	}

	public long loadOrdered64(long address) {
		long entry = readTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) == (address + 7 & -4096))
			return UNSAFE.getLongVolatile(null, address + UNSAFE.getLong(entry + 8));
		return paging.slowLoad(address, 8);
	}

	public void storeOrdered8(long address, int value) {
		UNSAFE.storeFence();
		store8(address, value);
	}

	public void storeOrdered16(long address, int value) {
		UNSAFE.storeFence();
		store16(address, value);
	}

	public void storeOrdered32(long address, int value) {
		UNSAFE.storeFence();
		store32(address, value);
	}

	public void storeOrdered64(long address, long value) {
		UNSAFE.storeFence();
		store64(address, value);
	}

	/** Zero-extended from {@code size} bytes: 1, 2, 4 or 8. */
	public long load(long address, int size) {
		return switch (size) {
			case 1 -> load8(address);
			case 2 -> load16(address);
			case 4 -> load32(address) & 0xffff_ffffL;
			default -> load64(address);
		};
	}

	public void store(long address, int size, long value) {
		switch (size) {
			case 1 -> store8(address, (int) value);
			case 2 -> store16(address, (int) value);
			case 4 -> store32(address, (int) value);
			default -> store64(address, value);
		}
	}

	/**
	 * A load of what is going to be stored to: where that may not be written, this faults as the store would. Nothing
	 * that the guest sees happens between the two.
	 */
	public long loadForStore(long address, int size) {
		long entry = writeTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) != (address + size - 1 & -4096))
			paging.checkStore(address, size);
		return load(address, size);
	}

	/** Faults as a store would. */
	void checkStore(long address, int size) {
		long entry = writeTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) != (address + size - 1 & -4096))
			paging.checkStore(address, size);
	}

	/** The address in the host of memory that may be written and lies in RAM in one piece; 0 where there is no such. */
	public long hostForStore(long address, int size) {
		long entry = writeTlb + (address >>> 8 & TLB_MASK);
		if (UNSAFE.getLong(entry) != (address + size - 1 & -4096))
			return paging.hostForStore(address, size);
		return address + UNSAFE.getLong(entry + 8);
	}
}
