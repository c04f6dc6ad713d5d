package vmhi.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.hypercall.Abi;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Device;
import vmhi.api.machine.MachineSpec.Disk;
import vmhi.api.machine.MachineSpec.OnReset;
import vmhi.api.machine.MachineSpec.Protocol;

/** A machine on a command line. */
final class MachineOptions {
	/** Where a flat image goes if nobody says otherwise; below it are tables that the machine makes for the guest. */
	private static final long FLAT_ADDRESS = 0x100000;

	/** What is on every board. */
	private static final List<Device> USUAL = List.of(new Device("rtc", "rtc", Map.of()),
			new Device("acpi", "acpi", Map.of()), new Device("serial", "com1", Map.of()),
			new Device("exit", "exit", Map.of()));

	@Option(names = "--kernel", paramLabel = "FILE",
			description = "What runs first: a Linux bzImage, an ELF with a PVH entry, or with --flat bytes that are "
					+ "entered at their first in 64-bit mode.")
	private Path kernel;

	@Option(names = "--initrd", paramLabel = "FILE", description = "RAM disk for Linux.")
	private Path initrd;

	@Option(names = "--append", paramLabel = "TEXT", defaultValue = "", description = "Command line of the kernel.")
	private String append;

	@Option(names = "--protocol", paramLabel = "auto|linux|pvh|flat", defaultValue = "auto",
			converter = ProtocolConverter.class,
			description = "How the kernel is started (default: by what it is).")
	private Protocol protocol;

	@Option(names = "--flat", description = "The same as --protocol flat.")
	private boolean flat;

	@Option(names = "--name", paramLabel = "NAME", defaultValue = "guest",
			description = "Name of the machine (default: ${DEFAULT-VALUE}).")
	private String name;

	@Option(names = "--cpu", paramLabel = "BACKEND", defaultValue = "auto",
			description = "CPU backend (default: the fittest on this host; vmhi doctor lists them).")
	private String cpu;

	@Option(names = "--cpu-model", paramLabel = "MODEL", defaultValue = "host",
			description = "host for all that the backend can do, or x86-64, x86-64-v2, x86-64-v3 "
					+ "(default: ${DEFAULT-VALUE}).")
	private String cpuModel;

	@Option(names = "--vcpus", paramLabel = "N", defaultValue = "1",
			description = "Number of vCPUs (default: ${DEFAULT-VALUE}).")
	private int vcpus;

	@Option(names = "--memory", paramLabel = "SIZE", defaultValue = "256M", converter = SizeConverter.class,
			description = "RAM, in bytes or with K, M, G (default: ${DEFAULT-VALUE}).")
	private long memory;

	@Option(names = "--disk", paramLabel = "FILE[,format=F][,readonly][,name=N]",
			description = "A drive; repeatable. The format is raw unless you say otherwise, and never guessed. A comma "
					+ "in the file's name is written twice.")
	private List<String> disks = new ArrayList<>();

	@Option(names = "--device", paramLabel = "KIND[,name=N][,KEY=VALUE]...",
			description = "A device; repeatable. Besides, there are rtc, acpi, serial (named com1), exit, a pvblock for "
					+ "each drive that no device names, and irqchip where the backend has no interrupt controllers, "
					+ "unless --bare.")
	private List<String> devices = new ArrayList<>();

	@Option(names = "--bare", description = "No device but those given with --device.")
	private boolean bare;

	@Option(names = "--no-hypercall", description = "No hypercall interface.")
	private boolean noHypercall;

	@Option(names = "--restart", description = "When the guest resets itself start it again (default: it stops).")
	private boolean restart;

	/** Whether there is a machine on the command line at all. */
	boolean given() {
		return kernel != null;
	}

	/**
	 * The machine, on one of these backends.
	 *
	 * @throws IllegalArgumentException on a value that cannot be understood, with a message for the user
	 */
	MachineSpec spec(Map<String, HostVerdict> cpus) {
		String backend = BackendChoice.of(cpu, cpus, BackendChoice.FOR_ANY_GUEST);
		List<Disk> drives = new ArrayList<>();
		for (String disk : disks)
			drives.add(disk(disk, "disk" + drives.size()));
		Protocol how = flat ? Protocol.FLAT : protocol;
		return new MachineSpec(name, Map.of(), new MachineSpec.Cpu(backend, cpuModel, vcpus), memory,
				new MachineSpec.Boot(how, absolute(kernel), initrd == null ? "" : absolute(initrd), append,
						how == Protocol.FLAT ? FLAT_ADDRESS : 0),
				drives, board(backend, drives), new MachineSpec.Hypercalls(!noHypercall, Abi.PORT), Map.of(),
				restart ? OnReset.RESTART : OnReset.STOP, false);
	}

	private List<Device> board(String backend, List<Disk> drives) {
		List<Device> given = new ArrayList<>();
		for (String device : devices)
			given.add(device(device, given));
		if (bare)
			return given;
		List<Device> usual = new ArrayList<>(BackendChoice.devices(backend));
		usual.addAll(USUAL);
		usual.removeIf(device -> given.stream().anyMatch(d -> d.kind().equals(device.kind())));
		List<Device> board = new ArrayList<>(usual);
		Set<Object> used = new HashSet<>();
		for (Device device : given)
			used.add(device.settings().get("drive"));
		for (Disk drive : drives)
			if (!used.contains(drive.name()))
				board.add(new Device("pvblock", "block-" + drive.name(), Map.of("drive", drive.name())));
		board.addAll(given);
		return board;
	}

	static Disk disk(String text, String defaultName) {
		List<String> parts = split(text);
		String name = defaultName, format = "raw";
		boolean readOnly = false;
		for (String part : parts.subList(1, parts.size())) {
			if (part.equals("readonly"))
				readOnly = true;
			else if (part.startsWith("format="))
				format = part.substring("format=".length());
			else if (part.startsWith("name="))
				name = part.substring("name=".length());
			else
				throw new IllegalArgumentException(
						"\"%s\" in --disk %s is none of format=, name=, readonly".formatted(part, text));
		}
		String file = parts.get(0);
		if (file.isEmpty())
			throw new IllegalArgumentException("--disk %s names no file".formatted(text));
		// nbd://host/name is for a transport and not a path of this host
		return new Disk(name, file.matches("[a-z][a-z0-9+.-]+:.*") ? file : absolute(Path.of(file)), format, readOnly);
	}

	private static Device device(String text, List<Device> before) {
		List<String> parts = split(text);
		String kind = parts.get(0);
		if (kind.isEmpty())
			throw new IllegalArgumentException("--device %s names no kind".formatted(text));
		Map<String, Object> settings = new LinkedHashMap<>();
		for (String part : parts.subList(1, parts.size())) {
			int equals = part.indexOf('=');
			if (equals < 1)
				throw new IllegalArgumentException(
						"\"%s\" in --device %s is not of the form KEY=VALUE".formatted(part, text));
			settings.put(part.substring(0, equals), value(part.substring(equals + 1)));
		}
		Object name = settings.remove("name");
		long sameKind = before.stream().filter(d -> d.kind().equals(kind)).count();
		return new Device(kind, name == null ? kind + (sameKind == 0 ? "" : sameKind) : name.toString(), settings);
	}

	/** As JSON would have it where it looks like JSON, and text otherwise. */
	private static Object value(String text) {
		if (text.equals("true") || text.equals("false"))
			return Boolean.valueOf(text);
		return text.matches("-?[0-9]{1,18}") ? (Object) Long.valueOf(text) : text;
	}

	/** Splits at single commas; two stand for one. */
	private static List<String> split(String text) {
		List<String> parts = new ArrayList<>();
		StringBuilder part = new StringBuilder();
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c != ',') {
				part.append(c);
			} else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
				part.append(c);
				i++;
			} else {
				parts.add(part.toString());
				part.setLength(0);
			}
		}
		parts.add(part.toString());
		return parts;
	}

	private static String absolute(Path path) {
		return path.toAbsolutePath().normalize().toString();
	}

	/** {@code 512M} and the like. */
	static final class SizeConverter implements ITypeConverter<Long> {
		@Override
		public Long convert(String text) {
			if (!text.matches("[0-9]{1,15}[KMGkmg]?"))
				throw new TypeConversionException("'%s' is not a size such as 512M".formatted(text));
			char unit = Character.toUpperCase(text.charAt(text.length() - 1));
			int shift = switch (unit) {
				case 'K' -> 10;
				case 'M' -> 20;
				case 'G' -> 30;
				default -> 0;
			};
			return Math.multiplyExact(Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1)),
					1L << shift);
		}
	}

	/** In lower case, as in JSON. */
	static final class ProtocolConverter implements ITypeConverter<Protocol> {
		@Override
		public Protocol convert(String text) {
			for (Protocol protocol : Protocol.values())
				if (protocol.name().toLowerCase(Locale.ROOT).equals(text))
					return protocol;
			throw new TypeConversionException("'%s' is none of auto, linux, pvh, flat".formatted(text));
		}
	}
}
