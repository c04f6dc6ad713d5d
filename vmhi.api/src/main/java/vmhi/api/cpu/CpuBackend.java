package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A way to execute guest instructions.
 * <p>
 * Called from any thread, several at a time. Holds no state of any one machine: that belongs to the {@link Processor}
 * it returns. When the service is about to leave, the core stops the vCPUs it made, takes their state and closes the
 * processors; the machines go on with the backend that comes next.
 */
@ConsumerType
public interface CpuBackend {

	/** Looks at the host and says whether and how well machines can run. Takes milliseconds, has no lasting effect. */
	HostVerdict probe();

	/**
	 * All that this backend on this host can present to a guest: the most that a CPU model can be. Leaves as in the
	 * vendors' CPUID documentation, for vCPU 0 of a machine with one vCPU; hypervisor leaves (0x4000_0000 and up) are
	 * not among them.
	 *
	 * @throws CpuException of kind {@code UNAVAILABLE} where {@link #probe} says no
	 */
	CpuidTable supportedCpuid() throws CpuException;

	/**
	 * Makes the vCPUs of one machine, in the state after RESET.
	 *
	 * @param setup checked by the core: between 1 and {@link HostVerdict#maxVcpus()} vCPUs, RAM regions that do not
	 *        overlap, one CPUID table a vCPU
	 * @param host outlives the processor
	 * @return a processor that the core closes, after the last {@link Vcpu#run} has returned
	 * @throws CpuException if the host refuses; everything taken so far has then been given back
	 */
	Processor create(CpuSetup setup, CpuHost host) throws CpuException;
}
