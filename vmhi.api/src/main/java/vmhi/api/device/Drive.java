package vmhi.api.device;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A disk of the machine, as a device uses it. Behind it stand the disk's format and storage; while their bundle is
 * exchanged, requests wait.
 * <p>
 * For any thread.
 */
@ProviderType
public interface Drive {

	/** Its name in the specification. */
	String name();

	/** Size in bytes. It may grow while the machine runs; see {@link #onResize}. */
	long size();

	/** Logical block size in bytes, 512 or 4096. */
	int blockSize();

	/** Whether writes, discards and zeroes are refused. */
	boolean readOnly();

	/** Whether {@link DriveRequest.Op#DISCARD} frees something; it is accepted in any case. */
	boolean discards();

	/**
	 * Starts a request and returns. Requests run at the same time and end in any order, but those that write the same
	 * bytes, which are carried out as submitted. A flush covers all that had ended before it was submitted. Never
	 * blocks.
	 */
	void submit(DriveRequest request);

	/** Has the listener called, on the device's worker, after the size changed. One at most; {@code null} for none. */
	void onResize(Runnable listener);
}
