package vmhi.device.irqchip;

import vmhi.api.device.DeviceException;

/**
 * The two 8259A of a PC, the secondary at input 2 of the primary.
 * <p>
 * Called with the lock of the {@link Irqchip}.
 */
final class PicPair {
	private static final int CASCADE = 2;

	private final Pic primary = new Pic(true, 0xf8); // the timer, the keyboard and the cascade stay edges
	private final Pic secondary = new Pic(false, 0xde); // so do the clock and the coprocessor
	private final Wire interrupt;
	private boolean output;

	/** @param interrupt INTR; told when it changes */
	PicPair(Wire interrupt) {
		this.interrupt = interrupt;
	}

	void reset() {
		primary.reset();
		secondary.reset();
		update();
	}

	Pic primary() {
		return primary;
	}

	Pic secondary() {
		return secondary;
	}

	/** The level of INTR. */
	boolean output() {
		return output;
	}

	/** The level of an ISA line, 0 to 15. There is no line 2. */
	void line(int line, boolean level) {
		if (line == CASCADE)
			return;
		(line < Pic.INPUTS ? primary : secondary).input(line % Pic.INPUTS, level);
		update();
	}

	/** INTA: the vector, or -1 if nothing is requested. */
	int acknowledge() {
		int input = primary.next();
		if (input == Pic.NONE)
			return Pic.NONE;
		int vector = primary.acknowledge();
		if (primary.isCascade(input))
			vector = secondary.acknowledge();
		update();
		return vector;
	}

	private void update() {
		primary.cascade(secondary.next() != Pic.NONE);
		boolean now = primary.next() != Pic.NONE;
		if (now == output)
			return;
		output = now;
		interrupt.set(now);
	}

	/** Ports 0x20 and 0x21, or 0xa0 and 0xa1. */
	Registers commands(Pic pic) {
		return new Registers.Bytes(offset -> {
			int value = pic.read(offset);
			update();
			return value;
		}, (offset, value) -> {
			pic.write(offset, value);
			update();
		});
	}

	/** Ports 0x4d0 and 0x4d1. */
	Registers triggers() {
		return new Registers.Bytes(offset -> (offset == 0 ? primary : secondary).elcr(), (offset, value) -> {
			(offset == 0 ? primary : secondary).elcr(value);
			update();
		});
	}

	/** Both were put in. What INTR is now was told before the state was taken. */
	void settle() {
		primary.cascade(secondary.next() != Pic.NONE);
		output = primary.next() != Pic.NONE;
	}

	void exchange(Fields fields) throws DeviceException {
		primary.exchange("pic0", fields);
		secondary.exchange("pic1", fields);
	}
}
