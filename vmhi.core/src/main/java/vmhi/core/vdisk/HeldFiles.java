package vmhi.core.vdisk;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;

/**
 * The files that one user has open. Who opens one twice gets the same, so that an image may name a file more than once;
 * and what is open stays so while a disk is closed and opened by another bundle, so that nobody can come between and what
 * is known of a failed flush is not forgotten. For any thread.
 */
final class HeldFiles implements AutoCloseable {
	private final String user;
	private final OpenImages images;
	private final Map<Object, HostFile> files = new HashMap<>(); // a reference each; guarded by this

	/** @param user for example {@code machine web1} */
	HeldFiles(String user, OpenImages images) {
		this.user = user;
		this.images = images;
	}

	/** @return with a reference for the caller */
	synchronized HostFile open(Path path, boolean readOnly, boolean create) throws DiskException {
		HostFile held = create ? null : files.get(HostFile.key(path));
		if (held != null) {
			if (held.readOnly() && !readOnly)
				throw new DiskException(Kind.CORRUPT,
						"%s is used for reading and for writing by the same disk".formatted(path));
			return held.retain();
		}
		HostFile file = HostFile.open(path, readOnly, create, user, images);
		files.put(file.key(), file);
		return file.retain();
	}

	/** Lets go of all but these. */
	synchronized void keep(Collection<HostFile> used) {
		Set<HostFile> kept = new HashSet<>(used);
		files.values().removeIf(file -> {
			if (kept.contains(file))
				return false;
			file.release();
			return true;
		});
	}

	/** Lets go of all. A file that a call is still at stays open, and locked, until that ends. */
	@Override
	public void close() {
		keep(Set.of());
	}
}
