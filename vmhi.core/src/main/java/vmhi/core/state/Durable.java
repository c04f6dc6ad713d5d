package vmhi.core.state;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Changes of files that survive the end of the host, and of its power, at any moment: after it a change is there as a
 * whole, or not at all, and it is there if the method had returned. For any thread, but one file has one writer.
 * <p>
 * All of it is for this user alone. Interrupting the thread does not get in the way: this uses no interruptible
 * channels but for directories, and repeats there.
 */
public final class Durable {

	/** End of the name of a file that isn't finished; one that is found at the start is of no use. */
	static final String UNFINISHED = ".tmp";

	private static final FileAttribute<?> OWNERS_FILE = owners("rw-------");
	private static final FileAttribute<?> OWNERS_DIRECTORY = owners("rwx------");

	private Durable() {}

	private static FileAttribute<?> owners(String permissions) {
		return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
	}

	/** Puts a file with this content in the place of the one that may be there. */
	public static void write(Path file, byte[] content) throws IOException {
		Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
		try {
			createFile(unfinished);
			try (FileOutputStream out = new FileOutputStream(unfinished.toFile())) {
				out.write(content);
				out.getFD().sync();
			}
			move(unfinished, file);
		} catch (IOException e) {
			Files.deleteIfExists(unfinished);
			throw e;
		}
	}

	/** Renames a file, whose content is on disk already, or a directory, replacing a file of that name. */
	public static void move(Path from, Path to) throws IOException {
		Files.move(from, to, ATOMIC_MOVE);
		sync(to.getParent());
	}

	/** Makes an empty file, in the place of one that may be there. */
	public static void createFile(Path file) throws IOException {
		Files.deleteIfExists(file);
		if (posix(file))
			Files.createFile(file, OWNERS_FILE);
		else
			Files.createFile(file);
	}

	/** Makes a directory, and those above it, where there is none. */
	public static void createDirectories(Path directory) throws IOException {
		if (Files.isDirectory(directory))
			return;
		createDirectories(directory.getParent());
		if (posix(directory))
			Files.createDirectory(directory, OWNERS_DIRECTORY);
		else
			Files.createDirectory(directory);
		sync(directory.getParent());
	}

	/** Deletes a file, if it is there. */
	public static void delete(Path file) throws IOException {
		if (Files.deleteIfExists(file))
			sync(file.getParent());
	}

	/** Deletes a directory with all in it, in no lasting order; symbolic links are not followed. */
	static void deleteTree(Path directory) throws IOException {
		Files.walkFileTree(directory, new SimpleFileVisitor<>() {
			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				Files.delete(file);
				return FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
				if (failure != null)
					throw failure;
				Files.delete(visited);
				return FileVisitResult.CONTINUE;
			}
		});
	}

	/**
	 * Renames what cannot be read to the first free one of {@code NAME.broken}, {@code NAME.broken-2} and so on.
	 *
	 * @return what it is called now
	 */
	public static Path putAside(Path path) throws IOException {
		Path aside = path.resolveSibling(path.getFileName() + ".broken");
		for (int i = 2; Files.exists(aside, LinkOption.NOFOLLOW_LINKS); i++)
			aside = path.resolveSibling(path.getFileName() + ".broken-" + i);
		move(path, aside);
		return aside;
	}

	/** Makes lasting what was made, renamed or deleted in a directory. */
	public static void sync(Path directory) throws IOException {
		if (!posix(directory))
			return; // a directory cannot be opened there
		boolean interrupted = Thread.interrupted();
		try {
			while (!synced(directory))
				interrupted |= Thread.interrupted();
		} finally {
			if (interrupted)
				Thread.currentThread().interrupt();
		}
	}

	private static boolean synced(Path directory) throws IOException {
		try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
			channel.force(true);
			return true;
		} catch (ClosedByInterruptException e) {
			return false;
		}
	}

	private static boolean posix(Path path) {
		return path.getFileSystem().supportedFileAttributeViews().contains("posix");
	}
}
