package vmhi.core.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Boot;
import vmhi.api.machine.MachineSpec.Cpu;
import vmhi.api.machine.MachineSpec.Device;
import vmhi.api.machine.MachineSpec.Disk;
import vmhi.api.machine.MachineSpec.Hypercalls;
import vmhi.api.machine.MachineSpec.OnReset;
import vmhi.api.machine.MachineSpec.Protocol;

/** Makes specifications of any kind that is allowed, with the odd ones more often than people would. */
public final class RandomSpecs {
	private static final String[] MODELS = { "host", "x86-64", "x86-64-v2", "x86-64-v3" };
	private static final String LETTERS = "abcxyz0189-";

	private final Random random;

	public RandomSpecs(Random random) {
		this.random = random;
	}

	public MachineSpec next() {
		return next(word(1, 32));
	}

	public MachineSpec next(String name) {
		long memory = (1L << 20) + 4096L * random.nextInt(1 << 30);
		List<Disk> disks = new ArrayList<>();
		for (int i = random.nextInt(4); i > 0; i--)
			disks.add(new Disk("d" + i + word(0, 20), path(), word(1, 8), random.nextBoolean()));
		List<Device> devices = new ArrayList<>();
		for (int i = random.nextInt(4); i > 0; i--)
			devices.add(new Device(word(1, 8), "n" + i + word(0, 20), settings(13)));
		Map<String, String> plugins = new LinkedHashMap<>();
		for (int i = random.nextInt(3); i > 0; i--)
			plugins.put("device:" + word(1, 8), random.nextBoolean() ? "[1.%d,2)".formatted(i) : "1.0." + i);
		return new MachineSpec(name, texts(), new Cpu(word(1, 8), MODELS[random.nextInt(4)], 1 + random.nextInt(1024)),
				memory, new Boot(Protocol.values()[random.nextInt(4)], path(), random.nextBoolean() ? "" : path(),
						text(200), random.nextInt(1 << 20)),
				disks, devices, new Hypercalls(random.nextBoolean(), random.nextInt(256)), plugins,
				OnReset.values()[random.nextInt(2)], random.nextBoolean());
	}

	private String word(int least, int most) {
		StringBuilder word = new StringBuilder();
		int length = least + random.nextInt(most - least + 1);
		while (word.length() < length)
			word.append(LETTERS.charAt(random.nextInt(LETTERS.length() - (word.isEmpty() ? 1 : 0))));
		return word.toString();
	}

	private String path() {
		return "/" + text(30).replaceAll("[\\p{Cntrl}\u0080-\u009f]", "");
	}

	private String text(int most) {
		StringBuilder text = new StringBuilder();
		for (int i = random.nextInt(most); i > 0; i--)
			switch (random.nextInt(8)) {
				case 0 -> text.append((char) (1 + random.nextInt(0x1f)));
				case 1 -> text.append("\"\\/'{}".charAt(random.nextInt(6)));
				case 2 -> text.append((char) (0x80 + random.nextInt(0x3000)));
				case 3 -> text.appendCodePoint(0x1f300 + random.nextInt(256));
				default -> text.append((char) (' ' + random.nextInt(95)));
			}
		return text.toString();
	}

	private Map<String, String> texts() {
		Map<String, String> texts = new LinkedHashMap<>();
		for (int i = random.nextInt(4); i > 0; i--)
			texts.put(text(10), text(30));
		return texts;
	}

	private Map<String, Object> settings(int depth) {
		Map<String, Object> settings = new LinkedHashMap<>();
		for (int i = random.nextInt(4); i > 0; i--)
			settings.put("s" + text(8), value(depth));
		return settings;
	}

	private Object value(int depth) {
		return switch (random.nextInt(depth > 0 ? 7 : 5)) {
			case 0 -> random.nextLong() >> random.nextInt(64);
			case 1 -> (double) random.nextLong();
			case 2 -> finite(Double.longBitsToDouble(random.nextLong()));
			case 3 -> random.nextBoolean();
			case 4 -> text(20);
			case 5 -> settings(depth - 1);
			default -> {
				List<Object> list = new ArrayList<>();
				for (int i = random.nextInt(4); i > 0; i--)
					list.add(value(depth - 1));
				yield list;
			}
		};
	}

	private static double finite(double value) {
		return Double.isFinite(value) ? value : -0.0;
	}
}
