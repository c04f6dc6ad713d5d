package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;

/**
 * The images that this process has open, and by whom. It can name the machine that has an image, which the lock of the
 * kernel can't, and it still works where a file system has no locks. For any thread.
 */
final class OpenImages {
	private static final int SCRATCH = 1 << 16;
	private static final int ZEROS = 1 << 18;

	private final Map<Object, List<Claim>> claims = new HashMap<>(); // guarded by this
	private final ThreadLocal<ByteBuffer> scratch = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SCRATCH));
	private final ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS).asReadOnlyBuffer();

	/** Somebody who has an image. */
	record Claim(Object key, String user, boolean readOnly) {}

	/**
	 * Notes that somebody has the image.
	 *
	 * @param key what tells it from other images
	 * @param user for example {@code machine web1}
	 * @throws DiskException of kind {@code LOCKED} if somebody else has it, and one of the two writes
	 */
	synchronized Claim claim(Object key, String image, String user, boolean readOnly) throws DiskException {
		List<Claim> others = claims.computeIfAbsent(key, k -> new ArrayList<>());
		for (Claim other : others)
			if (!readOnly || !other.readOnly)
				throw new DiskException(Kind.LOCKED,
						"%s is in use by %s; stop that one first".formatted(image, other.user));
		Claim claim = new Claim(key, user, readOnly);
		others.add(claim);
		return claim;
	}

	/** Notes that it was given up. */
	synchronized void release(Claim claim) {
		List<Claim> all = claims.get(claim.key);
		all.remove(claim);
		if (all.isEmpty())
			claims.remove(claim.key);
	}

	/** A direct buffer of the calling thread's own, for what is not in one. */
	ByteBuffer scratch() {
		return scratch.get().clear();
	}

	/** Zeros to write. */
	ByteBuffer zeros() {
		return zeros.duplicate();
	}
}
