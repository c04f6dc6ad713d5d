package vmhi.api.vdisk;

import java.util.Map;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link DiskFormat} that can make new images. */
@ConsumerType
public interface DiskCreator {

	/**
	 * Writes an empty image: one that reads as zeros, or as its backing file.
	 *
	 * @param image empty storage, for writing; stays open, and on failure the caller deletes it
	 * @param size of the disk in bytes, more than 0
	 * @param options in the words of this format, such as {@code cluster_size}; sizes are numbers of bytes
	 * @throws DiskException of kind {@code UNSUPPORTED} for a size or option that this format does not have, naming it
	 */
	void create(Storage image, long size, Map<String, String> options) throws DiskException;
}
