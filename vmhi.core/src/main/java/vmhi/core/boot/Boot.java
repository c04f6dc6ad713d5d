package vmhi.core.boot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import vmhi.api.cpu.CpuState;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSpec;
import vmhi.api.memory.GuestMemory;

/** Loads what a specification says runs first. */
public final class Boot {
	private final GuestMemory memory;
	private final MemoryMap map;
	private final MachineSpec.Boot boot;

	private Boot(GuestMemory memory, MemoryMap map, MachineSpec.Boot boot) {
		this.memory = memory;
		this.map = map;
		this.boot = boot;
	}

	/**
	 * Puts everything into RAM.
	 *
	 * @param map what devices keep
	 * @return the state in which vCPU 0 starts; parts that are {@code null} are those after RESET
	 * @throws MachineException if the kernel is not there, is not one, or does not fit, saying so in one line
	 */
	public static CpuState load(GuestMemory memory, MemoryMap map, MachineSpec.Boot boot) throws MachineException {
		return new Boot(memory, map, boot).load();
	}

	private CpuState load() throws MachineException {
		try (KernelFile kernel = KernelFile.open("kernel", boot.kernel())) {
			commandLine();
			return switch (boot.protocol()) {
				case LINUX -> linux(kernel);
				case PVH -> pvh(kernel);
				case FLAT -> flat(kernel);
				case AUTO -> {
					if (LinuxKernel.recognises(kernel))
						yield linux(kernel);
					if (ElfKernel.recognises(kernel))
						yield pvh(kernel);
					throw kernel.refuse("is neither a Linux bzImage nor an ELF with a PVH entry; "
							+ "if it is bare code, say so with boot.protocol \"flat\"");
				}
			};
		}
	}

	private void commandLine() throws MachineException {
		byte[] text = boot.commandLine().getBytes(StandardCharsets.UTF_8);
		if (text.length >= BootLayout.COMMAND_LINE_SIZE)
			throw new MachineException(MachineException.Kind.INVALID, "boot.commandLine has %d bytes, not at most %d"
					.formatted(text.length, BootLayout.COMMAND_LINE_SIZE - 1));
		memory.write(BootLayout.COMMAND_LINE, ByteBuffer.wrap(text));
		memory.putByte(BootLayout.COMMAND_LINE + text.length, 0);
	}

	private CpuState linux(KernelFile kernel) throws MachineException {
		return LinuxKernel.load(kernel, boot.initrd(), boot.commandLine(), memory, map);
	}

	private CpuState pvh(KernelFile kernel) throws MachineException {
		long entry = ElfKernel.load(kernel, memory, map);
		StartInfo.write(memory, map, boot.initrd());
		return EntryState.protectedMode(memory, entry, 0, BootLayout.START_INFO);
	}

	private CpuState flat(KernelFile kernel) throws MachineException {
		if (kernel.length() == 0)
			throw kernel.refuse("is empty");
		if (boot.address() < BootLayout.HIGH_START || !map.isFree(boot.address(), kernel.length()))
			throw kernel
					.refuse("does not fit into RAM at %#x; it has %d bytes".formatted(boot.address(), kernel.length()));
		kernel.load(0, kernel.length(), memory, boot.address());
		map.take(boot.address(), kernel.length());
		StartInfo.write(memory, map, boot.initrd());
		return EntryState.longMode(memory, boot.address(), 0, BootLayout.START_INFO);
	}
}
