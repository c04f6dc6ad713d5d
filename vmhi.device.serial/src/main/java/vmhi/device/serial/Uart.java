package vmhi.device.serial;

import static vmhi.api.device.DeviceException.Kind.STATE;

import java.util.Map;

import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;

/**
 * The chip, after the PC16550D data sheet. It sends as fast as the console takes bytes and receives as fast as the
 * guest reads them; only the receiver's timeout goes by the speed that the guest set.
 * <p>
 * Knows nothing of threads: {@link SerialDevice} has one in here at a time.
 */
final class Uart {

	/** What the chip is connected to. */
	interface Pins {

		/** The interrupt line. */
		void interrupt(boolean asserted);

		/** Sends a byte; {@code false} if it cannot be taken now. */
		boolean send(int value);

		/** A byte from outside, or -1. */
		int receive();

		/** Guest nanoseconds. */
		long now();

		/** Has {@link Uart#wake} called at this time, instead of when it was asked for before. */
		void wakeAt(long guestNanos);
	}

	// registers, by offset; the first two are the divisor while its latch is open
	private static final int DATA = 0;
	private static final int IER = 1;
	private static final int IIR_FCR = 2;
	private static final int LCR = 3;
	private static final int MCR = 4;
	private static final int LSR = 5;
	private static final int MSR = 6;

	private static final int POWER_ON_DIVISOR = 12; // 9600 baud
	private static final long CLOCK = 115_200; // bits a second at divisor 1
	private static final int TIMEOUT_CHARACTERS = 4;
	private static final long NEVER = -1;

	private final Pins pins;
	private final InterruptEnable enable = new InterruptEnable();
	private final FifoControl fifos = new FifoControl();
	private final LineControl line = new LineControl();
	private final ModemControl modemControl = new ModemControl();
	private final LineStatus status = new LineStatus();
	private final ModemStatus modemStatus = new ModemStatus();
	private final Fifo received = new Fifo();
	private final Fifo toSend = new Fifo();
	private int divisor = POWER_ON_DIVISOR;
	private int scratch;
	private boolean emptied; // the transmitter became empty and the guest was not told yet
	private boolean timedOut; // characters wait in the receiver's FIFO and nothing happens
	private long timeoutAt = NEVER;
	private boolean interrupting; // what the line was told last
	private boolean looked; // the guest has; before that, input waits: this chip may yet be given the state of another

	Uart(Pins pins) {
		this.pins = pins;
	}

	void reset() {
		enable.set(0);
		fifos.set(0);
		line.set(0);
		modemControl.set(0);
		status.set(0);
		modemStatus.set(modemControl.modemLines(), 0);
		received.clear();
		toSend.clear();
		divisor = POWER_ON_DIVISOR;
		scratch = 0;
		emptied = false;
		timedOut = false;
		timeoutAt = NEVER;
		looked = false;
		update();
	}

	int read(int register) {
		look();
		switch (register) {
			case DATA:
				return line.divisorLatch() ? divisor & 0xff : readReceived();
			case IER:
				return line.divisorLatch() ? divisor >> 8 : enable.get();
			case IIR_FCR:
				return readIdentification();
			case LCR:
				return line.get();
			case MCR:
				return modemControl.get();
			case LSR:
				int errors = status.read(received, toSend, fifos.enabled());
				update();
				return errors;
			case MSR:
				int lines = modemStatus.read();
				update();
				return lines;
			default:
				return scratch;
		}
	}

	void write(int register, int value) {
		look();
		switch (register) {
			case DATA -> {
				if (line.divisorLatch())
					divisor = divisor & 0xff00 | value;
				else
					send(value);
			}
			case IER -> {
				if (line.divisorLatch())
					divisor = divisor & 0x00ff | value << 8;
				else
					writeEnable(value);
			}
			case IIR_FCR -> writeFifoControl(value);
			case LCR -> writeLineControl(value);
			case MCR -> {
				modemControl.set(value);
				modemStatus.lines(modemControl.modemLines());
				pull();
			}
			case LSR, MSR -> {
				// for the maker's tests only
			}
			default -> scratch = value;
		}
	}

	private void look() {
		if (looked)
			return;
		looked = true;
		pull();
	}

	/** There may be something to receive. */
	void pull() {
		while (looked && !modemControl.loopback() && received.size() < fifos.capacity()) {
			int value = pins.receive();
			if (value < 0)
				break;
			take(value, 0);
		}
		update();
	}

	/** What could not be sent may go now. */
	void push() {
		if (toSend.isEmpty())
			return;
		while (!toSend.isEmpty() && pins.send(toSend.peek()))
			toSend.take();
		emptied |= toSend.isEmpty();
		update();
	}

	/** It may be the time that was asked for. */
	void wake() {
		if (timeoutAt == NEVER || pins.now() < timeoutAt)
			return;
		timeoutAt = NEVER;
		timedOut = true;
		update();
	}

	private int readReceived() {
		if (received.isEmpty())
			return 0;
		int value = received.take();
		status.add(received.takeError());
		timedOut = false;
		timeoutAt = NEVER;
		pull();
		return value;
	}

	private int readIdentification() {
		InterruptCause cause = cause();
		if (cause == InterruptCause.TRANSMITTER_EMPTY) {
			emptied = false;
			update();
		}
		return cause.identification(fifos.enabled());
	}

	/** An interrupt that is turned on while the transmitter is empty comes at once; drivers wait for it. */
	private void writeEnable(int value) {
		boolean was = enable.transmitterEmpty();
		enable.set(value);
		if (was != enable.transmitterEmpty())
			emptied = enable.transmitterEmpty() && toSend.isEmpty();
		update();
	}

	private void writeFifoControl(int value) {
		boolean clearsReceiver = fifos.clearsReceiver(value);
		boolean clearsTransmitter = fifos.clearsTransmitter(value);
		fifos.set(value);
		if (clearsReceiver) {
			received.clear();
			timedOut = false;
			timeoutAt = NEVER;
		}
		if (clearsTransmitter) {
			emptied |= !toSend.isEmpty();
			toSend.clear();
		}
		pull();
	}

	private void writeLineControl(int value) {
		boolean breaking = line.sendsBreak();
		line.set(value);
		if (modemControl.loopback() && line.sendsBreak() && !breaking)
			take(0, LineStatus.BREAK);
		update();
	}

	private void send(int value) {
		emptied = false;
		if (modemControl.loopback())
			take(value, 0);
		else if (!toSend.isEmpty() || !pins.send(value))
			hold(value);
		emptied = toSend.isEmpty();
		update();
	}

	/** Keeps what cannot be sent now. A guest that sends more than the status allows loses it, as on the chip. */
	private void hold(int value) {
		if (toSend.size() < fifos.capacity())
			toSend.add(value, 0);
		else if (!fifos.enabled())
			toSend.replaceLast(value, 0);
	}

	/** A character arrives, with room for it or not. */
	private void take(int value, int error) {
		if (received.size() < fifos.capacity()) {
			received.add(value, error);
		} else {
			status.add(LineStatus.OVERRUN);
			if (!fifos.enabled())
				received.replaceLast(value, error);
		}
		if (received.size() == 1)
			status.add(received.takeError());
		timeoutAt = NEVER;
	}

	private InterruptCause cause() {
		if (enable.lineStatus() && status.hasError())
			return InterruptCause.LINE_STATUS;
		if (enable.receivedData() && timedOut)
			return InterruptCause.TIMEOUT;
		if (enable.receivedData() && received.size() >= fifos.trigger())
			return InterruptCause.RECEIVED_DATA;
		if (enable.transmitterEmpty() && emptied)
			return InterruptCause.TRANSMITTER_EMPTY;
		if (enable.modemStatus() && modemStatus.changed())
			return InterruptCause.MODEM_STATUS;
		return InterruptCause.NONE;
	}

	/** Brings the interrupt line, and the watch over characters that wait, up to what the registers say. */
	private void update() {
		boolean waits = fifos.enabled() && enable.receivedData() && !received.isEmpty() && !timedOut;
		if (!waits) {
			timeoutAt = NEVER;
		} else if (timeoutAt == NEVER) {
			timeoutAt = pins.now() + timeout();
			pins.wakeAt(timeoutAt);
		}
		boolean now = cause() != InterruptCause.NONE && modemControl.letsInterruptsThrough();
		if (now != interrupting)
			pins.interrupt(now);
		interrupting = now;
	}

	/** Nanoseconds for four characters. Divisor 0 is for a clock that stands; it is taken for the fastest. */
	private long timeout() {
		return TIMEOUT_CHARACTERS * line.frameBits() * Math.max(divisor, 1) * 1_000_000_000L / CLOCK;
	}

	DeviceState save(String kind) {
		return new DeviceState(kind, 1, Map.ofEntries(
				Map.entry("ier", (long) enable.get()),
				Map.entry("fcr", (long) fifos.get()),
				Map.entry("lcr", (long) line.get()),
				Map.entry("mcr", (long) modemControl.get()),
				Map.entry("lineErrors", (long) status.errors()),
				Map.entry("modemChanges", (long) modemStatus.changes()),
				Map.entry("scratch", (long) scratch),
				Map.entry("divisor", (long) divisor),
				Map.entry("received", received.values()),
				Map.entry("receivedErrors", received.errors()),
				Map.entry("toSend", toSend.values()),
				Map.entry("emptied", emptied),
				Map.entry("timedOut", timedOut),
				Map.entry("looked", looked),
				Map.entry("timeoutIn", timeoutAt == NEVER ? NEVER : Math.max(0, timeoutAt - pins.now()))));
	}

	void restore(DeviceState state) throws DeviceException {
		enable.set(octet(state, "ier", enable.get()));
		fifos.set(octet(state, "fcr", fifos.get()));
		line.set(octet(state, "lcr", line.get()));
		modemControl.set(octet(state, "mcr", modemControl.get()));
		status.set(octet(state, "lineErrors", 0));
		modemStatus.set(modemControl.modemLines(), octet(state, "modemChanges", 0));
		scratch = octet(state, "scratch", 0);
		divisor = (int) number(state, "divisor", 0xffff, POWER_ON_DIVISOR);
		fill(received, state, "received", state.bytes("receivedErrors"));
		fill(toSend, state, "toSend", new byte[0]);
		emptied = state.flag("emptied", false);
		timedOut = state.flag("timedOut", false) && !received.isEmpty();
		looked = state.flag("looked", false);
		timeoutAt = NEVER;
		long timeoutIn = number(state, "timeoutIn", timeout(), NEVER);
		if (timeoutIn != NEVER) {
			timeoutAt = pins.now() + timeoutIn;
			pins.wakeAt(timeoutAt);
		}
		push();
		pull();
	}

	private void fill(Fifo fifo, DeviceState state, String field, byte[] errors) throws DeviceException {
		byte[] values = state.bytes(field);
		if (values.length > fifos.capacity())
			throw new DeviceException(STATE,
					"%s has %d bytes, not 0..%d".formatted(field, values.length, fifos.capacity()));
		fifo.clear();
		for (int i = 0; i < values.length; i++)
			fifo.add(values[i], i < errors.length ? errors[i] & LineStatus.BREAK : 0);
	}

	private static int octet(DeviceState state, String field, int missing) throws DeviceException {
		return (int) number(state, field, 0xff, missing);
	}

	private static long number(DeviceState state, String field, long most, long missing) throws DeviceException {
		long value = state.number(field, missing);
		if (value != missing && (value < 0 || value > most))
			throw new DeviceException(STATE, "%s is %d, not 0..%d".formatted(field, value, most));
		return value;
	}
}
