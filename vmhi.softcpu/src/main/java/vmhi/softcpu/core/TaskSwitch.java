package vmhi.softcpu.core;

/**
 * Changes of task by hardware, through a task state segment of 16 or 32 bits (SDM volume 3, 7.2 and 7.3). There are none
 * in long mode. Belongs to the vCPU's thread.
 */
final class TaskSwitch {
	/** What leads to another task: a jump; a call, exception or interrupt; an IRET. */
	static final int JUMP = 0, CALL = 1, RETURN = 2;

	// offsets in a TSS of 32 bits, SDM volume 3, figure 7-2
	private static final int CR3_32 = 0x1c, EIP_32 = 0x20, LENGTH_32 = 0x68;
	// and in one of 16 bits, figure 7-10
	private static final int IP_16 = 0x0e, LENGTH_16 = 0x2c;
	/** Fields from the instruction pointer on: that, flags, eight registers, four or six segments, LDT. */
	private static final int REGISTERS = 2, SEGMENTS = 10;

	private final Cpu c;
	private final Segmentation s;
	private final StackFrame stack;

	TaskSwitch(Cpu c, Segmentation s) {
		this.c = c;
		this.s = s;
		stack = new StackFrame(c);
	}

	/**
	 * Goes on with another task. What is wrong with its state is a fault in the new task, and delivered there.
	 *
	 * @param next where the old one goes on
	 * @param hasError whether {@code error} is pushed on the stack of the new one
	 */
	void to(int selector, int how, long next, boolean hasError, int error) {
		int vector = how == RETURN ? Fault.TS : Fault.GP;
		if (Segmentation.isNull(selector) || (selector & 4) != 0)
			throw s.fault(vector, selector);
		long d = s.descriptor(selector, vector);
		int a = Descriptor.attributes(d);
		int type = Descriptor.systemType(a);
		if ((type & ~Descriptor.WIDE) != (how == RETURN ? Descriptor.BUSY_TSS : Descriptor.TSS))
			throw s.fault(vector, selector);
		if (!Descriptor.present(a))
			throw s.fault(Fault.NP, selector);
		boolean wide = (type & Descriptor.WIDE) != 0;
		int length = wide ? LENGTH_32 : LENGTH_16;
		if (Integer.compareUnsigned(Descriptor.limit(d), length - 1) < 0)
			throw s.fault(Fault.TS, selector);
		long[] state = read(Descriptor.base(d), wide);

		int oldSelector = c.selector[Cpu.TR];
		save(next, how);
		if (how != CALL) {
			long old = s.descriptor(oldSelector, Fault.TS);
			s.type(oldSelector, old, Descriptor.attributes(old) & 0xf & ~Descriptor.BUSY);
		} else {
			c.paging.systemStore(s.wrap(Descriptor.base(d)), 2, oldSelector);
		}
		if (how != RETURN)
			s.type(selector, d, type | Descriptor.BUSY);

		s.set(Cpu.TR, selector, Descriptor.base(d), Descriptor.limit(d), a | Descriptor.BUSY);
		c.cr0 |= Cpu.CR0_TS;
		try {
			load(state, wide, how);
			if (hasError) {
				stack.current(s.external);
				stack.push(wide ? 4 : 2, error);
				stack.commit();
			}
			if (c.rip > (c.limit[Cpu.CS] & 0xffff_ffffL))
				throw s.fault(Fault.GP);
		} catch (Fault fault) {
			if (c.faultVector == Interpreter.AGAIN)
				c.fault(Fault.TS, selector & 0xfffc); // a stack in a device is none
			c.delivery.exception();
		}
	}

	/** CR3, then the fields from the instruction pointer on. */
	private long[] read(long base, boolean wide) {
		int fields = SEGMENTS + (wide ? 7 : 5);
		long[] state = new long[1 + fields];
		int size = wide ? 4 : 2;
		if (wide)
			state[0] = c.paging.systemLoad(s.wrap(base + CR3_32), 4);
		long at = base + (wide ? EIP_32 : IP_16);
		for (int i = 0; i < fields; i++)
			state[1 + i] = c.paging.systemLoad(s.wrap(at + (long) i * size), size);
		return state;
	}

	/** The state of the task that is left. */
	private void save(long next, int how) {
		boolean wide = (c.attributes[Cpu.TR] & Descriptor.WIDE) != 0;
		int size = wide ? 4 : 2;
		long at = c.base[Cpu.TR] + (wide ? EIP_32 : IP_16);
		int segments = wide ? 6 : 4;
		for (int i = SEGMENTS + segments - 1; i >= 0; i--) {
			long value;
			if (i == 0)
				value = next;
			else if (i == 1)
				value = how == RETURN ? c.rflags() & ~Flags.NT : c.rflags();
			else
				value = i < SEGMENTS ? c.r[i - REGISTERS] : c.selector[i - SEGMENTS];
			c.paging.systemStore(s.wrap(at + (long) i * size), size, value);
		}
	}

	private void load(long[] state, boolean wide, int how) {
		if (wide && (c.cr0 & Cpu.CR0_PG) != 0 && c.cr3 != state[0]) {
			c.cr3 = state[0];
			c.paging.flushNonGlobal();
		}
		c.rip = state[1];
		long flags = wide ? state[2] : c.rflags() & ~0xffffL | state[2];
		for (int i = 0; i < 8; i++)
			c.reg(i, wide ? 4 : 2, state[1 + REGISTERS + i]);
		int segments = wide ? 6 : 4;
		boolean virtual = wide && (flags & Flags.VM) != 0;
		// segments that are not loaded yet are of no use
		for (int i = 0; i < 6; i++)
			s.setUnusable(i, i < segments ? (int) state[1 + SEGMENTS + i] & 0xffff : 0);
		int ldt = (int) state[1 + SEGMENTS + segments] & 0xffff;
		s.setUnusable(Cpu.LDTR, ldt);
		c.dr7 &= ~0x155L; // local breakpoints are of the old task
		c.rflags(how == CALL ? flags | Flags.NT : flags);
		if (virtual) {
			for (int i = 0; i < 6; i++)
				s.loadReal(i, c.selector[i]);
			s.modeChanged();
			loadLdt(ldt);
		} else {
			c.paging.contextChanged();
			loadLdt(ldt);
			loadSegments();
		}
	}

	private void loadLdt(int selector) {
		if (Segmentation.isNull(selector))
			return;
		if ((selector & 4) != 0)
			throw s.fault(Fault.TS, selector);
		long d = s.descriptor(selector, Fault.TS);
		int a = Descriptor.attributes(d);
		if (Descriptor.systemType(a) != Descriptor.LDT || !Descriptor.present(a))
			throw s.fault(Fault.TS, selector);
		s.set(Cpu.LDTR, selector, Descriptor.base(d), Descriptor.limit(d), a);
	}

	private void loadSegments() {
		int cs = c.selector[Cpu.CS];
		int level = cs & 3;
		if (Segmentation.isNull(cs))
			throw s.fault(Fault.TS, cs);
		long d = s.descriptor(cs, Fault.TS);
		int a = Descriptor.attributes(d);
		if (!Descriptor.code(a)
				|| (Descriptor.conforming(a) ? Descriptor.dpl(a) > level : Descriptor.dpl(a) != level))
			throw s.fault(Fault.TS, cs);
		if (!Descriptor.present(a))
			throw s.fault(Fault.NP, cs);
		s.accessed(cs, d);
		s.code(cs, d, level);

		int ss = c.selector[Cpu.SS];
		if (Segmentation.isNull(ss))
			throw s.fault(Fault.TS, ss);
		long stackDescriptor = s.stackDescriptor(ss, level, Fault.TS);
		s.accessed(ss, stackDescriptor);
		s.stack(ss, stackDescriptor);
		for (int segment : new int[] { Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS })
			s.loadData(segment, c.selector[segment], Fault.TS);
	}
}
