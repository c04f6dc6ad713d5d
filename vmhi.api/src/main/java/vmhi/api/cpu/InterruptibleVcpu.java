package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link Vcpu} of a backend that brings no interrupt controller: the board's local APIC is connected to it. */
@ConsumerType
public interface InterruptibleVcpu extends Vcpu {

	/**
	 * Connects the local APIC. Called before the first run, and again with another one when the board's interrupt
	 * controller is exchanged; never while {@link #run} is on. What was connected before is not called any more.
	 */
	void connect(InterruptSource source);

	/**
	 * Says that {@link InterruptSource#pending} may have become true: a run in progress looks at it within a bounded
	 * number of instructions. The core has it also end the wait of a halted vCPU. From any thread.
	 */
	void interruptPending();

	/** A non-maskable interrupt. From any thread. */
	void nmi();

	/** INIT. From any thread. */
	void init();

	/** STARTUP: start at {@code vector << 12} in real mode, if waiting after INIT. From any thread. */
	void startup(int vector);
}
