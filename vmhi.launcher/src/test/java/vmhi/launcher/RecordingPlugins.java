package vmhi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.api.mgmt.Plugins;

/** Plug-ins that are only written down. A bundle with the header {@code Test-Needs} goes in after the one it names. */
final class RecordingPlugins implements Plugins {
	final List<String> calls = new ArrayList<>();
	private final List<Plugin> plugins = new ArrayList<>();
	private long next = 1;

	/** Something that is there from the start. */
	long has(String name, String version) {
		plugins.add(plugin(next, name, version));
		return next++;
	}

	@Override
	public List<Plugin> list() {
		return List.copyOf(plugins);
	}

	@Override
	public Plugin install(InputStream jar) throws MachineException {
		Attributes headers = headers(jar);
		Plugin plugin = plugin(next, headers.getValue("Bundle-SymbolicName"), headers.getValue("Bundle-Version"));
		String needs = headers.getValue("Test-Needs");
		if (needs != null && plugins.stream().noneMatch(p -> p.name().equals(needs)))
			throw new MachineException(Kind.INVALID, "%s lacks %s".formatted(plugin.name(), needs));
		next++;
		plugins.add(plugin);
		calls.add("install %s %s".formatted(plugin.name(), plugin.version()));
		return plugin;
	}

	@Override
	public Plugin update(long id, InputStream jar) throws MachineException {
		Attributes headers = headers(jar);
		Plugin plugin = plugin(id, headers.getValue("Bundle-SymbolicName"), headers.getValue("Bundle-Version"));
		plugins.replaceAll(p -> p.id() == id ? plugin : p);
		calls.add("update %d to %s %s".formatted(id, plugin.name(), plugin.version()));
		return plugin;
	}

	@Override
	public void remove(long id) throws MachineException {
		if (!plugins.removeIf(p -> p.id() == id))
			throw new MachineException(Kind.NOT_FOUND, "no plug-in " + id);
		calls.add("remove " + id);
	}

	private static Plugin plugin(long id, String name, String version) {
		return new Plugin(id, name, version, "", "ACTIVE", List.of(), List.of());
	}

	private static Attributes headers(InputStream jar) {
		try (JarInputStream in = new JarInputStream(jar)) {
			return in.getManifest().getMainAttributes();
		} catch (IOException e) {
			throw new AssertionError(e);
		}
	}
}
