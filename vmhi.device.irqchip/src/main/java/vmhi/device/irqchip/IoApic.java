package vmhi.device.irqchip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import vmhi.api.cpu.ChipState;
import vmhi.api.device.DeviceException;

/**
 * The I/O APIC: an 82093AA (data sheet 290566, section 3) with 24 pins, and with the EOI register of its successors, as
 * version 0x20 tells.
 * <p>
 * Called with the lock of the {@link Irqchip}.
 */
final class IoApic implements Registers {
	static final long BASE = 0xfec0_0000L;
	static final int SIZE = 4096;
	static final int PINS = 24;

	private static final int SELECT = 0x00, WINDOW = 0x10, EOI = 0x40;
	private static final int ID = 0, VERSION = 1, ARBITRATION = 2, TABLE = 0x10;
	private static final int VERSION_VALUE = 0x20 | PINS - 1 << 16;

	private final ApicBus bus;
	private final long[] table = new long[PINS];
	private int select;
	private int id;
	private int levels; // of the pins

	IoApic(ApicBus bus) {
		this.bus = bus;
		reset();
	}

	void reset() {
		for (int pin = 0; pin < PINS; pin++)
			table[pin] = Redirection.MASKED;
		select = 0;
		id = 0;
		levels = 0;
	}

	/** The level at a pin. An edge at a masked pin is lost (section 3.2.4). */
	void pin(int pin, boolean level) {
		int before = levels;
		settle(pin, level);
		if (levels == before || !level)
			return;
		if (Redirection.byLevel(table[pin]))
			request(pin);
		else if (!Redirection.masked(table[pin]))
			send(pin);
	}

	/** The level at a pin after the state was put in, which is no edge. */
	void settle(int pin, boolean level) {
		levels = level ? levels | 1 << pin : levels & ~(1 << pin);
	}

	/** Pins by level whose interrupt may go out now. */
	void retry() {
		for (int pin = 0; pin < PINS; pin++)
			request(pin);
	}

	/** Sends the interrupt of a pin by level, if it is asserted and nobody has it in service. */
	private void request(int pin) {
		long entry = table[pin];
		if (!Redirection.byLevel(entry) || Redirection.masked(entry) || Redirection.remoteIrr(entry)
				|| (levels >>> pin & 1) == 0)
			return;
		if (send(pin))
			table[pin] = entry | Redirection.REMOTE_IRR;
	}

	private boolean send(int pin) {
		long entry = table[pin];
		int mode = Redirection.mode(entry);
		return mode != Delivery.STARTUP && bus.send(Redirection.destination(entry), Redirection.logical(entry), false,
				mode, Redirection.vector(entry), Redirection.byLevel(entry));
	}

	/** The interrupt with this vector has been served: pins that are still asserted request it again. */
	void endOfInterrupt(int vector) {
		for (int pin = 0; pin < PINS; pin++)
			if (Redirection.remoteIrr(table[pin]) && Redirection.vector(table[pin]) == vector) {
				table[pin] &= ~Redirection.REMOTE_IRR;
				request(pin);
			}
	}

	/** Accesses are of 32 bits; others are taken for such. */
	@Override
	public long read(int vcpu, int offset, int size) {
		return switch (offset) {
			case SELECT -> select;
			case WINDOW -> read();
			default -> 0;
		} & 0xffff_ffffL;
	}

	@Override
	public void write(int vcpu, int offset, int size, long value) {
		switch (offset) {
			case SELECT -> select = (int) value & 0xff;
			case WINDOW -> write((int) value);
			case EOI -> endOfInterrupt((int) value & 0xff);
			default -> {
				// nothing there
			}
		}
	}

	private int read() {
		int pin = select - TABLE >> 1;
		if (pin >= 0 && pin < PINS)
			return (int) ((select & 1) == 0 ? table[pin] : table[pin] >>> 32);
		return switch (select) {
			case ID, ARBITRATION -> id;
			case VERSION -> VERSION_VALUE;
			default -> 0;
		};
	}

	private void write(int value) {
		int pin = select - TABLE >> 1;
		if (pin >= 0 && pin < PINS) {
			table[pin] = Redirection.written(table[pin], (select & 1) != 0, value);
			request(pin);
		} else if (select == ID) {
			id = value & 0x0f00_0000;
		}
	}

	void exchange(Fields fields) throws DeviceException {
		select = fields.octet("ioApic.select", select);
		id = fields.octet("ioApic.id", id >>> 24) << 24 & 0x0f00_0000;
		levels = fields.number("ioApic.levels", levels, (1 << PINS) - 1);
		ByteBuffer mine = ByteBuffer.allocate(PINS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
		for (long entry : table)
			mine.putLong(entry);
		ByteBuffer read = ByteBuffer.wrap(fields.bytes("ioApic.table", mine.array(), mine.capacity(), mine.capacity()))
				.order(ByteOrder.LITTLE_ENDIAN);
		for (int pin = 0; pin < PINS; pin++)
			table[pin] = Redirection.restored(read.getLong());
	}

	/** What KVM has as requests not delivered yet are the levels of the pins. */
	ChipState.IoApic state() {
		return new ChipState.IoApic(BASE, select, id >>> 24, table.clone(), levels);
	}

	void state(ChipState.IoApic state) {
		select = state.select() & 0xff;
		id = state.id() << 24 & 0x0f00_0000;
		levels = state.pending() & (1 << PINS) - 1;
		for (int pin = 0; pin < PINS; pin++)
			table[pin] = Redirection.restored(state.redirection()[pin]);
	}
}
