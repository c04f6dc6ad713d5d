package vmhi.device.serial;

/** MSR: the modem's lines, and which of them changed since it was read. */
final class ModemStatus {
	static final int CTS = 1 << 4;
	static final int DSR = 1 << 5;
	static final int RI = 1 << 6;
	static final int DCD = 1 << 7;
	static final int CONNECTED = CTS | DSR | DCD;

	private static final int CHANGES = 0x0f; // of the line four bits up
	private static final int RI_ENDED = 1 << 2; // which counts only when it ends

	private int lines = CONNECTED;
	private int changes;

	int changes() {
		return changes;
	}

	boolean changed() {
		return changes != 0;
	}

	/** Takes the lines as they are now and notes what changed. */
	void lines(int now) {
		int changed = (lines ^ now) >> 4;
		if ((now & RI) != 0)
			changed &= ~RI_ENDED;
		changes |= changed;
		lines = now;
	}

	/** Sets both without noting a change. */
	void set(int newLines, int newChanges) {
		lines = newLines;
		changes = newChanges & CHANGES;
	}

	/** What the guest reads. The changes are then forgotten. */
	int read() {
		int value = lines | changes;
		changes = 0;
		return value;
	}
}
