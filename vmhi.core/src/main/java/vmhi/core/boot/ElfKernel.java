package vmhi.core.boot;

import java.nio.ByteBuffer;

import vmhi.api.machine.MachineException;
import vmhi.api.memory.GuestMemory;

/** A 64-bit ELF with a PVH entry: its segments go to their physical addresses. Field names are those of elf.h. */
final class ElfKernel {
	private static final int MAGIC = 0x464c_457f; // 7f 'E' 'L' 'F'
	private static final int HEADER_SIZE = 64;

	// Elf64_Ehdr
	private static final int EI_CLASS = 4;
	private static final int EI_DATA = 5;
	private static final int E_MACHINE = 18;
	private static final int E_PHOFF = 32;
	private static final int E_PHENTSIZE = 54;
	private static final int E_PHNUM = 56;

	// Elf64_Phdr
	private static final int P_TYPE = 0;
	private static final int P_OFFSET = 8;
	private static final int P_PADDR = 24;
	private static final int P_FILESZ = 32;
	private static final int P_MEMSZ = 40;
	private static final int PHDR_SIZE = 56;

	private static final int PT_LOAD = 1;
	private static final int PT_NOTE = 4;
	private static final int EM_X86_64 = 62;
	private static final int MOST_SEGMENTS = 256;
	private static final int MOST_NOTES = 1 << 20;
	private static final int XEN_ELFNOTE_PHYS32_ENTRY = 18;

	private final KernelFile file;
	private final GuestMemory memory;
	private final MemoryMap map;
	private long entry = -1;
	private int loaded;

	private ElfKernel(KernelFile file, GuestMemory memory, MemoryMap map) {
		this.file = file;
		this.memory = memory;
		this.map = map;
	}

	static boolean recognises(KernelFile file) throws MachineException {
		return file.bytes(0, 4).getInt(0) == MAGIC;
	}

	/** Loads it, and gives the address of its 32-bit entry. */
	static long load(KernelFile file, GuestMemory memory, MemoryMap map) throws MachineException {
		return new ElfKernel(file, memory, map).load();
	}

	private long load() throws MachineException {
		ByteBuffer header = file.bytes(0, HEADER_SIZE);
		if (header.getInt(0) != MAGIC)
			throw file.refuse("is not an ELF file");
		if (header.get(EI_CLASS) != 2 || header.get(EI_DATA) != 1 || header.getShort(E_MACHINE) != EM_X86_64)
			throw file.refuse("is not an ELF for x86-64");
		int count = Short.toUnsignedInt(header.getShort(E_PHNUM));
		if (count == 0 || count > MOST_SEGMENTS || header.getShort(E_PHENTSIZE) != PHDR_SIZE)
			throw file
					.refuse("has %d program headers, not 1..%d of %d bytes".formatted(count, MOST_SEGMENTS, PHDR_SIZE));
		long offset = header.getLong(E_PHOFF);
		if (offset < 0 || offset > file.length() - (long) count * PHDR_SIZE)
			throw file.refuse("is cut off: its program headers are at %#x".formatted(offset));

		for (int i = 0; i < count; i++)
			segment(i, file.bytes(offset + (long) i * PHDR_SIZE, PHDR_SIZE));
		if (loaded == 0)
			throw file.refuse("has nothing to load");
		if (entry < 0)
			throw file.refuse("has no PVH entry (Xen note 18); a Linux vmlinux needs CONFIG_PVH");
		return entry;
	}

	private void segment(int index, ByteBuffer header) throws MachineException {
		long offset = header.getLong(P_OFFSET);
		long fileSize = header.getLong(P_FILESZ);
		long size = header.getLong(P_MEMSZ);
		int type = header.getInt(P_TYPE);
		if (type != PT_LOAD && type != PT_NOTE || size == 0 && fileSize == 0)
			return;
		if (offset < 0 || fileSize < 0 || offset > file.length() - fileSize)
			throw file.refuse("is cut off: segment %d ends beyond the file".formatted(index));
		if (type == PT_NOTE)
			notes(file.bytes(offset, (int) Math.min(fileSize, MOST_NOTES)));
		else
			load(index, offset, fileSize, header.getLong(P_PADDR), size);
	}

	private void load(int index, long offset, long fileSize, long gpa, long size) throws MachineException {
		if (size < fileSize || gpa < BootLayout.HIGH_START || !map.isFree(gpa, size))
			throw file.refuse("does not fit: segment %d wants %#x bytes at %#x".formatted(index, size, gpa));
		file.load(offset, fileSize, memory, gpa);
		ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
		for (long at = fileSize; at < size; at += zeros.limit())
			memory.write(gpa + at, zeros.clear().limit((int) Math.min(zeros.capacity(), size - at)));
		map.take(gpa, size);
		loaded++;
	}

	/** Looks for the entry among the notes: name size, descriptor size, type, then both padded to 4 bytes. */
	private void notes(ByteBuffer notes) {
		while (notes.remaining() >= 12) {
			int nameSize = notes.getInt();
			int size = notes.getInt();
			int type = notes.getInt();
			int name = notes.position();
			if (nameSize < 0 || size < 0 || nameSize > notes.remaining() - 3
					|| size > notes.remaining() - padded(nameSize))
				return;
			int descriptor = name + padded(nameSize);
			boolean xen = nameSize == 4 && notes.getInt(name) == 0x006e_6558; // "Xen"
			if (xen && type == XEN_ELFNOTE_PHYS32_ENTRY && size >= 4)
				entry = Integer.toUnsignedLong(notes.getInt(descriptor));
			int next = descriptor + padded(size);
			if (next > notes.limit())
				return;
			notes.position(next);
		}
	}

	private static int padded(int size) {
		return size + 3 & ~3;
	}
}
