package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A device of one machine.
 * <p>
 * {@link #attach}, {@link #reset} and {@link #close} are called by the core, one at a time, while no vCPU of the machine
 * runs. What the device registers with the board is called by vCPU threads, timers and the device's worker at once: the
 * device does its own locking, briefly.
 */
@ConsumerType
public interface Device extends AutoCloseable {

	/**
	 * Puts the device on the board, in the state after power-on. Called once.
	 *
	 * @throws DeviceException if something it needs is taken or missing; the core then closes the device, and what it
	 *         claimed so far is free again
	 */
	void attach(Board board) throws DeviceException;

	/** The machine's RESET: back to the state after {@link #attach}. Requests under way are finished or dropped first. */
	void reset();

	/**
	 * Takes the device off the board. The core releases what the device claimed by itself; the device ends what else it
	 * started. Called once, also after a failed {@link #attach}.
	 */
	@Override
	void close();
}
