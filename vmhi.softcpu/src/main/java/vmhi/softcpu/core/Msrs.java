package vmhi.softcpu.core;

import java.util.Arrays;

/**
 * Model-specific registers (SDM volume 4) but EFER and the bases of FS and GS, which the {@link Cpu} has. Belongs to the
 * vCPU's thread; {@link #tscOffset} is read by others.
 */
public final class Msrs {
	static final int TSC = 0x10, TSC_ADJUST = 0x3b, APIC_BASE = 0x1b, MICROCODE = 0x8b, MTRR_CAP = 0xfe,
			ARCH_CAPABILITIES = 0x10a,
			SYSENTER_CS = 0x174, SYSENTER_ESP = 0x175, SYSENTER_EIP = 0x176, MCG_CAP = 0x179, MCG_STATUS = 0x17a,
			MISC_ENABLE = 0x1a0, DEBUGCTL = 0x1d9, MTRR_PHYS = 0x200, PAT = 0x277, MTRR_DEFAULT = 0x2ff,
			EFER = 0xc000_0080, STAR = 0xc000_0081, LSTAR = 0xc000_0082, CSTAR = 0xc000_0083, SFMASK = 0xc000_0084,
			FS_BASE = 0xc000_0100, GS_BASE = 0xc000_0101, KERNEL_GS_BASE = 0xc000_0102, TSC_AUX = 0xc000_0103;
	private static final int PLATFORM_ID = 0x17, FEATURE_CONTROL = 0x3a, PLATFORM_INFO = 0xce;

	/** The fixed-range MTRRs. */
	private static final int[] MTRR_FIXED = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e,
			0x26f };
	private static final int MTRR_PAIRS = 8;

	/** What a state of the vCPU has of these, in its order. */
	static final int[] SAVED = saved();

	/** IA32_ARCH_CAPABILITIES: not open to any attack by speculation, since there is none. */
	private static final long NOT_AFFECTED = 1 << 0 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 13 | 1 << 14
			| 1 << 15 | 1 << 20 | 1 << 24 | 1 << 26 | 1 << 27;
	/** IA32_MISC_ENABLE: fast strings, no branch trace, no event-based sampling. */
	private static final long MISC_ENABLE_RESET = 0x1801;
	private static final long PAT_RESET = 0x0007_0406_0007_0406L;
	/** 8 pairs, fixed ranges, write combining. */
	private static final long MTRR_CAP_VALUE = 0x500 | MTRR_PAIRS;

	public long sysenterCs, sysenterEsp, sysenterEip, star, lstar, cstar, syscallMask, kernelGsBase, tscAux;
	/** What is added to the machine's clock. */
	public volatile long tscOffset;
	/** IA32_TSC_ADJUST: what the guest has added to its counter, by writing this or the counter (SDM volume 3, 17.17.3). */
	private long tscAdjust;
	/** IA32_APIC_BASE, where no local APIC is connected. */
	public long apicBase = 0xfee0_0900L;

	private long pat, miscEnable, mtrrDefault;
	private final long[] mtrrFixed = new long[MTRR_FIXED.length];
	private final long[] mtrrVariable = new long[2 * MTRR_PAIRS];

	/** What {@link #read} found. */
	long value;

	Msrs() {
		reset();
	}

	private static int[] saved() {
		int[] first = { TSC, TSC_ADJUST, SYSENTER_CS, SYSENTER_ESP, SYSENTER_EIP, MISC_ENABLE, PAT, MTRR_DEFAULT, STAR,
				LSTAR,
				CSTAR, SFMASK, KERNEL_GS_BASE, TSC_AUX };
		int[] all = Arrays.copyOf(first, first.length + MTRR_FIXED.length + 2 * MTRR_PAIRS);
		System.arraycopy(MTRR_FIXED, 0, all, first.length, MTRR_FIXED.length);
		for (int i = 0; i < 2 * MTRR_PAIRS; i++)
			all[first.length + MTRR_FIXED.length + i] = MTRR_PHYS + i;
		return all;
	}

	void reset() {
		sysenterCs = sysenterEsp = sysenterEip = star = lstar = cstar = syscallMask = kernelGsBase = tscAux = 0;
		tscOffset = tscAdjust = 0;
		pat = PAT_RESET;
		miscEnable = MISC_ENABLE_RESET;
		mtrrDefault = 0;
		Arrays.fill(mtrrFixed, 0);
		Arrays.fill(mtrrVariable, 0);
	}

	/**
	 * Reads a register into {@link #value}.
	 *
	 * @return {@code false} if it is none of these
	 */
	boolean read(Cpu c, int index) {
		switch (index) {
			case TSC -> value = c.machine.timeStamp() + tscOffset;
			case TSC_ADJUST -> value = tscAdjust;
			case APIC_BASE -> value = c.requests.apicBase();
			case MICROCODE -> value = 1L << 32;
			case PLATFORM_ID, PLATFORM_INFO, MCG_CAP, MCG_STATUS, DEBUGCTL -> value = 0;
			case FEATURE_CONTROL -> value = 1; // locked
			case MTRR_CAP -> value = MTRR_CAP_VALUE;
			case ARCH_CAPABILITIES -> value = NOT_AFFECTED;
			case SYSENTER_CS -> value = sysenterCs;
			case SYSENTER_ESP -> value = sysenterEsp;
			case SYSENTER_EIP -> value = sysenterEip;
			case MISC_ENABLE -> value = miscEnable;
			case PAT -> value = pat;
			case MTRR_DEFAULT -> value = mtrrDefault;
			case EFER -> value = c.efer;
			case STAR -> value = star;
			case LSTAR -> value = lstar;
			case CSTAR -> value = cstar;
			case SFMASK -> value = syscallMask;
			case FS_BASE -> value = c.base[Cpu.FS];
			case GS_BASE -> value = c.base[Cpu.GS];
			case KERNEL_GS_BASE -> value = kernelGsBase;
			case TSC_AUX -> value = tscAux;
			default -> {
				return readMtrr(index);
			}
		}
		return true;
	}

	/** Tells whether a register is one of these. */
	static boolean knows(int index) {
		return switch (index) {
			case TSC, TSC_ADJUST, APIC_BASE, MICROCODE, PLATFORM_ID, PLATFORM_INFO, MCG_CAP, MCG_STATUS, DEBUGCTL,
					FEATURE_CONTROL,
					MTRR_CAP, ARCH_CAPABILITIES, SYSENTER_CS, SYSENTER_ESP, SYSENTER_EIP, MISC_ENABLE, PAT,
					MTRR_DEFAULT, EFER, STAR, LSTAR, CSTAR, SFMASK, FS_BASE, GS_BASE, KERNEL_GS_BASE, TSC_AUX -> true;
			default -> index >= MTRR_PHYS && index < MTRR_PHYS + 2 * MTRR_PAIRS || fixed(index) >= 0;
		};
	}

	private static int fixed(int index) {
		return Arrays.binarySearch(MTRR_FIXED, index);
	}

	private boolean readMtrr(int index) {
		if (index >= MTRR_PHYS && index < MTRR_PHYS + 2 * MTRR_PAIRS) {
			value = mtrrVariable[index - MTRR_PHYS];
			return true;
		}
		int fixed = fixed(index);
		if (fixed < 0)
			return false;
		value = mtrrFixed[fixed];
		return true;
	}

	/** Whether a register that is {@linkplain #knows known} may have a value. EFER and the APIC base are not asked about. */
	static boolean allows(int index, long to) {
		return switch (index) {
			case DEBUGCTL, MCG_STATUS -> to == 0;
			case PAT -> types(to, true);
			case TSC_AUX -> to >>> 32 == 0;
			case SYSENTER_ESP, SYSENTER_EIP, LSTAR, CSTAR, FS_BASE, GS_BASE,
					KERNEL_GS_BASE -> Segmentation.canonical(to);
			case TSC, TSC_ADJUST, MICROCODE, SYSENTER_CS, MISC_ENABLE, STAR, SFMASK, EFER, APIC_BASE -> true;
			default -> allowsMtrr(index, to);
		};
	}

	/** The others are read-only. */
	private static boolean allowsMtrr(int index, long to) {
		if (fixed(index) >= 0)
			return types(to, false);
		if (index == MTRR_DEFAULT)
			return (to & ~0xcffL) == 0 && types(to & 0xff, false);
		int variable = index - MTRR_PHYS;
		if (variable < 0 || variable >= 2 * MTRR_PAIRS)
			return false;
		if ((variable & 1) != 0) // a mask
			return (to & (0x7ff | -1L << Paging.PHYSICAL_BITS)) == 0;
		return (to & (0xf00 | -1L << Paging.PHYSICAL_BITS)) == 0 && types(to & 0xff, false);
	}

	/**
	 * Writes a register that is {@linkplain #knows known}.
	 *
	 * @return {@code false} if it may not have this value
	 */
	boolean write(Cpu c, int index, long to) {
		if (index == EFER)
			return writeEfer(c, to);
		if (index == APIC_BASE)
			return c.requests.apicBase(to);
		if (!allows(index, to))
			return false;
		switch (index) {
			case TSC -> adjust(to - c.machine.timeStamp() - tscOffset);
			case TSC_ADJUST -> adjust(to - tscAdjust);
			case SYSENTER_CS -> sysenterCs = to;
			case MISC_ENABLE -> miscEnable = to;
			case STAR -> star = to;
			case SFMASK -> syscallMask = to & 0xffff_ffffL;
			case PAT -> pat = to;
			case TSC_AUX -> tscAux = to;
			case MTRR_DEFAULT -> mtrrDefault = to;
			case SYSENTER_ESP, SYSENTER_EIP, LSTAR, CSTAR, FS_BASE, GS_BASE,
					KERNEL_GS_BASE -> writeAddress(c, index, to);
			default -> writeMtrr(index, to);
		}
		return true;
	}

	private void adjust(long by) {
		tscOffset += by;
		tscAdjust += by;
	}

	/** Puts in what {@link #TSC_ADJUST} reads as, beside a counter that was put in. */
	void restoreAdjust(long to) {
		tscAdjust = to;
	}

	private void writeAddress(Cpu c, int index, long to) {
		switch (index) {
			case SYSENTER_ESP -> sysenterEsp = to;
			case SYSENTER_EIP -> sysenterEip = to;
			case LSTAR -> lstar = to;
			case CSTAR -> cstar = to;
			case FS_BASE -> c.base[Cpu.FS] = to;
			case GS_BASE -> c.base[Cpu.GS] = to;
			default -> kernelGsBase = to;
		}
	}

	/** LMA follows from LME and paging, and is not written. */
	private static boolean writeEfer(Cpu c, long to) {
		long known = Cpu.EFER_SCE | Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_NXE;
		long changed = to ^ c.efer;
		if ((to & ~known) != 0 || (changed & Cpu.EFER_LME) != 0 && (c.cr0 & Cpu.CR0_PG) != 0)
			return false;
		c.efer = to & ~Cpu.EFER_LMA | c.efer & Cpu.EFER_LMA;
		if ((changed & Cpu.EFER_NXE) != 0)
			c.paging.flushAll();
		return true;
	}

	/** Whether each byte is a type of memory: UC, WC, WT, WP, WB, and in the PAT UC- (SDM volume 3, table 11-10). */
	private static boolean types(long bytes, boolean table) {
		int known = table ? 0xf3 : 0x73;
		for (int i = 0; i < 64; i += 8) {
			int type = (int) (bytes >>> i) & 0xff;
			if (type > 7 || (known >>> type & 1) == 0)
				return false;
		}
		return true;
	}

	/** They are kept for the guest, and have no effect; of the rest a write has none either. */
	private void writeMtrr(int index, long to) {
		int fixed = fixed(index);
		if (fixed >= 0)
			mtrrFixed[fixed] = to;
		else if (index >= MTRR_PHYS && index < MTRR_PHYS + mtrrVariable.length)
			mtrrVariable[index - MTRR_PHYS] = to;
	}

	/**
	 * Whether a register that this processor does not have, or that cannot be written, may be left out when a state of
	 * another backend is put in: it says what that processor is, and the guest has not changed it.
	 */
	static boolean describesProcessor(int index) {
		return switch (index) {
			case MICROCODE, PLATFORM_ID, PLATFORM_INFO, FEATURE_CONTROL, MTRR_CAP, ARCH_CAPABILITIES, MCG_CAP,
					0x345 /* PERF_CAPABILITIES */, 0xcf /* CORE_CAPABILITIES */,
					0x34 /* SMI_COUNT */ -> true;
			default -> index >= 0x480 && index <= 0x491 // VMX
					|| index >= 0xc001_0000 && index <= 0xc001_ffff // AMD's
					|| index >= 0xe7 && index <= 0xe8; // MPERF, APERF
		};
	}
}
