package vmhi.mgmt.shell;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Plugins.Plugin;

/** The commands with a hyphen in their names, which Gogo would look for as methods of that name: a function each. */
final class PluginCommands {

	private PluginCommands() {}

	/** Installs and starts a bundle. */
	@Component(service = Function.class)
	@GogoCommand(scope = ShellCommands.SCOPE, function = "plugin-install")
	public static final class Install implements Function {
		private final Hypervisor host;

		@Activate
		public Install(@Reference Access access) {
			host = Terminal.open(access);
		}

		@Override
		public Object execute(CommandSession session, List<Object> arguments) throws MachineException, IOException {
			expect(arguments, 1, "plugin-install FILE");
			try (InputStream jar = Files.newInputStream(Terminal.file(session, arguments.get(0)))) {
				return describe(host.plugins().install(jar), "is installed");
			}
		}
	}

	/** Puts another version of a bundle in its place. */
	@Component(service = Function.class)
	@GogoCommand(scope = ShellCommands.SCOPE, function = "plugin-update")
	public static final class Update implements Function {
		private final Hypervisor host;

		@Activate
		public Update(@Reference Access access) {
			host = Terminal.open(access);
		}

		@Override
		public Object execute(CommandSession session, List<Object> arguments) throws MachineException, IOException {
			expect(arguments, 2, "plugin-update ID FILE");
			try (InputStream jar = Files.newInputStream(Terminal.file(session, arguments.get(1)))) {
				return describe(host.plugins().update(id(arguments), jar), "is updated");
			}
		}
	}

	/** Stops and removes a bundle. */
	@Component(service = Function.class)
	@GogoCommand(scope = ShellCommands.SCOPE, function = "plugin-remove")
	public static final class Remove implements Function {
		private final Hypervisor host;

		@Activate
		public Remove(@Reference Access access) {
			host = Terminal.open(access);
		}

		@Override
		public Object execute(CommandSession session, List<Object> arguments) throws MachineException {
			expect(arguments, 1, "plugin-remove ID");
			host.plugins().remove(id(arguments));
			return id(arguments) + " is removed";
		}
	}

	private static void expect(List<Object> arguments, int count, String usage) {
		if (arguments.size() != count)
			throw new IllegalArgumentException("usage: " + usage);
	}

	private static long id(List<Object> arguments) {
		try {
			return Long.parseLong(arguments.get(0).toString());
		} catch (NumberFormatException e) {
			throw new IllegalArgumentException("not the number of a bundle: " + arguments.get(0), e);
		}
	}

	private static String describe(Plugin plugin, String what) {
		return "%s %s %s as %d".formatted(plugin.name(), plugin.version(), what, plugin.id());
	}
}
