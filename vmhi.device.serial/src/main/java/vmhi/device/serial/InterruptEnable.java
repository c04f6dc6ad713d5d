package vmhi.device.serial;

/** IER: which causes may interrupt. */
final class InterruptEnable {
	private static final int RECEIVED_DATA = 1 << 0;
	private static final int TRANSMITTER_EMPTY = 1 << 1;
	private static final int LINE_STATUS = 1 << 2;
	private static final int MODEM_STATUS = 1 << 3;
	private static final int ALL = 0x0f; // the others read as 0: later chips show themselves by these

	private int bits;

	int get() {
		return bits;
	}

	void set(int value) {
		bits = value & ALL;
	}

	boolean receivedData() {
		return (bits & RECEIVED_DATA) != 0;
	}

	boolean transmitterEmpty() {
		return (bits & TRANSMITTER_EMPTY) != 0;
	}

	boolean lineStatus() {
		return (bits & LINE_STATUS) != 0;
	}

	boolean modemStatus() {
		return (bits & MODEM_STATUS) != 0;
	}
}
