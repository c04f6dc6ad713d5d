package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A {@link Processor} that can take a guest's write as a mere signal, without an exit to the vCPU's thread (KVM's
 * ioeventfd). Where a processor isn't one, the core makes the exit ring the bell; devices see no difference.
 */
@ConsumerType
public interface Doorbells {

	/**
	 * Rings {@code bell} for each write to the address, on a thread of the backend's, soon after the write. Several
	 * writes close together may ring once.
	 *
	 * @param port whether {@code address} is a port or a GPA
	 * @param size of the write in bytes: 1, 2, 4, 8; or 0 for any
	 * @param match the value that has to be written, if {@code matched}
	 * @return close it to end this: a write made before then has rung when {@code close} returns, on the closing thread
	 *         if need be, so that none is lost when a machine moves; afterwards {@code bell} isn't called any more. Not
	 *         to be closed while holding what {@code bell} waits for.
	 * @throws CpuException if the host refuses; the core then falls back to exits
	 */
	AutoCloseable doorbell(boolean port, long address, int size, boolean matched, long match, Runnable bell)
			throws CpuException;
}
