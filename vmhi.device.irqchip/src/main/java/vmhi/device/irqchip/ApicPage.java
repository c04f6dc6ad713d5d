package vmhi.device.irqchip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The registers of a local APIC as bytes, in the order in which they are in its page; little-endian. */
record ApicPage(byte[] bytes) {
	/** Bytes that have all registers: KVM's state of a local APIC is no longer. */
	static final int LEAST = 0x400;

	int get(int register) {
		return buffer().getInt(register << 4);
	}

	void put(int register, int value) {
		buffer().putInt(register << 4, value);
	}

	private ByteBuffer buffer() {
		return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
	}
}
