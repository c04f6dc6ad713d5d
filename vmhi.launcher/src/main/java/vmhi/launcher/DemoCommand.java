package vmhi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.osgi.framework.Version;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.hypercall.Abi;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Device;
import vmhi.api.machine.MachineSpec.Disk;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Plugins.Plugin;

/**
 * {@code vmhi demo}: a guest that counts and checks what it gets while the hypervisor is replaced under it, part by
 * part, and a judge of what it says in the end.
 */
@Command(name = "demo", customSynopsis = "vmhi demo [OPTION]...", mixinStandardHelpOptions = true, sortOptions = false,
		usageHelpAutoWidth = true,
		description = {
				"Run a guest that reads a disk and makes hypercalls while the bundles that serve it are updated.",
				"Ends with 0 if the guest noticed nothing but pauses." },
		footer = { "", "Examples:",
				"  vmhi demo",
				"  vmhi demo --disk FILE --seconds 30      reads a raw image of yours" })
final class DemoCommand implements Callable<Integer> {
	private static final String INTRODUCTION = """
			A guest reads a disk and makes hypercalls without a break, and checks every answer. Meanwhile the
			host replaces the bundles that serve it, one after the other, by copies with the next version
			number (of the same classes: there is no newer release at hand). Watch the guest's numbers go on.
			""";
	private static final String ACCOUNT = """
			%d updates of the running hypervisor.
			%,d hypercalls, of which %d had to be made again, and none was lost.
			%,d reads of 64 KiB from the disk, and not one wrong byte.
			""";

	private static final String GUEST = "/guests/demo.bin";
	private static final int IMAGE_BYTES = 16 << 20;
	private static final long MEMORY = 64 << 20;
	private static final long FLAT_ADDRESS = 0x100000;

	/** Between two lines of the guest, and so between two updates. */
	private static final int LINE_MILLIS = 500;

	/** How long the guest may be silent, beyond what it was asked to run. */
	private static final long PATIENCE_MILLIS = 30_000;

	@Option(names = "--disk", paramLabel = "FILE",
			description = "A raw disk image for the guest to read (default: one with random bytes).")
	private Path disk;

	@Option(names = "--seconds", paramLabel = "N", defaultValue = "10",
			description = "How long the guest runs (default: ${DEFAULT-VALUE}).")
	private int seconds;

	@Option(names = "--cpu", paramLabel = "BACKEND", defaultValue = "auto",
			description = "CPU backend (default: the fittest for a small guest).")
	private String cpu;

	@Mixin
	private Options options;

	private final PrintStream out = System.out;
	private final DemoGuest guest = new DemoGuest();
	private final List<String> complaints = new ArrayList<>();
	private int updates;

	@Override
	public Integer call() throws Problem, MachineException, InterruptedException, IOException {
		options.logFrom("warn");
		Dist dist = Dist.find();
		Platform.Plan plan = new Platform.Plan("demo", options.composition("demo"), dist, Home.temporary(),
				Home.cache(options.home()), options.pluginFolders(dist), 0, false, options.debug());
		try (Host host = Host.start(plan, () -> {})) {
			host.platform().remarks().forEach(remark -> System.err.println("vmhi: " + remark));
			Hypervisor hypervisor = host.local();
			if (!canRun(hypervisor.cpus()))
				return 1;
			out.println(INTRODUCTION);
			Path image = disk == null ? makeImage(host.home().path()) : disk.toAbsolutePath();
			String backend = BackendChoice.of(cpu, hypervisor.cpus(), BackendChoice.FOR_SMALL_GUESTS);
			run(hypervisor, spec(backend, image, host.home().path()), image, jars(options.pluginFolders(dist), dist));
		}
		return verdict();
	}

	private boolean canRun(Map<String, HostVerdict> cpus) {
		if (cpus.values().stream().anyMatch(verdict -> verdict.fitness() != Fitness.UNAVAILABLE))
			return true;
		System.err.println("vmhi: no machine can run on this host; vmhi doctor says more");
		cpus.forEach(
				(kind, verdict) -> System.err.println("vmhi: CPU backend %s: %s".formatted(kind, verdict.summary())));
		return false;
	}

	private void run(Hypervisor hypervisor, MachineSpec spec, Path image, Map<String, Path> jars)
			throws Problem, MachineException, InterruptedException, IOException {
		Machine machine = hypervisor.machines().define(spec);
		try (MachineEnd end = new MachineEnd(hypervisor.events(), machine);
				LineStream lines = new LineStream(this::guestSays)) {
			long start = System.nanoTime();
			machine.start().join(MachineEnd.JOB_MILLIS);
			MachineSnapshot running = machine.snapshot();
			hostSays("the guest runs on CPU backend %s, with the disk %s", running.backend(), image);
			ConsoleSession session = new ConsoleSession(machine.console(running.consoles().get(0)), lines, () -> {});
			compareSum(image);
			long until = start + TimeUnit.SECONDS.toNanos(seconds) - TimeUnit.MILLISECONDS.toNanos(3 * LINE_MILLIS);
			updateInTurn(hypervisor, parts(hypervisor, running), jars, until);
			MachineSnapshot last = end.await(TimeUnit.SECONDS.toMillis(seconds) + PATIENCE_MILLIS);
			boolean byItself = last.state() == MachineState.STOPPED || last.state() == MachineState.FAILED;
			if (!byItself) {
				complaints.add("the guest did not end by itself");
				machine.stop().join(MachineEnd.JOB_MILLIS);
			}
			session.finish();
			if (byItself && (last.state() == MachineState.FAILED || last.status() != 0))
				complaints.add(
						"the machine ended %s with status %d %s".formatted(last.state(), last.status(), last.reason()));
			if (byItself)
				hostSays("the guest ended by itself after %.1f s", (System.nanoTime() - start) / 1e9);
		}
	}

	private int verdict() {
		complaints.addAll(guest.complaints());
		out.println();
		if (complaints.isEmpty()) {
			out.printf(Locale.ROOT, ACCOUNT, updates, guest.number("calls"), guest.number("retried"),
					guest.number("chunks"));
			return 0;
		}
		complaints.forEach(complaint -> System.err.println("vmhi: " + complaint));
		System.err.println("vmhi: the demo found something wrong; report it with what is above");
		return 1;
	}

	/** Compares what the guest computed over the beginning of the disk with what this program finds in the file. */
	private void compareSum(Path image) throws IOException, InterruptedException {
		DemoGuest.Sum sum = guest.awaitSum(PATIENCE_MILLIS);
		if (sum == null) {
			complaints.add("the guest did not get to read the disk");
			return;
		}
		String own = sha256(image, sum.bytes());
		boolean equal = own.equals(sum.sha256());
		hostSays("SHA-256 of the first %d bytes of the file as this program reads it: %s", sum.bytes(),
				equal ? "equal" : own);
		if (disk != null)
			hostSays("the same by another program: head -c %d %s | sha256sum", sum.bytes(), disk);
		if (!equal)
			complaints.add("the guest read other bytes than there are in " + image);
	}

	/** Updates one bundle after each sign of life from the guest. */
	private void updateInTurn(Hypervisor hypervisor, List<String> parts, Map<String, Path> jars, long until)
			throws InterruptedException {
		for (int i = 0; System.nanoTime() - until < 0 && complaints.isEmpty(); i++) {
			if (!guest.awaitProgress(PATIENCE_MILLIS))
				return;
			String part = parts.get(i % parts.size());
			Plugin plugin = hypervisor.plugins().list().stream().filter(p -> p.name().equals(part)).findFirst()
					.orElseThrow();
			Version old = Version.parseVersion(plugin.version());
			Version next = new Version(old.getMajor(), old.getMinor(), old.getMicro() + 1);
			try (InputStream jar = RenumberedJar.of(jars.get(part), next)) {
				long before = System.nanoTime();
				hypervisor.plugins().update(plugin.id(), jar);
				hostSays("%-20s %s -> %s in %d ms", part, old, next,
						TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
				updates++;
			} catch (MachineException | IOException e) {
				complaints.add("%s could not be updated: %s".formatted(part, Problem.line(e)));
			}
		}
	}

	/** The bundles that serve the machine, and those that manage it. */
	private static List<String> parts(Hypervisor hypervisor, MachineSnapshot running) {
		Set<String> parts = new LinkedHashSet<>();
		running.plugins().forEach(serving -> parts.add(serving.bundle()));
		for (Plugin plugin : hypervisor.plugins().list())
			if (plugin.provides().stream().anyMatch(p -> p.startsWith(Feature.MGMT.namespace() + "=")))
				parts.add(plugin.name());
		return List.copyOf(parts);
	}

	private static Map<String, Path> jars(List<Path> pluginFolders, Dist dist) throws Problem {
		Map<String, Path> jars = new HashMap<>();
		for (Jar jar : Repository.read(pluginFolders, dist.bundles()).jars())
			jars.putIfAbsent(jar.name(), jar.path());
		return jars;
	}

	private MachineSpec spec(String backend, Path image, Path home) throws Problem, IOException {
		Path kernel = home.resolve("demo.bin");
		try (InputStream in = getClass().getResourceAsStream(GUEST)) {
			if (in == null)
				throw new Problem("the demo's guest is not on the class path; build the distribution again");
			Files.copy(in, kernel);
		}
		List<Device> board = new ArrayList<>(BackendChoice.devices(backend));
		board.add(new Device("serial", "com1", Map.of()));
		board.add(new Device("exit", "exit", Map.of()));
		board.add(new Device("pvblock", "block", Map.of("drive", "disk")));
		return new MachineSpec("demo", Map.of(), new MachineSpec.Cpu(backend, "host", 1), MEMORY,
				new MachineSpec.Boot(MachineSpec.Protocol.FLAT, kernel.toString(), "",
						"seconds=%d ms=%d".formatted(seconds, LINE_MILLIS), FLAT_ADDRESS),
				List.of(new Disk("disk", image.toString(), "raw", true)), board,
				new MachineSpec.Hypercalls(true, Abi.PORT), Map.of(), MachineSpec.OnReset.STOP, false);
	}

	private static Path makeImage(Path home) throws IOException {
		Path image = home.resolve("demo.img");
		byte[] bytes = new byte[IMAGE_BYTES];
		new Random().nextBytes(bytes);
		return Files.write(image, bytes);
	}

	private static String sha256(Path file, long length) throws IOException {
		try {
			MessageDigest digest = MessageDigest.getInstance("SHA-256");
			try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
				int read = 1;
				for (long left = length; left > 0 && read > 0; left -= read)
					read = in.readNBytes((int) Math.min(left, 1 << 16)).length;
			}
			return HexFormat.of().formatHex(digest.digest());
		} catch (NoSuchAlgorithmException e) {
			throw new IllegalStateException(e); // every JDK has it
		}
	}

	private void guestSays(String line) {
		out.println("guest | " + line);
		guest.line(line);
	}

	private void hostSays(String format, Object... values) {
		out.println("host  | " + format.formatted(values));
	}
}
