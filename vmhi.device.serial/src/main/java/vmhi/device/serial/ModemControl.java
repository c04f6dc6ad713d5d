package vmhi.device.serial;

/** MCR: the outputs to the modem, one of which a PC uses to let interrupts through, and the loopback mode. */
final class ModemControl {
	private static final int DTR = 1 << 0;
	private static final int RTS = 1 << 1;
	private static final int OUT1 = 1 << 2;
	private static final int OUT2 = 1 << 3;
	private static final int LOOPBACK = 1 << 4;
	private static final int ALL = 0x1f;

	private int bits;

	int get() {
		return bits;
	}

	void set(int value) {
		bits = value & ALL;
	}

	/** In loopback mode what is sent is received, and the outputs are inputs. */
	boolean loopback() {
		return (bits & LOOPBACK) != 0;
	}

	/** On a PC OUT2 gates the interrupt line; in loopback mode the pin is off. */
	boolean letsInterruptsThrough() {
		return (bits & OUT2) != 0 && !loopback();
	}

	/**
	 * The modem's lines as {@link ModemStatus} has them: the outputs in loopback mode, or else a console that is there.
	 */
	int modemLines() {
		if (!loopback())
			return ModemStatus.CONNECTED;
		int lines = 0;
		if ((bits & RTS) != 0)
			lines |= ModemStatus.CTS;
		if ((bits & DTR) != 0)
			lines |= ModemStatus.DSR;
		if ((bits & OUT1) != 0)
			lines |= ModemStatus.RI;
		if ((bits & OUT2) != 0)
			lines |= ModemStatus.DCD;
		return lines;
	}
}
