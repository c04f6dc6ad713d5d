package vmhi.device.acpi;

import static vmhi.api.device.DeviceException.Kind.STATE;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.BootContributor;
import vmhi.api.device.BootMap;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.GuestClock;
import vmhi.api.device.InterruptLine;
import vmhi.api.device.IoHandler;
import vmhi.api.device.PowerButton;
import vmhi.api.device.Stateful;

/**
 * {@link PowerManagement} and the {@link ResetPort}s on a board, and the {@link Firmware} that tells the guest of them.
 * <p>
 * vCPUs, the clock and whoever presses the power button call at any time; the lock of this object has one of them in
 * the registers at a time. It is not held while the machine is told to end.
 */
final class AcpiDevice implements Device, Stateful, BootContributor, PowerButton, IoHandler {
	static final String KIND = "acpi";

	private Board board; // this and the next three are null while the device is on no board
	private PowerManagement registers;
	private InterruptLine sci;
	private GuestClock.Timer timer;
	private long wakeAt = PowerManagement.NEVER; // what the timer is set to
	private boolean ending; // the machine was told to end or reset, which is enough

	@Override
	public synchronized void attach(Board to) throws DeviceException {
		to.claimPorts(PowerManagement.BASE, PowerManagement.PORTS, this);
		for (ResetPort port : ResetPort.values())
			to.claimPorts(port.port(), 1, port.handler(this::resetMachine));
		sci = to.interrupt(PowerManagement.SCI);
		timer = to.clock().timer(this::wake);
		registers = new PowerManagement(to.clock());
		board = to;
	}

	@Override
	public void contribute(BootMap map) throws DeviceException {
		Board on;
		synchronized (this) {
			on = board;
		}
		Firmware.write(on, map);
	}

	@Override
	public synchronized long read(VcpuContext vcpu, long offset, int size) {
		if (registers == null)
			return -1;
		long value = registers.read((int) offset, size);
		settle();
		return value;
	}

	@Override
	public void write(VcpuContext vcpu, long offset, int size, long value) {
		Board off = null;
		synchronized (this) {
			if (registers == null)
				return;
			if (registers.write((int) offset, size, value) && !ending) {
				ending = true;
				off = board;
			}
			settle();
		}
		if (off != null)
			off.powerOff(0, "powered off by the guest");
	}

	private void resetMachine(String reason) {
		Board reset;
		synchronized (this) {
			if (ending || board == null)
				return;
			ending = true;
			reset = board;
		}
		reset.resetMachine(reason);
	}

	@Override
	public synchronized void press() {
		if (registers == null)
			return;
		registers.pressPowerButton();
		settle();
	}

	private synchronized void wake() {
		wakeAt = PowerManagement.NEVER;
		if (registers != null)
			settle();
	}

	/** Has the line and the timer follow the registers. */
	private void settle() {
		registers.update();
		sci.set(registers.interrupts());
		long next = registers.nextWake();
		if (next == wakeAt)
			return; // as nearly always: the timer is read more often than anything else
		wakeAt = next;
		if (next == PowerManagement.NEVER)
			timer.cancel();
		else
			timer.at(next);
	}

	@Override
	public synchronized void reset() {
		ending = false;
		registers.powerOn();
		settle();
	}

	@Override
	public synchronized DeviceState save() {
		return registers.save(KIND);
	}

	@Override
	public synchronized void restore(DeviceState state) throws DeviceException {
		if (!state.kind().equals(KIND))
			throw new DeviceException(STATE, "the state is of kind " + state.kind() + ", not " + KIND);
		registers.restore(state);
		settle();
	}

	@Override
	public synchronized void close() {
		if (board == null)
			return;
		board = null;
		registers = null;
		timer.cancel();
		sci.set(false);
	}
}
