package vmhi.core.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Boot;
import vmhi.api.machine.MachineSpec.Cpu;
import vmhi.api.machine.MachineSpec.Device;
import vmhi.api.machine.MachineSpec.Disk;
import vmhi.api.machine.MachineSpec.Hypercalls;
import vmhi.api.machine.MachineSpec.OnReset;
import vmhi.api.machine.MachineSpec.Protocol;
import vmhi.api.machine.Specs;

/**
 * Machine specifications as JSON; {@code docs/machine-spec.md} is the description. Here are names, types and defaults;
 * what values may be is {@link SpecRules}'s affair. For any thread.
 */
@Component(service = Specs.class)
public final class JsonSpecs implements Specs {

	static final int MOST_CHARS = 1 << 20;
	static final int DEPTH = 16;

	/** Reads and writes. */
	@Activate
	public JsonSpecs() {}

	@Override
	public MachineSpec read(String json) throws MachineException {
		if (json.length() > MOST_CHARS)
			throw Fields.refuse(SpecRules.ROOT,
					"%d characters, not %d or less".formatted(json.length(), MOST_CHARS));
		return fromTree(Json.read(json, SpecRules.ROOT.toString(), DEPTH));
	}

	@Override
	public String write(MachineSpec spec) {
		return Json.write(tree(spec));
	}

	/**
	 * Checks a specification that may not come from {@link #read}: all that can be known without asking a plug-in.
	 *
	 * @throws MachineException of kind {@code INVALID}; its message begins with the path of the field
	 */
	public static void check(MachineSpec spec) throws MachineException {
		SpecRules.check(spec);
	}

	/** A specification out of what {@link Json} has read. */
	public static MachineSpec fromTree(Object tree) throws MachineException {
		Fields top = new Fields(tree, SpecRules.ROOT);
		MachineSpec spec = new MachineSpec(top.text("name"), top.texts("labels"), cpu(top.section("cpu")),
				top.size("memory"), boot(top), disks(top.sections("disks")), devices(top.sections("devices")),
				hypercalls(top.section("hypercalls")), top.texts("plugins"),
				top.word("onReset", OnReset.class, OnReset.RESTART), top.flag("autostart", false));
		top.refuseOthers();
		SpecRules.check(spec);
		return spec;
	}

	private static Cpu cpu(Fields fields) throws MachineException {
		Cpu cpu = new Cpu(fields.text("backend", "auto"), fields.text("model", "host"), fields.small("count", 1));
		fields.refuseOthers();
		return cpu;
	}

	private static Boot boot(Fields top) throws MachineException {
		top.require("boot");
		Fields fields = top.section("boot");
		Boot boot = new Boot(fields.word("protocol", Protocol.class, Protocol.AUTO), fields.text("kernel"),
				fields.text("initrd", ""), fields.text("commandLine", ""), fields.number("address", 0x100000));
		fields.refuseOthers();
		return boot;
	}

	private static List<Disk> disks(List<Fields> items) throws MachineException {
		List<Disk> disks = new ArrayList<>();
		for (Fields fields : items) {
			disks.add(new Disk(fields.text("name"), fields.text("path"), fields.text("format"),
					fields.flag("readOnly", false)));
			fields.refuseOthers();
		}
		return disks;
	}

	private static List<Device> devices(List<Fields> items) throws MachineException {
		Set<String> taken = new HashSet<>();
		for (Fields fields : items)
			taken.add(fields.text("name", ""));
		List<Device> devices = new ArrayList<>();
		for (Fields fields : items) {
			String kind = fields.text("kind");
			String name = fields.has("name") ? fields.text("name") : freeName(kind, taken);
			devices.add(new Device(kind, name, fields.others()));
		}
		return devices;
	}

	/** The kind, or with the first number behind it that makes it another name, from 2 on. */
	private static String freeName(String kind, Set<String> taken) {
		String base = kind.replaceAll("[^a-z0-9-]", "-");
		String name = base.substring(0, Math.min(base.length(), SpecRules.DEVICE_NAME_LENGTH));
		for (int i = 2; !taken.add(name); i++) {
			String suffix = "-" + i;
			name = base.substring(0, Math.min(base.length(), SpecRules.DEVICE_NAME_LENGTH - suffix.length())) + suffix;
		}
		return name;
	}

	private static Hypercalls hypercalls(Fields fields) throws MachineException {
		Hypercalls hypercalls = new Hypercalls(fields.flag("enabled", true), fields.small("port", 0xe4));
		fields.refuseOthers();
		return hypercalls;
	}

	/** A specification as {@link Json} writes it. */
	public static Map<String, Object> tree(MachineSpec spec) {
		Map<String, Object> tree = new LinkedHashMap<>();
		tree.put("name", spec.name());
		tree.put("labels", spec.labels());
		tree.put("cpu", object("backend", spec.cpu().backend(), "model", spec.cpu().model(),
				"count", (long) spec.cpu().count()));
		tree.put("memory", Numbers.sized(spec.memory()));
		tree.put("boot", object("protocol", Fields.word(spec.boot().protocol()), "kernel", spec.boot().kernel(),
				"initrd", spec.boot().initrd(), "commandLine", spec.boot().commandLine(),
				"address", "0x%x".formatted(spec.boot().address())));
		tree.put("disks", spec.disks().stream().map(disk -> object("name", disk.name(), "path", disk.path(),
				"format", disk.format(), "readOnly", disk.readOnly())).toList());
		tree.put("devices", spec.devices().stream().map(JsonSpecs::tree).toList());
		tree.put("hypercalls", object("enabled", spec.hypercalls().enabled(),
				"port", "0x%x".formatted(spec.hypercalls().port())));
		tree.put("plugins", spec.plugins());
		tree.put("onReset", Fields.word(spec.onReset()));
		tree.put("autostart", spec.autostart());
		return tree;
	}

	private static Map<String, Object> tree(Device device) {
		Map<String, Object> tree = object("kind", device.kind(), "name", device.name());
		tree.putAll(device.settings());
		return tree;
	}

	private static Map<String, Object> object(Object... keysAndValues) {
		Map<String, Object> object = new LinkedHashMap<>();
		for (int i = 0; i < keysAndValues.length; i += 2)
			object.put((String) keysAndValues[i], keysAndValues[i + 1]);
		return object;
	}
}
