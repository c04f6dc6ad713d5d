package vmhi.core.vdisk;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.StorageTransport;
import vmhi.api.vdisk.StorageTransport.Connection;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.plugin.Plugin;

/**
 * All that one disk was opened from: its image, the extents and backing files that this names, theirs, and the bundles
 * that read them. It can be given up as a whole, whatever the bundles do.
 * <p>
 * It decides where the names in an image may point. An image is untrusted, and following its names is how host files have
 * leaked into guests for twenty years: a name is taken relative to the image's folder, and once all links are resolved it
 * lies below that folder or an allowed root; a chain neither comes back on itself nor goes on for ever. For any thread.
 */
final class ImageChain {
	private static final Logger LOG = LoggerFactory.getLogger(ImageChain.class);

	private static final int DEEPEST = 32;
	private static final int MOST_FILES = 4096;
	/** What a transport has to close a connection. */
	private static final long CLOSE = TimeUnit.SECONDS.toNanos(5);
	private static final String RAW = "disk:raw";
	private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:");

	/** Says which bundle to use. */
	interface Chooser {

		/** @throws DiskException of kind {@code UNSUPPORTED} if there is none */
		Plugin<DiskFormat> format(String format) throws DiskException;

		/** @throws DiskException of kind {@code UNSUPPORTED} if there is none */
		Plugin<StorageTransport> transport(String scheme) throws DiskException;

		/** The best of each format. */
		List<Plugin<DiskFormat>> formats();
	}

	/** An image of the chain, and how it was come to. */
	record Link(Link parent, Path path, Object key, int depth) {

		boolean contains(Object other) {
			return key.equals(other) || parent != null && parent.contains(other);
		}
	}

	private final String user;
	private final HeldFiles files;
	private final OpenImages images;
	private final List<Path> roots;
	private final Chooser chooser;
	private final Set<Plugin<?>> plugins = ConcurrentHashMap.newKeySet();

	// guarded by this
	private final List<Path> created = new ArrayList<>();
	private final List<FileStorage> opened = new ArrayList<>();
	private final List<RemoteStorage> connected = new ArrayList<>();
	private boolean givenUp;

	/**
	 * @param user for example {@code machine web1}
	 * @param files of the same user
	 */
	ImageChain(String user, HeldFiles files, OpenImages images, List<Path> roots, Chooser chooser) {
		this.user = user;
		this.files = files;
		this.images = images;
		this.roots = List.copyOf(roots);
		this.chooser = chooser;
	}

	/** What reads the chain, as far as it is open. */
	Set<Plugin<?>> plugins() {
		return plugins;
	}

	/** Opens the first image. Its name comes from the operator and may point anywhere. */
	VirtualDisk open(String name, boolean readOnly, Plugin<DiskFormat> format) throws DiskException {
		return open(storage(name, readOnly), format);
	}

	private Storage storage(String name, boolean readOnly) throws DiskException {
		if (!SCHEME.matcher(name).lookingAt())
			return file(path(name, name), readOnly);
		URI uri;
		Path path = null;
		try {
			uri = new URI(name);
			if (uri.getScheme().equals("file"))
				path = Path.of(uri);
		} catch (URISyntaxException | IllegalArgumentException e) {
			throw new DiskException(Kind.MISSING, "\"%s\" is not a URI".formatted(name), e);
		}
		return path != null ? file(path, readOnly) : remote(uri, name, readOnly);
	}

	private Storage file(Path path, boolean readOnly) throws DiskException {
		Path real;
		try {
			real = path.toRealPath();
		} catch (IOException e) {
			throw HostFile.failure(path, e);
		}
		return storage(null, real, readOnly, false);
	}

	private static Path path(String name, String image) throws DiskException {
		try {
			return Path.of(name);
		} catch (InvalidPathException e) {
			throw new DiskException(Kind.MISSING, "%s: \"%s\" is not a file name".formatted(image, name), e);
		}
	}

	/** Makes the first image: a file that is not there yet. */
	FileStorage create(Path path) throws DiskException {
		return storage(null, path, false, true);
	}

	private RemoteStorage remote(URI uri, String name, boolean readOnly) throws DiskException {
		Plugin<StorageTransport> transport = chooser.transport(uri.getScheme());
		plugins.add(transport);
		OpenImages.Claim claim = images.claim(uri, name, user, readOnly);
		Connection connection = null;
		try {
			connection = transport.service().connect(uri, readOnly);
			RemoteStorage storage = new RemoteStorage(name, readOnly, connection, connection.length(), images, claim);
			synchronized (this) {
				refuseWhenGivenUp(name);
				connected.add(storage);
			}
			return storage;
		} catch (DiskException | RuntimeException | LinkageError e) {
			if (connection != null)
				connection.close();
			images.release(claim);
			throw e;
		}
	}

	private void refuseWhenGivenUp(String name) throws DiskException {
		if (givenUp)
			throw new DiskException(Kind.IO, name + " is closed");
		if (opened.size() + connected.size() >= MOST_FILES)
			throw new DiskException(Kind.UNSUPPORTED, "%s: a disk of more than %d files".formatted(name, MOST_FILES));
	}

	private FileStorage storage(Link parent, Path real, boolean readOnly, boolean create) throws DiskException {
		int depth = parent == null ? 0 : parent.depth + 1;
		if (depth > DEEPEST)
			throw new DiskException(Kind.UNSUPPORTED, "%s: a chain of more than %d images".formatted(real, DEEPEST));
		HostFile file = files.open(real, readOnly, create);
		try {
			if (parent != null && parent.contains(file.key()))
				throw new DiskException(Kind.CORRUPT,
						"%s is named by %s, which is reached from it: a loop".formatted(real, parent.path));
			if (parent != null && !allowed(file.where(), parent.path.getParent()))
				throw new DiskException(Kind.FORBIDDEN, "%s moved while it was opened".formatted(real));
			Link link = new Link(parent, real, file.key(), depth);
			FileStorage storage = new FileStorage(file.retain(), readOnly, this, link);
			boolean kept = false;
			try {
				synchronized (this) {
					if (create)
						created.add(real);
					refuseWhenGivenUp(real.toString());
					opened.add(storage);
				}
				kept = true;
				return storage;
			} finally {
				if (!kept)
					storage.close();
			}
		} finally {
			file.release();
		}
	}

	/** Opens what is in a storage; on failure the storage is closed. */
	private VirtualDisk open(Storage storage, Plugin<DiskFormat> format) throws DiskException {
		plugins.add(format);
		VirtualDisk disk = null;
		try {
			disk = format.service().open(storage);
			if (disk == null)
				throw new IllegalStateException(
						"%s opened %s and gave nothing".formatted(format.role(), storage.name()));
			return disk;
		} finally {
			if (disk == null)
				storage.close();
		}
	}

	VirtualDisk backing(Link image, String name, String format) throws DiskException {
		Storage storage = storage(image, resolve(image, name, false), true, false);
		Plugin<DiskFormat> plugin = null;
		try {
			plugin = format.isEmpty() ? recognised(storage, image) : chooser.format(format);
		} finally {
			if (plugin == null)
				storage.close();
		}
		return new BackingDisk(open(storage, plugin), storage.name());
	}

	/**
	 * The format of a backing file whose image does not say. Raw is never assumed: what is in a raw image is whatever a
	 * guest wrote.
	 */
	private Plugin<DiskFormat> recognised(Storage storage, Link image) throws DiskException {
		List<Plugin<DiskFormat>> known = new ArrayList<>();
		for (Plugin<DiskFormat> plugin : chooser.formats())
			if (!plugin.role().equals(RAW) && plugin.service().recognises(storage))
				known.add(plugin);
		if (known.size() == 1)
			return known.get(0);
		throw new DiskException(Kind.UNSUPPORTED,
				"%s does not say in what format its backing file %s is%s; write it there"
						.formatted(image.path, storage.name(), known.isEmpty() ? ""
								: ", and it looks like %d of them"
										.formatted(known.size())));
	}

	FileStorage extent(Link image, String name, boolean create, boolean readOnly) throws DiskException {
		Path real = resolve(image, name, create);
		return storage(image, real, readOnly, create && Files.notExists(real));
	}

	private Path resolve(Link image, String name, boolean mayBeMissing) throws DiskException {
		if (name.isEmpty() || SCHEME.matcher(name).lookingAt())
			throw new DiskException(Kind.FORBIDDEN,
					"%s names \"%s\", which is not the name of a file".formatted(image.path, name));
		Path folder = image.path.getParent();
		Path named = folder.resolve(path(name, image.path.toString()));
		Path real;
		try {
			real = named.toRealPath();
		} catch (NoSuchFileException e) {
			if (!mayBeMissing || named.getFileName() == null || Files.isSymbolicLink(named))
				throw new DiskException(Kind.MISSING,
						"%s names \"%s\", which does not exist".formatted(image.path, name), e);
			try {
				real = named.getParent().toRealPath().resolve(named.getFileName());
			} catch (IOException f) {
				throw HostFile.failure(named, f);
			}
		} catch (IOException e) {
			throw HostFile.failure(named, e);
		}
		if (!allowed(real, folder))
			throw new DiskException(Kind.FORBIDDEN,
					"%s names \"%s\", which lies outside its folder and the allowed roots"
							.formatted(image.path, name));
		return real;
	}

	private boolean allowed(Path real, Path folder) {
		return real.startsWith(folder) || roots.stream().anyMatch(root -> real.startsWith(real(root)));
	}

	private static Path real(Path root) {
		try {
			return root.toRealPath();
		} catch (IOException e) {
			return root; // nothing lies below what is not there
		}
	}

	/** Files that were made for it. */
	synchronized List<Path> created() {
		return List.copyOf(created);
	}

	/** The files it uses. */
	synchronized List<HostFile> hostFiles() {
		return opened.stream().map(FileStorage::file).toList();
	}

	/** How many calls are with the host now, where nobody can end them. */
	synchronized int calls() {
		int calls = 0;
		for (FileStorage storage : opened)
			calls += storage.calls();
		return calls;
	}

	/**
	 * Takes all files from those who have them. Returns soon; a call that is with the host now keeps its file until it
	 * ends.
	 */
	void giveUp() {
		List<RemoteStorage> connections;
		synchronized (this) {
			givenUp = true;
			opened.forEach(FileStorage::close);
			connections = List.copyOf(connected);
		}
		for (RemoteStorage connection : connections)
			try {
				PluginCall.make("close of " + connection.name(), waited -> waited < CLOSE, () -> {
					connection.close();
					return null;
				});
			} catch (DiskException e) {
				LOG.warn("{}", e.getMessage());
			}
	}
}
