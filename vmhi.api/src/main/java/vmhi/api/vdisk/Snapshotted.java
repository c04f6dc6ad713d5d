package vmhi.api.vdisk;

import java.util.List;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} of a format that keeps snapshots inside the image. Nothing else is called meanwhile. */
@ConsumerType
public interface Snapshotted {

	/** The snapshots, the oldest first. */
	List<Snapshot> snapshots() throws DiskException;

	/** Keeps the disk as it is now under a name that no other snapshot has. */
	void create(String name) throws DiskException;

	/** Makes the disk read as it did then. */
	void revert(String name) throws DiskException;

	/** Forgets a snapshot and frees what only it used. */
	void delete(String name) throws DiskException;

	/**
	 * One of them.
	 *
	 * @param epochMillis when it was made
	 * @param diskSize bytes the disk had then
	 */
	record Snapshot(String name, long epochMillis, long diskSize) {}
}
