package vmhi.api.cpu;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The rest of the machine, as a vCPU sees it.
 * <p>
 * Called by a running vCPU on its own thread, in the middle of {@link Vcpu#run}. Takes and gives primitive values and
 * allocates nothing. Never throws for anything a guest can do: an address nobody answers at reads as all ones and
 * ignores writes. What it may throw is {@link AbandonedRun}, which {@code run} lets pass.
 */
@ProviderType
public interface CpuHost {

	/**
	 * IN.
	 *
	 * @param port 0 to 0xffff
	 * @param size 1, 2 or 4 bytes
	 * @return the value, zero-extended
	 */
	long readPort(VcpuContext vcpu, int port, int size);

	/** OUT. {@code value} is zero-extended. */
	void writePort(VcpuContext vcpu, int port, int size, long value);

	/**
	 * A load from an address that is not RAM.
	 *
	 * @param size 1 to 8 bytes
	 * @return the value, zero-extended
	 */
	long readMmio(VcpuContext vcpu, long gpa, int size);

	/** A store to an address that is not RAM. */
	void writeMmio(VcpuContext vcpu, long gpa, int size, long value);

	/**
	 * RDMSR of a register that the backend does not know or was told to trap. The answer is given by
	 * {@link VcpuContext#msrValue}.
	 *
	 * @return {@code false} to raise #GP in the guest
	 */
	boolean readMsr(VcpuContext vcpu, int index);

	/**
	 * WRMSR of such a register.
	 *
	 * @return {@code false} to raise #GP in the guest
	 */
	boolean writeMsr(VcpuContext vcpu, int index, long value);

	/**
	 * VMCALL or VMMCALL, on a backend that sees them. The call number and arguments are in the registers, as for the
	 * port; answers are put there.
	 *
	 * @return {@code false} to raise #UD in the guest
	 */
	boolean hypercall(VcpuContext vcpu);

	/**
	 * Something that should not be, but that the guest survives: told once for each {@code what}, counted afterwards.
	 *
	 * @param what a constant sentence, such as {@code "unknown instruction"}
	 */
	void odd(VcpuContext vcpu, String what);
}
