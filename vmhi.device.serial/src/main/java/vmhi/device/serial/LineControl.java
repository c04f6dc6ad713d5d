package vmhi.device.serial;

/**
 * LCR: the form of a character on the line. Here it only tells how long one takes: bytes reach the console as they are
 * written, since early boot code prints before it sets eight bits.
 */
final class LineControl {
	private static final int WORD_LENGTH = 0x03;
	private static final int MORE_STOP_BITS = 1 << 2;
	private static final int PARITY = 1 << 3;
	private static final int BREAK = 1 << 6;
	private static final int DIVISOR_LATCH = 1 << 7;

	private int bits;

	int get() {
		return bits;
	}

	void set(int value) {
		bits = value & 0xff;
	}

	/** Whether the first two registers are the divisor. */
	boolean divisorLatch() {
		return (bits & DIVISOR_LATCH) != 0;
	}

	/** Whether the line is held in the break state. */
	boolean sendsBreak() {
		return (bits & BREAK) != 0;
	}

	/** Bits that a character takes on the line, start and stop bits included. */
	int frameBits() {
		int frame = 1 + 5 + (bits & WORD_LENGTH) + 1;
		if ((bits & MORE_STOP_BITS) != 0)
			frame++;
		if ((bits & PARITY) != 0)
			frame++;
		return frame;
	}
}
