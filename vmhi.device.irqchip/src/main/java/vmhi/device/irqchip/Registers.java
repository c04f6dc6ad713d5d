package vmhi.device.irqchip;

import java.util.function.IntUnaryOperator;

/** What answers at a range of ports or addresses. Called with the lock of the {@link Irqchip}. */
interface Registers {

	/** A read by a vCPU. {@code offset + size} lies in the range. */
	long read(int vcpu, int offset, int size);

	/** A write by a vCPU. */
	void write(int vcpu, int offset, int size, long value);

	/** Takes a byte. */
	@FunctionalInterface
	interface ByteWriter {
		void write(int offset, int value);
	}

	/** Registers of a byte each. Wider accesses are those of the bytes, as on the bus. */
	record Bytes(IntUnaryOperator reader, ByteWriter writer) implements Registers {

		@Override
		public long read(int vcpu, int offset, int size) {
			long value = 0;
			for (int i = 0; i < size; i++)
				value |= (reader.applyAsInt(offset + i) & 0xffL) << 8 * i;
			return value;
		}

		@Override
		public void write(int vcpu, int offset, int size, long value) {
			for (int i = 0; i < size; i++)
				writer.write(offset + i, (int) (value >>> 8 * i) & 0xff);
		}
	}
}
