package vmhi.launcher;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/** A bundle over again with another version: what an update is made of when there is no newer one at hand. */
final class RenumberedJar {
	private RenumberedJar() {}

	/** A copy that differs in {@code Bundle-Version} alone. */
	static InputStream of(Path jar, Version version) throws IOException {
		ByteArrayOutputStream copy = new ByteArrayOutputStream();
		try (JarFile from = new JarFile(jar.toFile(), false)) {
			Manifest manifest = new Manifest(from.getManifest());
			manifest.getMainAttributes().put(new Attributes.Name(Constants.BUNDLE_VERSION), version.toString());
			try (JarOutputStream to = new JarOutputStream(copy, manifest)) {
				for (Enumeration<JarEntry> entries = from.entries(); entries.hasMoreElements();) {
					JarEntry entry = entries.nextElement();
					if (entry.getName().equals(JarFile.MANIFEST_NAME))
						continue;
					to.putNextEntry(new JarEntry(entry.getName()));
					try (InputStream in = from.getInputStream(entry)) {
						in.transferTo(to);
					}
				}
			}
		}
		return new ByteArrayInputStream(copy.toByteArray());
	}
}
