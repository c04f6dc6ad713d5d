package vmhi.launcher;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.DeniedException;

/** The {@code vmhi} command. */
@Command(name = "vmhi", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, sortOptions = false,
		synopsisSubcommandLabel = "COMMAND", usageHelpAutoWidth = true,
		description = "A hypervisor put together out of plug-in bundles.",
		footer = { "", "Examples:",
				"  vmhi doctor                     what this host can do",
				"  vmhi demo                       a guest that outlives updates of its host",
				"  vmhi run --kernel vmlinuz --append console=ttyS0 --memory 1G",
				"  vmhi serve                      the daemon, with REST on 127.0.0.1",
				"  vmhi help run                   more about a command" })
public final class Main implements Runnable {
	private static final int FAILED = 1, USAGE = 2;

	@Spec
	private CommandSpec spec;

	/** Runs a command, and ends the process with its status. */
	public static void main(String[] args) {
		System.exit(commandLine(args).execute(args));
	}

	/**
	 * Knows all commands, or only the one that is called: to look through the others would take longer than many a
	 * call.
	 */
	static CommandLine commandLine(String... args) {
		CommandLine commandLine = new CommandLine(new Main());
		Map<String, Supplier<Object>> commands = commands();
		String called = args.length == 0 ? "" : args[0];
		commands.forEach((name, command) -> {
			if (name.equals(called) || !commands.containsKey(called))
				commandLine.addSubcommand(name, command.get());
		});
		if (!commands.containsKey(called))
			commandLine.addSubcommand("completion", new CompletionCommand()).addSubcommand("help", new HelpCommand());
		return commandLine.setParameterExceptionHandler(Main::wrongUsage).setExecutionExceptionHandler(Main::failed);
	}

	/** Those that don't ask about the others. */
	private static Map<String, Supplier<Object>> commands() {
		Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
		commands.put("demo", DemoCommand::new);
		commands.put("doctor", DoctorCommand::new);
		commands.put("run", RunCommand::new);
		commands.put("serve", ServeCommand::new);
		return commands;
	}

	/** Without a command. */
	@Override
	public void run() {
		throw new ParameterException(spec.commandLine(), "a command is missing");
	}

	private static int wrongUsage(ParameterException e, String[] args) {
		CommandSpec spec = e.getCommandLine().getCommandSpec();
		String help = spec.parent() == null ? "vmhi --help" : "vmhi help " + spec.name();
		e.getCommandLine().getErr().println("vmhi: %s; see %s".formatted(Problem.line(e), help));
		return USAGE;
	}

	private static int failed(Exception e, CommandLine command, ParseResult parsed) {
		PrintWriter err = command.getErr();
		boolean debug = command.getParseResult().hasMatchedOption("--debug");
		if (e instanceof Problem || e instanceof MachineException || e instanceof DeniedException)
			err.println("vmhi: " + Problem.line(e));
		else
			err.println("vmhi: internal error: %s: %s; run it again with --debug and report what it prints"
					.formatted(e.getClass().getName(), Problem.line(e)));
		if (debug)
			e.printStackTrace(err);
		err.flush();
		return FAILED;
	}

	/** {@code vmhi --version}. */
	static final class Version implements IVersionProvider {
		@Override
		public String[] getVersion() {
			return new String[] { "vmhi " + Dist.version() };
		}
	}

	/** {@code vmhi completion}. */
	@Command(name = "completion", mixinStandardHelpOptions = true,
			description = "Print completions for bash and zsh; use it with: source <(vmhi completion)")
	static final class CompletionCommand implements Runnable {
		@Spec
		private CommandSpec spec;

		@Override
		public void run() {
			spec.commandLine().getOut().print(AutoComplete.bash("vmhi", spec.root().commandLine()));
			spec.commandLine().getOut().flush();
		}
	}
}
