package vmhi.tck;

import static vmhi.api.device.DeviceException.Kind.STATE;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.IoHandler;
import vmhi.api.device.Stateful;

/** A device of two registers, one of which counts its reads, with one thing wrong with it or none. */
final class FlawedDevice implements Device, Stateful, IoHandler {

	enum Flaw {
		NONE, THROWS, ALLOCATES, FORGETS_REGISTER, IGNORES_RESET, TRUSTS_STATE, LEAVES_THREAD, TAKES_ANY_STATE
	}

	private final Flaw flaw;
	private int value;
	private int reads;
	private Optional<Integer> last = Optional.empty();

	FlawedDevice(Flaw flaw) {
		this.flaw = flaw;
	}

	@Override
	public void attach(Board board) throws DeviceException {
		board.claimPorts(0x100, 8, this);
		if (flaw == Flaw.LEAVES_THREAD)
			new Thread(() -> {
				try {
					Thread.sleep(15_000);
				} catch (InterruptedException e) {
					Thread.currentThread().interrupt();
				}
			}).start();
	}

	@Override
	public synchronized long read(VcpuContext vcpu, long offset, int size) {
		if (flaw == Flaw.THROWS && size == 2)
			throw new IllegalArgumentException("size " + size);
		if (flaw == Flaw.ALLOCATES)
			last = Optional.of(reads + 1000);
		return offset < 4 ? value : reads++ + last.map(l -> 0).orElse(0);
	}

	@Override
	public synchronized void write(VcpuContext vcpu, long offset, int size, long newValue) {
		value = (int) newValue;
	}

	@Override
	public synchronized void reset() {
		value = 0;
		if (flaw != Flaw.IGNORES_RESET)
			reads = 0;
	}

	@Override
	public synchronized DeviceState save() {
		Map<String, Object> fields = new HashMap<>(Map.of("value", (long) value));
		if (flaw != Flaw.FORGETS_REGISTER)
			fields.put("reads", (long) reads);
		return new DeviceState("flawed", 1, fields);
	}

	@Override
	public synchronized void restore(DeviceState state) throws DeviceException {
		if (!state.kind().equals("flawed") && flaw != Flaw.TAKES_ANY_STATE)
			throw new DeviceException(STATE, "kind " + state.kind());
		value = (int) state.number("value", 0);
		reads = flaw == Flaw.TRUSTS_STATE ? Math.toIntExact(state.number("reads", 0))
				: (int) state.number("reads", 0);
	}

	@Override
	public void close() {
		// nothing
	}
}
