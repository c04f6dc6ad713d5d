package vmhi.api.vdisk;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} that can give space back. A device offers discard only where it finds this. */
@ConsumerType
public interface Discardable {

	/** Makes the range read as zeros and frees what it can of the space behind it. */
	void discard(long offset, long length) throws DiskException;
}
