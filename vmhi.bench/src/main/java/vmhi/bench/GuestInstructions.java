package vmhi.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Instructions a second that our CPU in software executes by its interpreter alone, and as translated code, beside
 * QEMU's TCG: loops of known length in a guest with Linux, {@code instructions.c}, each after it has got warm. What they
 * compute has to be the same on all three.
 */
final class GuestInstructions {
	private static final int MOST_ROUNDS = 3;
	private static final int WARM_SECONDS = 10, SECONDS = 4;
	private static final Pattern LINE = Pattern.compile("instructions: (\\S+) ([0-9]+) ([0-9]+) ([0-9a-f]+)");
	/** With this nothing is ever interpreted often enough to be translated. */
	private static final String NEVER_HOT = "-Dvmhi.softcpu.hot=2000000000";

	private GuestInstructions() {}

	static void run(Setup setup) throws Exception {
		LinuxImages images = LinuxImages.of("root", "root.cpio");
		int rounds = Math.min(setup.rounds(), MOST_ROUNDS);
		Emulator[] all = { Emulator.ours(interpreting(setup), 1), Emulator.ours(setup, 1), Emulator.qemu(setup, 1) };
		List<Map<String, Sample>> rates = new ArrayList<>();
		for (int i = 0; i < all.length; i++)
			rates.add(new LinkedHashMap<>());
		Map<String, String> results = new LinkedHashMap<>();
		List<String> wrong = new ArrayList<>();
		String append = "console=ttyS0 quiet cryptomgr.notests run=instructions+%d+%d".formatted(WARM_SECONDS, SECONDS);
		for (int round = 0; round < rounds; round++)
			for (int i = 0; i < all.length; i++)
				for (String line : all[i].run(images, images.initrd(), append).lines()) {
					Matcher loop = LINE.matcher(line.strip());
					if (!loop.matches())
						continue;
					rates.get(i).computeIfAbsent(loop.group(1), n -> new Sample())
							.add(Double.parseDouble(loop.group(2)) / Double.parseDouble(loop.group(3)) * 1e3);
					String before = results.putIfAbsent(loop.group(1), loop.group(4));
					if (before != null && !before.equals(loop.group(4)))
						wrong.add("%s: the result is %s on %s, and before it was %s".formatted(loop.group(1),
								loop.group(4), all[i], before));
				}
		print(rounds, rates);
		wrong.forEach(System.out::println);
	}

	private static void print(int rounds, List<Map<String, Sample>> rates) {
		System.out.printf("%nmillion instructions a second in a guest, %d rounds, medians%n", rounds);
		System.out.printf("%-12s %12s %12s %8s %20s%n", "", "interpreted", "translated", "qemu", "qemu by translated");
		rates.get(0).forEach((name, interpreted) -> {
			double translated = rates.get(1).get(name).median(), qemu = rates.get(2).get(name).median();
			System.out.printf("%-12s %12.0f %12.0f %8.0f %20.2f%n", name, interpreted.median(), translated, qemu,
					qemu / translated);
		});
	}

	/** The same distribution, by a command that turns translation off. */
	private static Setup interpreting(Setup setup) throws IOException, Setup.MissingException {
		Path folder = setup.folder("interpreting");
		Path script = Files.createFile(folder.resolve("vmhi"),
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		Files.writeString(script, """
				#!/bin/sh
				export VMHI_JAVA="$VMHI_JAVA %s"
				exec '%s' "$@"
				""".formatted(NEVER_HOT, setup.vmhi().toAbsolutePath()));
		return new Setup(setup.rounds(), folder, setup.javas(), setup.scratch());
	}
}
