package vmhi.api.cpu;

import java.util.List;
import java.util.Optional;

/**
 * The answers to CPUID on one vCPU. What is not in the table reads as zeros.
 *
 * @param leaves in ascending unsigned order of leaf, then of subleaf; no two for the same input
 */
public record CpuidTable(List<Leaf> leaves) {

	/** The list is kept as it is now. */
	public CpuidTable {
		leaves = List.copyOf(leaves);
	}

	/**
	 * One answer.
	 *
	 * @param leaf EAX on entry
	 * @param subleaf ECX on entry, where {@code indexed}
	 * @param indexed whether ECX matters for this leaf
	 */
	public record Leaf(int leaf, int subleaf, boolean indexed, int eax, int ebx, int ecx, int edx) {}

	/** The entry for an input, as the processor would choose it. */
	public Optional<Leaf> find(int leaf, int subleaf) {
		return leaves.stream().filter(l -> l.leaf == leaf && (!l.indexed || l.subleaf == subleaf)).findFirst();
	}
}
