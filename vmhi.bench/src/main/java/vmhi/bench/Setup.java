package vmhi.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What all benchmarks are given.
 *
 * @param rounds that count
 * @param dist the distribution to measure
 * @param javas homes of the JDKs to measure it with
 * @param scratch folder for whatever they need, deleted in the end
 */
record Setup(int rounds, Path dist, List<Path> javas, Path scratch) {

	/** What it takes to run is not there; the message says what to do. */
	static final class MissingException extends Exception {
		private static final long serialVersionUID = 1L;

		MissingException(String message) {
			super(message);
		}
	}

	/** The jar of this program, which is a bundle as well. */
	static Path jar() {
		try {
			return Path.of(Setup.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		} catch (URISyntaxException e) {
			throw new IllegalStateException(e);
		}
	}

	/** The distribution of the tree that this program was built in. */
	static Path builtDist() {
		return jar().resolveSibling("../../vmhi.launcher/target/dist").normalize();
	}

	/** The only JDK when nobody names one. */
	static Path ownJava() {
		return Path.of(System.getProperty("java.home"));
	}

	Path vmhi() throws MissingException {
		Path script = dist.resolve("vmhi");
		if (!Files.isExecutable(script))
			throw new MissingException("there is no %s; build the tree with mvn package -DskipTests, or say --dist"
					.formatted(script));
		return script;
	}

	void needKvm() throws MissingException {
		Path device = Path.of("/dev/kvm");
		if (!Files.isReadable(device) || !Files.isWritable(device))
			throw new MissingException("%s %s; it takes a host with KVM and the right to use it".formatted(device,
					Files.exists(device) ? "is not ours to use" : "does not exist"));
	}

	/** A new folder. */
	Path folder(String name) throws IOException {
		return Files.createTempDirectory(scratch, name);
	}

	/** A file with these bytes. */
	Path file(String name, byte[] bytes) throws IOException {
		return Files.write(scratch.resolve(name), bytes);
	}

	static void delete(Path folder) throws IOException {
		try (Stream<Path> entries = Files.walk(folder)) {
			for (Path entry : entries.sorted(Comparator.reverseOrder()).toList())
				Files.deleteIfExists(entry);
		}
	}
}
