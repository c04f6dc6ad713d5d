package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;

/** {@code struct kvm_cpuid2}, asm/kvm.h: the answers to CPUID. */
final class KvmCpuid {
	static final int MOST_ENTRIES = 256; // KVM_MAX_CPUID_ENTRIES

	static final int NENT = 0; // u32
	static final int HEADER_SIZE = 8;

	// struct kvm_cpuid_entry2
	static final int FUNCTION = 0; // u32, as all that follow
	static final int INDEX = 4;
	static final int FLAGS = 8;
	static final int EAX = 12;
	static final int EBX = 16;
	static final int ECX = 20;
	static final int EDX = 24;
	static final int ENTRY_SIZE = 40;

	static final int FLAG_SIGNIFICANT_INDEX = 1;

	private static final int ECX_VMX = 1 << 5; // of leaf 1, like the next two
	private static final int ECX_TSC_DEADLINE = 1 << 24;
	private static final int EDX_HTT = 1 << 28;
	private static final int EDX_AMX = 1 << 22 | 1 << 24 | 1 << 25; // of leaf 7, subleaf 0
	private static final int EAX_AMX_1 = 1 << 21, EDX_AMX_1 = 1 << 8; // of subleaf 1
	private static final int ECX_SVM = 1 << 2; // of leaf 0x80000001

	/** Of AMX two, and of SVM. */
	private static final Set<Integer> LEFT_OUT = Set.of(0x1d, 0x1e, 0x8000_000a);

	private static final Comparator<Leaf> ORDER = Comparator.<Leaf>comparingLong(l -> Integer.toUnsignedLong(l.leaf()))
			.thenComparingLong(l -> Integer.toUnsignedLong(l.subleaf()));

	private KvmCpuid() {}

	/**
	 * What KVM supports, as the contract wants it: without the leaves of a hypervisor, and as a machine with one vCPU
	 * has them. KVM leaves in some of the topology of the host, and of whichever processor was asked. What can't be
	 * saved is left out: virtualization in the guest, for which a state has no place, and AMX, which KVM tells of but
	 * does not give to a process that hasn't asked for the larger state.
	 *
	 * @param tscDeadline whether the local APIC has that timer mode, which older KVMs tell by an ability alone
	 */
	static CpuidTable supported(ByteBuffer list, boolean tscDeadline) {
		List<Leaf> leaves = new ArrayList<>();
		for (int i = 0; i < list.getInt(NENT); i++) {
			Leaf leaf = read(list, HEADER_SIZE + ENTRY_SIZE * i);
			if (leaf.leaf() >>> 28 != 4 && !LEFT_OUT.contains(leaf.leaf()))
				leaves.add(alone(leaf, tscDeadline));
		}
		leaves.sort(ORDER);
		for (int i = leaves.size() - 1; i > 0; i--)
			if (ORDER.compare(leaves.get(i - 1), leaves.get(i)) == 0)
				leaves.remove(i); // a stateful leaf of the past, only the first answer of which matters
		return new CpuidTable(leaves);
	}

	/** @throws CpuException of kind {@code UNSUPPORTED} if there are more leaves than KVM takes */
	static ByteBuffer write(CpuidTable table) throws CpuException {
		int count = table.leaves().size();
		if (count > MOST_ENTRIES)
			throw new CpuException(Kind.UNSUPPORTED,
					"the CPUID table has %d entries, KVM takes %d".formatted(count, MOST_ENTRIES));
		ByteBuffer list = Kvm.buffer(HEADER_SIZE + ENTRY_SIZE * count).putInt(NENT, count);
		int at = HEADER_SIZE;
		for (Leaf leaf : table.leaves()) {
			list.putInt(at + FUNCTION, leaf.leaf()).putInt(at + INDEX, leaf.subleaf());
			list.putInt(at + FLAGS, leaf.indexed() ? FLAG_SIGNIFICANT_INDEX : 0);
			list.putInt(at + EAX, leaf.eax()).putInt(at + EBX, leaf.ebx());
			list.putInt(at + ECX, leaf.ecx()).putInt(at + EDX, leaf.edx());
			at += ENTRY_SIZE;
		}
		return list;
	}

	private static Leaf read(ByteBuffer in, int at) {
		boolean indexed = (in.getInt(at + FLAGS) & FLAG_SIGNIFICANT_INDEX) != 0;
		return new Leaf(in.getInt(at + FUNCTION), indexed ? in.getInt(at + INDEX) : 0, indexed, in.getInt(at + EAX),
				in.getInt(at + EBX), in.getInt(at + ECX), in.getInt(at + EDX));
	}

	private static Leaf alone(Leaf l, boolean tscDeadline) {
		int eax = l.eax(), ebx = l.ebx(), ecx = l.ecx(), edx = l.edx();
		switch (l.leaf()) {
			case 1 -> { // initial APIC ID, number of logical processors
				ebx = ebx & 0xffff | 1 << 16;
				ecx = ecx & ~ECX_VMX | (tscDeadline ? ECX_TSC_DEADLINE : 0);
				edx &= ~EDX_HTT;
			}
			case 4, 0x8000_001d -> eax &= 0x3fff; // who shares a cache
			case 7 -> {
				if (l.subleaf() == 0)
					edx &= ~EDX_AMX;
				if (l.subleaf() == 1) {
					eax &= ~EAX_AMX_1;
					edx &= ~EDX_AMX_1;
				}
			}
			case 0xb, 0x1f -> edx = 0; // x2APIC ID
			case 0x8000_0001 -> ecx &= ~ECX_SVM;
			case 0x8000_0008 -> ecx &= ~0xf0ff; // number of threads
			case 0x8000_001e -> eax = ebx = ecx = 0; // extended APIC ID, core, node
			default -> {
			}
		}
		return new Leaf(l.leaf(), l.subleaf(), l.indexed(), eax, ebx, ecx, edx);
	}
}
