package vmhi.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Bundles to choose from, the one that is to be preferred first: what somebody put into a folder for plug-ins before
 * what came with the distribution, and the higher version of a bundle before the lower.
 *
 * @param remarks on jars that are left out because they aren't bundles
 */
record Repository(List<Jar> jars, List<String> remarks) {

	/**
	 * Reads folders of plug-ins, and that of the distribution.
	 *
	 * @param pluginFolders of two jars of one bundle in one version, the one in the earlier folder counts
	 */
	static Repository read(List<Path> pluginFolders, Path bundles) throws Problem {
		List<Jar> jars = new ArrayList<>();
		List<String> remarks = new ArrayList<>();
		for (Path folder : pluginFolders)
			for (Path file : jarFiles(folder))
				try {
					jars.add(Jar.read(file, true));
				} catch (Problem e) {
					remarks.add(e.getMessage());
				}
		for (Path file : jarFiles(bundles))
			jars.add(Jar.read(file, false));
		return of(jars, remarks);
	}

	static Repository of(List<Jar> jars, List<String> remarks) {
		Map<String, Boolean> inPlugins = new HashMap<>();
		Map<String, Jar> first = new LinkedHashMap<>();
		for (Jar jar : jars) {
			inPlugins.merge(jar.name(), jar.plugin(), Boolean::logicalOr);
			first.putIfAbsent(jar.toString(), jar);
		}
		List<Jar> sorted = new ArrayList<>(first.values());
		sorted.sort(Comparator.comparing((Jar jar) -> !inPlugins.get(jar.name()))
				.thenComparing(Jar::name)
				.thenComparing(Jar::version, Comparator.reverseOrder()));
		return new Repository(List.copyOf(sorted), List.copyOf(remarks));
	}

	/** Files of a folder that are meant as jars, by name; none if there is no such folder. */
	static List<Path> jarFiles(Path folder) throws Problem {
		if (!Files.isDirectory(folder))
			return List.of();
		try (Stream<Path> files = Files.list(folder)) {
			return files.filter(Repository::isJarFile).sorted().toList();
		} catch (IOException | UncheckedIOException e) {
			throw new Problem(
					"the folder %s cannot be read: %s; check its permissions".formatted(folder, Problem.line(e)), e);
		}
	}

	private static boolean isJarFile(Path file) {
		String name = file.getFileName().toString();
		return name.endsWith(".jar") && !name.startsWith(".") && Files.isRegularFile(file);
	}
}
