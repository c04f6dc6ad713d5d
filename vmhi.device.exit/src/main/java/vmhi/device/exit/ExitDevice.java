package vmhi.device.exit;

import static vmhi.api.device.DeviceException.Kind.STATE;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.IoHandler;
import vmhi.api.device.Stateful;

/**
 * Ends the machine when the guest writes. Reads give 0.
 * <p>
 * The status is the number written, so that 0 is an orderly end. QEMU ends its process with {@code number << 1 | 1}
 * instead, because it keeps 0 for an end of another kind; whoever compares the two does that arithmetic.
 * <p>
 * Several vCPUs may write at once: the first one counts, until the machine is reset.
 */
final class ExitDevice implements Device, Stateful, IoHandler {
	static final String KIND = "exit";
	static final int PORTS = 4;

	private final int port;
	private final AtomicBoolean ended = new AtomicBoolean();
	private Board board;

	ExitDevice(int port) {
		this.port = port;
	}

	@Override
	public void attach(Board newBoard) throws DeviceException {
		board = newBoard;
		board.claimPorts(port, PORTS, this);
	}

	@Override
	public long read(VcpuContext vcpu, long offset, int size) {
		return 0;
	}

	@Override
	public void write(VcpuContext vcpu, long offset, int size, long value) {
		if (!ended.get() && ended.compareAndSet(false, true))
			board.powerOff((int) value, "exit port, value " + value);
	}

	@Override
	public void reset() {
		ended.set(false);
	}

	/** There is none: a machine whose guest has ended it is not handed over. */
	@Override
	public DeviceState save() {
		return new DeviceState(KIND, 1, Map.of());
	}

	@Override
	public void restore(DeviceState state) throws DeviceException {
		if (!state.kind().equals(KIND))
			throw new DeviceException(STATE, "the state is of kind " + state.kind() + ", not " + KIND);
	}

	@Override
	public void close() {
		// the core gives up the ports
	}
}
