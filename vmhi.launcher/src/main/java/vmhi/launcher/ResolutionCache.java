package vmhi.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Remembers how a composition was resolved, for as long as the jars it was resolved from are the same by name, size and
 * time. Reading all manifests and resolving take longer than all else that the launcher itself does.
 */
final class ResolutionCache {
	private static final String BUNDLE = "bundle", REMARK = "remark";

	private final Path file;
	private final String key;

	/** @param name of the file; one is kept for each */
	ResolutionCache(Path folder, String name, Composition composition, List<Path> jarFolders) throws Problem {
		this.file = folder.resolve(name + ".resolution");
		this.key = key(composition, jarFolders);
	}

	/** What was remembered, unless something has changed since. */
	Optional<Resolution> load() {
		if (!Files.isRegularFile(file))
			return Optional.empty();
		List<Resolution.Bundle> bundles = new ArrayList<>();
		List<String> remarks = new ArrayList<>();
		try {
			List<String> lines = Files.readAllLines(file);
			if (lines.isEmpty() || !lines.get(0).equals(key))
				return Optional.empty();
			for (String line : lines.subList(1, lines.size())) {
				String[] words = line.split("\t", 3);
				if (words[0].equals(BUNDLE))
					bundles.add(new Resolution.Bundle(Path.of(words[2]), Integer.parseInt(words[1])));
				else
					remarks.add(words[1]);
			}
			return Optional.of(new Resolution(bundles, remarks));
		} catch (IOException | RuntimeException e) {
			// whatever is wrong with it, it can be worked out again
			return Optional.empty();
		}
	}

	void store(Resolution resolution) {
		StringBuilder text = new StringBuilder(key).append('\n');
		for (Resolution.Bundle bundle : resolution.bundles())
			text.append(BUNDLE).append('\t').append(bundle.startLevel()).append('\t').append(bundle.jar()).append('\n');
		for (String remark : resolution.remarks())
			text.append(REMARK).append('\t').append(remark.replaceAll("[\t\r\n]", " ")).append('\n');
		try {
			Files.createDirectories(file.getParent(), Home.ownerOnly());
			Path whole = Files.createTempFile(file.getParent(), "resolution", null);
			Files.writeString(whole, text);
			Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
		} catch (IOException e) {
			// the next start takes a little longer
		}
	}

	private static String key(Composition composition, List<Path> jarFolders) throws Problem {
		StringBuilder all = new StringBuilder(composition.toString()).append(Runtime.version());
		for (Path folder : jarFolders)
			for (Path jar : Repository.jarFiles(folder))
				try {
					BasicFileAttributes attributes = Files.readAttributes(jar, BasicFileAttributes.class);
					all.append(jar).append(attributes.size()).append(attributes.lastModifiedTime());
				} catch (IOException e) {
					all.append(jar).append(" went away");
				}
		CRC32C crc = new CRC32C();
		crc.update(all.toString().getBytes(StandardCharsets.UTF_8));
		return "%08x %s".formatted(crc.getValue(), Dist.version());
	}
}
