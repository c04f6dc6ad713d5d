package vmhi.launcher;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import vmhi.api.machine.Console;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Hypervisor;

/** {@code vmhi run}: one machine in the foreground. */
@Command(name = "run", customSynopsis = "vmhi run [OPTION]... SPEC.json|--kernel=FILE", mixinStandardHelpOptions = true,
		sortOptions = false, usageHelpAutoWidth = true,
		description = { "Run one machine with its console on this terminal, and leave nothing behind.",
				"Ends with the status of the guest, or with 1 if it failed.", "", Escapes.HELP, "" },
		footer = { "", "Examples:",
				"  vmhi run --kernel vmlinuz --initrd initrd.img --append console=ttyS0",
				"  vmhi run --cpu soft --kernel vmlinuz --append console=ttyS0      without /dev/kvm",
				"  vmhi run --kernel guest.bin --flat --disk data.img,readonly",
				"  vmhi run machine.json              as in docs/machine-spec.md" })
final class RunCommand implements Callable<Integer> {
	@Spec
	private CommandSpec spec;

	@Parameters(arity = "0..1", paramLabel = "SPEC.json", description = "The machine, in a file. Or say it with:")
	private Path file;

	@Mixin
	private MachineOptions machine;

	@Option(names = "--console", paramLabel = "NAME", description = "Console to show (default: the first).")
	private String console;

	@Option(names = "--mgmt", paramLabel = "PROTOCOL", split = ",",
			description = "Also manage it by this protocol, for example rest, while it runs.")
	private List<String> protocols = List.of();

	@Option(names = "--port", paramLabel = "N", defaultValue = "0",
			description = "Port of REST on 127.0.0.1 (default: any that is free).")
	private int port;

	@Mixin
	private Options options;

	@Override
	public Integer call() throws Problem, MachineException, InterruptedException {
		if (machine.given() == (file != null))
			throw new ParameterException(spec.commandLine(),
					file == null ? "name a SPEC.json, or a machine's --kernel"
							: "a SPEC.json and --kernel exclude each other");
		options.logFrom("warn");
		Dist dist = Dist.find();
		Composition composition = options.composition("run");
		for (String protocol : protocols)
			composition = composition.and("mgmt = " + protocol);
		Platform.Plan plan = new Platform.Plan("run", composition, dist, Home.temporary(), Home.cache(options.home()),
				options.pluginFolders(dist), port, false, options.debug());
		try (Host host = Host.start(plan, () -> {})) {
			host.platform().remarks().forEach(remark -> System.err.println("vmhi: " + remark));
			if (!protocols.isEmpty())
				host.platform().url().ifPresent(url -> System.err.println("vmhi: REST at %s, token in %s"
						.formatted(url, host.home().path().resolve("token"))));
			return run(host.local());
		}
	}

	private int run(Hypervisor hypervisor) throws Problem, MachineException, InterruptedException {
		Machine defined = hypervisor.machines().define(spec(hypervisor));
		try (MachineEnd end = new MachineEnd(hypervisor.events(), defined)) {
			defined.start().join(MachineEnd.JOB_MILLIS);
			MachineSnapshot last = show(defined, end);
			if (last.state() != MachineState.FAILED)
				return last.status() & 0xff;
			System.err.println("vmhi: %s failed: %s".formatted(last.name(), last.reason()));
			return 1;
		}
	}

	/** Has the console on the terminal until the machine ends. */
	private MachineSnapshot show(Machine running, MachineEnd end)
			throws Problem, MachineException, InterruptedException {
		List<String> names = running.snapshot().consoles();
		if (names.isEmpty() && console == null)
			return end.await();
		Console shown = running.console(console == null ? names.get(0) : console);
		try (RawTerminal terminal = RawTerminal.open(); OutputStream out = new FileOutputStream(FileDescriptor.out)) {
			Runnable quit = () -> MachineEnd.cut(running);
			ConsoleSession session = new ConsoleSession(shown, out, quit);
			// plain bytes where nobody types: a file or pipe may well have a Ctrl-A in it
			session.typeFrom(new FileInputStream(FileDescriptor.in), terminal == null
					? null
					: new Escapes(quit, () -> System.err.println("\n" + Escapes.HELP)));
			MachineSnapshot last = end.await();
			session.finish();
			return last;
		} catch (IOException e) {
			throw new Problem(
					"the console cannot be written out: %s; the machine was stopped".formatted(Problem.line(e)), e);
		}
	}

	private MachineSpec spec(Hypervisor hypervisor) throws Problem, MachineException {
		if (file == null)
			try {
				return machine.spec(hypervisor.cpus());
			} catch (IllegalArgumentException e) {
				throw new ParameterException(spec.commandLine(), e.getMessage(), e);
			}
		try {
			return hypervisor.specs().read(Files.readString(file));
		} catch (IOException e) {
			throw new Problem("%s cannot be read: %s; name a machine specification".formatted(file, Problem.line(e)),
					e);
		}
	}
}
