package vmhi.tck.device;

import vmhi.api.cpu.VcpuContext;

/** A vCPU in the middle of an instruction, for handlers to look at and change. */
public final class TestVcpu implements VcpuContext {
	/** RAX, RCX and so on, as {@link VcpuContext} numbers them. */
	public final long[] registers = new long[16];
	/** What {@link #msrValue} was told last. */
	public long msrValue;
	/** What {@link #privilege()} says. */
	public int privilege;
	/** What {@link #codeBits()} says. */
	public int codeBits = 64;

	private final int index;

	/** A vCPU of this number. */
	public TestVcpu(int index) {
		this.index = index;
	}

	@Override
	public int index() {
		return index;
	}

	@Override
	public long register(int number) {
		return registers[number];
	}

	@Override
	public void register(int number, long value) {
		registers[number] = value;
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
	public void msrValue(long value) {
		msrValue = value;
	}
}
