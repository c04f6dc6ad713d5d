package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuState.Msr;

/**
 * The MSRs of one vCPU ({@code struct kvm_msrs}, asm/kvm.h). KVM's list of what to save names some that this vCPU,
 * given its CPUID table, doesn't have; KVM stops at such a one and says how far it came.
 */
final class KvmMsrs {
	static final int TSC = 0x10;
	static final int APIC_BASE = 0x1b;
	static final int TSC_DEADLINE = 0x6e0;
	static final int EFER = 0xc000_0080;

	/** KVM's own (Documentation/virt/kvm/x86/msr.rst), the only one of these that is not 0 at the start. */
	static final int POLL_CONTROL = 0x4b56_4d05;
	private static final long POLLS = 1;

	static final int NMSRS = 0; // u32
	static final int HEADER_SIZE = 8;

	// struct kvm_msr_entry
	static final int INDEX = 0; // u32
	static final int DATA = 8; // u64
	static final int ENTRY_SIZE = 16;

	private final KvmFd vcpu;

	/** Those that are worth asking for. */
	private final List<Integer> indices = new ArrayList<>();

	/** @param list KVM's; EFER and the APIC base in it belong to another part of the state */
	KvmMsrs(KvmFd vcpu, int[] list) {
		this.vcpu = vcpu;
		for (int index : list)
			if (index != EFER && index != APIC_BASE)
				indices.add(index);
	}

	/** Their values, but for one that no other backend knows and that has the value it begins with. */
	List<Msr> read() throws CpuException {
		List<Msr> values = new ArrayList<>();
		while (values.size() < indices.size()) {
			List<Integer> rest = indices.subList(values.size(), indices.size());
			ByteBuffer entries = Kvm.buffer(HEADER_SIZE + ENTRY_SIZE * rest.size()).putInt(NMSRS, rest.size());
			for (int i = 0; i < rest.size(); i++)
				entries.putInt(HEADER_SIZE + ENTRY_SIZE * i + INDEX, rest.get(i));
			int done = vcpu.call(KvmRequest.GET_MSRS, entries);
			for (int i = 0; i < done; i++)
				values.add(new Msr(rest.get(i), entries.getLong(HEADER_SIZE + ENTRY_SIZE * i + DATA)));
			if (done < rest.size())
				rest.remove(done); // not on this vCPU, and never will be
		}
		values.remove(new Msr(POLL_CONTROL, POLLS));
		return List.copyOf(values);
	}

	/**
	 * Sets them in the order given. One that KVM refuses has to have its value already, or to be 0 and unknown: it is
	 * then one that another host or backend has and this guest never used.
	 */
	void write(List<Msr> values) throws CpuException {
		for (int from = 0; from < values.size();) {
			List<Msr> rest = values.subList(from, values.size());
			ByteBuffer entries = Kvm.buffer(HEADER_SIZE + ENTRY_SIZE * rest.size()).putInt(NMSRS, rest.size());
			for (int i = 0; i < rest.size(); i++)
				entry(entries, i, rest.get(i));
			from += vcpu.call(KvmRequest.SET_MSRS, entries);
			if (from < values.size())
				tolerate(values.get(from++));
		}
	}

	private void tolerate(Msr refused) throws CpuException {
		ByteBuffer one = Kvm.buffer(HEADER_SIZE + ENTRY_SIZE).putInt(NMSRS, 1);
		entry(one, 0, new Msr(refused.index(), 0));
		boolean known = vcpu.call(KvmRequest.GET_MSRS, one) == 1;
		if (one.getLong(HEADER_SIZE + DATA) != refused.value())
			throw new CpuException(Kind.STATE, "MSR %#x can't be set to %#x: this KVM %s".formatted(refused.index(),
					refused.value(), known ? "does not allow it" : "does not know it"));
	}

	private static void entry(ByteBuffer entries, int i, Msr msr) {
		entries.putInt(HEADER_SIZE + ENTRY_SIZE * i + INDEX, msr.index());
		entries.putLong(HEADER_SIZE + ENTRY_SIZE * i + DATA, msr.value());
	}
}
