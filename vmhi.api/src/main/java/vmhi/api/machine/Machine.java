package vmhi.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One machine. For any thread.
 * <p>
 * What changes it is a job; jobs of one machine are carried out one after the other, but {@link #stop}, which overtakes
 * all others.
 */
@ProviderType
public interface Machine {

	/** The machine as it is now, without waiting. */
	MachineSnapshot snapshot();

	/**
	 * Starts it, from {@code DEFINED}, {@code STOPPED} or {@code FAILED}. Done when its vCPUs run. If anything it needs
	 * is missing the job fails and the machine is as before.
	 */
	Job start() throws MachineException;

	/**
	 * Asks the guest to shut down; done when the button is pressed.
	 *
	 * @throws MachineException of kind {@code CONFLICT} if it has no device by which a guest can be asked
	 */
	Job shutdown() throws MachineException;

	/**
	 * Cuts the power: the vCPUs stop, disks are flushed and closed. Works in any state and at any time, whatever a guest
	 * or plug-in does. Done when the machine is {@code STOPPED} or {@code FAILED}.
	 */
	Job stop() throws MachineException;

	/** Has vCPUs and guest time stand still. Done when they do. */
	Job pause() throws MachineException;

	/** Goes on after {@link #pause}; a machine that waits for a plug-in or a disk tries that again. */
	Job resume() throws MachineException;

	/** Presses the reset button. */
	Job reset() throws MachineException;

	/**
	 * Moves the vCPUs to another CPU backend, or another version of it, while the guest runs. Done when they run there;
	 * if that backend refuses, they go on where they were and the job fails.
	 *
	 * @param backend kind of CPU backend
	 */
	Job moveTo(String backend) throws MachineException;

	/**
	 * One of its consoles.
	 *
	 * @throws MachineException of kind {@code NOT_FOUND}
	 */
	Console console(String name) throws MachineException;
}
