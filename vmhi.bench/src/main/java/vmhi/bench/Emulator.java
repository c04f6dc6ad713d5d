package vmhi.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest with Linux on a CPU in software, ours or QEMU's TCG: the same kernel, RAM disk, command line, size of RAM and
 * number of vCPUs, with the console on a pipe.
 */
final class Emulator {
	private static final String QEMU = "qemu-system-x86_64";
	private static final int MEMORY_MIB = 1024;
	private static final long MOST_SECONDS = 1200;
	/** What guest/init begins with; the kernel has lines with "init:" in them, too. */
	private static final Pattern FIRST = Pattern.compile("\\binit: .* CPU");
	private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) [-rwxsp]{4} .*");

	/**
	 * One run.
	 *
	 * @param seconds until the guest's first process spoke
	 * @param cpuSeconds of the process until then
	 * @param ownMib most that was resident until then, without the guest's RAM
	 * @param lines what the guest wrote
	 */
	record Run(double seconds, double cpuSeconds, double ownMib, List<String> lines) {}

	private final boolean ours;
	private final List<String> command = new ArrayList<>();
	private final Path home;
	private final Path java;

	private Emulator(boolean ours, Setup setup) throws IOException {
		this.ours = ours;
		home = setup.folder("home");
		java = setup.javas().get(0);
	}

	static Emulator ours(Setup setup, int vcpus) throws IOException, Setup.MissingException {
		Emulator emulator = new Emulator(true, setup);
		emulator.command.addAll(List.of(setup.vmhi().toString(), "run", "--cpu", "soft", "--vcpus", "" + vcpus,
				"--memory", MEMORY_MIB + "M", "--kernel", "", "--initrd", "", "--append", ""));
		return emulator;
	}

	static Emulator qemu(Setup setup, int vcpus) throws IOException, InterruptedException, Setup.MissingException {
		try {
			new ProcessBuilder(QEMU, "--version").redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		} catch (IOException e) {
			throw new Setup.MissingException(
					"the peer is not there (apt-get install qemu-system-x86): " + e.getMessage());
		}
		Emulator emulator = new Emulator(false, setup);
		// no graphics and no network card, whose firmware would take its time
		emulator.command.addAll(List.of(QEMU, "-accel", "tcg", "-cpu", "Nehalem", "-nodefaults", "-no-user-config",
				"-display", "none", "-serial", "stdio", "-no-reboot", "-smp", "" + vcpus, "-m", MEMORY_MIB + "M",
				"-kernel", "", "-initrd", "", "-append", ""));
		return emulator;
	}

	/** Runs to the end, which the guest has to bring about. */
	Run run(LinuxImages images, Path initrd, String append) throws IOException, InterruptedException, TimeoutException {
		int last = command.size() - 1;
		command.set(last, append);
		command.set(last - 2, initrd.toString());
		command.set(last - 4, images.kernel().toString());
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().put("VMHI_HOME", home.toString());
		builder.environment().put("JAVA_HOME", java.toString());
		long began = System.nanoTime();
		Process process = builder.start();
		process.getOutputStream().close();
		Thread guard = guard(process);
		double seconds = 0, cpu = 0, own = 0;
		List<String> lines = new ArrayList<>();
		try (BufferedReader reader = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				lines.add(line);
				if (seconds == 0 && FIRST.matcher(line).find()) {
					seconds = (System.nanoTime() - began) / 1e9;
					cpu = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
					own = ownMib(process.pid());
				}
			}
		} finally {
			process.destroy();
			guard.interrupt();
		}
		if (seconds == 0 || lines.stream().noneMatch(line -> line.contains("init: done, status 0")))
			throw new TimeoutException("%s did not come to its end; it said:%n%s".formatted(this,
					String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()))));
		return new Run(seconds, cpu, own, lines);
	}

	private static Thread guard(Process process) {
		Thread guard = new Thread(() -> {
			try {
				if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS))
					process.destroyForcibly();
			} catch (InterruptedException e) {
				// it is over
			}
		}, "guard");
		guard.setDaemon(true);
		guard.start();
		return guard;
	}

	/** Resident memory at its peak, less what is resident of the one mapping that is as large as the guest's RAM. */
	private static double ownMib(long pid) throws IOException {
		long ram = 0, rss = 0, peak = 0;
		boolean isRam = false;
		for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
			Matcher mapping = MAPPING.matcher(line);
			if (mapping.matches()) {
				long size = Long.parseUnsignedLong(mapping.group(2), 16) - Long.parseUnsignedLong(mapping.group(1), 16);
				isRam = size >= (long) MEMORY_MIB << 20 && size < (MEMORY_MIB + 64L) << 20;
			} else if (line.startsWith("Rss:")) {
				long kib = Long.parseLong(line.replaceAll("[^0-9]", ""));
				rss += kib;
				if (isRam)
					ram = Math.max(ram, kib);
			}
		}
		for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status")))
			if (line.startsWith("VmHWM:"))
				peak = Long.parseLong(line.replaceAll("[^0-9]", ""));
		return (Math.max(peak, rss) - ram) / 1024.0;
	}

	@Override
	public String toString() {
		return ours ? "vmhi" : "qemu";
	}
}
