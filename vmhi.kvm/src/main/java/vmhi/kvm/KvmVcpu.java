package vmhi.kvm;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

import com.sun.jna.LastErrorException;
import com.sun.jna.Pointer;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;

/**
 * One vCPU of KVM's.
 * <p>
 * Belongs to its vCPU thread, except {@link #stop}. What the two share: {@link #stopAsked}, the byte
 * {@code immediate_exit} in the page, and {@link #inGuest}. The matched pairs are {@link #kick} and {@link #enter}:
 * whoever asks sets the byte and then reads {@code inGuest}; the vCPU's thread sets {@code inGuest} and then has KVM
 * read the byte. So either KVM sees the byte, or the asker sees the thread and signals it.
 */
class KvmVcpu implements Vcpu, AutoCloseable {
	final KvmRun run;
	final KvmFd fd;
	final String name;
	private final KvmVm vm;
	private final CpuHost host;
	private final Pointer page;
	private final KvmContext context;
	private final KvmVcpuState state;

	private Thread thread;
	private int threadId;

	/** The thread that is in KVM_RUN, or as good as there; 0 for none. */
	private volatile int inGuest;
	private volatile boolean stopAsked;

	/** @param apic whether KVM has the local APIC */
	KvmVcpu(KvmVm vm, int index, CpuidTable cpuid, CpuHost host, boolean apic) throws CpuException {
		this.vm = vm;
		this.host = host;
		name = "vCPU %d of %s".formatted(index, vm.machine);
		fd = new KvmFd(vm.fd.call(KvmRequest.CREATE_VCPU, index), name);
		try {
			setCpuid(cpuid);
			state = new KvmVcpuState(vm.fd, fd, vm.msrs, apic);
			page = Kvm.mmap(null, vm.runSize, Kvm.PROT_READ | Kvm.PROT_WRITE, Kvm.MAP_SHARED, fd.number, 0);
		} catch (CpuException e) {
			fd.close();
			throw e;
		} catch (LastErrorException e) {
			fd.close();
			throw new CpuException(Kind.HOST, "%s: kvm_run can't be mapped: %s".formatted(name, e.getMessage()), e);
		}
		run = new KvmRun(page.getByteBuffer(0, vm.runSize));
		context = new KvmContext(index, fd.number, run, page);
	}

	/**
	 * Every exit is answered and KVM entered again before anything else is decided. So an instruction in progress is
	 * always completed, by the last entry if need be: with {@code immediate_exit} set that does no more.
	 */
	@Override
	public RunEnd run() throws CpuException {
		if (Thread.currentThread() != thread) {
			thread = Thread.currentThread();
			threadId = vm.kick.adoptThread();
		}
		for (;;) {
			int error = enter();
			RunEnd end;
			if (error == 0)
				end = serve();
			else if (error == Kvm.EINTR || error == Kvm.EAGAIN) // EAGAIN: a vCPU that waited has been started
				end = interrupted();
			else
				throw KvmFailure.run(name, fd, run.page(), error);
			if (end != null)
				return end;
		}
	}

	@Override
	public void stop() {
		stopAsked = true;
		kick();
	}

	@Override
	public CpuState save() throws CpuException {
		return state.save();
	}

	@Override
	public void restore(CpuState from) throws CpuException {
		state.restore(from);
	}

	@Override
	public void close() {
		Kvm.munmap(page, vm.runSize);
		fd.close();
	}

	/** Makes the run in progress, or the next one, come by {@link #interrupted}. From any thread. */
	final void kick() {
		long entered = vm.enter(); // afterwards the page may be gone
		if (entered == 0)
			return;
		try {
			run.exitAtOnce(true);
			VarHandle.fullFence();
			int target = inGuest;
			if (target != 0)
				vm.kick.signal(target);
		} finally {
			vm.leave(entered);
		}
	}

	/** Takes a request to stop. */
	final boolean stopTaken() {
		if (!stopAsked)
			return false;
		stopAsked = false;
		return true;
	}

	/** Comes last before each entry, when an interrupt that is raised from now on kicks. */
	void beforeEntry() throws CpuException {}

	/** Comes first after each entry. */
	void afterExit() {}

	/** KVM has nothing in progress. @return how the run ends, or {@code null} if it goes on */
	RunEnd interrupted() throws CpuException {
		run.exitAtOnce(false);
		VarHandle.fullFence(); // a request that this overwrote has set stopAsked before
		return stopTaken() ? RunEnd.STOPPED : null;
	}

	/** HLT, on a VM whose KVM does not wait by itself. */
	RunEnd halted() {
		return RunEnd.HALTED;
	}

	boolean readMsr() {
		return host.readMsr(context, run.msr());
	}

	boolean writeMsr() {
		return host.writeMsr(context, run.msr(), run.msrData());
	}

	private void setCpuid(CpuidTable table) throws CpuException {
		ByteBuffer list = KvmCpuid.write(table);
		try {
			fd.call(KvmRequest.SET_CPUID2, list);
		} catch (CpuException e) {
			throw new CpuException(Kind.UNSUPPORTED, "CPUID table refused: " + e.getMessage(), e);
		}
	}

	private int enter() throws CpuException {
		inGuest = threadId;
		int error;
		try {
			beforeEntry();
			error = Kvm.run(fd.number);
		} finally {
			inGuest = 0;
		}
		afterExit();
		return error;
	}

	/** Answers an exit. @return how the run ends, or {@code null} if it goes on */
	private RunEnd serve() throws CpuException {
		context.exited();
		switch (run.exitReason()) {
			case KvmRun.EXIT_IO -> run.io(host, context);
			case KvmRun.EXIT_MMIO -> run.mmio(host, context);
			case KvmRun.EXIT_X86_RDMSR -> run.msrDone(readMsr());
			case KvmRun.EXIT_X86_WRMSR -> run.msrDone(writeMsr());
			case KvmRun.EXIT_HLT -> {
				return halted();
			}
			case KvmRun.EXIT_SHUTDOWN -> {
				return RunEnd.SHUTDOWN;
			}
			case KvmRun.EXIT_INTR, KvmRun.EXIT_IRQ_WINDOW_OPEN, KvmRun.EXIT_SET_TPR, KvmRun.EXIT_IOAPIC_EOI -> {
				// for the next entry to act on
			}
			case KvmRun.EXIT_HYPERCALL -> {
				run.refuseHypercall();
				host.odd(context, "hypercall that KVM handed out unasked");
			}
			case KvmRun.EXIT_X86_BUS_LOCK -> host.odd(context, "bus lock");
			default -> {
				if (run.endsMachine())
					return RunEnd.SHUTDOWN;
				if (!run.isHarmless())
					throw KvmFailure.exit(name, fd, run.page());
			}
		}
		return null;
	}
}
