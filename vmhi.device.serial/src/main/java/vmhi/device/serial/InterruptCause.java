package vmhi.device.serial;

/** What IIR says, the most urgent first (PC16550D data sheet, table 4). */
enum InterruptCause {
	LINE_STATUS(0x06), TIMEOUT(0x0c), RECEIVED_DATA(0x04), TRANSMITTER_EMPTY(0x02), MODEM_STATUS(0x00), NONE(0x01);

	private static final int FIFOS_ENABLED = 0xc0;

	private final int code;

	InterruptCause(int code) {
		this.code = code;
	}

	int identification(boolean fifos) {
		return fifos ? code | FIFOS_ENABLED : code;
	}
}
