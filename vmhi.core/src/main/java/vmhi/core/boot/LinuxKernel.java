package vmhi.core.boot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

import vmhi.api.cpu.CpuState;
import vmhi.api.machine.MachineException;
import vmhi.api.memory.GuestMemory;

/**
 * A bzImage, entered by the first of these that it has: its 64-bit entry, its 32-bit entry, its real-mode entry. Field
 * names and offsets are those of {@code struct boot_params} and {@code struct setup_header} (Documentation/x86/boot.rst,
 * zero-page.rst).
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
	private static final int CODE32_START = 0x214;
	private static final int RAMDISK_IMAGE = 0x218;
	private static final int RAMDISK_SIZE = 0x21c;
	private static final int HEAP_END_PTR = 0x224;
	private static final int CMD_LINE_PTR = 0x228;
	private static final int INITRD_ADDR_MAX = 0x22c;
	private static final int KERNEL_ALIGNMENT = 0x230;
	private static final int RELOCATABLE_KERNEL = 0x234;
	private static final int XLOADFLAGS = 0x236;
	private static final int CMDLINE_SIZE = 0x238;
	private static final int PREF_ADDRESS = 0x258;
	private static final int INIT_SIZE = 0x260;
	private static final int HEADER_READ = 0x300;

	// boot protocols, and what came with them
	private static final int LOWEST_VERSION = 0x202; // a command line anywhere, cmd_line_ptr
	private static final int WITH_INITRD_ADDR_MAX = 0x203;
	private static final int WITH_RELOCATABLE = 0x205;
	private static final int WITH_CMDLINE_SIZE = 0x206;
	private static final int WITH_PREF_ADDRESS = 0x20a;
	private static final int WITH_XLOADFLAGS = 0x20c;

	// values of fields that older headers don't have
	private static final long OLD_INITRD_ADDR_MAX = 0x37ff_ffff;
	private static final int OLD_CMDLINE_SIZE = 255;

	// boot_params beside it
	private static final int ACPI_RSDP_ADDR = 0x070;
	private static final int E820_ENTRIES = 0x1e8;
	private static final int E820_TABLE = 0x2d0;
	private static final int E820_ENTRY_SIZE = 20;
	private static final int MOST_E820 = 128;

	private static final int LOADED_HIGH = 1;
	private static final int CAN_USE_HEAP = 1 << 7;
	private static final int XLF_KERNEL_64 = 1;
	private static final int XLF_CAN_BE_LOADED_ABOVE_4G = 1 << 1;
	private static final int UNDEFINED_LOADER = 0xff;
	/** What is mapped where a kernel is entered, or can be reached from its 32-bit entry. */
	private static final long MAPPED = 1L << 32;
	/** The 64-bit entry is this far into the loaded part; the 32-bit entry is its beginning. */
	private static final int ENTRY_64 = 0x200;
	/** The real-mode entry is this far into the setup part. */
	private static final int ENTRY_16 = 0x200;

	private final KernelFile file;
	private final GuestMemory memory;
	private final MemoryMap map;
	private final ByteBuffer header;
	private final int version;

	private LinuxKernel(KernelFile file, GuestMemory memory, MemoryMap map) throws MachineException {
		this.file = file;
		this.memory = memory;
		this.map = map;
		header = file.bytes(0, HEADER_READ);
		version = Short.toUnsignedInt(header.getShort(VERSION));
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
		long runs = has(WITH_PREF_ADDRESS) ? Math.max(size, Integer.toUnsignedLong(header.getInt(INIT_SIZE))) : size;
		long base = place(size, runs);
		file.load(setup, size, memory, base);
		map.take(base, runs);
		if ((xloadflags() & XLF_KERNEL_64) != 0) {
			zeroPage(initrd, base);
			return EntryState.longMode(memory, base + ENTRY_64, BootLayout.ZERO_PAGE, 0);
		}
		if (header.getInt(CODE32_START) != 0) {
			zeroPage(initrd, base);
			return EntryState.protectedMode(memory, base, BootLayout.ZERO_PAGE, 0);
		}
		setupPart(setup, initrd);
		return EntryState.realMode(memory, BootLayout.SETUP, ENTRY_16, BootLayout.SETUP_STACK);
	}

	private boolean has(int since) {
		return version >= since;
	}

	private int xloadflags() {
		return has(WITH_XLOADFLAGS) ? header.getShort(XLOADFLAGS) : 0;
	}

	private void check(String commandLine) throws MachineException {
		if (header.getInt(HEADER) != HEADER_MAGIC || Short.toUnsignedInt(header.getShort(BOOT_FLAG_AT)) != BOOT_FLAG)
			throw file.refuse("is not a Linux bzImage");
		if (version < LOWEST_VERSION)
			throw file.refuse("is of boot protocol %d.%02d, which is too old".formatted(version >> 8, version & 0xff));
		if ((header.get(LOADFLAGS) & LOADED_HIGH) == 0)
			throw file.refuse("is a zImage, which is loaded low; make a bzImage");
		long most = has(WITH_CMDLINE_SIZE) ? Integer.toUnsignedLong(header.getInt(CMDLINE_SIZE)) : OLD_CMDLINE_SIZE;
		int length = commandLine.getBytes(StandardCharsets.UTF_8).length;
		if (length > most)
			throw file.refuse("takes a command line of at most %d bytes, not %d".formatted(most, length));
	}

	/** Where the kernel wants to be; or, if it doesn't mind, the lowest place that will do. */
	private long place(long size, long runs) throws MachineException {
		long wanted = has(WITH_PREF_ADDRESS) ? header.getLong(PREF_ADDRESS) : BootLayout.HIGH_START;
		if (wanted >= BootLayout.HIGH_START && wanted <= MAPPED - runs && map.isFree(wanted, runs))
			return wanted;
		long alignment = Integer.toUnsignedLong(header.getInt(KERNEL_ALIGNMENT));
		boolean movable = has(WITH_RELOCATABLE) && header.get(RELOCATABLE_KERNEL) != 0
				&& Long.bitCount(alignment) == 1;
		long lowest = movable ? BootLayout.HIGH_START + alignment - 1 & -alignment : wanted;
		if (!movable || size > runs || lowest > MAPPED - runs || !map.isFree(lowest, runs))
			throw file.refuse("needs %d MiB at %#x, more than the machine has; give it more memory".formatted(
					runs + (1 << 20) - 1 >> 20, wanted));
		return lowest;
	}

	private void zeroPage(String initrd, long base) throws MachineException {
		long page = BootLayout.ZERO_PAGE;
		for (int i = 0; i < GuestMemory.PAGE_SIZE; i += 8)
			memory.putLong(page + i, 0);
		int end = HEADER + (header.get(HEADER - 1) & 0xff); // the jump over the header tells how long it is
		memory.write(page + SETUP_SECTS, header.slice(SETUP_SECTS, Math.min(end, 0x290) - SETUP_SECTS));
		obligatory(page, initrd);
		memory.putInt(page + CODE32_START, (int) base);
		memory.putLong(page + ACPI_RSDP_ADDR, map.acpiRootPointer());

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

	/** The setup part, for a kernel that is entered there: it has the header in it. */
	private void setupPart(long length, String initrd) throws MachineException {
		if (length > BootLayout.SETUP_STACK)
			throw file.refuse("has a setup part of %d bytes, which is too long".formatted(length));
		file.load(0, length, memory, BootLayout.SETUP);
		obligatory(BootLayout.SETUP, initrd);
		memory.putShort(BootLayout.SETUP + HEAP_END_PTR, BootLayout.SETUP_STACK - ENTRY_16);
	}

	/** What a loader fills in, in the header that begins at 0x1f1 from here. */
	private void obligatory(long at, String initrd) throws MachineException {
		memory.putByte(at + TYPE_OF_LOADER, UNDEFINED_LOADER);
		memory.putByte(at + LOADFLAGS, header.get(LOADFLAGS) | CAN_USE_HEAP);
		memory.putInt(at + CMD_LINE_PTR, (int) BootLayout.COMMAND_LINE);
		if (!initrd.isEmpty()) {
			Initrd loaded = Initrd.load(initrd, memory, map, initrdEnd());
			memory.putInt(at + RAMDISK_IMAGE, (int) loaded.gpa());
			memory.putInt(at + RAMDISK_SIZE, (int) loaded.length());
		}
	}

	private long initrdEnd() {
		if ((xloadflags() & XLF_CAN_BE_LOADED_ABOVE_4G) != 0)
			return MAPPED;
		return 1 + (has(WITH_INITRD_ADDR_MAX)
				? Integer.toUnsignedLong(header.getInt(INITRD_ADDR_MAX))
				: OLD_INITRD_ADDR_MAX);
	}
}
