package vmhi.core.boot;

import java.nio.ByteBuffer;
import java.util.List;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.GuestMemory;

/** The states in which a kernel is entered, and the tables in RAM that go with them. */
final class EntryState {
	private static final int CODE_SELECTOR = 0x10;
	private static final int DATA_SELECTOR = 0x18;
	private static final int TSS_SELECTOR = 0x20;

	// descriptors as they lie in the GDT
	private static final long CODE_64 = 0x00af_9b00_0000_ffffL;
	private static final long CODE_32 = 0x00cf_9b00_0000_ffffL;
	private static final long DATA = 0x00cf_9300_0000_ffffL;
	private static final long TSS = 0x0000_8b00_0000_0067L;

	// the same as CpuState.Segment has them
	private static final int CODE_64_ATTRIBUTES = 0xa9b;
	private static final int CODE_32_ATTRIBUTES = 0xc9b;
	private static final int DATA_ATTRIBUTES = 0xc93;
	private static final int TSS_ATTRIBUTES = 0x8b;
	private static final int CODE_16_ATTRIBUTES = 0x9b;
	private static final int DATA_16_ATTRIBUTES = 0x93;
	private static final int UNUSABLE = 0x1000;

	/**
	 * INT 10h for real mode: prints a character (AH = 0Eh) at COM1, and knows nothing else. It ends with the IRET that is
	 * all there is of the other interrupts.
	 */
	private static final byte[] VIDEO_SERVICE = bytes(
			0x80, 0xfc, 0x0e, // cmp ah, 0x0e
			0x75, 0x0f, // jne done
			0x52, // push dx
			0x50, // push ax
			0xba, 0xfd, 0x03, // mov dx, 0x3fd
			0xec, // ready: in al, dx
			0xa8, 0x20, // test al, 0x20
			0x74, 0xfb, // jz ready
			0xb2, 0xf8, // mov dl, 0xf8
			0x58, // pop ax
			0xee, // out dx, al
			0x5a, // pop dx
			0xcf); // done: iret
	private static final int VIDEO = 0x10;

	private static final long CR0_PE = 1, CR0_ET = 1 << 4, CR0_PG = 1L << 31;
	private static final long CR4_PAE = 1 << 5;
	private static final long EFER_LME = 1 << 8, EFER_LMA = 1 << 10;
	/** Where the local APIC is, enabled, of the bootstrap processor (SDM volume 3, 10.4.4). */
	private static final long APIC_BASE = 0xfee0_0000L | 1 << 11 | 1 << 8;
	private static final long RFLAGS = 2;

	private static final long PAGE_PRESENT_WRITABLE = 3;
	private static final long PAGE_LARGE = 1 << 7;
	private static final long LARGE_PAGE = 2 << 20;

	private EntryState() {}

	/** 64-bit mode, with the first 4 GiB mapped one to one. */
	static CpuState longMode(GuestMemory memory, long rip, long rsi, long rbx) {
		identityMap(memory);
		long[] registers = registers(rbx);
		registers[VcpuContext.RSI] = rsi;
		registers[VcpuContext.RSP] = BootLayout.STACK_TOP;
		registers[VcpuContext.RBP] = BootLayout.STACK_TOP;
		return state(memory, registers, rip, CODE_64, CODE_64_ATTRIBUTES, CR0_PE | CR0_ET | CR0_PG, BootLayout.PML4,
				CR4_PAE,
				EFER_LME | EFER_LMA);
	}

	/** 32-bit protected mode without paging. */
	static CpuState protectedMode(GuestMemory memory, long eip, long esi, long ebx) {
		long[] registers = registers(ebx);
		registers[VcpuContext.RSI] = esi;
		return state(memory, registers, eip, CODE_32, CODE_32_ATTRIBUTES, CR0_PE | CR0_ET, 0, 0, 0);
	}

	/**
	 * Real mode, with data and stack in one segment, of which code begins {@code entry} bytes in. There is no firmware
	 * but for a way to print: other interrupts return without having done anything, which most take for a failure.
	 */
	static CpuState realMode(GuestMemory memory, long segment, int entry, int sp) {
		memory.write(BootLayout.VIDEO_SERVICE, ByteBuffer.wrap(VIDEO_SERVICE));
		int iret = (int) BootLayout.VIDEO_SERVICE + VIDEO_SERVICE.length - 1;
		for (int vector = 0; vector < 256; vector++)
			memory.putInt(BootLayout.VECTORS + 4 * vector, vector == VIDEO ? (int) BootLayout.VIDEO_SERVICE : iret);
		memory.putShort(BootLayout.EBDA_SEGMENT, (int) (BootLayout.LOW_END >> 4));
		memory.putShort(BootLayout.BASE_KIB, (int) (BootLayout.LOW_END >> 10));

		long[] registers = registers(0);
		registers[VcpuContext.RSP] = sp;
		Segment data = new Segment((int) (segment >> 4), segment, 0xffff, DATA_16_ATTRIBUTES);
		long code = segment + entry; // IP is 0 there
		SystemRegisters system = new SystemRegisters(
				new Segment((int) (code >> 4), code, 0xffff, CODE_16_ATTRIBUTES), data, data, data, data, data,
				new Segment(0, 0, 0xffff, TSS_ATTRIBUTES), new Segment(0, 0, 0xffff, UNUSABLE | 0x82),
				new Table(0, 0xffff), new Table(BootLayout.VECTORS, 0x3ff), CR0_ET, 0, 0, 0, 0, 0, APIC_BASE);
		return state(registers, 0, system);
	}

	private static CpuState state(long[] registers, long rip, SystemRegisters system) {
		return new CpuState(new General(registers, rip, RFLAGS), system, null, List.of(), List.of(), null, null, null,
				CpuState.MpState.RUNNABLE);
	}

	private static byte[] bytes(int... values) {
		byte[] bytes = new byte[values.length];
		for (int i = 0; i < values.length; i++)
			bytes[i] = (byte) values[i];
		return bytes;
	}

	private static long[] registers(long rbx) {
		long[] registers = new long[16];
		registers[VcpuContext.RBX] = rbx;
		return registers;
	}

	private static CpuState state(GuestMemory memory, long[] registers, long rip, long codeDescriptor,
			int codeAttributes,
			long cr0, long cr3, long cr4, long efer) {
		long[] gdt = { 0, 0, codeDescriptor, DATA, TSS, 0 };
		for (int i = 0; i < gdt.length; i++)
			memory.putLong(BootLayout.GDT + 8L * i, gdt[i]);

		Segment data = new Segment(DATA_SELECTOR, 0, -1, DATA_ATTRIBUTES);
		SystemRegisters system = new SystemRegisters(new Segment(CODE_SELECTOR, 0, -1, codeAttributes), data, data,
				data, data,
				data, new Segment(TSS_SELECTOR, 0, 0x67, TSS_ATTRIBUTES), new Segment(0, 0, 0xffff, UNUSABLE | 0x82),
				new Table(BootLayout.GDT, gdt.length * 8 - 1), new Table(0, 0), cr0, 0, cr3, cr4, 0, efer, APIC_BASE);
		return state(registers, rip, system);
	}

	private static void identityMap(GuestMemory memory) {
		memory.putLong(BootLayout.PML4, BootLayout.PDPT | PAGE_PRESENT_WRITABLE);
		for (int gib = 0; gib < 4; gib++) {
			long directory = BootLayout.PAGE_DIRECTORIES + 0x1000L * gib;
			memory.putLong(BootLayout.PDPT + 8L * gib, directory | PAGE_PRESENT_WRITABLE);
			for (int page = 0; page < 512; page++)
				memory.putLong(directory + 8L * page,
						((long) gib << 30) + LARGE_PAGE * page | PAGE_LARGE | PAGE_PRESENT_WRITABLE);
		}
	}
}
