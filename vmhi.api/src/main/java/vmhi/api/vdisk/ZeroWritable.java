package vmhi.api.vdisk;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} that writes zeros faster than by writing them. */
@ConsumerType
public interface ZeroWritable {

	/**
	 * Makes the range read as zeros, as a write would.
	 *
	 * @param mayFree whether space behind the range may be freed; if not, it stays allocated so that a later write
	 *        cannot run out of space
	 */
	void writeZeroes(long offset, long length, boolean mayFree) throws DiskException;
}
