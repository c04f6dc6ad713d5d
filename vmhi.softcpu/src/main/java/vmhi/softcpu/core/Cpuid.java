package vmhi.softcpu.core;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;

/** What one vCPU says of itself by CPUID, and what follows from that. Does not change. */
final class Cpuid {
	private static final int OSXSAVE = 1 << 27; // leaf 1 ECX

	private final Leaf[] leaves;
	private final long controls;
	private final boolean smap, rdtscp;
	private final int signature;

	Cpuid(CpuidTable table) {
		leaves = table.leaves().toArray(Leaf[]::new);
		int features = ecx(1);
		int extended = ebx(7);
		controls = Cpu.CR4_TSD | Cpu.CR4_DE | Cpu.CR4_PSE | Cpu.CR4_PAE | Cpu.CR4_MCE | Cpu.CR4_PGE | Cpu.CR4_PCE
				| Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT | (bit(features, 26) ? Cpu.CR4_OSXSAVE : 0)
				| (bit(extended, 0) ? Cpu.CR4_FSGSBASE : 0) | (bit(extended, 7) ? Cpu.CR4_SMEP : 0)
				| (bit(extended, 20) ? Cpu.CR4_SMAP : 0) | (bit(ecx(7), 2) ? Cpu.CR4_UMIP : 0);
		smap = bit(extended, 20);
		Leaf amd = find(0x8000_0001, 0);
		rdtscp = amd != null && bit(amd.edx(), 27);
		Leaf one = find(1, 0);
		signature = one == null ? CpuidModel.SIGNATURE : one.eax();
	}

	private static boolean bit(int word, int number) {
		return (word >>> number & 1) != 0;
	}

	private int ecx(int leaf) {
		Leaf found = find(leaf, 0);
		return found == null ? 0 : found.ecx();
	}

	private int ebx(int leaf) {
		Leaf found = find(leaf, 0);
		return found == null ? 0 : found.ebx();
	}

	private Leaf find(int leaf, int subleaf) {
		for (Leaf each : leaves)
			if (each.leaf() == leaf && (!each.indexed() || each.subleaf() == subleaf))
				return each;
		return null;
	}

	/** CPUID. */
	void answer(Cpu c) {
		int number = (int) c.r[Cpu.RAX];
		Leaf leaf = find(number, (int) c.r[Cpu.RCX]);
		int ecx = leaf == null ? 0 : leaf.ecx();
		if (number == 1)
			ecx = (c.cr4 & Cpu.CR4_OSXSAVE) != 0 ? ecx | OSXSAVE : ecx & ~OSXSAVE;
		c.r[Cpu.RAX] = leaf == null ? 0 : leaf.eax() & 0xffff_ffffL;
		c.r[Cpu.RBX] = leaf == null ? 0 : leaf.ebx() & 0xffff_ffffL;
		c.r[Cpu.RCX] = ecx & 0xffff_ffffL;
		c.r[Cpu.RDX] = leaf == null ? 0 : leaf.edx() & 0xffff_ffffL;
	}

	/** Bits of CR4 that are not reserved. */
	long controls() {
		return controls;
	}

	boolean hasSmap() {
		return smap;
	}

	boolean hasRdtscp() {
		return rdtscp;
	}

	/** Family, model and stepping, as DX has them after RESET. */
	long signature() {
		return signature & 0xffff_ffffL;
	}
}
