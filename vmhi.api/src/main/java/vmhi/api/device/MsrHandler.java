package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

import vmhi.api.cpu.VcpuContext;

/** Answers accesses to claimed model-specific registers. Called as {@link IoHandler} is. */
@ConsumerType
public interface MsrHandler {

	/**
	 * RDMSR; the answer is given by {@link VcpuContext#msrValue}.
	 *
	 * @return {@code false} to raise #GP in the guest
	 */
	boolean read(VcpuContext vcpu, int index);

	/**
	 * WRMSR.
	 *
	 * @return {@code false} to raise #GP in the guest
	 */
	boolean write(VcpuContext vcpu, int index, long value);
}
