package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.Events;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.RunEnd;

/**
 * A vCPU whose local APIC is the board's. KVM is given one interrupt at a time, when it can take it, and ends the run
 * where it would otherwise wait; whether the vCPU runs, halts or waits to be started is known here and not to KVM.
 * <p>
 * What other threads ask for is left in {@link #messages} and {@link #nmi} and looked at between {@link #kick} and the
 * next entry.
 */
final class KvmBareVcpu extends KvmVcpu implements InterruptibleVcpu {
	// in messages: INIT, and after that STARTUP with its vector in bits 15:8
	private static final int INIT = 1, STARTUP = 2, STARTUP_MASK = STARTUP | 0xff00;

	private static final long APIC_BASE_BSP = 1 << 8;
	private static final long CR0_ET = 1 << 4, CR0_NW = 1 << 29, CR0_CD = 1 << 30;
	private static final long RFLAGS_IF = 1 << 9;

	private final ByteBuffer resetRegs;
	private final ByteBuffer resetSregs;
	private final ByteBuffer resetDebugRegs;
	private final ByteBuffer vector = Kvm.buffer(4); // struct kvm_interrupt

	private final AtomicInteger messages = new AtomicInteger();
	private final AtomicBoolean nmi = new AtomicBoolean();

	private InterruptSource source;
	private MpState mpState;

	/** Whether RFLAGS.IF was set when it halted. */
	private boolean interruptible;

	KvmBareVcpu(KvmVm vm, int index, CpuidTable cpuid, CpuHost host) throws CpuException {
		super(vm, index, cpuid, host, false);
		mpState = index == 0 ? MpState.RUNNABLE : MpState.UNINITIALIZED;
		try {
			resetRegs = get(KvmRequest.GET_REGS, KvmRegs.SIZE);
			resetSregs = get(KvmRequest.GET_SREGS, KvmSregs.SIZE);
			resetDebugRegs = get(KvmRequest.GET_DEBUGREGS, KvmDebugRegs.SIZE);
		} catch (CpuException e) {
			close();
			throw e;
		}
	}

	@Override
	public void connect(InterruptSource to) {
		source = to;
	}

	@Override
	public void interruptPending() {
		kick();
	}

	@Override
	public void nmi() {
		nmi.set(true);
		kick();
	}

	@Override
	public void init() {
		messages.set(INIT); // whatever STARTUP came before is void
		kick();
	}

	@Override
	public void startup(int page) {
		messages.updateAndGet(m -> m & ~STARTUP_MASK | STARTUP | (page & 0xff) << 8);
		kick();
	}

	@Override
	public RunEnd run() throws CpuException {
		RunEnd idle = settle();
		return idle != null ? idle : super.run();
	}

	@Override
	public CpuState save() throws CpuException {
		CpuState s = super.save();
		SystemRegisters r = s.system();
		SystemRegisters system = source == null ? r
				: new SystemRegisters(r.cs(), r.ds(), r.es(), r.fs(), r.gs(), r.ss(), r.tr(), r.ldt(), r.gdt(), r.idt(),
						r.cr0(), r.cr2(), r.cr3(), r.cr4(), source.taskPriority(), r.efer(), source.apicBase());
		return new CpuState(s.general(), system, s.debug(), s.msrs(), s.xcrs(), s.xsave(), null, s.events(), mpState);
	}

	@Override
	public void restore(CpuState s) throws CpuException {
		super.restore(s);
		if (s.system() != null)
			run.cr8((int) s.system().cr8()); // KVM takes it from there, unless the board's APIC says otherwise
		if (s.mpState() == null)
			return;
		mpState = s.mpState();
		if (mpState == MpState.SIPI_RECEIVED) {
			Events events = s.events();
			mpState = MpState.INIT_RECEIVED;
			messages.set(STARTUP | (events == null ? 0 : events.startupVector() & 0xff) << 8);
		}
		interruptible = (get(KvmRequest.GET_REGS, KvmRegs.SIZE).getLong(KvmRegs.RFLAGS) & RFLAGS_IF) != 0;
		run.readyForInterrupt(false); // what KVM said it is ready for was said of another state
	}

	@Override
	void beforeEntry() throws CpuException {
		if (nmi.getAndSet(false))
			fd.call(KvmRequest.NMI, 0);
		if (source == null)
			return;
		run.cr8(source.taskPriority());
		if (source.pending() && run.readyForInterrupt())
			give(source.accept());
		run.requestInterruptWindow(source.pending());
	}

	@Override
	void afterExit() {
		if (source != null && run.cr8() != source.taskPriority())
			source.taskPriority(run.cr8());
	}

	@Override
	RunEnd interrupted() throws CpuException {
		RunEnd stopped = super.interrupted();
		return stopped != null ? stopped : settle();
	}

	@Override
	RunEnd halted() {
		mpState = MpState.HALTED;
		interruptible = run.interruptsEnabled();
		return RunEnd.HALTED;
	}

	@Override
	boolean readMsr() {
		if (source == null || run.msr() != KvmMsrs.APIC_BASE)
			return super.readMsr();
		run.msrData(source.apicBase());
		return true;
	}

	@Override
	boolean writeMsr() {
		if (source == null || run.msr() != KvmMsrs.APIC_BASE)
			return super.writeMsr();
		return source.apicBase(run.msrData());
	}

	/** Acts on messages. @return how the run ends if there is nothing to execute, else {@code null} */
	private RunEnd settle() throws CpuException {
		int taken = messages.getAndSet(0);
		if ((taken & INIT) != 0)
			reset();
		if ((taken & STARTUP) != 0 && mpState == MpState.INIT_RECEIVED)
			start(taken >>> 8);
		if (mpState == MpState.HALTED)
			wake();
		if (mpState == MpState.RUNNABLE)
			return null;
		if (stopTaken())
			return RunEnd.STOPPED;
		return mpState == MpState.HALTED ? RunEnd.HALTED : RunEnd.WAITING;
	}

	/** An interrupt that ends a HLT comes before the next instruction: KVM takes it, or the HLT would not end. */
	private void wake() {
		boolean interrupt = interruptible && source != null && source.pending();
		if (interrupt)
			run.readyForInterrupt(true);
		if (interrupt || nmi.get())
			mpState = MpState.RUNNABLE;
	}

	/** INIT: as after RESET, but for the caches, the FPU and most MSRs (SDM volume 3, 9.1.1). */
	private void reset() throws CpuException {
		long cr0 = get(KvmRequest.GET_SREGS, KvmSregs.SIZE).getLong(KvmSregs.CR0);
		long apicBase = source == null ? resetSregs.getLong(KvmSregs.APIC_BASE) : source.apicBase();
		resetSregs.putLong(KvmSregs.CR0, cr0 & (CR0_CD | CR0_NW) | CR0_ET).putLong(KvmSregs.APIC_BASE, apicBase);
		fd.call(KvmRequest.SET_SREGS, resetSregs);
		fd.call(KvmRequest.SET_REGS, resetRegs);
		fd.call(KvmRequest.SET_DEBUGREGS, resetDebugRegs);
		fd.call(KvmRequest.SET_VCPU_EVENTS, KvmEvents.write(Events.NONE));
		run.readyForInterrupt(false);
		nmi.set(false);
		mpState = (apicBase & APIC_BASE_BSP) != 0 ? MpState.RUNNABLE : MpState.INIT_RECEIVED;
	}

	/** STARTUP: real mode, at the beginning of a page. */
	private void start(int page) throws CpuException {
		fd.call(KvmRequest.SET_SREGS, get(KvmRequest.GET_SREGS, KvmSregs.SIZE)
				.putShort(KvmSregs.CS + KvmSregs.SELECTOR, (short) (page << 8))
				.putLong(KvmSregs.CS + KvmSregs.BASE, (long) page << 12));
		fd.call(KvmRequest.SET_REGS, get(KvmRequest.GET_REGS, KvmRegs.SIZE).putLong(KvmRegs.RIP, 0));
		mpState = MpState.RUNNABLE;
	}

	private void give(int interrupt) throws CpuException {
		if (interrupt < 0)
			return;
		fd.call(KvmRequest.INTERRUPT, vector.putInt(0, interrupt));
		run.readyForInterrupt(false);
	}

	private ByteBuffer get(KvmRequest request, int size) throws CpuException {
		ByteBuffer buffer = Kvm.buffer(size);
		fd.call(request, buffer);
		return buffer;
	}
}
