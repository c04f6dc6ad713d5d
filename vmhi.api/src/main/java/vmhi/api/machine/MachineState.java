package vmhi.api.machine;

/** What a machine is doing. */
public enum MachineState {
	/** Never started since it was defined. */
	DEFINED,
	/** Its vCPUs run. */
	RUNNING,
	/** Its vCPUs and its time stand still. */
	PAUSED,
	/** Ended in an orderly way. */
	STOPPED,
	/** Ended because something went wrong. */
	FAILED
}
