package vmhi.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vmhi.api.mgmt.Plugins;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;

/** {@code vmhi serve}: the daemon. */
@Command(name = "serve", customSynopsis = "vmhi serve [OPTION]...", mixinStandardHelpOptions = true,
		sortOptions = false, usageHelpAutoWidth = true,
		description = "Run the daemon, until it gets SIGTERM or SIGINT.",
		footer = { "", "Examples:",
				"  vmhi serve                        REST on 127.0.0.1:" + ServeCommand.PORT,
				"  vmhi serve --port 0 --home DIR    on any free port, in a home of its own",
				"  vmhi serve --shell                with the framework's shell on this terminal" })
final class ServeCommand implements Callable<Integer> {
	static final String PORT = "8420";

	@Mixin
	private Options options;

	@Option(names = "--port", paramLabel = "N", defaultValue = PORT,
			description = "Port of REST on 127.0.0.1; 0 for any that is free (default: ${DEFAULT-VALUE}).")
	private int port;

	@Option(names = "--shell", description = "Have the framework's shell on this terminal; leaving it ends the daemon.")
	private boolean shell;

	@Override
	public Integer call() throws Problem, InterruptedException {
		options.logFrom("info");
		Dist dist = Dist.find();
		Home home = Home.open(options.home());
		Host host = Host.start(plan(dist, home), ServeCommand::endedBySignal);
		try (host) {
			host.platform().remarks().forEach(ServeCommand::log);
			List<Path> folders = options.watchedFolders(dist);
			Plugins plugins = host.platform()
					.open(new Principal("plugins-folder", "plugins folder", Set.of(Role.ADMIN)))
					.plugins();
			PluginFolder folder = new PluginFolder(folders, dist.bundles(), plugins, new FolderRecord(home.path()),
					ServeCommand::log);
			folder.adopt(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
			host.beforeEnd(new PluginWatch(folder, folders)::close);
			greet(System.out, host, folders.get(0));
			host.platform().await();
		}
		return 0;
	}

	private Platform.Plan plan(Dist dist, Home home) throws Problem {
		try {
			Files.createDirectories(home.path().resolve("plugins"));
			new FolderRecord(home.path()).forgetWhatIsGone(options.watchedFolders(dist));
			Path own = home.path().resolve("composition");
			Composition composition = Files.exists(own) && !options.namesComposition()
					? Composition.read(own)
					: options.composition("serve");
			if (shell)
				composition = composition.and("mgmt = shell?").and("bundle = " + Jar.SHELL);
			return new Platform.Plan("serve", composition, dist, home, Home.cache(home.path()),
					options.pluginFolders(dist), port,
					shell, options.debug());
		} catch (IOException e) {
			home.close();
			throw new Problem("%s cannot be used: %s; check its permissions".formatted(home.path(), Problem.line(e)),
					e);
		} catch (Problem e) {
			home.close();
			throw e;
		}
	}

	private void greet(PrintStream out, Host host, Path plugins) throws Problem {
		Path home = host.home().path();
		Optional<String> url = host.platform().url();
		List<String> lines = new ArrayList<>();
		lines.add("vmhi %s is up%s".formatted(Dist.version(), Platform.sinceStart()));
		url.ifPresent(u -> lines.add("  REST       %s (the token is in %s)".formatted(u, home.resolve("token"))));
		lines.add("  plug-ins   put jars into %s, or replace or delete them there, at any time".formatted(plugins));
		lines.add("  to stop    %s".formatted(shell ? "exit" : "Ctrl-C, or kill " + ProcessHandle.current().pid()));
		lines.forEach(out::println);
		out.flush();
	}

	private static void log(String line) {
		System.err.println("vmhi: " + line);
	}

	/**
	 * A daemon that was told to end and did so in an orderly way has not failed, as a JVM that gets a signal would say.
	 */
	private static void endedBySignal() {
		Runtime.getRuntime().halt(0);
	}
}
