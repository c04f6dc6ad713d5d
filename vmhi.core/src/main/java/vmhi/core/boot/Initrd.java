package vmhi.core.boot;

import vmhi.api.machine.MachineException;
import vmhi.api.memory.GuestMemory;

/** The initial RAM disk, in RAM. */
record Initrd(long gpa, long length) {

	/** Puts it as high as it may be, out of the way of a kernel that unpacks itself. */
	static Initrd load(String path, GuestMemory memory, MemoryMap map, long below) throws MachineException {
		try (KernelFile file = KernelFile.open("initrd", path)) {
			long gpa = file.length() == 0 ? -1
					: map.free(file.length(), GuestMemory.PAGE_SIZE, below, BootLayout.HIGH_START);
			if (gpa < 0)
				throw file.refuse(file.length() == 0
						? "is empty"
						: "has %d bytes, for which the machine does not have enough memory".formatted(file.length()));
			file.load(0, file.length(), memory, gpa);
			return new Initrd(gpa, file.length());
		}
	}
}
