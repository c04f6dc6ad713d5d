package vmhi.core.mgmt;

import static vmhi.api.machine.MachineException.Kind.HOST;
import static vmhi.api.machine.MachineException.Kind.INVALID;

import java.io.ByteArrayInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

import vmhi.api.machine.MachineException;
import vmhi.core.state.Durable;

/**
 * A jar that lies in a file of ours and may become a plug-in. Only its manifest is read before the framework gets it.
 *
 * @param name symbolic name
 * @param singleton whether no two versions of it can be at work
 */
record PluginJar(Path file, String name, Version version, boolean singleton) {

	static final int MOST_BYTES = 64 << 20;

	private static final int MOST_MANIFEST = 1 << 20;
	private static final String MANIFEST = "META-INF/MANIFEST.MF";
	private static final Pattern SINGLETON = Pattern.compile(";\\s*singleton\\s*:=\\s*\"?true");
	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,128}");

	/** Copies a stream to a file, to its end, and closes it. What the jar is, is checked. */
	static PluginJar receive(InputStream jar, Path file) throws MachineException {
		try {
			spool(jar, file);
			return inspect(file);
		} catch (MachineException | RuntimeException e) {
			discard(file);
			throw e;
		}
	}

	private static void spool(InputStream jar, Path file) throws MachineException {
		try (InputStream in = jar) {
			Durable.createFile(file);
			try (FileOutputStream out = new FileOutputStream(file.toFile())) {
				byte[] buffer = new byte[1 << 16];
				long size = 0;
				for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
					size += count;
					if (size > MOST_BYTES)
						throw new MachineException(INVALID, "the jar has more than %d MiB".formatted(MOST_BYTES >> 20));
					out.write(buffer, 0, count);
				}
				out.getFD().sync();
			}
		} catch (IOException e) {
			throw new MachineException(HOST, "the jar could not be received: " + e.getMessage(), e);
		}
	}

	private static PluginJar inspect(Path file) throws MachineException {
		try (ZipFile zip = new ZipFile(file.toFile())) {
			ZipEntry entry = zip.getEntry(MANIFEST);
			if (entry == null)
				throw refuse("no " + MANIFEST + " in it");
			return inspect(file, manifest(zip, entry));
		} catch (ZipException e) {
			throw refuse("no jar, " + e.getMessage());
		} catch (IOException e) {
			throw new MachineException(HOST, "the jar could not be read: " + e.getMessage(), e);
		}
	}

	private static Attributes manifest(ZipFile zip, ZipEntry entry) throws IOException, MachineException {
		try (InputStream in = zip.getInputStream(entry)) {
			byte[] bytes = in.readNBytes(MOST_MANIFEST + 1);
			if (bytes.length > MOST_MANIFEST)
				throw refuse("its manifest has more than %d bytes".formatted(MOST_MANIFEST));
			return new Manifest(new ByteArrayInputStream(bytes)).getMainAttributes();
		} catch (ZipException e) {
			throw e;
		} catch (IOException e) {
			throw refuse("its manifest cannot be read, " + e.getMessage());
		}
	}

	private static PluginJar inspect(Path file, Attributes manifest) throws MachineException {
		String name = manifest.getValue(Constants.BUNDLE_SYMBOLICNAME);
		if (name == null)
			throw refuse("no Bundle-SymbolicName in its manifest");
		String symbolicName = name.split(";", 2)[0].strip(); // directives stand behind it
		if (!NAME.matcher(symbolicName).matches())
			throw refuse("its Bundle-SymbolicName is not 1 to 128 of A-Z a-z 0-9 _ . -");
		if (!"2".equals(strip(manifest.getValue(Constants.BUNDLE_MANIFESTVERSION))))
			throw refuse("no Bundle-ManifestVersion: 2 in its manifest");
		if (manifest.getValue(Constants.FRAGMENT_HOST) != null)
			throw new MachineException(INVALID, symbolicName + " is a fragment of another bundle, not a plug-in");
		try {
			return new PluginJar(file, symbolicName, Version.parseVersion(manifest.getValue(Constants.BUNDLE_VERSION)),
					SINGLETON.matcher(name).find());
		} catch (IllegalArgumentException e) {
			throw refuse("its Bundle-Version is not a version");
		}
	}

	private static String strip(String value) {
		return value == null ? null : value.strip();
	}

	private static MachineException refuse(String why) {
		return new MachineException(INVALID, "not a bundle: " + why);
	}

	/** Packs what an installed bundle is made of, wherever it came from, so that it can be put back. */
	static PluginJar copyOf(Bundle bundle, Path file) throws IOException {
		Durable.createFile(file);
		try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
			out.setLevel(1);
			copy(bundle, MANIFEST, out); // first, where tools look for it
			copyFolder(bundle, "/", out);
		}
		return new PluginJar(file, bundle.getSymbolicName(), bundle.getVersion(), false);
	}

	private static void copyFolder(Bundle bundle, String folder, ZipOutputStream out) throws IOException {
		Enumeration<String> paths = bundle.getEntryPaths(folder);
		while (paths != null && paths.hasMoreElements()) {
			String path = paths.nextElement();
			if (path.endsWith("/"))
				copyFolder(bundle, path, out);
			else if (!path.equals(MANIFEST))
				copy(bundle, path, out);
		}
	}

	private static void copy(Bundle bundle, String path, ZipOutputStream out) throws IOException {
		try (InputStream in = bundle.getEntry(path).openStream()) {
			out.putNextEntry(new ZipEntry(path));
			in.transferTo(out);
			out.closeEntry();
		}
	}

	/** Puts it in the place of a file, durably. */
	void moveTo(Path target) throws IOException {
		Durable.move(file, target);
	}

	/** Removes the file, if it is still there. */
	void discard() {
		discard(file);
	}

	private static void discard(Path file) {
		try {
			Files.deleteIfExists(file);
		} catch (IOException e) {
			// removed at the next start
		}
	}

	/** What people call it. */
	String title() {
		return name + " " + version;
	}
}
