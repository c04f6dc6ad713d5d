package vmhi.core.boot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

import vmhi.api.cpu.CpuState;
import vmhi.api.machine.MachineException;
import vmhi.api.memory.GuestMemory;

/**
 * A bzImage, entered at its 64-bit entry. Field names and offsets are those of {@code struct boot_params} and
 * {@code struct setup_header} (Documentation/x86/boot.rst, zero-page.rst).
 */
final class LinuxKernel {
	private static final int HEADER = 0x202;
	private static final int HEADER_MAGIC = 0x5372_6448; // "HdrS"
	private static final int BOOT_FLAG = 0xaa55;
	private static final int SECTOR = 512;

	// setup_header, as offsets in the file and in the zero page alike
	private static final int SETUP_SECTS = 0x1f1;
	private static final int BOOT_FLAG_AT = 0x1fe;
	private static final int VERSION = 0x206;
	private static final int TYPE_OF_LOADER = 0x210;
	private static final int LOADFLAGS = 0x211;
	private static final int RAMDISK_IMAGE = 0x218;
	private static final int RAMDISK_SIZE = 0x21c;
	private static final int CMD_LINE_PTR = 0x228;
	private static final int INITRD_ADDR_MAX = 0x22c;
	private static final int KERNEL_ALIGNMENT = 0x230;
	private static final int RELOCATABLE_KERNEL = 0x234;
	private static final int XLOADFLAGS = 0x236;
	private static final int CMDLINE_SIZE = 0x238;
	private static final int PREF_ADDRESS = 0x258;
	private static final int INIT_SIZE = 0x260;
	private static final int HEADER_READ = 0x300;

	// boot_params beside it
	private static final int ACPI_RSDP_ADDR = 0x070;
	private static final int EXT_RAMDISK_IMAGE = 0x0c0;
	private static final int EXT_RAMDISK_SIZE = 0x0c4;
	private static final int E820_ENTRIES = 0x1e8;
	private static final int E820_TABLE = 0x2d0;
	private static final int E820_ENTRY_SIZE = 20;
	private static final int MOST_E820 = 128;

	private static final int LOADED_HIGH = 1;
	private static final int CAN_USE_HEAP = 1 << 7;
	private static final int XLF_KERNEL_64 = 1;
	private static final int XLF_CAN_BE_LOADED_ABOVE_4G = 1 << 1;
	private static final int UNDEFINED_LOADER = 0xff;
	/** The 64-bit entry is this far into the loaded part. */
	private static final int ENTRY_64 = 0x200;

	private final KernelFile file;
	private final GuestMemory memory;
	private final MemoryMap map;
	private final ByteBuffer header;

	private LinuxKernel(KernelFile file, GuestMemory memory, MemoryMap map) throws MachineException {
		this.file = file;
		this.memory = memory;
		this.map = map;
		header = file.bytes(0, HEADER_READ);
	}

	static boolean recognises(KernelFile file) throws MachineException {
		return file.bytes(0, HEADER_READ).getInt(HEADER) == HEADER_MAGIC;
	}

	static CpuState load(KernelFile file, String initrd, String commandLine, GuestMemory memory, MemoryMap map)
			throws MachineException {
		return new LinuxKernel(file, memory, map).load(initrd, commandLine);
	}

	private CpuState load(String initrd, String commandLine) throws MachineException {
		check(commandLine);
		int sectors = header.get(SETUP_SECTS) & 0xff;
		long setup = (sectors == 0 ? 4 : sectors) * SECTOR + SECTOR;
		long size = file.length() - setup;
		if (size <= ENTRY_64)
			throw file.refuse("is cut off: it ends within its setup part");
		long runs = Math.max(size, Integer.toUnsignedLong(header.getInt(INIT_SIZE)));
		long base = place(size, runs);
		file.load(setup, size, memory, base);
		map.take(base, runs);
		zeroPage(initrd);
		return EntryState.longMode(memory, base + ENTRY_64, BootLayout.ZERO_PAGE, 0);
	}

	private void check(String commandLine) throws MachineException {
		if (header.getInt(HEADER) != HEADER_MAGIC || Short.toUnsignedInt(header.getShort(BOOT_FLAG_AT)) != BOOT_FLAG)
			throw file.refuse("is not a Linux bzImage");
		int version = Short.toUnsignedInt(header.getShort(VERSION));
		if (version < 0x20c || (header.getShort(XLOADFLAGS) & XLF_KERNEL_64) == 0)
			throw file.refuse("has no 64-bit entry (boot protocol %d.%d)".formatted(version >> 8, version & 0xff));
		if ((header.get(LOADFLAGS) & LOADED_HIGH) == 0)
			throw file.refuse("is a zImage, which is loaded low; make a bzImage");
		long most = Integer.toUnsignedLong(header.getInt(CMDLINE_SIZE));
		int length = commandLine.getBytes(StandardCharsets.UTF_8).length;
		if (length > most)
			throw file.refuse("takes a command line of at most %d bytes, not %d".formatted(most, length));
	}

	/** Where the kernel wants to be; or, if it doesn't mind, the lowest place that will do. */
	private long place(long size, long runs) throws MachineException {
		long wanted = header.getLong(PREF_ADDRESS);
		if (wanted >= BootLayout.HIGH_START && map.isFree(wanted, runs))
			return wanted;
		long alignment = Integer.toUnsignedLong(header.getInt(KERNEL_ALIGNMENT));
		boolean movable = header.get(RELOCATABLE_KERNEL) != 0 && Long.bitCount(alignment) == 1;
		long lowest = movable ? BootLayout.HIGH_START + alignment - 1 & -alignment : wanted;
		if (!movable || size > runs || !map.isFree(lowest, runs))
			throw file.refuse("needs %d MiB at %#x, more than the machine has; give it more memory".formatted(
					runs + (1 << 20) - 1 >> 20, wanted));
		return lowest;
	}

	private void zeroPage(String initrd) throws MachineException {
		long page = BootLayout.ZERO_PAGE;
		for (int i = 0; i < GuestMemory.PAGE_SIZE; i += 8)
			memory.putLong(page + i, 0);
		int end = HEADER + (header.get(HEADER - 1) & 0xff); // the jump over the header tells how long it is
		memory.write(page + SETUP_SECTS, header.slice(SETUP_SECTS, Math.min(end, 0x290) - SETUP_SECTS));
		memory.putByte(page + TYPE_OF_LOADER, UNDEFINED_LOADER);
		memory.putByte(page + LOADFLAGS, header.get(LOADFLAGS) | CAN_USE_HEAP);
		memory.putInt(page + CMD_LINE_PTR, (int) BootLayout.COMMAND_LINE);
		memory.putLong(page + ACPI_RSDP_ADDR, map.acpiRootPointer());
		if (!initrd.isEmpty())
			initrd(initrd);

		List<MemoryMap.Range> ranges = map.ranges();
		int count = Math.min(ranges.size(), MOST_E820);
		memory.putByte(page + E820_ENTRIES, count);
		for (int i = 0; i < count; i++) {
			long entry = page + E820_TABLE + (long) E820_ENTRY_SIZE * i;
			memory.putLong(entry, ranges.get(i).gpa());
			memory.putLong(entry + 8, ranges.get(i).length());
			memory.putInt(entry + 16, ranges.get(i).type());
		}
	}

	private void initrd(String path) throws MachineException {
		boolean high = (header.getShort(XLOADFLAGS) & XLF_CAN_BE_LOADED_ABOVE_4G) != 0;
		long below = high ? 1L << 32 : Integer.toUnsignedLong(header.getInt(INITRD_ADDR_MAX)) + 1;
		Initrd initrd = Initrd.load(path, memory, map, below);
		memory.putInt(BootLayout.ZERO_PAGE + RAMDISK_IMAGE, (int) initrd.gpa());
		memory.putInt(BootLayout.ZERO_PAGE + RAMDISK_SIZE, (int) initrd.length());
		memory.putInt(BootLayout.ZERO_PAGE + EXT_RAMDISK_IMAGE, (int) (initrd.gpa() >>> 32));
		memory.putInt(BootLayout.ZERO_PAGE + EXT_RAMDISK_SIZE, (int) (initrd.length() >>> 32));
	}
}
