package vmhi.api.machine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a machine is made from. As JSON, one object with these names; {@code docs/machine-spec.md} describes it.
 *
 * @param name unique on this host; {@code A-Z a-z 0-9 . _ -}, 1 to 64 characters, the first a letter or digit
 * @param labels for people and tools, not interpreted
 * @param cpu processors
 * @param memory bytes of RAM, a multiple of 4 KiB, 1 MiB or more
 * @param boot what runs first
 * @param disks drives, by unique names
 * @param devices the board, attached in this order, by unique names
 * @param hypercalls the hypercall interface
 * @param plugins versions of plug-ins this machine is bound to: from {@code cpu:KIND}, {@code device:KIND},
 *        {@code disk:FORMAT} or {@code hypercall:RANGE} to an OSGi version range; a version alone means just that one
 * @param onReset what a reset from inside does
 * @param autostart whether to start it when the host starts
 */
public record MachineSpec(String name, Map<String, String> labels, Cpu cpu, long memory, Boot boot, List<Disk> disks,
		List<Device> devices, Hypercalls hypercalls, Map<String, String> plugins, OnReset onReset, boolean autostart) {

	/** Version of this contract. */
	public static final String CONTRACT = "1.0.0";

	/** Lists and maps are kept as they are now, in their order. */
	public MachineSpec {
		labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
		disks = List.copyOf(disks);
		devices = List.copyOf(devices);
		plugins = Collections.unmodifiableMap(new LinkedHashMap<>(plugins));
	}

	/**
	 * Processors.
	 *
	 * @param backend kind of CPU backend, or {@code "auto"} for the fittest on this host
	 * @param model {@code "host"} for all that the backend can do; or {@code "x86-64"}, {@code "x86-64-v2"},
	 *        {@code "x86-64-v3"} for just what that level of the ABI has
	 * @param count number of vCPUs, 1 or more
	 */
	public record Cpu(String backend, String model, int count) {}

	/**
	 * What runs first.
	 *
	 * @param protocol how {@code kernel} is started
	 * @param kernel path of the image on the host
	 * @param initrd path of a RAM disk for Linux; {@code ""} for none
	 * @param commandLine at most 2047 bytes in UTF-8
	 * @param address GPA where a flat image is put
	 */
	public record Boot(Protocol protocol, String kernel, String initrd, String commandLine, long address) {}

	/** Ways to start a kernel. */
	public enum Protocol {
		/** By what the image is: a bzImage, or an ELF with a PVH entry. Anything else is refused. */
		AUTO,
		/** A bzImage by Linux's 64-bit boot protocol. */
		LINUX,
		/** A 64-bit ELF by PVH (Xen's HVM direct boot ABI). */
		PVH,
		/** Bytes that are entered at their first in 64-bit mode, as {@code docs/boot.md} says. */
		FLAT
	}

	/**
	 * A drive.
	 *
	 * @param path of the image on the host, or a URI of a transport
	 * @param format for example {@code "raw"}; never guessed
	 */
	public record Disk(String name, String path, String format, boolean readOnly) {}

	/**
	 * A device.
	 *
	 * @param settings in the words of its kind; values as JSON has them: {@link String}, {@link Long}, {@link Double},
	 *        {@link Boolean}, {@link List}, {@link Map}
	 */
	public record Device(String kind, String name, Map<String, Object> settings) {

		/** The map is kept as it is now. */
		public Device {
			settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
		}
	}

	/**
	 * The hypercall interface.
	 *
	 * @param enabled whether there is any
	 * @param port of synchronous calls, 0 to 0xff
	 */
	public record Hypercalls(boolean enabled, int port) {}

	/** What a reset from inside, a triple fault for example, does. */
	public enum OnReset {
		/** The machine starts again. */
		RESTART,
		/** The machine stops. */
		STOP
	}
}
