package vmhi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

import org.osgi.framework.Version;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.DeniedException;
import vmhi.api.mgmt.Plugins;
import vmhi.api.mgmt.Plugins.Plugin;

/**
 * Has the plug-ins of a host follow the jars in folders: one that appears is installed, one that changes is updated,
 * one that goes is removed.
 * <p>
 * A jar takes the place of a bundle that came with the distribution if it has the same symbolic name and no lower
 * version; when it goes, that one comes back. What cannot be installed is reported once, in one line, and tried again
 * when something else has succeeded, which may be what it was waiting for.
 * <p>
 * Belongs to one thread.
 */
final class PluginFolder {
	/** A file that has not changed for so long is taken to be whole. */
	static final long SETTLE_MILLIS = 300;

	/**
	 * How a file looks from outside. The key tells it from one of the same size and time that is moved into its place.
	 */
	private record Stamp(long size, long modified, Object key) {}

	private record Seen(Stamp stamp, long since) {}

	/** What a file is known as. */
	private record Known(Stamp stamp, Jar jar, long id) {

		String name() {
			return jar.name();
		}
	}

	private final List<Path> folders;
	private final Path bundles;
	private final Plugins plugins;
	private final Consumer<String> log;
	private final FolderRecord record;

	private final Map<Path, Seen> seen = new HashMap<>();
	private final Map<Path, Known> installed = new HashMap<>();
	/** Good jars that would not go in. */
	private final Map<Path, Stamp> refused = new LinkedHashMap<>();
	/** What came back from the distribution; the core takes it for something that was installed, too. */
	private final List<Jar> restored = new ArrayList<>();
	/** Files that aren't bundles. */
	private final Map<Path, Stamp> bad = new HashMap<>();

	/**
	 * @param bundles folder of what came with the distribution
	 * @param record is told what is there on account of jars in the folders
	 * @param log gets a line for each failure; the core logs what is done
	 */
	PluginFolder(List<Path> folders, Path bundles, Plugins plugins, FolderRecord record, Consumer<String> log) {
		this.folders = List.copyOf(folders);
		this.bundles = bundles;
		this.plugins = plugins;
		this.record = record;
		this.log = log;
	}

	/**
	 * Takes what lies in the folders as it is, because the platform was started from it a moment ago and has said what
	 * it left out.
	 */
	void adopt(long nowMillis) {
		Map<Path, Stamp> now = look();
		now.forEach((file, stamp) -> {
			seen.put(file, new Seen(stamp, nowMillis - SETTLE_MILLIS));
			try {
				Jar jar = Jar.read(file, true);
				Optional<Plugin> plugin = plugins.list().stream().filter(p -> is(p, jar)).findFirst();
				if (plugin.isPresent())
					installed.put(file, new Known(stamp, jar, plugin.get().id()));
				else
					refused.put(file, stamp);
			} catch (Problem e) {
				bad.put(file, stamp);
			}
		});
		record();
	}

	/**
	 * Looks once, and follows.
	 *
	 * @return whether there are changes that have not settled, so that another look is due soon
	 */
	boolean scan(long nowMillis) {
		Map<Path, Stamp> now = look();
		boolean unsettled = false;
		List<Path> changed = new ArrayList<>();
		for (Map.Entry<Path, Stamp> entry : now.entrySet()) {
			Path file = entry.getKey();
			Stamp stamp = entry.getValue();
			Seen before = seen.get(file);
			if (before == null || !before.stamp().equals(stamp)) {
				seen.put(file, new Seen(stamp, nowMillis));
				unsettled = true;
			} else if (!isHandled(file, stamp)) {
				if (nowMillis - before.since() < SETTLE_MILLIS)
					unsettled = true;
				else
					changed.add(file);
			}
		}
		seen.keySet().retainAll(now.keySet());
		refused.keySet().retainAll(now.keySet());
		bad.keySet().retainAll(now.keySet());
		// what has gone may be on its way back as one of those that have not settled
		List<Path> gone = unsettled
				? List.of()
				: installed.keySet().stream().filter(file -> !now.containsKey(file)).sorted().toList();
		if (!changed.isEmpty() || !gone.isEmpty())
			follow(changed, new ArrayList<>(gone));
		return unsettled || installed.keySet().stream().anyMatch(file -> !now.containsKey(file));
	}

	private boolean isHandled(Path file, Stamp stamp) {
		Known known = installed.get(file);
		return known != null && known.stamp().equals(stamp) || stamp.equals(refused.get(file))
				|| stamp.equals(bad.get(file));
	}

	private void follow(List<Path> changed, List<Path> gone) {
		Map<Path, Jar> jars = new LinkedHashMap<>();
		for (Path file : changed) {
			refused.remove(file);
			bad.remove(file);
			try {
				jars.put(file, Jar.read(file, true));
			} catch (Problem e) {
				bad.put(file, seen.get(file).stamp());
				log.accept(e.getMessage() + goesOn(file));
			}
		}
		boolean progress = !gone.isEmpty() || !jars.isEmpty();
		boolean retry = false;
		while (progress) {
			progress = tryEach(jars, gone);
			if (progress && !retry) {
				retry = true;
				for (Path file : refused.keySet())
					try {
						jars.putIfAbsent(file, Jar.read(file, true));
					} catch (Problem e) {
						// it has changed just now; the next look will find that
					}
			}
		}
		for (Path file : gone)
			withdraw(file);
		record();
	}

	private void record() {
		List<Jar> jars = new ArrayList<>(restored);
		installed.values().forEach(known -> jars.add(known.jar()));
		record.write(jars);
	}

	/** Tries to put in each jar; those that are in are taken from the map. */
	private boolean tryEach(Map<Path, Jar> jars, List<Path> gone) {
		boolean progress = false;
		Map<Path, String> failures = new LinkedHashMap<>();
		for (Iterator<Map.Entry<Path, Jar>> all = jars.entrySet().iterator(); all.hasNext();) {
			Map.Entry<Path, Jar> entry = all.next();
			try {
				put(entry.getKey(), entry.getValue(), gone);
				refused.remove(entry.getKey());
				all.remove();
				progress = true;
			} catch (IOException | MachineException | DeniedException e) {
				failures.put(entry.getKey(), Problem.line(e));
			}
		}
		if (!progress)
			failures.forEach((file, why) -> {
				Stamp stamp = seen.get(file).stamp();
				if (!stamp.equals(refused.put(file, stamp)))
					log.accept("%s is left out: %s%s".formatted(file, why, goesOn(file)));
			});
		return progress;
	}

	private void put(Path file, Jar jar, List<Path> gone) throws IOException, MachineException {
		Stamp stamp = seen.get(file).stamp();
		Known before = installed.get(file);
		if (before != null && before.name().equals(jar.name())) {
			update(file, stamp, jar, before.id());
			return;
		}
		Optional<Path> renamed = gone.stream().filter(g -> installed.get(g).name().equals(jar.name())).findFirst();
		if (renamed.isPresent()) {
			Known old = installed.get(renamed.get());
			if (old.stamp().equals(stamp))
				installed.put(file, old);
			else
				update(file, stamp, jar, old.id());
			installed.remove(renamed.get());
			gone.remove(renamed.get());
		} else {
			Optional<Plugin> underneath = underneath(jar);
			if (underneath.isPresent()) {
				update(file, stamp, jar, underneath.get().id());
			} else {
				try (InputStream in = Files.newInputStream(file)) {
					installed.put(file, new Known(stamp, jar, plugins.install(in).id()));
				}
			}
		}
		if (before != null)
			remove(before, file);
	}

	private void update(Path file, Stamp stamp, Jar jar, long id) throws IOException, MachineException {
		try (InputStream in = Files.newInputStream(file)) {
			installed.put(file, new Known(stamp, jar, plugins.update(id, in).id()));
		}
	}

	/** The bundle of the distribution that a jar takes the place of. */
	private Optional<Plugin> underneath(Jar jar) {
		return plugins.list().stream()
				.filter(p -> p.name().equals(jar.name())
						&& Version.parseVersion(p.version()).compareTo(jar.version()) <= 0)
				.filter(p -> installed.values().stream().noneMatch(known -> known.id() == p.id()))
				.findFirst();
	}

	private void withdraw(Path file) {
		remove(installed.remove(file), file);
	}

	private void remove(Known known, Path file) {
		try {
			Optional<Jar> original = original(known);
			if (original.isPresent()) {
				try (InputStream in = Files.newInputStream(original.get().path())) {
					plugins.update(known.id(), in);
				}
				restored.add(original.get());
				log.accept("plug-in %s is back, as %s is gone".formatted(original.get(), file));
			} else {
				plugins.remove(known.id());
			}
		} catch (MachineException e) {
			if (e.kind() != MachineException.Kind.NOT_FOUND)
				log.accept("plug-in %s stays though %s is gone: %s".formatted(known.name(), file, Problem.line(e)));
		} catch (IOException | Problem | DeniedException e) {
			log.accept("plug-in %s stays though %s is gone: %s".formatted(known.name(), file, Problem.line(e)));
		}
	}

	/** What comes back when a plug-in goes: the bundle of the distribution, unless that is running beside it. */
	private Optional<Jar> original(Known known) throws Problem {
		if (plugins.list().stream().anyMatch(p -> p.name().equals(known.name()) && p.id() != known.id()))
			return Optional.empty();
		for (Path file : Repository.jarFiles(bundles)) {
			Jar jar = Jar.read(file, false);
			if (jar.name().equals(known.name()))
				return Optional.of(jar);
		}
		return Optional.empty();
	}

	private String goesOn(Path file) {
		Known before = installed.get(file);
		return before == null ? "" : "; what was there before goes on";
	}

	private static boolean is(Plugin plugin, Jar jar) {
		return plugin.name().equals(jar.name()) && Version.parseVersion(plugin.version()).equals(jar.version());
	}

	private Map<Path, Stamp> look() {
		Map<Path, Stamp> files = new TreeMap<>();
		for (Path folder : folders)
			try {
				for (Path file : Repository.jarFiles(folder)) {
					BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
					files.put(file, new Stamp(a.size(), a.lastModifiedTime().toMillis(), a.fileKey()));
				}
			} catch (IOException | Problem e) {
				// a file that goes while one looks; or a folder that cannot be read now, of which nothing follows
				for (Map.Entry<Path, Seen> before : seen.entrySet())
					if (before.getKey().startsWith(folder))
						files.putIfAbsent(before.getKey(), before.getValue().stamp());
			}
		return files;
	}
}
