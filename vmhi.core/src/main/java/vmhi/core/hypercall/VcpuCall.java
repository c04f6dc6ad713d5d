package vmhi.core.hypercall;

import static vmhi.api.cpu.VcpuContext.R10;
import static vmhi.api.cpu.VcpuContext.R8;
import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RBX;
import static vmhi.api.cpu.VcpuContext.RCX;
import static vmhi.api.cpu.VcpuContext.RDI;
import static vmhi.api.cpu.VcpuContext.RDX;
import static vmhi.api.cpu.VcpuContext.RSI;

import java.util.concurrent.atomic.AtomicReference;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.hypercall.Call;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryView;
import vmhi.core.memory.CallView;

/**
 * The call that a vCPU makes, and the register convention ({@link vmhi.api.hypercall.Abi}). One object for each vCPU,
 * used for each of its calls: arguments are taken at the start, values are put back at the end.
 */
final class VcpuCall implements Call {
	/** Time a call should take at most, in nanoseconds. */
	private static final long BUDGET = 50_000;

	private static final int[] ARGUMENTS_64 = { RDI, RSI, RDX, R10, R8 };
	private static final int[] ARGUMENTS_32 = { RBX, RCX, RDX, RSI, RDI };

	private final CallView view;
	private final long[] arguments = new long[5];
	private final long[] values = new long[2];
	private int valuesSet;
	private int vcpu;
	private int privilege;
	private int codeBits;
	private long firstCheck;

	/** The handler that the call is in, until the call ends; taken once, here or by who gives the thread up. */
	private final AtomicReference<Binding.Active> lease = new AtomicReference<>();

	VcpuCall(GuestMemory memory) {
		view = new CallView(memory);
	}

	/**
	 * Takes the arguments.
	 *
	 * @return the number of the call
	 */
	int begin(VcpuContext context) {
		vcpu = context.index();
		privilege = context.privilege();
		codeBits = context.codeBits();
		boolean wide = codeBits == 64;
		int[] registers = wide ? ARGUMENTS_64 : ARGUMENTS_32;
		for (int i = 0; i < arguments.length; i++) {
			long value = context.register(registers[i]);
			arguments[i] = wide ? value : value & 0xffff_ffffL;
		}
		valuesSet = 0;
		firstCheck = 0;
		view.begin();
		return (int) context.register(RAX);
	}

	/** Gives status and values to the guest. */
	void end(VcpuContext context, int status) {
		if (status >= 0)
			view.commit();
		boolean wide = codeBits == 64;
		if ((valuesSet & 1) != 0)
			context.register(RDX, wide ? values[0] : values[0] & 0xffff_ffffL);
		if ((valuesSet & 2) != 0)
			context.register(wide ? R10 : RCX, wide ? values[1] : values[1] & 0xffff_ffffL);
		context.register(RAX, wide ? status : status & 0xffff_ffffL);
	}

	/** The call goes into a handler. */
	void lease(Binding.Active handler) {
		lease.setRelease(handler);
	}

	/** The call is out of its handler, or its thread is given up. */
	void endLease() {
		Binding.Active handler = lease.getAndSet(null);
		if (handler != null)
			handler.end();
	}

	@Override
	public long argument(int index) {
		return arguments[index];
	}

	@Override
	public void value(int index, long value) {
		values[index] = value;
		valuesSet |= 1 << index;
	}

	@Override
	public int vcpu() {
		return vcpu;
	}

	@Override
	public int privilege() {
		return privilege;
	}

	@Override
	public int codeBits() {
		return codeBits;
	}

	@Override
	public MemoryView memory() {
		return view;
	}

	/** The clock is read from the first question on: most calls never ask. */
	@Override
	public boolean overBudget() {
		long now = System.nanoTime();
		if (firstCheck == 0)
			firstCheck = now | 1;
		return now - firstCheck > BUDGET;
	}
}
