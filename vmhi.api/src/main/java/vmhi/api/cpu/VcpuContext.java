package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The vCPU in the middle of an instruction that the core or a device carries out for it.
 * <p>
 * A backend has one such object for each vCPU and passes it with every call of {@link CpuHost}. It may be used during
 * that call and on that thread only; nobody keeps it. Registers are those before the instruction. What is written
 * here is in effect once the instruction is complete.
 */
@ConsumerType
public interface VcpuContext {
	/** Numbers of the general registers, as instructions encode them; r8 to r15 are 8 to 15. */
	int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7, R8 = 8, R9 = 9, R10 = 10;

	/** Index of the vCPU, from 0. */
	int index();

	/** A general register, all 64 bits. */
	long register(int number);

	/**
	 * Sets a general register, all 64 bits. During {@link CpuHost#readPort} the destination of IN, the low part of RAX,
	 * is set from the value returned, after this.
	 */
	void register(int number, long value);

	/** Current privilege level, 0 to 3. May cost more than the registers. */
	int privilege();

	/** Width of the code being executed: 64, 32 or 16 bits. May cost more than the registers. */
	int codeBits();

	/** The answer to an RDMSR. */
	void msrValue(long value);
}
