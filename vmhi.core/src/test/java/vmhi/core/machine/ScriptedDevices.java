package vmhi.core.machine;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceState;
import vmhi.api.device.IoHandler;
import vmhi.api.device.Settings;
import vmhi.api.device.Stateful;

/** Makes devices at port 0x500 that count the reads there, and do at writes what the test says. */
class ScriptedDevices implements DeviceFactory {
	static final int PORT = 0x500;

	/** What happens in a device. */
	interface Script {
		void run(Board board, long value) throws Exception;
	}

	volatile Script creating = (board, value) -> {};
	volatile Script attaching = (board, value) -> {};
	volatile Script writing = (board, value) -> {};
	volatile Script resetting = (board, value) -> {};
	final AtomicInteger open = new AtomicInteger();
	volatile ScriptedDevice last;

	private static void play(Script script, Board board, long value) throws DeviceException {
		try {
			script.run(board, value);
		} catch (DeviceException | RuntimeException e) {
			throw e;
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
	}

	@Override
	public Device create(Settings settings) throws DeviceException {
		play(creating, null, 0);
		open.incrementAndGet();
		return last = new ScriptedDevice();
	}

	final class ScriptedDevice implements Device, Stateful, IoHandler {
		private final AtomicInteger reads = new AtomicInteger();
		volatile Board board;

		@Override
		public void attach(Board place) throws DeviceException {
			board = place;
			place.claimPorts(PORT, 8, this);
			play(attaching, place, 0);
		}

		@Override
		public void reset() {
			try {
				play(resetting, board, 0);
			} catch (DeviceException e) {
				throw new IllegalStateException(e);
			}
			reads.set(0);
		}

		@Override
		public void close() {
			open.decrementAndGet();
		}

		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return reads.incrementAndGet();
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long value) {
			try {
				play(writing, board, value);
			} catch (DeviceException e) {
				throw new IllegalStateException(e);
			}
		}

		@Override
		public DeviceState save() {
			return new DeviceState("scripted", 1, Map.of("reads", (long) reads.get()));
		}

		@Override
		public void restore(DeviceState state) {
			reads.set((int) state.number("reads", 0));
		}
	}
}
