package vmhi.softcpu.core;

/**
 * Segment registers, the descriptor tables they are loaded from, and addresses within segments (SDM volume 3, chapters 3
 * and 5). Belongs to the vCPU's thread.
 */
public final class Segmentation {
	private final Cpu c;
	/** Far jumps, calls and returns. */
	final FarTransfer far;
	final TaskSwitch tasks;

	/** Segments, bit by bit, in which any offset of 32 bits may be read, or written. */
	private int flatRead, flatWrite;
	/** Bit 0 of the error code of faults: set while the processor delivers what is not the program's doing. */
	int external;

	// what innerStack found
	int stackSelector;
	long stackPointer;

	Segmentation(Cpu c) {
		this.c = c;
		far = new FarTransfer(c, this);
		tasks = new TaskSwitch(c, this);
	}

	static boolean canonical(long address) {
		return address >> 47 == address >> 63;
	}

	// --- addresses

	/**
	 * The linear address of an offset, outside 64-bit mode.
	 *
	 * @param offset not negative, cut to the width of addresses
	 */
	public long linear(int segment, long offset, int size, boolean write) {
		if (((write ? flatWrite : flatRead) >>> segment & 1) == 0)
			check(segment, offset, size, write);
		return c.base[segment] + offset & 0xffff_ffffL;
	}

	private void check(int segment, long offset, int size, boolean write) {
		int a = c.attributes[segment];
		long limit = c.limit[segment] & 0xffff_ffffL;
		long last = offset + Math.max(size, 1) - 1;
		boolean allowed;
		if (checksTypes() && Descriptor.expandsDown(a))
			allowed = offset > limit && last <= ((a & Cpu.ATTR_DB) != 0 ? 0xffff_ffffL : 0xffff);
		else
			allowed = last <= limit;
		if (!allowed || !permitted(a, write))
			throw c.fault(segment == Cpu.SS ? Fault.SS : Fault.GP, 0);
	}

	/** Whether types of segments matter: not in real and virtual-8086 mode. */
	boolean checksTypes() {
		return c.protectedMode() && !c.virtual8086();
	}

	private boolean permitted(int attributes, boolean write) {
		if (!checksTypes())
			return true;
		return usable(attributes) && (write ? Descriptor.writable(attributes) : Descriptor.readable(attributes));
	}

	private static boolean usable(int attributes) {
		return (attributes & (Cpu.ATTR_UNUSABLE | Cpu.ATTR_P)) == Cpu.ATTR_P;
	}

	private void changed(int segment) {
		int a = c.attributes[segment];
		boolean whole = c.limit[segment] == -1 && !(checksTypes() && Descriptor.expandsDown(a));
		int bit = 1 << segment;
		flatRead = whole && permitted(a, false) ? flatRead | bit : flatRead & ~bit;
		flatWrite = whole && permitted(a, true) ? flatWrite | bit : flatWrite & ~bit;
	}

	// --- modes

	/** To be called when CR0, EFER, VM or segments were changed from outside: brings all that depends on them up to date. */
	public void modeChanged() {
		if (!c.protectedMode())
			c.cpl = 0;
		else
			c.cpl = c.virtual8086() ? 3 : Descriptor.dpl(c.attributes[Cpu.SS]);
		for (int segment = Cpu.ES; segment <= Cpu.GS; segment++)
			changed(segment);
		widths();
		c.paging.contextChanged();
	}

	private void widths() {
		int code = c.attributes[Cpu.CS];
		if (c.longMode() && (code & Cpu.ATTR_L) != 0)
			c.codeBits = 64;
		else
			c.codeBits = (code & Cpu.ATTR_DB) != 0 ? 32 : 16;
		c.stackBits = c.codeBits == 64 ? 64 : (c.attributes[Cpu.SS] & Cpu.ATTR_DB) != 0 ? 32 : 16;
	}

	private void privilege(int cpl) {
		if (c.cpl != cpl) {
			c.cpl = cpl;
			c.paging.contextChanged();
		}
	}

	// --- descriptors

	/** A fault whose error code names a selector. */
	Fault fault(int vector, int selector) {
		return c.fault(vector, selector & 0xfffc | external);
	}

	/** A fault with an error code of 0. */
	Fault fault(int vector) {
		return c.fault(vector, external);
	}

	static boolean isNull(int selector) {
		return (selector & 0xfffc) == 0;
	}

	/**
	 * The linear address of a descriptor.
	 *
	 * @param length of the descriptor
	 * @param vector of the fault where it is outside its table
	 */
	long place(int selector, int length, int vector) {
		long table = c.gdtBase;
		long limit = c.gdtLimit;
		if ((selector & 4) != 0) {
			if (!usable(c.attributes[Cpu.LDTR]))
				throw fault(vector, selector);
			table = c.base[Cpu.LDTR];
			limit = c.limit[Cpu.LDTR] & 0xffff_ffffL;
		}
		if ((selector & 0xfff8) + length - 1 > limit)
			throw fault(vector, selector);
		return wrap(table + (selector & 0xfff8));
	}

	/** Addresses that the processor makes have 32 bits outside long mode. */
	long wrap(long linear) {
		return c.longMode() ? linear : linear & 0xffff_ffffL;
	}

	/** Reads a descriptor of eight bytes. */
	long descriptor(int selector, int vector) {
		return c.paging.systemLoad(place(selector, 8, vector), 8);
	}

	/** Notes in the table that a descriptor of code or data is in use. */
	void accessed(int selector, long d) {
		if ((d >>> 40 & Descriptor.ACCESSED) == 0)
			c.paging.systemStore(place(selector, 8, Fault.GP) + 5, 1, d >>> 40 & 0xff | Descriptor.ACCESSED);
	}

	/** Sets the type in the descriptor of a TSS. */
	void type(int selector, long d, int type) {
		c.paging.systemStore(place(selector, 8, Fault.GP) + 5, 1, d >>> 40 & 0xf0 | type);
	}

	// --- loading segment registers

	void set(int segment, int selector, long base, int limit, int attributes) {
		c.selector[segment] = selector;
		c.base[segment] = base;
		c.limit[segment] = limit;
		c.attributes[segment] = attributes;
		if (segment <= Cpu.GS)
			changed(segment);
	}

	private void set(int segment, int selector, long d) {
		set(segment, selector, Descriptor.base(d), Descriptor.limit(d), Descriptor.attributes(d) | Descriptor.ACCESSED);
	}

	void setUnusable(int segment, int selector) {
		set(segment, selector, 0, 0, Cpu.ATTR_UNUSABLE);
	}

	/** MOV to and POP of ES, SS, DS, FS or GS, and what loads them otherwise. */
	public void loadSegment(int segment, int selector) {
		if (!checksTypes())
			loadReal(segment, selector);
		else if (segment == Cpu.SS)
			loadStack(selector);
		else
			loadData(segment, selector, Fault.GP);
		if (segment == Cpu.SS)
			widths();
	}

	/** In real mode the limit stays what it was, if it was one; in virtual-8086 mode all is fixed (SDM volume 3, 20.1.1). */
	void loadReal(int segment, int selector) {
		int type = segment == Cpu.CS ? 0x9b : 0x93;
		if (c.virtual8086())
			set(segment, selector, (long) selector << 4, 0xffff, 0xf3);
		else if (usable(c.attributes[segment]))
			set(segment, selector, (long) selector << 4, c.limit[segment],
					type | c.attributes[segment] & (Cpu.ATTR_DB | Cpu.ATTR_G));
		else
			set(segment, selector, (long) selector << 4, 0xffff, type);
	}

	/** Data segments but that of the stack, in protected mode. */
	void loadData(int segment, int selector, int vector) {
		if (isNull(selector)) {
			setUnusable(segment, selector);
			return;
		}
		long d = descriptor(selector, vector);
		int a = Descriptor.attributes(d);
		boolean guarded = !Descriptor.conforming(a);
		if (!Descriptor.readable(a)
				|| guarded && ((selector & 3) > Descriptor.dpl(a) || c.cpl > Descriptor.dpl(a)))
			throw fault(vector, selector);
		if (!Descriptor.present(a))
			throw fault(Fault.NP, selector);
		accessed(selector, d);
		set(segment, selector, d);
	}

	private void loadStack(int selector) {
		if (isNull(selector)) {
			if (c.codeBits != 64 || c.cpl == 3 || (selector & 3) != c.cpl)
				throw fault(Fault.GP);
			nullStack(selector, c.cpl);
			return;
		}
		long d = stackDescriptor(selector, c.cpl, Fault.GP);
		accessed(selector, d);
		set(Cpu.SS, selector, d);
	}

	/** The descriptor of a segment that serves as the stack of a level. */
	long stackDescriptor(int selector, int cpl, int vector) {
		long d = descriptor(selector, vector);
		int a = Descriptor.attributes(d);
		if ((selector & 3) != cpl || Descriptor.dpl(a) != cpl || !Descriptor.writable(a))
			throw fault(vector, selector);
		if (!Descriptor.present(a))
			throw fault(Fault.SS, selector);
		return d;
	}

	/** SS becomes a segment that was checked before. */
	void stack(int selector, long d) {
		set(Cpu.SS, selector, d);
		widths();
	}

	/** In 64-bit mode SS may be null below level 3; its DPL is the current level all the same. */
	void nullStack(int selector, int cpl) {
		set(Cpu.SS, selector, 0, 0, Cpu.ATTR_UNUSABLE | cpl << 5);
	}

	/** CS becomes a segment that was checked before, and the current level {@code cpl}. */
	void code(int selector, long d, int cpl) {
		boolean wide = c.longMode() && (d >>> 53 & 1) != 0;
		set(Cpu.CS, selector & ~3 | cpl, wide ? 0 : Descriptor.base(d), Descriptor.limit(d),
				Descriptor.attributes(d) | Descriptor.ACCESSED);
		privilege(cpl);
		widths();
	}

	/** CS and SS as SYSCALL and its kin load them: flat, without a look at the tables. */
	void flat(int codeSelector, int stackSelector, boolean wide, int cpl) {
		set(Cpu.CS, codeSelector, 0, -1, (wide ? 0xa9b : 0xc9b) | cpl << 5);
		set(Cpu.SS, stackSelector, 0, -1, 0xc93 | cpl << 5);
		privilege(cpl);
		widths();
	}

	/** Takes data segments away that are out of reach at a less privileged level (SDM volume 2, RET). */
	void dropPrivileged() {
		for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
			int a = c.attributes[segment];
			if (segment != Cpu.CS && segment != Cpu.SS && usable(a) && Descriptor.dpl(a) < c.cpl
					&& !Descriptor.conforming(a))
				setUnusable(segment, 0);
		}
	}

	/**
	 * Whether code may be gone to.
	 *
	 * @param level the code's own, or the lowest that it may have if it conforms
	 */
	void checkCode(int selector, int attributes, int level) {
		if (!Descriptor.code(attributes) || bothWidths(attributes)
				|| (Descriptor.conforming(attributes) ? Descriptor.dpl(attributes) > level
						: Descriptor.dpl(attributes) != level))
			throw fault(Fault.GP, selector);
		if (!Descriptor.present(attributes))
			throw fault(Fault.NP, selector);
	}

	private boolean bothWidths(int attributes) {
		int both = Cpu.ATTR_L | Cpu.ATTR_DB;
		return c.longMode() && (attributes & both) == both;
	}

	/** Whether an offset lies in a code segment. */
	void checkOffset(long d, long offset) {
		if (c.longMode() && (d >>> 53 & 1) != 0) {
			if (!canonical(offset))
				throw fault(Fault.GP);
		} else if (Long.compareUnsigned(offset, Descriptor.limit(d) & 0xffff_ffffL) > 0) {
			throw fault(Fault.GP);
		}
	}

	// --- tables and tasks

	/** The stack for a level, from the TSS. */
	void innerStack(int level) {
		boolean wide = (c.attributes[Cpu.TR] & Descriptor.WIDE) != 0;
		int size = c.longMode() ? 8 : wide ? 4 : 2;
		int offset = c.longMode() || wide ? 4 : 2;
		int length = c.longMode() ? 8 : 2 * size;
		offset += level * length;
		taskField(offset, size == 2 ? 4 : size == 4 ? 6 : 8);
		long at = wrap(c.base[Cpu.TR] + offset);
		stackPointer = c.paging.systemLoad(at, size);
		stackSelector = c.longMode() ? level : (int) c.paging.systemLoad(wrap(at + size), 2);
	}

	/** The descriptor of the stack that {@link #innerStack} found, outside long mode. */
	long innerStackDescriptor(int selector, int level) {
		if (isNull(selector))
			throw fault(Fault.TS);
		return stackDescriptor(selector, level, Fault.TS);
	}

	/** The stack that an IDT entry asks for by number, in long mode (SDM volume 3, 6.14.5). */
	void interruptStack(int number) {
		int offset = 0x24 + 8 * (number - 1);
		taskField(offset, 8);
		stackPointer = c.paging.systemLoad(c.base[Cpu.TR] + offset, 8);
	}

	private void taskField(int offset, int length) {
		if (!usable(c.attributes[Cpu.TR]) || offset + length - 1 > (c.limit[Cpu.TR] & 0xffff_ffffL))
			throw fault(Fault.TS, c.selector[Cpu.TR]);
	}

	/** Whether the bitmap in the TSS allows the ports (SDM volume 1, 18.5.2). */
	boolean portsAllowed(int port, int count) {
		int type = c.attributes[Cpu.TR] & 0xf;
		long limit = c.limit[Cpu.TR] & 0xffff_ffffL;
		if (!usable(c.attributes[Cpu.TR]) || (type & ~Descriptor.BUSY) != (Descriptor.TSS | Descriptor.WIDE)
				|| limit < 0x67)
			return false;
		long map = c.paging.systemLoad(wrap(c.base[Cpu.TR] + 0x66), 2) + port / 8;
		if (map + 1 > limit)
			return false;
		long bits = c.paging.systemLoad(wrap(c.base[Cpu.TR] + map), 2) >>> (port & 7);
		return (bits & (1 << count) - 1) == 0;
	}

	/** LLDT. */
	void loadLdt(int selector) {
		if (isNull(selector)) {
			setUnusable(Cpu.LDTR, selector);
			return;
		}
		loadSystem(Cpu.LDTR, selector, Descriptor.LDT, Descriptor.LDT);
	}

	/** LTR. */
	void loadTask(int selector) {
		if (isNull(selector))
			throw fault(Fault.GP);
		int wide = Descriptor.TSS | Descriptor.WIDE;
		loadSystem(Cpu.TR, selector, wide, c.longMode() ? wide : Descriptor.TSS);
	}

	private void loadSystem(int segment, int selector, int type, int orType) {
		if ((selector & 4) != 0)
			throw fault(Fault.GP, selector);
		long at = place(selector, c.longMode() ? 16 : 8, Fault.GP);
		long d = c.paging.systemLoad(at, 8);
		int a = Descriptor.attributes(d);
		if (Descriptor.systemType(a) != type && Descriptor.systemType(a) != orType)
			throw fault(Fault.GP, selector);
		if (!Descriptor.present(a))
			throw fault(Fault.NP, selector);
		long base = Descriptor.base(d);
		if (c.longMode()) {
			long high = c.paging.systemLoad(at + 8, 8);
			base |= high << 32;
			if (!canonical(base) || (high >>> 40 & 0x1f) != 0)
				throw fault(Fault.GP, selector);
		}
		if (segment == Cpu.TR) {
			type(selector, d, a & 0xf | Descriptor.BUSY);
			a |= Descriptor.BUSY;
		}
		set(segment, selector, base, Descriptor.limit(d), a);
	}

	// --- questions about selectors

	/** The descriptor that LAR, LSL, VERR and VERW look at; -1 where the current level may not see it. */
	private long visible(int selector) {
		if (isNull(selector))
			return -1;
		long d;
		try {
			d = descriptor(selector, Fault.GP);
		} catch (Fault fault) {
			if (c.faultVector != Fault.GP || c.faultPayload != 0)
				throw fault;
			return -1;
		}
		int a = Descriptor.attributes(d);
		if (!Descriptor.conforming(a) && Math.max(c.cpl, selector & 3) > Descriptor.dpl(a))
			return -1;
		return d;
	}

	/** LAR: the attributes where a descriptor has them, or -1. */
	long accessRights(int selector) {
		long d = visible(selector);
		if (d == -1 || !hasSystemType(d, c.longMode() ? 0x1a04 : 0x1a3e))
			return -1;
		return d >>> 32 & 0xff_ff00;
	}

	/** LSL: the limit, or -1. */
	long segmentLimit(int selector) {
		long d = visible(selector);
		if (d == -1 || !hasSystemType(d, c.longMode() ? 0x0a04 : 0x0a0e))
			return -1;
		return Descriptor.limit(d) & 0xffff_ffffL;
	}

	/** Whether it is code or data, or of a type in a set. */
	private static boolean hasSystemType(long d, int types) {
		int type = Descriptor.systemType(Descriptor.attributes(d));
		return type >= 0x10 || (types >>> type & 1) != 0;
	}

	/** VERR and VERW. */
	boolean verify(int selector, boolean write) {
		long d = visible(selector);
		if (d == -1)
			return false;
		int a = Descriptor.attributes(d);
		return write ? Descriptor.writable(a) : Descriptor.readable(a);
	}
}
