package vmhi.hypercall;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

import vmhi.api.hypercall.Call;
import vmhi.api.memory.MemoryView;

/** A call, which lets its handler fetch each byte of guest RAM once and no more. */
final class FakeCall implements Call, MemoryView {
	private final FakeHost host;
	private final long[] arguments;
	private final BitSet fetched = new BitSet();
	final long[] values = { -77, -77 };
	int bits = 64;

	FakeCall(FakeHost host, long... arguments) {
		this.host = host;
		this.arguments = Arrays.copyOf(arguments, 5);
	}

	@Override
	public long argument(int index) {
		return bits == 64 ? arguments[index] : arguments[index] & 0xffff_ffffL;
	}

	@Override
	public void value(int index, long value) {
		values[index] = value;
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
		return bits;
	}

	@Override
	public MemoryView memory() {
		return this;
	}

	@Override
	public boolean overBudget() {
		return false;
	}

	@Override
	public byte[] copyIn(long gpa, int length) {
		if (length < 0 || length > 1 << 20 || !host.memory.contains(gpa, length))
			return null;
		for (int i = 0; i < length; i++) {
			assertFalse(fetched.get((int) gpa + i), "fetched twice");
			fetched.set((int) gpa + i);
		}
		byte[] bytes = new byte[length];
		host.memory.read(gpa, ByteBuffer.wrap(bytes));
		return bytes;
	}

	@Override
	public boolean copyOut(long gpa, byte[] data) {
		return host.memory.write(gpa, ByteBuffer.wrap(data));
	}
}
