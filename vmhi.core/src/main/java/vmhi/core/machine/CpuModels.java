package vmhi.core.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;
import vmhi.api.machine.MachineException;

/**
 * What a guest's processor is: the CPUID tables of a machine, from its model and what the backend can do. The levels are
 * those of the System V ABI for x86-64, section 3.1.1, "micro-architecture levels".
 */
final class CpuModels {
	/** A word of feature bits. */
	private record Word(int leaf, int register) {}

	private static final int EBX = 1, ECX = 2, EDX = 3;
	private static final Word LEAF_1_ECX = new Word(1, ECX);
	private static final Word LEAF_1_EDX = new Word(1, EDX);
	private static final Word LEAF_7_EBX = new Word(7, EBX);
	private static final Word EXTENDED_ECX = new Word(0x8000_0001, ECX);
	private static final Word EXTENDED_EDX = new Word(0x8000_0001, EDX);

	// leaf 1 EDX: fpu tsc msr pae cx8 apic sep pge cmov clfsh mmx fxsr sse sse2, de pse mce mtrr mca pat pse36
	private static final int BASE_1_EDX = bits(0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 23, 24, 25,
			26);
	/** Of leaf 0x80000001 EDX, what repeats leaf 1 on AMD's processors; on others these bits are 0. */
	private static final int REPEATED = 0x0183_f3ff;
	// leaf 0x80000001 EDX: syscall nx lm
	private static final int BASE_EXTENDED_EDX = bits(11, 20, 29) | REPEATED & BASE_1_EDX;
	// leaf 1 ECX: sse3 ssse3 cx16 sse4.1 sse4.2 popcnt
	private static final int V2_1_ECX = bits(0, 9, 13, 19, 20, 23);
	private static final int V2_EXTENDED_ECX = bits(0); // lahf
	// leaf 1 ECX: fma movbe xsave avx f16c
	private static final int V3_1_ECX = bits(12, 22, 26, 28, 29);
	private static final int V3_7_EBX = bits(3, 5, 8); // bmi1 avx2 bmi2
	private static final int V3_EXTENDED_ECX = bits(5); // lzcnt

	/** Allowed with any level where the backend has it, since a guest expects it of a virtual machine: x2apic, deadline. */
	private static final int ALWAYS_1_ECX = bits(21, 24);
	private static final int OSXSAVE_XSAVE = bits(26, 27);
	private static final int HYPERVISOR = 1 << 31; // leaf 1 ECX

	private static final Map<String, Map<Word, Integer>> LEVELS = levels();

	private CpuModels() {}

	private static int bits(int... numbers) {
		int mask = 0;
		for (int number : numbers)
			mask |= 1 << number;
		return mask;
	}

	private static Map<String, Map<Word, Integer>> levels() {
		Map<Word,
				Integer> v1 = Map.of(LEAF_1_EDX, BASE_1_EDX, EXTENDED_EDX, BASE_EXTENDED_EDX, LEAF_1_ECX, 0, LEAF_7_EBX,
						0,
						EXTENDED_ECX, 0);
		Map<Word, Integer> v2 = new LinkedHashMap<>(v1);
		v2.put(LEAF_1_ECX, V2_1_ECX);
		v2.put(EXTENDED_ECX, V2_EXTENDED_ECX);
		Map<Word, Integer> v3 = new LinkedHashMap<>(v2);
		v3.put(LEAF_1_ECX, V2_1_ECX | V3_1_ECX);
		v3.put(LEAF_7_EBX, V3_7_EBX);
		v3.put(EXTENDED_ECX, V2_EXTENDED_ECX | V3_EXTENDED_ECX);
		return Map.of("x86-64", v1, "x86-64-v2", v2, "x86-64-v3", v3);
	}

	/**
	 * The table of one vCPU.
	 *
	 * @param supported all that the backend can do
	 * @param contributed leaves of devices and of the hypercall interface, which replace what the model says
	 * @throws MachineException of kind {@code INVALID} if there is no such model, {@code HOST} if the backend lacks a part
	 */
	static CpuidTable table(String model, CpuidTable supported, List<Leaf> contributed, int vcpu, int vcpus)
			throws MachineException {
		Map<Word, Integer> level = LEVELS.get(model);
		if (level == null && !model.equals("host"))
			throw new MachineException(MachineException.Kind.INVALID,
					"cpu.model: no model \"%s\"; there are host, x86-64, x86-64-v2 and x86-64-v3".formatted(model));
		if (level != null)
			refuseMissing(model, level, supported);

		Map<Long, Leaf> leaves = new LinkedHashMap<>();
		for (Leaf leaf : supported.leaves()) {
			Leaf shown = level == null ? leaf : reduced(leaf, level);
			if (shown != null)
				leaves.put(key(shown), own(shown, vcpu, vcpus));
		}
		for (Leaf leaf : contributed)
			leaves.put(key(leaf), leaf);
		if (!contributed.isEmpty())
			leaves.computeIfPresent(1L << 32,
					(key, leaf) -> with(leaf, leaf.ebx(), leaf.ecx() | HYPERVISOR, leaf.edx()));
		return new CpuidTable(leaves.values().stream()
				.sorted((a, b) -> Long.compareUnsigned(key(a), key(b)))
				.toList());
	}

	private static long key(Leaf leaf) {
		return (long) leaf.leaf() << 32 | Integer.toUnsignedLong(leaf.subleaf());
	}

	private static void refuseMissing(String model, Map<Word, Integer> level, CpuidTable supported)
			throws MachineException {
		List<String> missing = new ArrayList<>();
		level.forEach((word, wanted) -> {
			int lacking = wanted & ~value(supported, word) & ~repeated(word);
			if (lacking != 0)
				missing.add("leaf %#x %s bits %#x".formatted(word.leaf, "EAX EBX ECX EDX".split(" ")[word.register],
						lacking));
		});
		if (!missing.isEmpty())
			throw new MachineException(MachineException.Kind.HOST,
					"cpu.model %s: this host lacks %s; take a lower model or \"host\"".formatted(model, missing));
	}

	private static int repeated(Word word) {
		return word.equals(EXTENDED_EDX) ? REPEATED : 0;
	}

	private static int value(CpuidTable table, Word word) {
		return table.find(word.leaf, 0).map(leaf -> switch (word.register) {
			case EBX -> leaf.ebx();
			case ECX -> leaf.ecx();
			default -> leaf.edx();
		}).orElse(0);
	}

	/** A leaf with the features of a level alone; {@code null} for leaves that describe what the level does not have. */
	private static Leaf reduced(Leaf leaf, Map<Word, Integer> level) {
		boolean xsave = (level.get(LEAF_1_ECX) & OSXSAVE_XSAVE) != 0;
		return switch (leaf.leaf()) {
			case 1 -> with(leaf, leaf.ebx(), leaf.ecx() & (level.get(LEAF_1_ECX) | ALWAYS_1_ECX),
					leaf.edx() & level.get(LEAF_1_EDX));
			case 7 -> leaf.subleaf() == 0 ? new Leaf(7, 0, true, 0, leaf.ebx() & level.get(LEAF_7_EBX), 0, 0) : null;
			case 0x8000_0001 -> with(leaf, leaf.ebx(), leaf.ecx() & level.get(EXTENDED_ECX),
					leaf.edx() & level.get(EXTENDED_EDX));
			case 0xd -> xsave && leaf.subleaf() <= 2 ? leaf : null;
			case 6, 0xa, 0x12, 0x14, 0x17, 0x18, 0x19, 0x1d, 0x1e -> null;
			default -> leaf;
		};
	}

	private static Leaf with(Leaf leaf, int ebx, int ecx, int edx) {
		return new Leaf(leaf.leaf(), leaf.subleaf(), leaf.indexed(), leaf.eax(), ebx, ecx, edx);
	}

	/** What differs from vCPU to vCPU: APIC ids and the count of vCPUs in the package (SDM volume 2, CPUID). */
	private static Leaf own(Leaf leaf, int vcpu, int vcpus) {
		return switch (leaf.leaf()) {
			case 1 -> with(leaf, leaf.ebx() & 0xffff | vcpu << 24 | Math.min(vcpus, 255) << 16,
					leaf.ecx(), vcpus > 1 ? leaf.edx() | 1 << 28 : leaf.edx());
			case 0xb, 0x1f -> topology(leaf, vcpu, vcpus);
			default -> leaf;
		};
	}

	/** One thread a core, all cores in one package. */
	private static Leaf topology(Leaf leaf, int vcpu, int vcpus) {
		int shift = 32 - Integer.numberOfLeadingZeros(vcpus - 1);
		return switch (leaf.subleaf()) {
			case 0 -> new Leaf(leaf.leaf(), 0, true, 0, 1, 1 << 8, vcpu);
			case 1 -> new Leaf(leaf.leaf(), 1, true, shift, vcpus, 2 << 8 | 1, vcpu);
			default -> new Leaf(leaf.leaf(), leaf.subleaf(), true, 0, 0, leaf.subleaf(), vcpu);
		};
	}

	/** Features in the table that a backend lacks, for people; empty if a guest with the table can run there. */
	static List<String> lacking(CpuidTable table, CpuidTable supported) {
		List<String> lacking = new ArrayList<>();
		for (Word word : List.of(LEAF_1_ECX, LEAF_1_EDX, LEAF_7_EBX, EXTENDED_ECX, EXTENDED_EDX)) {
			int bits = value(table, word) & ~value(supported, word) & ~repeated(word);
			if (word == LEAF_1_ECX)
				bits &= ~(HYPERVISOR | OSXSAVE_XSAVE & ~(1 << 26));
			if (word == LEAF_1_EDX)
				bits &= ~(1 << 28);
			if (bits != 0)
				lacking.add("leaf %#x register %d bits %#x".formatted(word.leaf, word.register, bits));
		}
		return lacking;
	}
}
