package vmhi.api.cpu;

/**
 * Thrown out of a call of {@link CpuHost} on a thread that the core has given up, because a plug-in did not come back
 * from that call in time. Meanwhile the core goes on with the vCPU on another thread, by calling {@link Vcpu#run} anew;
 * the call counts as answered. {@code run} lets this pass and touches neither guest nor host on its way out.
 */
public final class AbandonedRun extends Error {
	private static final long serialVersionUID = 1L;

	/** One is enough: it carries nothing. */
	public static final AbandonedRun INSTANCE = new AbandonedRun();

	private AbandonedRun() {
		super("a plug-in did not come back in time; another thread has this vCPU", null, false, false);
	}
}
