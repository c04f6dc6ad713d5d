package vmhi.api.memory;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is told what is written to guest RAM through {@link GuestMemory}: by devices, hypercall handlers and the core, and not
 * by the guest. It is for a CPU backend that keeps what it has made of the guest's code, and has to know when that is no
 * longer what is there.
 */
@ConsumerType
@FunctionalInterface
public interface WriteListener {

	/**
	 * Called after each write, by the thread that wrote and before it goes on, whichever thread that is and whatever
	 * locks it holds: so it is brief, waits for nobody who may wait for a device, and writes no guest RAM. Calls may
	 * come side by side. Most ranges are a few bytes, some are as long as RAM.
	 *
	 * @param gpa all of the range is RAM
	 * @param length bytes, 1 or more
	 */
	void written(long gpa, long length);
}
