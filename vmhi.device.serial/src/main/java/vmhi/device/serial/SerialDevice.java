package vmhi.device.serial;

import static vmhi.api.device.DeviceException.Kind.STATE;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.ConsolePort;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.GuestClock;
import vmhi.api.device.InterruptLine;
import vmhi.api.device.IoHandler;
import vmhi.api.device.Stateful;

/**
 * A {@link Uart} on a board, and the console's end of its line.
 * <p>
 * vCPUs, the console and the clock call at any time; the lock of this object has one of them in the chip at a time.
 * What is called from inside (line, console, clock) never blocks and never calls back.
 */
final class SerialDevice implements Device, Stateful, IoHandler, ConsolePort.Listener {
	static final String KIND = "serial";
	static final int PORTS = 8;

	private final int port;
	private final int irq;
	private final String consoleName;
	private Wiring wiring; // this and the next are null while the device is on no board
	private Uart uart;

	SerialDevice(int port, int irq, String consoleName) {
		this.port = port;
		this.irq = irq;
		this.consoleName = consoleName;
	}

	@Override
	public synchronized void attach(Board board) throws DeviceException {
		board.claimPorts(port, PORTS, this);
		wiring = new Wiring(board.interrupt(irq), board.console(consoleName), board.clock(), this::wake);
		uart = new Uart(wiring);
		wiring.console.listen(this);
	}

	/** Wider accesses are those of the bytes, as on the bus. */
	@Override
	public synchronized long read(VcpuContext vcpu, long offset, int size) {
		if (uart == null)
			return -1;
		long value = 0;
		for (int i = 0; i < size; i++)
			value |= (long) uart.read((int) offset + i) << 8 * i;
		return value;
	}

	@Override
	public synchronized void write(VcpuContext vcpu, long offset, int size, long value) {
		if (uart != null)
			for (int i = 0; i < size; i++)
				uart.write((int) offset + i, (int) (value >>> 8 * i) & 0xff);
	}

	@Override
	public synchronized void readable() {
		if (uart != null)
			uart.pull();
	}

	@Override
	public synchronized void writable() {
		if (uart != null)
			uart.push();
	}

	private synchronized void wake() {
		if (uart != null)
			uart.wake();
	}

	@Override
	public synchronized void reset() {
		uart.reset();
	}

	@Override
	public synchronized DeviceState save() {
		return uart.save(KIND);
	}

	@Override
	public synchronized void restore(DeviceState state) throws DeviceException {
		if (!state.kind().equals(KIND))
			throw new DeviceException(STATE, "the state is of kind " + state.kind() + ", not " + KIND);
		uart.restore(state);
	}

	@Override
	public synchronized void close() {
		if (uart == null)
			return;
		uart = null;
		wiring.console.listen(null);
		wiring.timer.cancel();
		wiring.line.set(false);
	}

	/** What the chip finds at its pins. */
	private static final class Wiring implements Uart.Pins {
		final InterruptLine line;
		final ConsolePort console;
		final GuestClock clock;
		final GuestClock.Timer timer;

		Wiring(InterruptLine line, ConsolePort console, GuestClock clock, Runnable wake) {
			this.line = line;
			this.console = console;
			this.clock = clock;
			timer = clock.timer(wake);
		}

		@Override
		public void interrupt(boolean asserted) {
			line.set(asserted);
		}

		@Override
		public boolean send(int value) {
			return console.write(value);
		}

		@Override
		public int receive() {
			return console.read();
		}

		@Override
		public long now() {
			return clock.nanos();
		}

		@Override
		public void wakeAt(long guestNanos) {
			timer.at(guestNanos);
		}
	}
}
