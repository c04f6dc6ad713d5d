package vmhi.bench;

import java.util.List;

/**
 * Debian's kernel from the start of the process to the first line of its first process, on our CPU in software and on
 * QEMU's, in turns: with the default command line, where it tests its own ciphers, without these tests, and with two
 * vCPUs.
 */
final class LinuxBoot {
	private static final int MOST_ROUNDS = 7;

	/** @param what for the table */
	private record Kind(String what, String append, int vcpus) {}

	private static final List<Kind> KINDS = List.of(new Kind("default", "", 1),
			new Kind("cryptomgr.notests", " cryptomgr.notests", 1),
			new Kind("cryptomgr.notests, 2 vCPUs", " cryptomgr.notests", 2));

	private LinuxBoot() {}

	static void run(Setup setup) throws Exception {
		LinuxImages images = LinuxImages.of("shell", "shell.cpio.gz");
		int rounds = Math.min(setup.rounds(), MOST_ROUNDS);
		System.out.printf("%nLinux to its first process, %d rounds after one to warm up; medians, s and MiB%n", rounds);
		System.out.printf("%-28s %8s %8s %6s   %8s %8s %6s   %9s %9s%n", "", "vmhi", "qemu", "ratio", "vmhi CPU",
				"qemu CPU", "ratio", "vmhi MiB", "qemu MiB");
		for (Kind kind : KINDS) {
			Emulator[] both = { Emulator.ours(setup, kind.vcpus), Emulator.qemu(setup, kind.vcpus) };
			Sample[] wall = samples(), cpu = samples(), own = samples();
			for (int round = -1; round < rounds; round++)
				for (int i = 0; i < both.length; i++) {
					Emulator.Run run = both[i].run(images, images.initrd(), "console=ttyS0 run=sleep+1" + kind.append);
					if (round < 0)
						continue;
					wall[i].add(run.seconds());
					cpu[i].add(run.cpuSeconds());
					own[i].add(run.ownMib());
				}
			System.out.printf("%-28s %8.2f %8.2f %6.2f   %8.2f %8.2f %6.2f   %9.0f %9.0f%n", kind.what,
					wall[0].median(), wall[1].median(), wall[0].median() / wall[1].median(), cpu[0].median(),
					cpu[1].median(), cpu[0].median() / cpu[1].median(), own[0].median(), own[1].median());
		}
	}

	private static Sample[] samples() {
		return new Sample[] { new Sample(), new Sample() };
	}
}
