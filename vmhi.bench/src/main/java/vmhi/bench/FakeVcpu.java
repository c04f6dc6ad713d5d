package vmhi.bench;

import vmhi.api.cpu.VcpuContext;

/** A vCPU in 64-bit mode at CPL 0 whose registers are an array. */
final class FakeVcpu implements VcpuContext {
	private final long[] registers = new long[16];

	@Override
	public int index() {
		return 0;
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
		return 0;
	}

	@Override
	public int codeBits() {
		return 64;
	}

	@Override
	public void msrValue(long value) {
		// nobody asks for it
	}
}
