package vmhi.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;

import com.sun.management.OperatingSystemMXBean;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Plugins.Plugin;

/** {@code vmhi doctor}: what this host can do. */
@Command(name = "doctor", customSynopsis = "vmhi doctor [OPTION]...", mixinStandardHelpOptions = true,
		sortOptions = false, usageHelpAutoWidth = true,
		description = { "Print what this host can do, and what to do about what is missing.",
				"Ends with 0 if machines can run here and with 1 if they can't." })
final class DoctorCommand implements Callable<Integer> {
	/** A machine of the usual size and the platform. */
	private static final long LITTLE_MEMORY = 512L << 20;

	@Mixin
	private Options options;

	private final PrintStream out = System.out;

	@Override
	public Integer call() throws Problem {
		options.logFrom("error");
		say("vmhi", "%s in %s".formatted(Dist.version(), Dist.find().folder()));
		java();
		memory();
		home();
		Dist dist = Dist.find();
		Platform.Plan plan = new Platform.Plan("doctor", options.composition("doctor"), dist, Home.temporary(),
				Home.cache(options.home()), options.pluginFolders(dist), 0, false, options.debug());
		try (Host host = Host.start(plan, () -> {})) {
			Hypervisor hypervisor = host.local();
			boolean fit = cpus(hypervisor.cpus(), options.pluginFolders(dist).get(0));
			plugins(hypervisor.plugins().list(), host.platform().remarks());
			return fit ? 0 : 1;
		}
	}

	private void java() {
		say("JDK", "%s, %s, in %s".formatted(Runtime.version(), System.getProperty("java.vm.name"),
				System.getProperty("java.home")));
		say("system",
				"%s %s, %s, %d processors".formatted(System.getProperty("os.name"), System.getProperty("os.version"),
						System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors()));
	}

	private void memory() {
		OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
		long total = system.getTotalMemorySize();
		long available = Math.min(total, available(system.getFreeMemorySize()));
		say("memory", "%s of %s available".formatted(size(available), size(total)));
		if (available < LITTLE_MEMORY)
			advise("a machine has 256 MiB unless told otherwise; end something else, or use --memory");
	}

	/** What could be had: what is free, and what the system would give back. */
	private static long available(long free) {
		try {
			for (String line : Files.readAllLines(Path.of("/proc/meminfo")))
				if (line.startsWith("MemAvailable:"))
					return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
		} catch (IOException | NumberFormatException e) {
			// another system, or none of our business
		}
		return free;
	}

	private void home() {
		Path home = options.home();
		String holder = Home.holder(home);
		if (!Files.exists(home)) {
			Path parent = home.getParent();
			while (!Files.exists(parent))
				parent = parent.getParent();
			say("home", home + ", not there yet");
			if (!Files.isWritable(parent))
				advise("%s cannot be made, as you may not write into %s; name another with --home or VMHI_HOME"
						.formatted(home, parent));
			return;
		}
		say("home", home + (holder.isEmpty() ? "" : ", in use by process " + holder));
		if (!Files.isDirectory(home) || !Files.isWritable(home))
			advise("%s is not a directory that you may write; name another with --home or VMHI_HOME".formatted(home));
		else if (openToOthers(home))
			advise("others may look into %s, where the token for management is; chmod 700 %s".formatted(home, home));
	}

	private static boolean openToOthers(Path home) {
		try {
			Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(home, LinkOption.NOFOLLOW_LINKS);
			return permissions.contains(PosixFilePermission.OTHERS_READ)
					|| permissions.contains(PosixFilePermission.GROUP_READ);
		} catch (IOException | UnsupportedOperationException e) {
			return false;
		}
	}

	private boolean cpus(Map<String, HostVerdict> cpus, Path plugins) {
		boolean fit = false;
		for (Map.Entry<String, HostVerdict> cpu : new TreeMap<>(cpus).entrySet()) {
			HostVerdict verdict = cpu.getValue();
			say("CPU " + cpu.getKey(), "%s: %s".formatted(verdict.fitness().name().toLowerCase(), verdict.summary()));
			verdict.details().forEach(detail -> say("", detail));
			fit |= verdict.fitness() != Fitness.UNAVAILABLE;
		}
		if (cpus.isEmpty()) {
			say("CPU", "no backend");
			advise("put a bundle that provides %s into %s".formatted(Feature.CPU.namespace(), plugins));
		}
		say("verdict", fit
				? "machines can run here, on %s unless told otherwise"
						.formatted(BackendChoice.of("auto", cpus, BackendChoice.FOR_ANY_GUEST))
				: "no machine can run here");
		return fit;
	}

	private void plugins(List<Plugin> plugins, List<String> remarks) {
		String heading = "plug-ins";
		for (Plugin plugin : plugins) {
			if (plugin.provides().isEmpty())
				continue;
			say(heading, "%s %s (%s)".formatted(plugin.name(), plugin.version(), String.join(", ", plugin.provides())));
			heading = "";
		}
		remarks.forEach(this::advise);
	}

	private void say(String what, String text) {
		out.printf("%-10s %s%n", what, text);
	}

	private void advise(String text) {
		say("", "! " + text);
	}

	private static String size(long bytes) {
		return bytes >= 10L << 30 ? "%d GiB".formatted(bytes >> 30) : "%d MiB".formatted(bytes >> 20);
	}
}
