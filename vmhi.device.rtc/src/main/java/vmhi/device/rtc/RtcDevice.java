package vmhi.device.rtc;

import static vmhi.api.device.DeviceException.Kind.STATE;

import java.util.function.LongSupplier;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.GuestClock;
import vmhi.api.device.InterruptLine;
import vmhi.api.device.IoHandler;
import vmhi.api.device.Stateful;

/**
 * A {@link Chip} on a board: its index and data port, its interrupt line, and a timer for what it does by itself.
 * <p>
 * vCPUs and the clock call at any time; the lock of this object has one of them in the chip at a time.
 */
final class RtcDevice implements Device, Stateful, IoHandler {
	static final String KIND = "rtc";
	private static final int PORT = 0x70;
	private static final int IRQ = 8;

	private final LongSupplier hostMillis;
	private Chip chip; // this and the next are null while the device is on no board
	private InterruptLine line;
	private GuestClock.Timer timer;
	private long wakeAt = Chip.NEVER; // what the timer is set to

	RtcDevice(LongSupplier hostMillis) {
		this.hostMillis = hostMillis;
	}

	@Override
	public synchronized void attach(Board board) throws DeviceException {
		board.claimPorts(PORT, 2, this);
		line = board.interrupt(IRQ);
		timer = board.clock().timer(this::wake);
		chip = new Chip(board.clock(), hostMillis, CmosMemory.describing(board));
	}

	/** Wider accesses are those of the bytes, as on the bus. */
	@Override
	public synchronized long read(VcpuContext vcpu, long offset, int size) {
		if (chip == null)
			return -1;
		long value = 0;
		for (int i = 0; i < size; i++)
			value |= (offset + i == 0 ? 0xffL : chip.read()) << 8 * i; // the index can't be read
		settle();
		return value;
	}

	@Override
	public synchronized void write(VcpuContext vcpu, long offset, int size, long value) {
		if (chip == null)
			return;
		for (int i = 0; i < size; i++) {
			int written = (int) (value >>> 8 * i) & 0xff;
			if (offset + i == 0)
				chip.select(written);
			else
				chip.write(written);
		}
		settle();
	}

	private synchronized void wake() {
		wakeAt = Chip.NEVER;
		if (chip != null)
			settle();
	}

	/** Has the line and the timer follow the chip. */
	private void settle() {
		chip.update();
		line.set(chip.interrupts());
		long next = chip.nextWake();
		if (next == Chip.NEVER && wakeAt != Chip.NEVER)
			timer.cancel();
		else if (next < wakeAt)
			timer.at(next);
		else
			return; // waking up too early does no harm
		wakeAt = next;
	}

	@Override
	public synchronized void reset() {
		chip.powerOn();
		settle();
	}

	@Override
	public synchronized DeviceState save() {
		return chip.save(KIND);
	}

	@Override
	public synchronized void restore(DeviceState state) throws DeviceException {
		if (!state.kind().equals(KIND))
			throw new DeviceException(STATE, "the state is of kind " + state.kind() + ", not " + KIND);
		chip.restore(state);
		settle();
	}

	@Override
	public synchronized void close() {
		if (chip == null)
			return;
		chip = null;
		timer.cancel();
		line.set(false);
	}
}
