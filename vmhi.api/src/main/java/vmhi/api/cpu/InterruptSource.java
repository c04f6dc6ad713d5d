package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The local APIC of one vCPU, where it is a device of the board and not part of the backend. A vCPU asks it between
 * instructions, on the vCPU's thread.
 */
@ConsumerType
public interface InterruptSource {

	/** Tells whether an interrupt of sufficient priority waits. A plain volatile read: it is asked very often. */
	boolean pending();

	/**
	 * Accepts the interrupt that waits. Called where the vCPU has interrupts enabled.
	 *
	 * @return its vector, or -1 if it went away
	 */
	int accept();

	/** MOV from CR8: bits 7:4 of the task priority. */
	int taskPriority();

	/** MOV to CR8, 0 to 15. */
	void taskPriority(int value);

	/** IA32_APIC_BASE as the guest reads it. */
	long apicBase();

	/** A write of IA32_APIC_BASE. @return {@code false} to raise #GP */
	boolean apicBase(long value);
}
