package vmhi.core.vdisk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/**
 * Decides where the names in an image may point. An image is untrusted, and following its names is how host files have
 * leaked into guests for twenty years: a name is taken relative to the image's folder, must stay below that folder or an
 * allowed root once all links are resolved, and a chain neither comes back on itself nor goes on for ever.
 *
 * @param user name of the machine, for messages
 * @param opened identities of the files from the first image to this one
 */
record ImageChain(Images images, String user, List<Path> roots, Set<Object> opened) {
	private static final int DEEPEST = 32;

	ImageChain {
		opened = Set.copyOf(opened);
	}

	/** The chain with one more file in it. */
	ImageChain with(Object key) {
		Set<Object> more = new HashSet<>(opened);
		if (key != null)
			more.add(key);
		return new ImageChain(images, user, roots, more);
	}

	void refuseLoop(Object key, Path name) throws DiskException {
		if (key != null && opened.contains(key))
			throw new DiskException(Kind.CORRUPT, "%s is its own backing file".formatted(name));
		if (opened.size() >= DEEPEST)
			throw new DiskException(Kind.UNSUPPORTED, "%s: a chain of more than %d images".formatted(name, DEEPEST));
	}

	VirtualDisk backing(Path image, String name, String format) throws DiskException {
		return images.openBacking(FileStorage.open(resolve(image, name), true, this), format);
	}

	Storage extent(Path image, String name, boolean create, boolean readOnly) throws DiskException {
		Path path = resolve(image, name);
		if (create) {
			try {
				Files.createFile(path);
			} catch (FileAlreadyExistsException e) {
				// it is opened as it is
			} catch (IOException e) {
				throw new DiskException(Kind.IO, "%s cannot be created: %s".formatted(path, e.getMessage()), e);
			}
		}
		return FileStorage.open(path, readOnly, this);
	}

	private Path resolve(Path image, String name) throws DiskException {
		if (name.isEmpty() || name.startsWith("json:") || name.contains("://"))
			throw new DiskException(Kind.FORBIDDEN, "%s names \"%s\", which is not a file name".formatted(image, name));
		try {
			Path folder = image.getParent();
			Path path = folder.resolve(name).normalize();
			Path real = Files.exists(path) ? path.toRealPath()
					: path.getParent().toRealPath().resolve(path.getFileName());
			if (real.startsWith(folder) || roots.stream().anyMatch(real::startsWith))
				return real;
			throw new DiskException(Kind.FORBIDDEN,
					"%s names \"%s\", which lies outside its folder and the allowed roots".formatted(image, name));
		} catch (InvalidPathException e) {
			throw new DiskException(Kind.FORBIDDEN, "%s names \"%s\", which is not a file name".formatted(image, name),
					e);
		} catch (DiskException e) {
			throw e;
		} catch (IOException e) {
			throw new DiskException(Kind.MISSING, "%s names \"%s\", which cannot be reached".formatted(image, name), e);
		}
	}
}
