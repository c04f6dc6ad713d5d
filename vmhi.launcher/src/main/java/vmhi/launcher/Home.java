package vmhi.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory with the state of a host, locked for this process: only one at a time works in it. The kernel drops the
 * lock with the process, however that ends, so a lock file that is left over means nothing.
 */
final class Home implements AutoCloseable {
	private static final String TEMPORARY = "vmhi-home-";

	/** Holds the id of the process, and the lock. The core has a lock of its own in the same directory. */
	private static final String LOCK = "pid";

	private final Path path;
	private final FileChannel lockFile;
	private final boolean temporary;

	private Home(Path path, FileChannel lockFile, boolean temporary) {
		this.path = path;
		this.lockFile = lockFile;
		this.temporary = temporary;
	}

	/** The home of this user, unless he names another. */
	static Path usual() {
		String named = System.getenv("VMHI_HOME");
		return named == null || named.isEmpty() ? Path.of(System.getProperty("user.home"), ".vmhi") : Path.of(named);
	}

	/**
	 * Where start-up leaves what it would otherwise work out again. Machines that run in the foreground have homes of
	 * their own but share this.
	 */
	static Path cache(Path home) {
		String named = System.getProperty("vmhi.cache", "");
		return named.isEmpty() ? home.resolve("cache") : Path.of(named);
	}

	/** Creates the directory if it is missing, for its owner alone, and locks it. */
	static Home open(Path path) throws Problem {
		Path home = path.toAbsolutePath().normalize();
		try {
			Files.createDirectories(home, ownerOnly());
			return new Home(home, lock(home), false);
		} catch (IOException e) {
			throw new Problem(
					"%s cannot be used: %s; make it a directory that you may write, or name another with --home"
							.formatted(home, Problem.line(e)),
					e);
		}
	}

	/** Makes one that is deleted when it is closed. */
	static Home temporary() throws Problem {
		Path folder = Path.of(System.getProperty("java.io.tmpdir"));
		sweep(folder);
		try {
			Path home = Files.createTempDirectory(folder, TEMPORARY, ownerOnly());
			return new Home(home, lock(home), true);
		} catch (IOException e) {
			throw new Problem("no directory can be made in %s: %s; name another folder in the variable TMPDIR"
					.formatted(folder, Problem.line(e)), e);
		}
	}

	/** Absolute. */
	Path path() {
		return path;
	}

	/** Id of the process that has a home, or "" if none has. */
	static String holder(Path home) {
		Path file = home.resolve(LOCK);
		if (!Files.isReadable(file))
			return "";
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
				FileLock lock = channel.tryLock()) {
			return lock == null ? pid(file) : "";
		} catch (OverlappingFileLockException e) {
			return String.valueOf(ProcessHandle.current().pid());
		} catch (IOException e) {
			return "";
		}
	}

	@Override
	public void close() {
		// deleted before it is unlocked, so that nobody else takes it for one that is left over
		if (temporary)
			delete(path);
		try {
			lockFile.close();
		} catch (IOException e) {
			// the process ends now, and the lock with it
		}
	}

	private static FileChannel lock(Path home) throws IOException, Problem {
		Path file = home.resolve(LOCK);
		FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
		try {
			if (!tryLock(channel))
				throw new Problem("%s is in use by process %s; end that one, or name another home with --home"
						.formatted(home, pid(file)));
			channel.truncate(0);
			channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
			return channel;
		} catch (IOException | Problem e) {
			channel.close();
			throw e;
		}
	}

	private static boolean tryLock(FileChannel channel) throws IOException {
		try {
			return channel.tryLock() != null;
		} catch (OverlappingFileLockException e) {
			return false; // by this very process
		}
	}

	private static String pid(Path file) throws IOException {
		String text = Files.readString(file).strip();
		return text.matches("[0-9]+") ? text : "unknown";
	}

	/** Deletes temporary homes that nobody has locked: those of processes that were killed. */
	private static void sweep(Path folder) {
		// one that is younger may be just before its lock
		Instant young = Instant.now().minus(Duration.ofMinutes(1));
		try (Stream<Path> entries = Files.list(folder)) {
			for (Path home : entries.filter(e -> e.getFileName().toString().startsWith(TEMPORARY)).toList())
				if (Files.isRegularFile(home.resolve(LOCK)) && Files.isWritable(home.resolve(LOCK))
						&& Files.getLastModifiedTime(home.resolve(LOCK)).toInstant().isBefore(young)
						&& holder(home).isEmpty())
					delete(home);
		} catch (IOException | UncheckedIOException e) {
			// litter that stays where it is does no harm
		}
	}

	private static void delete(Path folder) {
		try (Stream<Path> entries = Files.walk(folder)) {
			List<Path> deepestFirst = entries.sorted(Comparator.reverseOrder()).toList();
			for (Path entry : deepestFirst)
				Files.deleteIfExists(entry);
		} catch (IOException | UncheckedIOException e) {
			// as above
		}
	}

	/** For directories that are made: they are for their owner alone. */
	static FileAttribute<?>[] ownerOnly() {
		return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
				? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")) }
				: new FileAttribute<?>[0];
	}
}
