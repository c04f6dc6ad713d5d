package vmhi.device.serial;

/**
 * LSR: what the receiver and the transmitter hold, and what went wrong. The former it sees in their FIFOs, the latter
 * is kept here until the guest reads it.
 */
final class LineStatus {
	static final int OVERRUN = 1 << 1;
	static final int BREAK = 1 << 4;

	private static final int RECEIVED = 1 << 0;
	private static final int ERRORS = 0x1e;
	private static final int CHARACTER_ERRORS = ERRORS & ~OVERRUN;
	private static final int HOLDING_EMPTY = 1 << 5;
	private static final int TRANSMITTER_EMPTY = 1 << 6;
	private static final int ERROR_IN_FIFO = 1 << 7;

	private int errors;

	int errors() {
		return errors;
	}

	void set(int newErrors) {
		errors = newErrors & ERRORS;
	}

	void add(int error) {
		errors |= error;
	}

	boolean hasError() {
		return errors != 0;
	}

	/** What the guest reads. The errors are then forgotten. */
	int read(Fifo received, Fifo toSend, boolean fifos) {
		int value = errors;
		if (!received.isEmpty())
			value |= RECEIVED;
		if (toSend.isEmpty())
			value |= HOLDING_EMPTY | TRANSMITTER_EMPTY;
		if (fifos && ((errors & CHARACTER_ERRORS) != 0 || received.hasError()))
			value |= ERROR_IN_FIFO;
		errors = 0;
		return value;
	}
}
