package vmhi.example.range;

import java.util.ArrayList;
import java.util.List;

import vmhi.api.hypercall.Call;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.memory.MemoryView;

/** A call without a machine: RAM is an array from address 0 on, and what is copied out arrives as the core would do it. */
final class TestCall implements Call, MemoryView {
	private record Block(long gpa, byte[] data) {}

	private final byte[] ram;
	private final long[] arguments;
	private final Long[] values = new Long[2];
	private final List<Block> pending = new ArrayList<>();

	private TestCall(byte[] ram, long... arguments) {
		this.ram = ram;
		this.arguments = arguments;
	}

	/** What a call came to. */
	record Answer(int status, Long first, Long second) {}

	static Answer call(RangeHandler handler, byte[] ram, int function, long... arguments) {
		TestCall call = new TestCall(ram, arguments);
		int status = handler.call(function, call);
		if (status >= 0)
			call.pending.forEach(b -> System.arraycopy(b.data, 0, ram, (int) b.gpa, b.data.length));
		return new Answer(status, call.values[0], call.values[1]);
	}

	private boolean isRam(long gpa, int length) {
		return gpa >= 0 && length >= 0 && gpa <= ram.length - length;
	}

	@Override
	public byte[] copyIn(long gpa, int length) {
		if (!isRam(gpa, length))
			return null;
		byte[] copy = new byte[length];
		System.arraycopy(ram, (int) gpa, copy, 0, length);
		return copy;
	}

	@Override
	public boolean copyOut(long gpa, byte[] data) {
		return isRam(gpa, data.length) && pending.add(new Block(gpa, data.clone()));
	}

	@Override
	public long argument(int index) {
		return arguments[index];
	}

	@Override
	public void value(int index, long value) {
		values[index] = value;
	}

	@Override
	public MemoryView memory() {
		return this;
	}

	@Override
	public int vcpu() {
		return 0;
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
	public boolean overBudget() {
		return false;
	}
}
