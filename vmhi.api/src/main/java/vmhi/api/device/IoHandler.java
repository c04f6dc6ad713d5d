package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

import vmhi.api.cpu.VcpuContext;

/**
 * Answers accesses to a claimed range of ports or of MMIO.
 * <p>
 * Called on the thread of the vCPU that makes the access, several vCPUs at a time; never blocks and allocates nothing.
 * Whatever the guest does here, an exception is a mistake in the device: the core counts it, answers all ones, and takes
 * a device that keeps throwing off the bus.
 */
@ConsumerType
public interface IoHandler {

	/**
	 * A read.
	 *
	 * @param vcpu who reads; valid during this call
	 * @param offset from the start of the range claimed; {@code offset + size} lies within it
	 * @param size 1, 2 or 4 bytes for ports, 1 to 8 for MMIO
	 * @return the value, of which the low {@code size} bytes count
	 */
	long read(VcpuContext vcpu, long offset, int size);

	/**
	 * A write.
	 *
	 * @param value zero-extended from {@code size} bytes
	 */
	void write(VcpuContext vcpu, long offset, int size, long value);
}
