package vmhi.api.vdisk;

import java.util.Optional;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} of a format whose images can name a backing file. */
@ConsumerType
public interface Chained {

	/** The backing file that this image names, if any. */
	Optional<Backing> backing();

	/**
	 * Makes the image name another backing file, or none, without changing any data. Takes effect when the disk is
	 * opened next.
	 *
	 * @param backing {@code null} for none
	 */
	void rebase(Backing backing) throws DiskException;

	/**
	 * A backing file as written in an image.
	 *
	 * @param format {@code ""} where the image does not say
	 */
	record Backing(String name, String format) {}
}
