package vmhi.softcpu.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;

/**
 * All that this processor can present to a guest by CPUID (SDM volume 2, CPUID). It calls itself a model of Intel's that
 * executes in order: kernels know that those are not open to attacks by speculation, and leave out what is slow and of no
 * use here; and the frequency in leaf 0x15 is believed of Intel's alone.
 */
public final class CpuidModel {
	/** Family 6, model 0x1c, stepping 10. */
	static final int SIGNATURE = 0x106ca;
	/** Counts of the time-stamp counter in a millisecond: a count is a nanosecond. */
	public static final int TIME_STAMP_KHZ = 1_000_000;

	private static final String BRAND = "VMHI Software CPU";
	private static final int LINEAR_BITS = 48;

	// leaf 1 ECX: sse3 pclmulqdq ssse3 cx16 sse4.1 sse4.2 x2apic popcnt tsc-deadline aes xsave
	private static final int FEATURES_ECX = bits(0, 1, 9, 13, 19, 20, 21, 23, 24, 25, 26);
	// leaf 1 EDX: fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clfsh mmx fxsr sse sse2
	private static final int FEATURES_EDX = bits(0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 23, 24, 25,
			26);
	// leaf 7 EBX: fsgsbase tsc_adjust smep erms deprecated-fpu-cs-ds smap
	private static final int EXTENDED_EBX = bits(0, 1, 7, 9, 13, 20);
	private static final int EXTENDED_ECX = bits(2); // umip
	private static final int EXTENDED_EDX = bits(29); // arch_capabilities
	private static final int AMD_ECX = bits(0); // lahf
	// leaf 0x80000001 EDX: syscall nx pdpe1gb rdtscp lm. What repeats leaf 1 is AMD's alone, but asked for by the model
	private static final int AMD_EDX = bits(11, 20, 26, 27, 29) | FEATURES_EDX & 0x0183_f3ff;
	private static final int INVARIANT_TSC = bits(8);

	/** Of the legacy area and the header of XSAVE. */
	private static final int XSAVE_SIZE = 576;
	private static final int XCR0 = 3;

	private CpuidModel() {}

	private static int bits(int... numbers) {
		int mask = 0;
		for (int number : numbers)
			mask |= 1 << number;
		return mask;
	}

	/** The table, for vCPU 0 of one. */
	public static CpuidTable table() {
		List<Leaf> leaves = new ArrayList<>();
		leaves.add(plain(0, 0x16, 0x756e_6547, 0x6c65_746e, 0x4965_6e69)); // GenuineIntel
		leaves.add(plain(1, SIGNATURE, 1 << 16 | 8 << 8, FEATURES_ECX, FEATURES_EDX)); // one vCPU, lines of 64 bytes
		leaves.add(plain(2, 0x00ff_ff01, 0, 0, 0)); // see leaf 4
		leaves.add(cache(0, 1, 1, 8, 64)); // data, 32 KiB
		leaves.add(cache(1, 2, 1, 8, 64)); // code, 32 KiB
		leaves.add(cache(2, 3, 2, 8, 1024)); // both, 512 KiB
		leaves.add(new Leaf(4, 3, true, 0, 0, 0, 0));
		leaves.add(plain(5, 0, 0, 0, 0));
		leaves.add(plain(6, 0, 0, 0, 0));
		leaves.add(new Leaf(7, 0, true, 0, EXTENDED_EBX, EXTENDED_ECX, EXTENDED_EDX));
		leaves.add(new Leaf(0xb, 0, true, 0, 1, 1 << 8, 0));
		leaves.add(new Leaf(0xb, 1, true, 0, 1, 2 << 8 | 1, 0));
		leaves.add(new Leaf(0xd, 0, true, XCR0, XSAVE_SIZE, XSAVE_SIZE, 0));
		leaves.add(new Leaf(0xd, 1, true, 1, 0, 0, 0)); // xsaveopt
		leaves.add(plain(0x15, 1, 1, 1_000_000_000, 0));
		leaves.add(plain(0x16, 1000, 1000, 1000, 0));
		leaves.add(plain(0x8000_0000, 0x8000_0008, 0, 0, 0));
		leaves.add(plain(0x8000_0001, 0, 0, AMD_ECX, AMD_EDX));
		brand(leaves);
		leaves.add(plain(0x8000_0006, 0, 0, 512 << 16 | 6 << 12 | 64, 0)); // 512 KiB, 8 ways, lines of 64 bytes
		leaves.add(plain(0x8000_0007, 0, 0, 0, INVARIANT_TSC));
		leaves.add(plain(0x8000_0008, LINEAR_BITS << 8 | Paging.PHYSICAL_BITS, 0, 0, 0));
		return new CpuidTable(leaves);
	}

	private static Leaf plain(int leaf, int eax, int ebx, int ecx, int edx) {
		return new Leaf(leaf, 0, false, eax, ebx, ecx, edx);
	}

	/** Leaf 4: lines of 64 bytes, of one vCPU alone. */
	private static Leaf cache(int subleaf, int type, int level, int ways, int sets) {
		return new Leaf(4, subleaf, true, type | level << 5 | 1 << 8, ways - 1 << 22 | 63, sets - 1, 0);
	}

	private static void brand(List<Leaf> leaves) {
		ByteBuffer text = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
		text.put(0, BRAND.getBytes(StandardCharsets.US_ASCII));
		for (int leaf = 0x8000_0002; leaf <= 0x8000_0004; leaf++)
			leaves.add(plain(leaf, text.getInt(), text.getInt(), text.getInt(), text.getInt()));
	}
}
