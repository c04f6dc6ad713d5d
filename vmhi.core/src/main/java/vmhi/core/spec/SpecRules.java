package vmhi.core.spec;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.osgi.framework.VersionRange;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Boot;
import vmhi.api.machine.MachineSpec.Cpu;
import vmhi.api.machine.MachineSpec.Device;
import vmhi.api.machine.MachineSpec.Disk;
import vmhi.api.machine.MachineSpec.Protocol;

/**
 * What the values of a specification may be, as far as that can be known without a plug-in. It holds for those from
 * JSON as for those that a management bundle has made itself, which can have nulls, or values that JSON has no word
 * for.
 */
final class SpecRules {

	static final Place ROOT = Place.root("specification");
	static final int DEVICE_NAME_LENGTH = 32;

	private static final Pattern MACHINE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
	private static final String MACHINE_NAME_RULE = "1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit";
	private static final Pattern DEVICE_NAME = Pattern.compile("[a-z0-9-]{1," + DEVICE_NAME_LENGTH + "}");
	private static final String DEVICE_NAME_RULE = "1 to 32 of a-z 0-9 -";
	private static final Pattern WORD = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
	private static final String WORD_RULE = "1 to 64 of a-z 0-9 . _ -, the first a letter or digit";
	private static final Pattern PLUGIN = Pattern
			.compile("(cpu|device|disk|hypercall):[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
	private static final List<String> MODELS = List.of("host", "x86-64", "x86-64-v2", "x86-64-v3");

	private static final int MOST_VCPUS = 1024;
	private static final long LEAST_MEMORY = 1L << 20;
	private static final long MOST_MEMORY = 16L << 40;
	private static final long PAGE = 4096;
	private static final long MOST_ADDRESS = (1L << 52) - 1; // physical addresses have 52 bits at most
	private static final int MOST_COMMAND_LINE = 2047;
	private static final int MOST_PATH = 4096;
	private static final int MOST_DISKS = 256;
	private static final int MOST_DEVICES = 256;
	private static final int SETTINGS_DEPTH = JsonSpecs.DEPTH - 3; // inside the specification, the list, the device

	private SpecRules() {}

	static void check(MachineSpec spec) throws MachineException {
		matches(ROOT.field("name"), spec.name(), MACHINE_NAME, MACHINE_NAME_RULE);
		texts(ROOT.field("labels"), spec.labels());
		cpu(ROOT.field("cpu"), present(ROOT.field("cpu"), spec.cpu()));
		memory(ROOT.field("memory"), spec.memory());
		boot(ROOT.field("boot"), present(ROOT.field("boot"), spec.boot()), spec.memory());
		disks(ROOT.field("disks"), spec.disks());
		devices(ROOT.field("devices"), spec.devices());
		present(ROOT.field("hypercalls"), spec.hypercalls());
		within(ROOT.field("hypercalls").field("port"), spec.hypercalls().port(), 0, 0xff);
		plugins(ROOT.field("plugins"), spec.plugins());
		present(ROOT.field("onReset"), spec.onReset());
		int length = Json.write(JsonSpecs.tree(spec)).length();
		if (length > JsonSpecs.MOST_CHARS)
			throw Fields.refuse(ROOT, "%d characters as JSON, not %d or less".formatted(length, JsonSpecs.MOST_CHARS));
	}

	private static void cpu(Place place, Cpu cpu) throws MachineException {
		matches(place.field("backend"), cpu.backend(), WORD, WORD_RULE);
		if (!MODELS.contains(present(place.field("model"), cpu.model())))
			throw Fields.refuse(place.field("model"), "%s, not one of %s%s".formatted(Json.describe(cpu.model()),
					String.join(", ", MODELS), Hint.nearest(cpu.model(), MODELS)));
		within(place.field("count"), cpu.count(), 1, MOST_VCPUS);
	}

	private static void memory(Place place, long memory) throws MachineException {
		within(place, memory, LEAST_MEMORY, MOST_MEMORY);
		if (memory % PAGE != 0)
			throw Fields.refuse(place, "%d is not a multiple of %d".formatted(memory, PAGE));
	}

	private static void boot(Place place, Boot boot, long memory) throws MachineException {
		present(place.field("protocol"), boot.protocol());
		path(place.field("kernel"), boot.kernel());
		if (!present(place.field("initrd"), boot.initrd()).isEmpty())
			path(place.field("initrd"), boot.initrd());
		Place commandLine = place.field("commandLine");
		String line = text(commandLine, boot.commandLine());
		if (line.indexOf('\0') >= 0)
			throw Fields.refuse(commandLine, "there is a NUL in it");
		int length = line.getBytes(StandardCharsets.UTF_8).length;
		if (length > MOST_COMMAND_LINE)
			throw Fields.refuse(commandLine, "%d bytes, not %d or less".formatted(length, MOST_COMMAND_LINE));
		within(place.field("address"), boot.address(), 0, MOST_ADDRESS);
		if (boot.protocol() == Protocol.FLAT && boot.address() >= memory)
			throw Fields.refuse(place.field("address"), "%#x is beyond the memory, which ends at %#x"
					.formatted(boot.address(), memory));
	}

	private static void disks(Place place, List<Disk> disks) throws MachineException {
		if (disks.size() > MOST_DISKS)
			throw Fields.refuse(place, "%d disks, not %d or less".formatted(disks.size(), MOST_DISKS));
		Map<String, Place> names = new HashMap<>();
		for (int i = 0; i < disks.size(); i++) {
			Disk disk = disks.get(i);
			matches(place.item(i).field("name"), disk.name(), MACHINE_NAME, MACHINE_NAME_RULE);
			unique(place.item(i), disk.name(), names);
			path(place.item(i).field("path"), disk.path());
			matches(place.item(i).field("format"), disk.format(), WORD, WORD_RULE);
		}
	}

	private static void devices(Place place, List<Device> devices) throws MachineException {
		if (devices.size() > MOST_DEVICES)
			throw Fields.refuse(place, "%d devices, not %d or less".formatted(devices.size(), MOST_DEVICES));
		Map<String, Place> names = new HashMap<>();
		for (int i = 0; i < devices.size(); i++) {
			Device device = devices.get(i);
			matches(place.item(i).field("kind"), device.kind(), WORD, WORD_RULE);
			matches(place.item(i).field("name"), device.name(), DEVICE_NAME, DEVICE_NAME_RULE);
			unique(place.item(i), device.name(), names);
			for (String key : List.of("kind", "name"))
				if (device.settings().containsKey(key))
					throw Fields.refuse(place.item(i).field(key), "cannot be a setting");
			for (Map.Entry<String, Object> setting : device.settings().entrySet())
				setting(place.item(i).field(text(place.item(i), setting.getKey())), setting.getValue(), SETTINGS_DEPTH);
		}
	}

	private static void setting(Place place, Object value, int left) throws MachineException {
		if (value instanceof List<?> list) {
			for (int i = 0; i < nested(place, list, left).size(); i++)
				setting(place.item(i), list.get(i), left - 1);
		} else if (value instanceof Map<?, ?> map) {
			for (Map.Entry<?, ?> field : nested(place, map, left).entrySet())
				setting(place.field(text(place, field.getKey())), field.getValue(), left - 1);
		} else if (value instanceof String) {
			text(place, value);
		} else if (value instanceof Double number) {
			if (number.isNaN() || number.isInfinite())
				throw Fields.refuse(place, number + ", which JSON has no word for");
		} else if (!(value instanceof Long || value instanceof Boolean)) {
			throw Fields.refuse(place, value == null ? "null, not a value"
					: value.getClass().getSimpleName() + ", not one of String, Long, Double, Boolean, List, Map");
		}
	}

	private static <T> T nested(Place place, T container, int left) throws MachineException {
		if (left == 0)
			throw Fields.refuse(place, "more than %d objects and lists inside each other".formatted(JsonSpecs.DEPTH));
		return container;
	}

	private static void plugins(Place place, Map<String, String> plugins) throws MachineException {
		for (Map.Entry<String, String> plugin : plugins.entrySet()) {
			Place at = place.field(text(place, plugin.getKey()));
			if (!PLUGIN.matcher(plugin.getKey()).matches())
				throw Fields.refuse(at, "not one of cpu:KIND, device:KIND, disk:FORMAT, hypercall:RANGE");
			if (!isVersions(text(at, plugin.getValue())))
				throw Fields.refuse(at, "%s, not a version such as 1.2.0 or a range such as [1.2,2)"
						.formatted(Json.describe(plugin.getValue())));
		}
	}

	private static boolean isVersions(String text) {
		try {
			return !text.isBlank() && !VersionRange.valueOf(text).isEmpty();
		} catch (IllegalArgumentException e) {
			return false;
		}
	}

	private static void unique(Place item, String name, Map<String, Place> names) throws MachineException {
		Place other = names.putIfAbsent(name, item);
		if (other != null)
			throw Fields.refuse(item.field("name"), "%s is the name of %s already".formatted(name, other));
	}

	private static void texts(Place place, Map<String, String> texts) throws MachineException {
		for (Map.Entry<String, String> entry : texts.entrySet())
			text(place.field(text(place, entry.getKey())), entry.getValue());
	}

	private static void path(Place place, String path) throws MachineException {
		text(place, path);
		if (path.isEmpty() || path.length() > MOST_PATH)
			throw Fields.refuse(place, "%d characters, not 1..%d".formatted(path.length(), MOST_PATH));
		if (path.chars().anyMatch(Character::isISOControl))
			throw Fields.refuse(place, "there is a control character in it");
	}

	private static String matches(Place place, String text, Pattern pattern, String rule) throws MachineException {
		if (!pattern.matcher(text(place, text)).matches())
			throw Fields.refuse(place, "%s, not %s".formatted(Json.describe(text), rule));
		return text;
	}

	private static String text(Place place, Object value) throws MachineException {
		if (!(present(place, value) instanceof String text))
			throw Fields.refuse(place, value.getClass().getSimpleName() + ", not a text");
		if (!Json.isWellFormed(text))
			throw Fields.refuse(place, "half of a surrogate pair, which is no character");
		return text;
	}

	private static <T> T present(Place place, T value) throws MachineException {
		if (value == null)
			throw Fields.refuse(place, "missing");
		return value;
	}

	private static void within(Place place, long value, long least, long most) throws MachineException {
		if (value < least || value > most)
			throw Fields.refuse(place, "%d, not %d..%d".formatted(value, least, most));
	}
}
