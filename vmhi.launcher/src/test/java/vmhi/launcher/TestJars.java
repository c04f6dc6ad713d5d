package vmhi.launcher;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes jars out of headers. */
final class TestJars {
	private TestJars() {}

	/** Headers of a bundle; more come as name, value, name, value. */
	static Map<String, String> bundle(String name, String version, String... more) {
		Map<String, String> headers = new LinkedHashMap<>();
		headers.put("Bundle-ManifestVersion", "2");
		headers.put("Bundle-SymbolicName", name);
		headers.put("Bundle-Version", version);
		for (int i = 0; i < more.length; i += 2)
			headers.put(more[i], more[i + 1]);
		return headers;
	}

	static Path write(Path file, Map<String, String> headers, Class<?>... classes) throws IOException {
		Files.createDirectories(file.getParent());
		Manifest manifest = new Manifest();
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
		try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out, manifest)) {
			for (Class<?> type : classes) {
				String entry = type.getName().replace('.', '/') + ".class";
				jar.putNextEntry(new JarEntry(entry));
				type.getClassLoader().getResourceAsStream(entry).transferTo(jar);
			}
		}
		return file;
	}
}
