package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link Processor} that keeps a clock of its own for the guest, such as kvmclock. Called while no vCPU runs. */
@ConsumerType
public interface ClockedProcessor {

	/** Guest nanoseconds since the machine started, as the guest's paravirtual clock has it. */
	long guestNanos() throws CpuException;

	/** Sets that clock, so that the time a machine stood still does not count. */
	void guestNanos(long value) throws CpuException;
}
