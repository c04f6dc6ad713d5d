package vmhi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

import vmhi.api.mgmt.Access;

/**
 * The distribution: the folder that this program's jar is in.
 *
 * @param folder with {@code lib/}, the class path, {@code bundles/}, what compositions are made of, and
 *        {@code plugins/}, which need not be there
 */
record Dist(Path folder) {

	/** Finds it by the jar of this class. */
	static Dist find() throws Problem {
		Path jar = jarOf(Dist.class);
		if (!Files.isDirectory(jar.resolveSibling("bundles")))
			throw new Problem(
					"there is no folder bundles beside %s; build the distribution with mvn package, or unpack it again"
							.formatted(jar));
		return new Dist(jar.getParent());
	}

	Path bundles() {
		return folder.resolve("bundles");
	}

	Path plugins() {
		return folder.resolve("plugins");
	}

	/** Version of this distribution. */
	static String version() {
		try {
			return headers(jarOf(Dist.class)).getOrDefault("Bundle-Version", "unknown");
		} catch (IOException e) {
			return "unknown";
		}
	}

	/** Manifest headers of the contracts, which are on the class path and offered to bundles by the framework. */
	static Map<String, String> contracts() throws Problem {
		Path jar = jarOf(Access.class);
		try {
			return headers(jar);
		} catch (IOException e) {
			throw new Problem("%s cannot be read: %s; build the distribution again".formatted(jar, Problem.line(e)), e);
		}
	}

	/** The main headers of a jar, or of a folder of classes; none if there is no manifest. */
	static Map<String, String> headers(Path jar) throws IOException {
		Manifest manifest;
		if (Files.isDirectory(jar)) {
			try (InputStream in = Files.newInputStream(jar.resolve(JarFile.MANIFEST_NAME))) {
				manifest = new Manifest(in);
			}
		} else {
			try (JarFile file = new JarFile(jar.toFile(), false)) {
				manifest = file.getManifest();
			}
		}
		Map<String, String> headers = new HashMap<>();
		if (manifest != null)
			for (Map.Entry<Object, Object> header : manifest.getMainAttributes().entrySet())
				headers.put(((Attributes.Name) header.getKey()).toString(), (String) header.getValue());
		return headers;
	}

	private static Path jarOf(Class<?> type) {
		return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()));
	}
}
