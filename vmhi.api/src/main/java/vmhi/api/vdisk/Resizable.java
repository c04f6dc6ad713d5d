package vmhi.api.vdisk;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} whose size can change while it is open. Nothing else is called meanwhile. */
@ConsumerType
public interface Resizable {

	/**
	 * Changes the size. What is new reads as zeros; what lies beyond a smaller size is gone. Lasting after a flush.
	 *
	 * @throws DiskException of kind {@code UNSUPPORTED} for a size this disk cannot have; nothing has then changed
	 */
	void resize(long size) throws DiskException;
}
