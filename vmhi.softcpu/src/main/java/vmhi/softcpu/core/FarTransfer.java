package vmhi.softcpu.core;

/**
 * Far jumps, calls and returns, and IRET, in all modes (SDM volume 2, JMP, CALL, RET, IRET; volume 3, 5.8). They set
 * {@link Cpu#rip}; where they fault, registers are as they were. Belongs to the vCPU's thread.
 */
final class FarTransfer {
	private static final int RETURN_FLAGS = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT;

	private final Cpu c;
	private final Segmentation s;
	private final StackFrame stack;
	private final StackFrame outer;

	FarTransfer(Cpu c, Segmentation s) {
		this.c = c;
		this.s = s;
		stack = new StackFrame(c);
		outer = new StackFrame(c);
	}

	/** A frame for a use that ends before another of these methods is called. */
	StackFrame frame() {
		return outer;
	}

	/** Goes to code that was checked before. */
	private void go(int selector, long d, int cpl, long offset) {
		s.accessed(selector, d);
		s.code(selector, d, cpl);
		c.rip = offset;
	}

	private void goReal(int selector, long offset) {
		s.loadReal(Cpu.CS, selector);
		c.rip = offset;
	}

	private void checkReal(long offset) {
		if (offset > (c.limit[Cpu.CS] & 0xffff_ffffL))
			throw s.fault(Fault.GP);
	}

	// --- JMP

	void jump(int selector, long offset, long next) {
		if (!s.checksTypes()) {
			checkReal(offset);
			goReal(selector, offset);
			return;
		}
		long d = target(selector);
		int a = Descriptor.attributes(d);
		if (Descriptor.code(a)) {
			checkDirect(selector, a);
			s.checkOffset(d, offset);
			go(selector, d, c.cpl, offset);
		} else if (isCallGate(a)) {
			checkGate(selector, a);
			int code = (int) (d >>> 16) & 0xffff;
			long to = gateOffset(selector, d);
			long codeDescriptor = target(code);
			checkGateCode(code, codeDescriptor, c.cpl);
			s.checkOffset(codeDescriptor, to);
			go(code, codeDescriptor, c.cpl, to);
		} else {
			task(selector, d, TaskSwitch.JUMP, next);
		}
	}

	private long target(int selector) {
		if (Segmentation.isNull(selector))
			throw s.fault(Fault.GP);
		return s.descriptor(selector, Fault.GP);
	}

	/** Gates for tasks, and tasks themselves; neither is there in long mode. */
	private void task(int selector, long d, int how, long next) {
		int a = Descriptor.attributes(d);
		int type = Descriptor.systemType(a);
		boolean gate = type == Descriptor.TASK_GATE;
		if (c.longMode() || !gate && (type & ~Descriptor.WIDE) != Descriptor.TSS)
			throw s.fault(Fault.GP, selector);
		checkGate(selector, a);
		s.tasks.to(gate ? (int) (d >>> 16) & 0xffff : selector, how, next, false, 0);
	}

	/** Code that is named without a gate. */
	private void checkDirect(int selector, int attributes) {
		if (!Descriptor.conforming(attributes) && (selector & 3) > c.cpl)
			throw s.fault(Fault.GP, selector);
		s.checkCode(selector, attributes, c.cpl);
	}

	private void checkGate(int selector, int attributes) {
		int dpl = Descriptor.dpl(attributes);
		if (dpl < c.cpl || dpl < (selector & 3))
			throw s.fault(Fault.GP, selector);
		if (!Descriptor.present(attributes))
			throw s.fault(Fault.NP, selector);
	}

	private boolean isCallGate(int attributes) {
		int type = Descriptor.systemType(attributes);
		return type == (Descriptor.CALL_GATE | Descriptor.WIDE) || type == Descriptor.CALL_GATE && !c.longMode();
	}

	private long gateOffset(int selector, long d) {
		long offset = d & 0xffff | d >>> 32 & 0xffff_0000L;
		if (!c.longMode())
			return Descriptor.systemType(Descriptor.attributes(d)) == Descriptor.CALL_GATE ? d & 0xffff : offset;
		long high = c.paging.systemLoad(s.place(selector, 16, Fault.GP) + 8, 8);
		if ((high >>> 40 & 0x1f) != 0)
			throw s.fault(Fault.GP, selector);
		return offset | high << 32;
	}

	/** Code behind a gate; in long mode it has 64 bits. */
	private void checkGateCode(int selector, long d, int level) {
		int a = Descriptor.attributes(d);
		if (c.longMode() && (a & (Cpu.ATTR_L | Cpu.ATTR_DB)) != Cpu.ATTR_L)
			throw s.fault(Fault.GP, selector);
		s.checkCode(selector, a, level);
	}

	// --- CALL

	void call(int selector, long offset, int size, long next) {
		if (!s.checksTypes()) {
			checkReal(offset);
			pushReturn(size, next);
			goReal(selector, offset);
			stack.commit();
			return;
		}
		long d = target(selector);
		int a = Descriptor.attributes(d);
		if (Descriptor.code(a)) {
			checkDirect(selector, a);
			pushReturn(size, next);
			s.checkOffset(d, offset);
			go(selector, d, c.cpl, offset);
			stack.commit();
		} else if (isCallGate(a)) {
			checkGate(selector, a);
			callGate(selector, d, next);
		} else {
			task(selector, d, TaskSwitch.CALL, next);
		}
	}

	private void pushReturn(int size, long next) {
		stack.current(0);
		stack.push(size, c.selector[Cpu.CS]);
		stack.push(size, next);
	}

	private void callGate(int selector, long gate, long next) {
		int code = (int) (gate >>> 16) & 0xffff;
		long offset = gateOffset(selector, gate);
		long d = target(code);
		int a = Descriptor.attributes(d);
		boolean inner = Descriptor.code(a) && !Descriptor.conforming(a) && Descriptor.dpl(a) < c.cpl;
		checkGateCode(code, d, inner ? Descriptor.dpl(a) : c.cpl);
		s.checkOffset(d, offset);
		boolean wide = (gate >>> 40 & Descriptor.WIDE) != 0;
		int size = c.longMode() ? 8 : wide ? 4 : 2;
		if (inner) {
			callInner(gate, code, d, offset, size, next);
			return;
		}
		pushReturn(size, next);
		go(code, d, c.cpl, offset);
		stack.commit();
	}

	private void callInner(long gate, int code, long d, long offset, int size, long next) {
		int level = Descriptor.dpl(Descriptor.attributes(d));
		s.innerStack(level);
		int ss = s.stackSelector;
		long ssDescriptor = 0;
		if (c.longMode()) {
			stack.wide(s.stackPointer, false, 0);
		} else {
			ssDescriptor = s.innerStackDescriptor(ss, level);
			int a = Descriptor.attributes(ssDescriptor);
			stack.inner(s.stackPointer, (a & Cpu.ATTR_DB) != 0 ? 32 : 16, Descriptor.base(ssDescriptor),
					Descriptor.limit(ssDescriptor), a, ss & 0xfffc);
		}
		stack.push(size, c.selector[Cpu.SS]);
		stack.push(size, c.r[Cpu.RSP]);
		if (!c.longMode())
			copyParameters((int) (gate >>> 32) & 0x1f, size);
		stack.push(size, c.selector[Cpu.CS]);
		stack.push(size, next);
		s.accessed(code, d);
		if (c.longMode()) {
			s.nullStack(level, level);
		} else {
			s.accessed(ss, ssDescriptor);
			s.stack(ss, ssDescriptor);
		}
		s.code(code, d, level);
		c.rip = offset;
		stack.commit();
	}

	private void copyParameters(int count, int size) {
		outer.current(0);
		outer.skip(count * size);
		for (int i = 0; i < count; i++) {
			outer.skip(-size);
			long from = outer.pointer;
			long value = outer.pop(size);
			outer.pointer = from;
			stack.push(size, value);
		}
	}

	// --- RET

	void ret(int size, int bytes) {
		stack.current(0);
		long offset = stack.pop(size);
		int selector = (int) stack.pop(size) & 0xffff;
		stack.skip(bytes);
		if (!s.checksTypes()) {
			checkReal(offset);
			goReal(selector, offset);
			stack.commit();
			return;
		}
		long d = returnTarget(selector);
		s.checkOffset(d, offset);
		if ((selector & 3) == c.cpl) {
			go(selector, d, c.cpl, offset);
			stack.commit();
		} else {
			returnOut(selector, d, offset, size, bytes);
		}
	}

	private long returnTarget(int selector) {
		long d = target(selector);
		int level = selector & 3;
		if (level < c.cpl)
			throw s.fault(Fault.GP, selector);
		s.checkCode(selector, Descriptor.attributes(d), level);
		return d;
	}

	/** To a less privileged level, or within 64-bit mode: SS and RSP come from the stack as well. */
	private void returnOut(int selector, long d, long offset, int size, int bytes) {
		long pointer = stack.pop(size);
		int ss = (int) stack.pop(size) & 0xffff;
		int level = selector & 3;
		boolean noStack = Segmentation.isNull(ss);
		long ssDescriptor = 0;
		if (noStack) {
			boolean wide = c.longMode() && (d >>> 53 & 1) != 0;
			if (!wide || level == 3 || (ss & 3) != level)
				throw s.fault(Fault.GP);
		} else {
			ssDescriptor = s.stackDescriptor(ss, level, Fault.GP);
			s.accessed(ss, ssDescriptor);
		}
		s.accessed(selector, d);
		boolean out = level != c.cpl;
		s.code(selector, d, level);
		if (noStack)
			s.nullStack(ss, level);
		else
			s.stack(ss, ssDescriptor);
		c.rip = offset;
		c.reg(Cpu.RSP, c.stackBits / 8, pointer + bytes);
		if (out)
			s.dropPrivileged();
	}

	// --- IRET

	void iret(int size, long behind) {
		if (c.nmiBlocked) { // even where it faults (SDM volume 3, 6.7.1)
			c.nmiBlocked = false;
			c.attention = 1;
		}
		if (!s.checksTypes()) {
			iretReal(size);
			return;
		}
		if ((c.flags & Flags.NT) != 0) {
			iretTask(behind);
			return;
		}
		stack.current(0);
		long offset = stack.pop(size);
		int selector = (int) stack.pop(size) & 0xffff;
		long flags = stack.pop(size);
		if ((flags & Flags.VM) != 0 && size == 4 && c.cpl == 0 && !c.longMode()) {
			iretVirtual(offset, selector, flags);
			return;
		}
		long d = returnTarget(selector);
		s.checkOffset(d, offset);
		long next = returnFlags(flags, size);
		if (c.codeBits == 64 || (selector & 3) != c.cpl) {
			returnOut(selector, d, offset, size, 0);
		} else {
			go(selector, d, c.cpl, offset);
			stack.commit();
		}
		c.rflags(next);
	}

	private void iretReal(int size) {
		if (c.virtual8086() && (c.flags & Flags.IOPL) != Flags.IOPL)
			throw s.fault(Fault.GP);
		stack.current(0);
		long offset = stack.pop(size);
		int selector = (int) stack.pop(size) & 0xffff;
		long flags = stack.pop(size);
		checkReal(offset);
		long mask = RETURN_FLAGS | Flags.IF | (size == 4 ? Flags.RF | Flags.AC | Flags.ID : 0)
				| (c.virtual8086() ? 0 : Flags.IOPL);
		long next = c.rflags() & ~mask | flags & mask;
		goReal(selector, offset);
		stack.commit();
		c.rflags(next);
	}

	private void iretTask(long behind) {
		if (c.longMode())
			throw s.fault(Fault.GP);
		int back = (int) c.paging.systemLoad(s.wrap(c.base[Cpu.TR]), 2);
		s.tasks.to(back, TaskSwitch.RETURN, behind, false, 0);
	}

	private void iretVirtual(long offset, int selector, long flags) {
		long pointer = stack.pop(4);
		int[] selectors = new int[6];
		for (int segment : new int[] { Cpu.SS, Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS })
			selectors[segment] = (int) stack.pop(4) & 0xffff;
		selectors[Cpu.CS] = selector;
		c.rflags(flags);
		for (int segment = Cpu.ES; segment <= Cpu.GS; segment++)
			s.loadReal(segment, selectors[segment]);
		s.modeChanged();
		c.rip = offset & 0xffff;
		c.r[Cpu.RSP] = pointer;
	}

	/** RFLAGS after a return from the current level. */
	private long returnFlags(long flags, int size) {
		long mask = RETURN_FLAGS;
		if (size >= 4)
			mask |= Flags.RF | Flags.AC | Flags.ID;
		if (c.cpl <= (c.flags & Flags.IOPL) >> 12)
			mask |= Flags.IF;
		if (c.cpl == 0)
			mask |= Flags.IOPL | (size >= 4 ? Flags.VIF | Flags.VIP : 0);
		return c.rflags() & ~mask | flags & mask;
	}
}
