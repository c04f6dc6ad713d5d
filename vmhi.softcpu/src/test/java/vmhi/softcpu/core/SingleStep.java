package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

import java.util.List;

import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.tck.memory.TestMemory;

/**
 * A vCPU that executes one instruction after the other, given as bytes, without fetching them from its memory: in
 * 64-bit mode at CPL 0, all of the FPU and SSE switched on, 2 MiB of RAM mapped one to one but for what tests take away.
 */
@SuppressWarnings("removal")
final class SingleStep {
	/** What {@link #execute} says where there was no exception. */
	static final int NONE = -1;
	/** A page of RAM that tests use. */
	static final long DATA = 0x10_0000;

	private static final int RAM = 0x20_0000;
	/** Page tables, one page a level. */
	private static final int PML4 = 0x1000, PDPT = 0x2000, PD = 0x3000, PT = 0x4000;
	private static final long PRESENT = 1, WRITABLE = 2;

	final TestMemory memory = new TestMemory(RAM);
	final Cpu cpu;
	/** Where instructions are said to stand. */
	long rip = 0x1234;

	private final Decoder decoder = new Decoder();
	private final long bytes = UNSAFE.allocateMemory(4096 * 2);

	SingleStep() {
		CpuSetup setup = new CpuSetup("test", memory, List.of(new CpuidTable(List.of())), List.of(), false);
		cpu = new Machine(setup, null).cpus[0];
		memory.putLong(PML4, PDPT | PRESENT | WRITABLE);
		memory.putLong(PDPT, PD | PRESENT | WRITABLE);
		memory.putLong(PD, PT | PRESENT | WRITABLE);
		for (int page = 0; page < 512; page++)
			memory.putLong(PT + page * 8, page * 4096L | PRESENT | WRITABLE);
		cpu.cr3 = PML4;
		cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_MP | Cpu.CR0_ET | Cpu.CR0_NE | Cpu.CR0_WP | Cpu.CR0_PG;
		cpu.cr4 = Cpu.CR4_PAE | Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT | Cpu.CR4_OSXSAVE;
		cpu.efer = Cpu.EFER_LMA | Cpu.EFER_LME;
		cpu.xcr0 = 3;
		cpu.codeBits = 64;
		cpu.stackBits = 64;
		cpu.arithmeticFlags(0);
		cpu.paging.flushAll();
		cpu.paging.contextChanged();
	}

	/** Real mode, with 16-bit code. */
	void realMode() {
		cpu.cr0 &= ~(Cpu.CR0_PE | Cpu.CR0_PG);
		cpu.efer = 0;
		legacy(16);
	}

	/** Protected mode without paging, with code of that width, all segments from 0 to 4 GiB. */
	void protectedMode(int bits) {
		cpu.cr0 &= ~Cpu.CR0_PG;
		cpu.efer = 0;
		legacy(bits);
	}

	private void legacy(int bits) {
		cpu.codeBits = bits;
		cpu.stackBits = bits;
		for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
			cpu.base[segment] = 0;
			cpu.limit[segment] = -1;
			cpu.attributes[segment] = Cpu.ATTR_S | Cpu.ATTR_P | 3 | (bits == 32 ? Cpu.ATTR_DB : 0);
		}
		cpu.segmentation.modeChanged();
		cpu.codeBits = bits;
		cpu.paging.flushAll();
		cpu.paging.contextChanged();
	}

	/** Takes the right to write to a page. */
	void protect(long address) {
		memory.putLong(PT + (address >>> 12) * 8, address & -4096 | PRESENT);
		cpu.paging.flushAll();
	}

	/** Executes it, and gives the vector of the exception it raised. */
	int execute(String hex) {
		UNSAFE.setMemory(bytes, 4096 * 2, (byte) 0x90);
		for (int at = 0; at < hex.length(); at += 2)
			UNSAFE.putByte(bytes + at / 2, (byte) Integer.parseInt(hex.substring(at, at + 2), 16));
		Insn insn = decoder.decode(cpu.codeBits, rip, 0, bytes, bytes + 4096);
		if (insn instanceof BranchInsns.Raise)
			return Fault.UD;
		if (insn.next - rip != hex.length() / 2)
			throw new AssertionError(hex + " was taken for " + (insn.next - rip) + " bytes");
		try {
			insn.exec(cpu);
			return NONE;
		} catch (Fault e) {
			return cpu.faultVector;
		}
	}
}
