package vmhi.softcpu.core;

import vmhi.api.cpu.VcpuContext;

/** The vCPU as the host sees it while it answers an access. */
final class Context implements VcpuContext {
	private final Cpu c;

	/** The answer to an RDMSR. */
	long msrValue;

	Context(Cpu c) {
		this.c = c;
	}

	@Override
	public int index() {
		return c.index;
	}

	@Override
	public long register(int number) {
		return c.r[number];
	}

	@Override
	public void register(int number, long value) {
		c.r[number] = value;
	}

	@Override
	public int privilege() {
		return c.cpl;
	}

	@Override
	public int codeBits() {
		return c.codeBits;
	}

	@Override
	public void msrValue(long value) {
		msrValue = value;
	}
}
