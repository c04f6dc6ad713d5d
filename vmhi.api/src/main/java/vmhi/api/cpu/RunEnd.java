package vmhi.api.cpu;

/** Why {@link Vcpu#run} returned. */
public enum RunEnd {
	/** Somebody called {@link Vcpu#stop}. */
	STOPPED,
	/** HLT was executed, and the backend does not wait by itself. The core parks the thread until an interrupt. */
	HALTED,
	/** The vCPU waits to be started (after INIT) and the backend does not wait by itself. */
	WAITING,
	/** Triple fault, or another end that resets the machine. */
	SHUTDOWN
}
