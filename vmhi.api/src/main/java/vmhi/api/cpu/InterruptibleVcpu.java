package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link Vcpu} of a backend that brings no interrupt controller: the board's local APIC is connected to it. */
@ConsumerType
public interface InterruptibleVcpu extends Vcpu {

	/** Connects the local APIC. Called once, before the first run. */
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
