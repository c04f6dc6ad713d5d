package vmhi.core.mgmt;

import static vmhi.api.mgmt.Permission.PLUGINS;
import static vmhi.api.mgmt.Permission.VIEW;

import java.io.InputStream;
import java.util.List;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Plugins;

/** The plug-ins behind a {@link Guard}. */
final class GuardedPlugins implements Plugins {
	private final Guard guard;
	private final Plugins plugins;

	GuardedPlugins(Guard guard, Plugins plugins) {
		this.guard = guard;
		this.plugins = plugins;
	}

	@Override
	public List<Plugin> list() {
		guard.check(VIEW, "plugin.list", "");
		return plugins.list();
	}

	@Override
	public Plugin install(InputStream jar) throws MachineException {
		return guard.change(PLUGINS, "plugin.install", "", GuardedPlugins::named, () -> plugins.install(jar));
	}

	@Override
	public Plugin update(long id, InputStream jar) throws MachineException {
		return guard.change(PLUGINS, "plugin.update", "plug-in " + id, GuardedPlugins::named,
				() -> plugins.update(id, jar));
	}

	@Override
	public void remove(long id) throws MachineException {
		guard.change(PLUGINS, "plugin.remove", "plug-in " + id, name -> name, () -> {
			String name = plugins.list().stream().filter(plugin -> plugin.id() == id).map(GuardedPlugins::named)
					.findAny().orElse("plug-in " + id);
			plugins.remove(id);
			return name;
		});
	}

	private static String named(Plugin plugin) {
		return "%s %s".formatted(plugin.name(), plugin.version());
	}
}
