package vmhi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Remembers which plug-ins are there on account of a jar in a folder. The core keeps a copy of every plug-in that is
 * installed while it runs, so that it is there again after a restart; the copy of one whose jar was deleted from the
 * folder in the meantime must not come back.
 */
final class FolderRecord {
	private final Path file;
	private final Path kept;

	FolderRecord(Path home) {
		this.file = home.resolve("plugins.folder");
		this.kept = home.resolve("plugins.d");
	}

	/** Replaces what is remembered. */
	void write(List<Jar> jars) {
		Set<String> lines = new TreeSet<>();
		for (Jar jar : jars)
			lines.add(keptAs(jar));
		try {
			if (Files.exists(file) ? Files.readAllLines(file).equals(List.copyOf(lines)) : lines.isEmpty())
				return;
			Path whole = file.resolveSibling("plugins.folder.tmp");
			Files.write(whole, lines);
			Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		} catch (IOException e) {
			// at worst a plug-in is there once more after the next start, to be removed by hand
		}
	}

	/** Deletes the core's copies of what is in none of the folders any more. To be called before the core runs. */
	void forgetWhatIsGone(List<Path> folders) throws Problem, IOException {
		if (!Files.exists(file))
			return;
		Set<String> gone = new HashSet<>(Files.readAllLines(file));
		for (Path folder : folders)
			for (Path jar : Repository.jarFiles(folder))
				try {
					gone.remove(keptAs(Jar.read(jar, true)));
				} catch (Problem e) {
					// not a bundle, and so not one that was installed; the platform will say so
				}
		for (String name : gone)
			if (name.matches("[A-Za-z0-9_.-]+\\.jar"))
				Files.deleteIfExists(kept.resolve(name));
	}

	/** Name of the core's copy. */
	private static String keptAs(Jar jar) {
		return "%s-%s.jar".formatted(jar.name(), jar.version());
	}
}
