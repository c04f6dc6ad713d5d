package vmhi.api.hypercall;

import org.osgi.annotation.versioning.ProviderType;

import vmhi.api.memory.MemoryView;

/** A call in progress. Belongs to the thread that carries it out, until {@link RangeHandler#call} returns. */
@ProviderType
public interface Call {

	/**
	 * An argument as the guest gave it; a call from 32-bit code has been cut to 32 bits and zero-extended.
	 *
	 * @param index 0 to 4
	 */
	long argument(int index);

	/**
	 * Sets a value to be given back.
	 *
	 * @param index 0 or 1
	 */
	void value(int index, long value);

	/** Index of the vCPU that calls. */
	int vcpu();

	/** CPL of the caller. */
	int privilege();

	/** Width of the caller's code: 64 or 32. */
	int codeBits();

	/** Guest RAM, each byte fetched once; what is written takes effect if the status is not negative. */
	MemoryView memory();

	/** Whether the call has used its time: a handler that works through a list then stops and says {@link Status#AGAIN}. */
	boolean overBudget();
}
