package vmhi.device.serial;

/** FCR: whether the FIFOs are on, and at which fill the receiver interrupts. The bits that clear them do not stay. */
final class FifoControl {
	private static final int ENABLED = 1 << 0;
	private static final int CLEAR_RECEIVER = 1 << 1;
	private static final int CLEAR_TRANSMITTER = 1 << 2;
	private static final int STAYING = 0xc9;

	private static final int[] TRIGGERS = { 1, 4, 8, 14 }; // by bits 7:6

	private int bits;

	int get() {
		return bits;
	}

	/** Bits other than the first count only together with it. */
	void set(int value) {
		bits = (value & ENABLED) == 0 ? 0 : value & STAYING;
	}

	boolean enabled() {
		return (bits & ENABLED) != 0;
	}

	/** How many bytes each FIFO holds; without FIFOs there is one register each way. */
	int capacity() {
		return enabled() ? Fifo.MOST : 1;
	}

	int trigger() {
		return enabled() ? TRIGGERS[bits >> 6] : 1;
	}

	/** Whether writing {@code value} empties the receiver: on demand, and when FIFOs are turned on or off. */
	boolean clearsReceiver(int value) {
		return switches(value) || (value & ENABLED) != 0 && (value & CLEAR_RECEIVER) != 0;
	}

	boolean clearsTransmitter(int value) {
		return switches(value) || (value & ENABLED) != 0 && (value & CLEAR_TRANSMITTER) != 0;
	}

	private boolean switches(int value) {
		return ((bits ^ value) & ENABLED) != 0;
	}
}
