package vmhi.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Programs that keep a processor busy, in a guest with Linux on our CPU in software and on QEMU's, in turns. The guest
 * takes the times, by its own clock; what the programs print has to be the same on both.
 */
final class GuestPrograms {
	private static final int MOST_ROUNDS = 5;
	private static final Pattern TIME = Pattern.compile("time: (\\S+) ([0-9.]+) ?(.*)");

	private GuestPrograms() {}

	static void run(Setup setup) throws Exception {
		LinuxImages images = LinuxImages.of("root", "root.cpio");
		int rounds = Math.min(setup.rounds(), MOST_ROUNDS);
		Emulator[] both = { Emulator.ours(setup, 1), Emulator.qemu(setup, 1) };
		List<Map<String, Sample>> times = List.of(new LinkedHashMap<>(), new LinkedHashMap<>());
		Map<String, String> said = new LinkedHashMap<>();
		List<String> wrong = new ArrayList<>();
		for (int round = 0; round < rounds; round++)
			for (int i = 0; i < both.length; i++)
				for (String line : both[i].run(images, images.initrd(),
						"console=ttyS0 quiet cryptomgr.notests run=programs").lines()) {
					Matcher time = TIME.matcher(line.strip());
					if (!time.matches())
						continue;
					times.get(i).computeIfAbsent(time.group(1), n -> new Sample())
							.add(Double.parseDouble(time.group(2)));
					String before = said.putIfAbsent(time.group(1), time.group(3));
					if (before != null && !before.equals(time.group(3)))
						wrong.add("%s: %s printed %s, and before it was %s".formatted(time.group(1), both[i],
								time.group(3), before));
				}
		System.out.printf("%nprograms in a guest, %d rounds; medians, s by the guest's clock%n", rounds);
		System.out.printf("%-12s %8s %8s %6s%n", "", "vmhi", "qemu", "ratio");
		times.get(0).forEach((name, ours) -> {
			double qemu = times.get(1).getOrDefault(name, ours).median();
			System.out.printf("%-12s %8.2f %8.2f %6.2f%n", name, ours.median(), qemu, ours.median() / qemu);
		});
		wrong.forEach(System.out::println);
	}
}
