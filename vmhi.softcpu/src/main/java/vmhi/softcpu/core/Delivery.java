package vmhi.softcpu.core;

import java.util.Arrays;

/**
 * Delivers exceptions and interrupts through the interrupt descriptor table in all modes, and resets the vCPU (SDM volume
 * 3, chapters 6 and 9.1). When delivery itself faults, registers are as they were before. Belongs to the vCPU's thread.
 */
public final class Delivery {
	private static final long DR6_CAUSES = 0xf;
	private static final long DR7_GD = 0x2000;
	/** Faults within faults through task gates, beyond which nothing sensible is going on. */
	private static final int DEEPEST = 8;
	/** Exceptions raised in delivery of each other before the vCPU looks at what else is wanted of it. */
	private static final int MOST_IN_ROW = 16;

	private final Cpu c;
	private final StackFrame stack;
	private int depth;

	Delivery(Cpu c) {
		this.c = c;
		stack = new StackFrame(c);
	}

	// --- what is delivered

	/** Delivers the exception that a {@link Fault} has announced. {@link Cpu#rip} is that of the instruction. */
	public void exception() {
		if (++depth > DEEPEST) {
			shutdown();
		} else {
			begin();
			exceptions();
			c.mmio.end();
		}
		depth--;
	}

	/** The stack may lie where a device is: to the host, delivery is an instruction of its own. */
	private void begin() {
		c.translated = false;
		c.mmio.begin();
	}

	/**
	 * One after the other, as long as the next is raised in delivery of the one before. Benign ones may do so for ever, as
	 * #AC whose handler's stack is not aligned (SDM volume 3, table 6-5): between some of them others are heard.
	 */
	private void exceptions() {
		for (int i = 0; i < MOST_IN_ROW; i++) {
			int vector = c.faultVector;
			boolean hasError = c.faultHasError;
			int error = c.faultError;
			note();
			if (attempt(vector, hasError, error, image(vector)))
				return;
			if (vector == Fault.DF && severity(c.faultVector) > 0) {
				shutdown();
				return;
			}
			if (doubles(vector, c.faultVector)) {
				note();
				c.fault(Fault.DF, 0);
			}
		}
		c.injectException = c.faultVector;
		c.injectHasError = c.faultHasError;
		c.injectError = c.faultError;
		c.injectPayload = c.faultPayload;
		c.attention = 1;
	}

	/** Registers that tell the cause. */
	private void note() {
		if (c.faultVector == Fault.PF) {
			c.cr2 = c.faultPayload;
		} else if (c.faultVector == Fault.DB) {
			c.dr6 = c.dr6 & ~DR6_CAUSES | c.faultPayload;
			c.dr7 &= ~DR7_GD;
		}
	}

	/** @return {@code false} if it faults */
	private boolean attempt(int vector, boolean hasError, int error, long image) {
		c.segmentation.external = 1;
		try {
			deliver(vector, false, hasError, error, c.rip, image);
			c.interruptShadow = 0;
			return true;
		} catch (Fault fault) {
			return false;
		} finally {
			c.segmentation.external = 0;
		}
	}

	/** RFLAGS as it is pushed: with RF for faults, so that the instruction is not stopped at again (SDM volume 3, 17.3.1.1). */
	private long image(int vector) {
		return switch (vector) {
			case Fault.DB, Fault.NMI, Fault.BP, Fault.OF, Fault.DF, Fault.MC -> c.rflags();
			default -> c.rflags() | Flags.RF;
		};
	}

	/** 0 for benign exceptions, 1 for contributory ones, 2 for page faults (SDM volume 3, table 6-4). */
	private static int severity(int vector) {
		return switch (vector) {
			case Fault.DE, Fault.TS, Fault.NP, Fault.SS, Fault.GP -> 1;
			case Fault.PF -> 2;
			default -> 0;
		};
	}

	/** SDM volume 3, table 6-5. */
	private static boolean doubles(int first, int second) {
		return severity(first) == 1 && severity(second) == 1 || severity(first) == 2 && severity(second) > 0;
	}

	private void shutdown() {
		c.activity = Cpu.SHUTDOWN;
		c.attention = 1;
	}

	/** Delivers an interrupt from outside. */
	public void interrupt(int vector) {
		c.activity = Cpu.RUNNING;
		begin();
		if (!attempt(vector, false, 0, c.rflags()))
			exceptions();
		c.mmio.end();
	}

	/** Delivers a non-maskable interrupt. */
	public void nmi() {
		c.nmiBlocked = true;
		interrupt(Fault.NMI);
	}

	/** Delivers the trap that comes after an instruction: bits of DR6 say why. {@link Cpu#rip} is that of the next. */
	public void debug(long causes) {
		if (c.activity == Cpu.HALTED)
			c.activity = Cpu.RUNNING; // SDM volume 2, HLT
		c.fault(Fault.DB);
		c.faultPayload = causes;
		exception();
	}

	/**
	 * INT n, INT3, INTO.
	 *
	 * @param next where the handler returns to
	 * @throws Fault where it cannot be delivered
	 */
	public void softInterrupt(int vector, long next) {
		deliver(vector, true, false, 0, next, c.rflags());
		c.entered = true;
	}

	/** INT1, which asks for no right to do so. A trap that a load of SS held back is lost (SDM volume 3, 26.6.3). */
	void softTrap(int vector, long next) {
		deliver(vector, false, false, 0, next, c.rflags());
		c.heldHits = 0;
		c.entered = true;
	}

	// --- how

	private Fault gateFault(int vector, int number) {
		return c.fault(vector, number << 3 | 2 | c.segmentation.external);
	}

	private void deliver(int vector, boolean soft, boolean hasError, int error, long next, long image) {
		if (!c.protectedMode())
			real(vector, next, image);
		else if (c.longMode())
			wide(vector, soft, hasError, error, next, image);
		else
			legacy(vector, soft, hasError, error, next, image);
	}

	/** SDM volume 3, 20.1.4. */
	private void real(int vector, long next, long image) {
		Segmentation s = c.segmentation;
		if (4 * vector + 3 > c.idtLimit)
			throw gateFault(Fault.GP, vector);
		int entry = (int) c.paging.systemLoad(s.wrap(c.idtBase + 4 * vector), 4);
		stack.current(s.external);
		stack.push(2, image);
		stack.push(2, c.selector[Cpu.CS]);
		stack.push(2, next);
		s.loadReal(Cpu.CS, entry >>> 16);
		c.rip = entry & 0xffff;
		stack.commit();
		clear(Flags.IF | Flags.TF | Flags.AC | Flags.RF);
	}

	private void clear(long flags) {
		boolean context = (c.flags & flags & Flags.AC) != 0;
		c.flags &= ~flags;
		if (context)
			c.paging.contextChanged();
	}

	/** SDM volume 3, 6.14. */
	private void wide(int vector, boolean soft, boolean hasError, int error, long next, long image) {
		Segmentation s = c.segmentation;
		if (16 * vector + 15 > c.idtLimit)
			throw gateFault(Fault.GP, vector);
		long low = c.paging.systemLoad(c.idtBase + 16 * vector, 8);
		long high = c.paging.systemLoad(c.idtBase + 16 * vector + 8, 8);
		int gate = Descriptor.attributes(low);
		int type = Descriptor.systemType(gate);
		checkGate(vector, gate, soft, type == (Descriptor.INTERRUPT_GATE | Descriptor.WIDE)
				|| type == (Descriptor.TRAP_GATE | Descriptor.WIDE));
		int cs = (int) (low >>> 16) & 0xffff;
		long d = codeDescriptor(cs);
		int code = Descriptor.attributes(d);
		int level = level(cs, code);
		if ((code & (Cpu.ATTR_L | Cpu.ATTR_DB)) != Cpu.ATTR_L)
			throw s.fault(Fault.GP, cs);
		if (!Descriptor.present(code))
			throw s.fault(Fault.NP, cs);
		long offset = low & 0xffff | low >>> 32 & 0xffff_0000L | high << 32;

		int number = (int) (low >>> 32) & 7;
		long pointer = c.r[Cpu.RSP];
		if (number != 0) {
			s.interruptStack(number);
			pointer = s.stackPointer;
		} else if (level < c.cpl) {
			s.innerStack(level);
			pointer = s.stackPointer;
		}
		stack.wide(pointer & -16, level == 3, s.external);
		stack.push(8, c.selector[Cpu.SS]);
		stack.push(8, c.r[Cpu.RSP]);
		stack.push(8, image);
		stack.push(8, c.selector[Cpu.CS]);
		stack.push(8, next);
		if (hasError)
			stack.push(8, error & 0xffff_ffffL);
		if (!Segmentation.canonical(offset))
			throw s.fault(Fault.GP);
		s.accessed(cs, d);

		if (level < c.cpl)
			s.nullStack(level, level);
		s.code(cs, d, level);
		c.rip = offset;
		stack.commit();
		clear(flagsOff(type));
	}

	private static long flagsOff(int type) {
		boolean interrupt = (type & 7) == Descriptor.INTERRUPT_GATE;
		return Flags.TF | Flags.NT | Flags.VM | Flags.RF | (interrupt ? Flags.IF : 0);
	}

	private void checkGate(int vector, int gate, boolean soft, boolean known) {
		if (!known || soft && Descriptor.dpl(gate) < c.cpl)
			throw gateFault(Fault.GP, vector);
		if (!Descriptor.present(gate))
			throw gateFault(Fault.NP, vector);
	}

	private long codeDescriptor(int selector) {
		if (Segmentation.isNull(selector))
			throw c.segmentation.fault(Fault.GP);
		return c.segmentation.descriptor(selector, Fault.GP);
	}

	/** The level that a handler runs at. */
	private int level(int selector, int code) {
		if (!Descriptor.code(code) || Descriptor.dpl(code) > c.cpl)
			throw c.segmentation.fault(Fault.GP, selector);
		return Descriptor.conforming(code) ? c.cpl : Descriptor.dpl(code);
	}

	/** SDM volume 3, 6.12. */
	private void legacy(int vector, boolean soft, boolean hasError, int error, long next, long image) {
		Segmentation s = c.segmentation;
		if (8 * vector + 7 > c.idtLimit)
			throw gateFault(Fault.GP, vector);
		long gateBits = c.paging.systemLoad(s.wrap(c.idtBase + 8 * vector), 8);
		int gate = Descriptor.attributes(gateBits);
		int type = Descriptor.systemType(gate);
		int narrow = type & ~Descriptor.WIDE;
		boolean task = type == Descriptor.TASK_GATE;
		checkGate(vector, gate, soft,
				task || narrow == Descriptor.INTERRUPT_GATE || narrow == Descriptor.TRAP_GATE);
		int cs = (int) (gateBits >>> 16) & 0xffff;
		if (task) {
			s.tasks.to(cs, TaskSwitch.CALL, next, hasError, error);
			return;
		}
		long d = codeDescriptor(cs);
		int code = Descriptor.attributes(d);
		int level = level(cs, code);
		if (!Descriptor.present(code))
			throw s.fault(Fault.NP, cs);
		if (c.virtual8086() && level != 0)
			throw s.fault(Fault.GP, cs);
		int size = (type & Descriptor.WIDE) != 0 ? 4 : 2;
		long offset = gateBits & 0xffff | (size == 4 ? gateBits >>> 32 & 0xffff_0000L : 0);

		boolean inner = level < c.cpl;
		int ss = 0;
		long ssDescriptor = 0;
		if (inner) {
			s.innerStack(level);
			ss = s.stackSelector;
			ssDescriptor = s.innerStackDescriptor(ss, level);
			int a = Descriptor.attributes(ssDescriptor);
			stack.inner(s.stackPointer, (a & Cpu.ATTR_DB) != 0 ? 32 : 16, Descriptor.base(ssDescriptor),
					Descriptor.limit(ssDescriptor), a, ss & 0xfffc | s.external);
			if (c.virtual8086())
				for (int segment : new int[] { Cpu.GS, Cpu.FS, Cpu.DS, Cpu.ES })
					stack.push(size, c.selector[segment]);
			stack.push(size, c.selector[Cpu.SS]);
			stack.push(size, c.r[Cpu.RSP]);
		} else {
			stack.current(s.external);
		}
		stack.push(size, image);
		stack.push(size, c.selector[Cpu.CS]);
		stack.push(size, next);
		if (hasError)
			stack.push(size, error & 0xffff_ffffL);
		s.checkOffset(d, offset);
		s.accessed(cs, d);

		if (inner) {
			s.accessed(ss, ssDescriptor);
			leaveVirtual();
			s.stack(ss, ssDescriptor);
		}
		s.code(cs, d, level);
		c.rip = offset;
		stack.commit();
		clear(flagsOff(type));
	}

	private void leaveVirtual() {
		if (!c.virtual8086())
			return;
		c.flags &= ~Flags.VM;
		for (int segment : new int[] { Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS })
			c.segmentation.setUnusable(segment, 0);
	}

	// --- beginning anew

	/** The state after RESET (SDM volume 3, table 9-1). */
	public void reset() {
		c.msrs.reset();
		c.x87.reset();
		Arrays.fill(c.xmm, 0);
		c.sse.mxcsr = 0x1f80;
		c.xcr0 = 1;
		c.cr0 = 0;
		c.taskPriority = 0;
		init();
		c.cr0 = Cpu.CR0_CD | Cpu.CR0_NW | Cpu.CR0_ET;
		c.activity = Cpu.RUNNING;
	}

	/** The state after INIT, which leaves caches, the FPU and most MSRs alone; the vCPU goes on as after RESET. */
	public void init() {
		Arrays.fill(c.r, 0);
		c.r[Cpu.RDX] = c.cpuid.signature();
		c.rip = 0xfff0;
		c.flags = 2;
		c.arithmeticFlags(0);
		c.cr0 = c.cr0 & (Cpu.CR0_CD | Cpu.CR0_NW) | Cpu.CR0_ET;
		c.cr2 = c.cr3 = c.cr4 = c.efer = 0;
		Arrays.fill(c.dr, 0);
		c.dr6 = 0xffff_0ff0L;
		c.dr7 = 0x400;
		Segmentation s = c.segmentation;
		for (int segment = Cpu.ES; segment <= Cpu.GS; segment++)
			s.set(segment, 0, 0, 0xffff, 0x93);
		s.set(Cpu.CS, 0xf000, 0xffff_0000L, 0xffff, 0x9b);
		s.set(Cpu.LDTR, 0, 0, 0xffff, 0x82);
		s.set(Cpu.TR, 0, 0, 0xffff, 0x8b);
		c.gdtBase = c.idtBase = 0;
		c.gdtLimit = c.idtLimit = 0xffff;
		c.interruptShadow = 0;
		c.heldHits = 0;
		c.nmiBlocked = false;
		c.injectException = c.injectInterrupt = -1;
		s.modeChanged();
		c.paging.flushAll();
		c.activity = Cpu.RUNNING;
		c.attention = 1;
	}

	/** STARTUP: real mode, at the beginning of a page. */
	public void startup(int vector) {
		c.segmentation.set(Cpu.CS, vector << 8, (long) vector << 12, 0xffff, 0x9b);
		c.segmentation.modeChanged();
		c.rip = 0;
		c.activity = Cpu.RUNNING;
	}
}
