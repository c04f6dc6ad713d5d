package vmhi.core.boot;

import java.util.List;

import vmhi.api.machine.MachineException;
import vmhi.api.memory.GuestMemory;

/** {@code struct hvm_start_info}, version 1 (Xen, public/arch-x86/hvm/start_info.h). */
final class StartInfo {
	private static final int MAGIC = 0x336e_c578;

	// offset of each field
	private static final int VERSION = 4;
	private static final int NR_MODULES = 12;
	private static final int MODLIST_PADDR = 16;
	private static final int CMDLINE_PADDR = 24;
	private static final int RSDP_PADDR = 32;
	private static final int MEMMAP_PADDR = 40;
	private static final int MEMMAP_ENTRIES = 48;
	private static final int SIZE = 56;

	private static final int MEMMAP_ENTRY_SIZE = 24;
	private static final int MOST_RANGES = (int) ((BootLayout.ZERO_PAGE - BootLayout.MEMORY_MAP) / MEMMAP_ENTRY_SIZE);

	private StartInfo() {}

	/** Writes it, with the initrd as its only module. */
	static void write(GuestMemory memory, MemoryMap map, String initrd) throws MachineException {
		for (int i = 0; i < SIZE; i += 8)
			memory.putLong(BootLayout.START_INFO + i, 0);
		memory.putInt(BootLayout.START_INFO, MAGIC);
		memory.putInt(BootLayout.START_INFO + VERSION, 1);
		memory.putLong(BootLayout.START_INFO + CMDLINE_PADDR, BootLayout.COMMAND_LINE);
		memory.putLong(BootLayout.START_INFO + RSDP_PADDR, map.acpiRootPointer());
		if (!initrd.isEmpty())
			module(memory, Initrd.load(initrd, memory, map, 1L << 32));

		List<MemoryMap.Range> ranges = map.ranges();
		int count = Math.min(ranges.size(), MOST_RANGES);
		for (int i = 0; i < count; i++) {
			long entry = BootLayout.MEMORY_MAP + (long) MEMMAP_ENTRY_SIZE * i;
			memory.putLong(entry, ranges.get(i).gpa());
			memory.putLong(entry + 8, ranges.get(i).length());
			memory.putLong(entry + 16, ranges.get(i).type());
		}
		memory.putLong(BootLayout.START_INFO + MEMMAP_PADDR, BootLayout.MEMORY_MAP);
		memory.putInt(BootLayout.START_INFO + MEMMAP_ENTRIES, count);
	}

	private static void module(GuestMemory memory, Initrd initrd) {
		memory.putLong(BootLayout.MODULE_LIST, initrd.gpa());
		memory.putLong(BootLayout.MODULE_LIST + 8, initrd.length());
		memory.putLong(BootLayout.MODULE_LIST + 16, 0);
		memory.putLong(BootLayout.MODULE_LIST + 24, 0);
		memory.putLong(BootLayout.START_INFO + MODLIST_PADDR, BootLayout.MODULE_LIST);
		memory.putInt(BootLayout.START_INFO + NR_MODULES, 1);
	}
}
