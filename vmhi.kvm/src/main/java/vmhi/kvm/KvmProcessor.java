package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.ClockedProcessor;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.Doorbells;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.Vcpu;
import vmhi.api.memory.DirtySource;
import vmhi.api.memory.DirtyTracker.PageVisitor;
import vmhi.api.memory.GuestMemory;

/**
 * One VM of KVM's, for a machine whose board brings the interrupt controllers; {@link KvmChipProcessor} is for one that
 * leaves them to KVM.
 */
class KvmProcessor implements Processor, Doorbells, DirtySource, ClockedProcessor {
	/**
	 * Quirks to be rid of, KVM_X86_QUIRK_*: with OUT_7E_INC_RIP an OUT to port 0x7e has moved on before it is carried
	 * out; with FIX_HYPERCALL_INSN KVM writes VMCALL over VMMCALL or the other way round, and a KVM in software does so
	 * for ever.
	 */
	static final int QUIRKS = 1 << 3 | 1 << 5;

	// struct kvm_clock_data
	static final int CLOCK = 0; // u64
	static final int CLOCK_SIZE = 48;

	// MSR accesses that KVM hands out: KVM_MSR_EXIT_REASON_INVAL, UNKNOWN and FILTER
	static final int MSR_EXITS = 1 | 2 | 4;

	private final KvmVm vm;

	/** Held on to, since that keeps RAM where KVM has been told it is. */
	private final GuestMemory ram;
	private final KvmMemory memory;
	private final List<KvmVcpu> vcpus;
	private final KvmDoorbells doorbells;
	private boolean closed;

	KvmProcessor(KvmVm vm, GuestMemory ram, KvmMemory memory, List<KvmVcpu> vcpus) {
		this.vm = vm;
		this.ram = ram;
		this.memory = memory;
		this.vcpus = vcpus;
		doorbells = new KvmDoorbells(vm);
	}

	static KvmProcessor create(KvmDevice device, CpuSetup setup, CpuHost host) throws CpuException {
		KvmVm vm = device.createVm(setup.machine());
		List<KvmVcpu> vcpus = new ArrayList<>();
		try {
			trap(vm.fd, setup);
			KvmMemory memory = new KvmMemory(vm.fd, setup.memory().regions());
			if (setup.wantsInterruptController()) {
				KvmChips chips = new KvmChips(vm);
				for (CpuidTable cpuid : setup.cpuid())
					vcpus.add(new KvmVcpu(vm, vcpus.size(), cpuid, host, true));
				return new KvmChipProcessor(vm, setup.memory(), memory, vcpus, chips);
			}
			for (CpuidTable cpuid : setup.cpuid())
				vcpus.add(new KvmBareVcpu(vm, vcpus.size(), cpuid, host));
			return new KvmProcessor(vm, setup.memory(), memory, vcpus);
		} catch (CpuException | RuntimeException e) {
			vcpus.forEach(KvmVcpu::close);
			vm.close();
			throw e;
		}
	}

	@Override
	public Vcpu vcpu(int index) {
		return vcpus.get(index);
	}

	@Override
	public AutoCloseable doorbell(boolean port, long address, int size, boolean matched, long match, Runnable bell)
			throws CpuException {
		return doorbells.doorbell(port, address, size, matched, match, bell);
	}

	@Override
	public void trackDirty(boolean on) {
		memory.trackDirty(on);
	}

	@Override
	public void collectDirty(PageVisitor visitor) {
		memory.collectDirty(visitor);
	}

	@Override
	public long guestNanos() throws CpuException {
		ByteBuffer clock = Kvm.buffer(CLOCK_SIZE);
		vm.fd.call(KvmRequest.GET_CLOCK, clock);
		return clock.getLong(CLOCK);
	}

	@Override
	public void guestNanos(long value) throws CpuException {
		vm.fd.call(KvmRequest.SET_CLOCK, Kvm.buffer(CLOCK_SIZE).putLong(CLOCK, value));
	}

	/** Doorbells ring for the last time while there is still a machine; the VM goes when the last that maps it has. */
	@Override
	public void close() {
		if (closed)
			return;
		closed = true;
		doorbells.close();
		vm.shut();
		vcpus.forEach(KvmVcpu::close);
		vm.close();
	}

	private static void trap(KvmFd vm, CpuSetup setup) throws CpuException {
		int quirks = vm.extension(KvmCap.DISABLE_QUIRKS2) & QUIRKS;
		if (quirks != 0)
			vm.enable(KvmCap.DISABLE_QUIRKS2, quirks);

		vm.enable(KvmCap.X86_USER_SPACE_MSR, MSR_EXITS);
		List<MsrRange> trapped = new ArrayList<>(setup.trappedMsrs());
		if (!setup.wantsInterruptController())
			trapped.add(new MsrRange(KvmMsrs.APIC_BASE, 1)); // the board's
		if (!trapped.isEmpty())
			new KvmMsrFilter(trapped).applyTo(vm);
	}
}
