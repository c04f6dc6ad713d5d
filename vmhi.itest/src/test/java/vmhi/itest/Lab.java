package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Console;
import vmhi.api.machine.Event;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Plugins;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.guest.Guests;

/**
 * A platform under test, from inside its framework: machines that run our guests, and plug-ins to exchange.
 * <p>
 * Where {@code /dev/kvm} can run guests they run on it, and elsewhere on the CPU in software; the system property
 * {@code vmhi.cpu} names one of the two instead.
 */
final class Lab {
	static final long SECONDS_30 = 30_000;
	static final String KVM = "kvm", SOFT = "soft";
	static final String IRQCHIP = "irqchip";
	private static final String CONSOLE = "com1";
	private static final String CONTRACTS = Stream.of("vdisk", "device", "cpu", "hypercall", "memory")
			.map(name -> "vmhi.api." + name + ";version=\"[1.0,2)\"").collect(Collectors.joining(","));

	private final Hypervisor hypervisor;
	private final Path folder;
	private final String backend;

	/** The platform of the framework that this class is in. */
	Lab() {
		BundleContext context = FrameworkUtil.getBundle(Lab.class).getBundleContext();
		hypervisor = await("the core's service", () -> {
			ServiceReference<Access> reference = context.getServiceReference(Access.class);
			Access access = reference == null ? null : context.getService(reference);
			return access == null ? null : access.open(new Principal("test", "itest", Set.of(Role.ADMIN)));
		});
		folder = Path.of(context.getProperty("vmhi.home"), "lab");
		Map<String, HostVerdict> cpus = await("CPU backends",
				() -> hypervisor.cpus().size() < 2 ? null : hypervisor.cpus());
		backend = System.getProperty("vmhi.cpu",
				cpus.get(KVM).fitness() == HostVerdict.Fitness.UNAVAILABLE ? SOFT : KVM);
	}

	/** Skips the test where guests cannot run on KVM. */
	void needsKvm() {
		HostVerdict kvm = hypervisor.cpus().get(KVM);
		boolean fit = kvm.fitness() != HostVerdict.Fitness.UNAVAILABLE;
		if (!fit)
			System.out.println("SKIPPED, no guest can run on KVM here: " + kvm.summary());
		assumeTrue(fit, kvm.summary());
	}

	/** The bundle of the backend on which guests run, unless a test says otherwise. */
	String backendBundle() {
		return backend.equals(KVM) ? "vmhi.kvm" : "vmhi.softcpu";
	}

	Hypervisor hypervisor() {
		return hypervisor;
	}

	/** Something that comes to be, or a failure that says what did not. */
	interface Probe<T> {
		T look() throws Exception;
	}

	/** Waits for something to be there. */
	static <T> T await(String what, Probe<T> probe) {
		long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SECONDS_30);
		Exception last = null;
		while (System.nanoTime() - deadline < 0) {
			try {
				T found = probe.look();
				if (found != null)
					return found;
				TimeUnit.MILLISECONDS.sleep(2);
			} catch (Exception e) {
				last = e;
			}
		}
		return fail("no " + what + " within 30 s", last);
	}

	// --- machines

	/** Begins the description of a machine that runs one of our guests. */
	Guest guest(String name, String arguments) throws IOException {
		Files.createDirectories(folder);
		Path image = folder.resolve(name + ".bin");
		Files.write(image, Guests.image(name));
		return new Guest(name, image, arguments);
	}

	/** A disk image with content that can be told from any other. */
	Path image(String name, int size) throws IOException {
		Files.createDirectories(folder);
		byte[] content = new byte[size];
		new Random(name.hashCode()).nextBytes(content);
		return Files.write(folder.resolve(name), content);
	}

	/** A machine to be. */
	final class Guest {
		private final String kernel;
		private final Path image;
		private final String arguments;
		private final List<MachineSpec.Disk> disks = new ArrayList<>();
		private final List<MachineSpec.Device> devices = new ArrayList<>();
		private final Map<String, String> plugins = new LinkedHashMap<>();
		private String cpu = backend;
		private String model = "host";
		private int vcpus = 1;

		private Guest(String kernel, Path image, String arguments) {
			this.kernel = kernel;
			this.image = image;
			this.arguments = arguments;
			devices.add(new MachineSpec.Device("serial", CONSOLE, Map.of()));
			devices.add(new MachineSpec.Device("exit", "exit", Map.of()));
		}

		Guest disk(Path path, String format, boolean readOnly) {
			disks.add(new MachineSpec.Disk("disk", path.toString(), format, readOnly));
			devices.add(new MachineSpec.Device("pvblock", "disk", Map.of()));
			return this;
		}

		Guest device(String kind, Map<String, Object> settings) {
			devices.add(new MachineSpec.Device(kind, kind, settings));
			return this;
		}

		/** On a backend of this kind, with a CPU of this model. */
		Guest on(String kind, String cpuModel) {
			cpu = kind;
			model = cpuModel;
			return this;
		}

		Guest vcpus(int count) {
			vcpus = count;
			return this;
		}

		Guest boundTo(String plugin, String version) {
			plugins.put(plugin, version);
			return this;
		}

		MachineSpec spec(String name) {
			List<MachineSpec.Device> board = new ArrayList<>(devices);
			if (!cpu.equals(KVM) && board.stream().noneMatch(device -> device.kind().equals(IRQCHIP)))
				board.add(new MachineSpec.Device(IRQCHIP, IRQCHIP, Map.of()));
			return new MachineSpec(name, Map.of(), new MachineSpec.Cpu(cpu, model, vcpus), 64L << 20,
					new MachineSpec.Boot(MachineSpec.Protocol.FLAT, image.toString(), "", arguments, 0x100000), disks,
					board, new MachineSpec.Hypercalls(true, 0xe4), plugins, MachineSpec.OnReset.STOP, false);
		}

		Running start() throws MachineException, InterruptedException {
			return start(kernel);
		}

		Running start(String name) throws MachineException, InterruptedException {
			Machine machine = hypervisor.machines().define(spec(name));
			try {
				machine.start().join(SECONDS_30);
			} catch (MachineException e) {
				hypervisor.machines().delete(name);
				throw e;
			}
			return new Running(machine);
		}
	}

	/** A machine with power. Closing it cuts the power and forgets the machine. */
	final class Running implements AutoCloseable {
		private final Machine machine;
		private final long begun;

		private Running(Machine machine) {
			this.machine = machine;
			begun = hypervisor.events().first();
		}

		Machine machine() {
			return machine;
		}

		MachineState state() {
			return machine.snapshot().state();
		}

		/** All that the guest has printed and that is kept. */
		String output() throws MachineException {
			Console console = machine.console(CONSOLE);
			ByteBuffer bytes = ByteBuffer.allocate(console.capacity());
			console.read(0, bytes);
			return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
		}

		/** Waits until the guest has printed something that matches, and gives the last match. */
		Matcher awaitOutput(String regex) {
			Pattern pattern = Pattern.compile(regex);
			return await("output like " + regex, () -> {
				Matcher last = null;
				for (Matcher m = pattern.matcher(output()); m.find();) {
					last = pattern.matcher(m.group());
					last.find();
				}
				assertTrue(last != null || state() == MachineState.RUNNING || state() == MachineState.PAUSED,
						() -> machine.snapshot().state() + " " + machine.snapshot().reason());
				return last;
			});
		}

		/** Waits until the guest has printed more than before. */
		void awaitProgress() {
			long before;
			try {
				before = machine.console(CONSOLE).position();
			} catch (MachineException e) {
				throw new AssertionError(e);
			}
			await("progress of the guest", () -> machine.console(CONSOLE).position() > before + 1 ? true : null);
		}

		void type(String text) throws MachineException {
			machine.console(CONSOLE).type(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
		}

		/** Waits for an orderly end and gives the last line that matches. */
		Matcher awaitEnd(String regex) throws MachineException {
			MachineSnapshot end = awaitState(MachineState.STOPPED);
			assertEquals(0, end.status(), () -> end.reason() + "\n" + tail());
			return awaitOutput(regex);
		}

		String tail() {
			try {
				String output = output();
				return output.substring(Math.max(0, output.length() - 1000));
			} catch (MachineException e) {
				return e.getMessage();
			}
		}

		MachineSnapshot awaitState(MachineState state) {
			return await(state + " of " + machine.snapshot().name(), () -> {
				MachineSnapshot now = machine.snapshot();
				assertTrue(now.state() != MachineState.FAILED || state == MachineState.FAILED, now::reason);
				return now.state() == state ? now : null;
			});
		}

		/** Events of this machine of a type, since it was started. */
		List<Event> events(String type) {
			return hypervisor.events().since(begun - 1, 100_000).stream()
					.filter(e -> e.machine().equals(machine.snapshot().id()) && e.type().equals(type)).toList();
		}

		@Override
		public void close() throws MachineException {
			if (state() == MachineState.RUNNING || state() == MachineState.PAUSED) {
				machine.stop();
				await("end of " + machine.snapshot().name(),
						() -> state() == MachineState.STOPPED || state() == MachineState.FAILED ? true : null);
			}
			hypervisor.machines().delete(machine.snapshot().id());
		}
	}

	// --- plug-ins

	Plugins.Plugin plugin(String name) {
		return hypervisor.plugins().list().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
	}

	/** A jar of the distribution, with another version. */
	static byte[] renumbered(String name, String version) throws IOException {
		Path jar = Path.of(System.getProperty("vmhi.dist"), "bundles", name + ".jar");
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
			Manifest manifest = new Manifest(in.getManifest());
			manifest.getMainAttributes().putValue("Bundle-Version", version);
			try (JarOutputStream out = new JarOutputStream(bytes, manifest)) {
				for (JarEntry entry; (entry = in.getNextJarEntry()) != null;) {
					out.putNextEntry(new JarEntry(entry.getName()));
					in.transferTo(out);
				}
			}
		}
		return bytes.toByteArray();
	}

	/** Puts the next version of a bundle in the place of the one that is there. */
	void update(String name, int number) throws IOException, MachineException {
		Plugins.Plugin now = plugin(name);
		String version = now.version().replaceFirst("[0-9]+$", Integer.toString(number));
		hypervisor.plugins().update(now.id(), new ByteArrayInputStream(renumbered(name, version)));
	}

	/** A bundle from classes of these tests. */
	static InputStream bundle(String name, String version, Class<?> activator, Class<?>... others) throws IOException {
		return bundle(name, version, CONTRACTS, activator, others);
	}

	/** A bundle that asks for a package that nobody has. */
	static InputStream bundleThatNeeds(String packageName, Class<?> activator) throws IOException {
		return bundle("needs." + packageName, "1.0.0", packageName, activator);
	}

	private static InputStream bundle(String name, String version, String imports, Class<?> activator,
			Class<?>... others) throws IOException {
		Manifest manifest = new Manifest();
		Attributes headers = manifest.getMainAttributes();
		headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
		headers.putValue("Bundle-ManifestVersion", "2");
		headers.putValue("Bundle-SymbolicName", name);
		headers.putValue("Bundle-Version", version);
		headers.putValue("Bundle-Activator", activator.getName());
		headers.putValue("Import-Package", "org.osgi.framework;version=\"[1.8,2)\"," + imports);
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (JarOutputStream out = new JarOutputStream(bytes, manifest)) {
			List<Class<?>> classes = new ArrayList<>(List.of(others));
			classes.add(activator);
			for (Class<?> type : classes) {
				String file = type.getName().replace('.', '/') + ".class";
				out.putNextEntry(new JarEntry(file));
				try (InputStream in = type.getClassLoader().getResourceAsStream(file)) {
					in.transferTo(out);
				}
			}
		}
		return new ByteArrayInputStream(bytes.toByteArray());
	}
}
