package vmhi.softcpu.core;

import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.Debug;
import vmhi.api.cpu.CpuState.Events;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Msr;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.cpu.CpuState.Xcr;

/**
 * Takes all state of one vCPU out, and puts it in: all that is wrong with a state is found before anything is changed.
 * Belongs to the vCPU's thread, between two runs.
 */
public final class StateTransfer {
	private static final int ATTRIBUTES = 0x1fff;
	/** More than any processor's XSAVE area has. */
	private static final int XSAVE_MOST = 64 << 10;
	/** Time-stamp counters of one machine that differ by less than this many counts are meant to be the same. */
	private static final long SAME_TIME = 1_000_000_000;

	private static final long CR4_KNOWN = Cpu.CR4_VME | Cpu.CR4_PVI | Cpu.CR4_TSD | Cpu.CR4_DE | Cpu.CR4_PSE
			| Cpu.CR4_PAE
			| Cpu.CR4_MCE | Cpu.CR4_PGE | Cpu.CR4_PCE | Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT | Cpu.CR4_UMIP
			| Cpu.CR4_FSGSBASE | Cpu.CR4_OSXSAVE | Cpu.CR4_SMEP | Cpu.CR4_SMAP;
	private static final long EFER_KNOWN = Cpu.EFER_SCE | Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_NXE;

	private final Cpu c;

	public StateTransfer(Cpu c) {
		this.c = c;
	}

	/** A value that XCR0 may have: the FPU, and perhaps SSE. */
	static boolean isExtendedControl(long value) {
		return (value & ExtendedState.X87) != 0 && (value & ~ExtendedState.ALL) == 0;
	}

	// --- out

	/** All state. */
	public CpuState save() {
		c.requests.settle();
		return new CpuState(new General(saveRegisters(), c.rip, c.rflags()), saveSystem(),
				new Debug(c.dr.clone(), c.dr6, c.dr7), saveMsrs(), List.of(new Xcr(0, c.xcr0)), ExtendedState.save(c),
				null, saveEvents(), saveActivity());
	}

	private long[] saveRegisters() {
		long[] registers = new long[16];
		System.arraycopy(c.r, 0, registers, 0, registers.length);
		return registers;
	}

	private Segment segment(int number) {
		return new Segment(c.selector[number], c.base[number], c.limit[number], c.attributes[number]);
	}

	private SystemRegisters saveSystem() {
		return new SystemRegisters(segment(Cpu.CS), segment(Cpu.DS), segment(Cpu.ES), segment(Cpu.FS), segment(Cpu.GS),
				segment(Cpu.SS), segment(Cpu.TR), segment(Cpu.LDTR), new Table(c.gdtBase, c.gdtLimit),
				new Table(c.idtBase, c.idtLimit), c.cr0, c.cr2, c.cr3, c.cr4, c.requests.taskPriority(), c.efer,
				c.requests.apicBase());
	}

	private List<Msr> saveMsrs() {
		List<Msr> msrs = new ArrayList<>();
		for (int index : Msrs.SAVED) {
			c.msrs.read(c, index);
			msrs.add(new Msr(index, c.msrs.value));
		}
		return List.copyOf(msrs);
	}

	private Events saveEvents() {
		boolean exception = c.injectException >= 0;
		return new Events(c.injectException, exception && c.injectHasError, exception ? c.injectError : 0,
				exception ? c.injectPayload : 0, c.injectInterrupt, false, c.interruptShadow, c.requests.nmiPending(),
				c.nmiBlocked, -1);
	}

	private MpState saveActivity() {
		return switch (c.activity) {
			case Cpu.HALTED -> MpState.HALTED;
			case Cpu.WAIT_FOR_SIPI -> MpState.INIT_RECEIVED;
			case Cpu.UNINITIALIZED -> MpState.UNINITIALIZED;
			default -> MpState.RUNNABLE; // after a triple fault, it will fault again
		};
	}

	// --- in

	/** Puts in what is there; the rest stays as it is. */
	public void restore(CpuState s) throws CpuException {
		check(s);
		c.requests.settle();
		if (s.system() != null)
			restoreSystem(s.system());
		if (s.general() != null) {
			System.arraycopy(s.general().registers(), 0, c.r, 0, 16);
			c.rip = s.general().rip();
			c.rflags(s.general().rflags());
		}
		if (s.xcrs() != null)
			s.xcrs().forEach(xcr -> c.xcr0 = xcr.value());
		if (s.xsave() != null)
			ExtendedState.restore(c, s.xsave());
		if (s.debug() != null) {
			System.arraycopy(s.debug().dr0to3(), 0, c.dr, 0, 4);
			c.dr6 = ControlInsns.debugStatus(s.debug().dr6());
			c.dr7 = ControlInsns.debugControl(s.debug().dr7());
		}
		if (s.msrs() != null)
			s.msrs().forEach(this::restoreMsr);
		if (s.events() != null)
			restoreEvents(s.events());
		if (s.mpState() != null)
			restoreActivity(s.mpState(), s.events());
		c.segmentation.modeChanged();
		c.paging.flushAll();
		c.attention = 1;
	}

	private void restoreSystem(SystemRegisters s) {
		restore(Cpu.CS, s.cs());
		restore(Cpu.DS, s.ds());
		restore(Cpu.ES, s.es());
		restore(Cpu.FS, s.fs());
		restore(Cpu.GS, s.gs());
		restore(Cpu.SS, s.ss());
		restore(Cpu.TR, s.tr());
		restore(Cpu.LDTR, s.ldt());
		c.gdtBase = s.gdt().base();
		c.gdtLimit = s.gdt().limit();
		c.idtBase = s.idt().base();
		c.idtLimit = s.idt().limit();
		c.cr0 = s.cr0();
		c.cr2 = s.cr2();
		c.cr3 = s.cr3();
		c.cr4 = s.cr4();
		c.efer = s.efer();
		c.taskPriority = (int) s.cr8(); // where a local APIC is connected, that knows better
		c.msrs.apicBase = s.apicBase();
	}

	private void restore(int number, Segment s) {
		c.selector[number] = s.selector();
		c.base[number] = s.base();
		c.limit[number] = s.limit();
		c.attributes[number] = s.attributes();
	}

	private void restoreMsr(Msr msr) {
		if (!Msrs.knows(msr.index()) || msr.index() == Msrs.EFER || msr.index() == Msrs.APIC_BASE)
			return;
		if (msr.index() == Msrs.TSC)
			restoreTimeStamp(msr.value());
		else if (msr.index() == Msrs.TSC_ADJUST)
			c.msrs.restoreAdjust(msr.value());
		else
			c.msrs.write(c, msr.index(), msr.value());
	}

	/** The vCPUs' counters were read one after the other, and were the same all the same. */
	private void restoreTimeStamp(long value) {
		long now = c.machine.timeStamp();
		long offset = value - now;
		long first = c.machine.cpus[0].msrs.tscOffset;
		c.msrs.tscOffset = c.index != 0 && Math.abs(offset - first) < SAME_TIME ? first : offset;
	}

	/** INT n, INT3 and INTO are not taken over: RIP is still that of the instruction, which does it again. */
	private void restoreEvents(Events e) {
		boolean program = e.exception() == Fault.BP || e.exception() == Fault.OF;
		c.injectException = program ? -1 : e.exception();
		c.injectHasError = e.exceptionHasError();
		c.injectError = e.exceptionError();
		c.injectPayload = e.exceptionPayload();
		c.injectInterrupt = e.softInterrupt() ? -1 : e.interrupt();
		c.interruptShadow = e.interruptShadow();
		c.heldHits = 0; // the state has no place for them
		c.requests.restoreNmi(e.nmiPending());
		c.nmiBlocked = e.nmiBlocked();
	}

	private void restoreActivity(MpState state, Events events) {
		c.activity = switch (state) {
			case RUNNABLE -> Cpu.RUNNING;
			case HALTED -> Cpu.HALTED;
			case UNINITIALIZED -> Cpu.UNINITIALIZED;
			case INIT_RECEIVED, SIPI_RECEIVED -> Cpu.WAIT_FOR_SIPI;
		};
		c.requests.restoreStartup(
				state != MpState.SIPI_RECEIVED ? -1 : events == null ? 0 : Math.max(0, events.startupVector()));
	}

	// --- what cannot be

	private static CpuException refused(String what, Object... values) {
		return new CpuException(Kind.STATE, what.formatted(values));
	}

	private void check(CpuState s) throws CpuException {
		if (s.general() != null)
			length("general registers", s.general().registers().length, 16, 16);
		if (s.system() != null)
			check(s.system());
		if (s.debug() != null)
			length("debug registers", s.debug().dr0to3().length, 4, 4);
		if (s.xcrs() != null)
			for (Xcr xcr : s.xcrs())
				if (xcr.index() != 0 || !isExtendedControl(xcr.value()))
					throw refused("XCR%d can't be %#x: there are the FPU and SSE", xcr.index(), xcr.value());
		if (s.xsave() != null) {
			length("bytes of the XSAVE area", s.xsave().length, ExtendedState.BYTES, XSAVE_MOST);
			if (!ExtendedState.valid(s.xsave()))
				throw refused("XSAVE area: XSTATE_BV or MXCSR in it has what this processor does not");
		}
		if (s.localApic() != null)
			throw refused("the state has a local APIC, which this processor has not: it belongs to the board's");
		if (s.msrs() != null)
			for (Msr msr : s.msrs())
				check(msr);
		if (s.events() != null)
			check(s.events());
	}

	private static void length(String what, int is, int least, int most) throws CpuException {
		if (is < least || is > most)
			throw refused("%d %s, not %d..%d", is, what, least, most);
	}

	private static void check(SystemRegisters s) throws CpuException {
		boolean paging = (s.cr0() & Cpu.CR0_PG) != 0;
		boolean active = (s.efer() & Cpu.EFER_LMA) != 0;
		if (s.cr0() >>> 32 != 0 || paging && (s.cr0() & Cpu.CR0_PE) == 0)
			throw refused("CR0 can't be %#x", s.cr0());
		if ((s.cr4() & ~CR4_KNOWN) != 0)
			throw refused("CR4 can't be %#x: this processor knows %#x", s.cr4(), CR4_KNOWN);
		if ((s.efer() & ~EFER_KNOWN) != 0 || active != (paging && (s.efer() & Cpu.EFER_LME) != 0)
				|| active && (s.cr4() & Cpu.CR4_PAE) == 0)
			throw refused("EFER can't be %#x with CR0 %#x and CR4 %#x", s.efer(), s.cr0(), s.cr4());
		if (s.cr8() >>> 4 != 0)
			throw refused("CR8 can't be %#x", s.cr8());
		for (Segment segment : List.of(s.cs(), s.ds(), s.es(), s.fs(), s.gs(), s.ss(), s.tr(), s.ldt()))
			if (segment.selector() >>> 16 != 0 || (segment.attributes() & ~ATTRIBUTES) != 0)
				throw refused("a segment register can't be %s", segment);
		for (Table table : List.of(s.gdt(), s.idt()))
			if (table.limit() >>> 16 != 0)
				throw refused("a descriptor table can't be %s", table);
	}

	/** What the guest has not touched, or could not, is of no interest here. */
	private static void check(Msr msr) throws CpuException {
		int index = msr.index();
		if (index == Msrs.EFER || index == Msrs.APIC_BASE || Msrs.describesProcessor(index))
			return;
		if (!Msrs.knows(index)) {
			if (msr.value() != 0)
				throw refused("MSR %#x can't be set to %#x: this processor does not know it", index, msr.value());
		} else if (!Msrs.allows(index, msr.value())) {
			throw refused("MSR %#x can't be set to %#x", index, msr.value());
		}
	}

	private static void check(Events e) throws CpuException {
		if (e.exception() < -1 || e.exception() > 31 || e.interrupt() < -1 || e.interrupt() > 255)
			throw refused("events can't be %s", e);
		if (e.interruptShadow() < 0 || e.interruptShadow() > 2)
			throw refused("interrupt shadow can't be %d", e.interruptShadow());
	}
}
