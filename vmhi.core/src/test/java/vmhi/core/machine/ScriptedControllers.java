package vmhi.core.machine;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceState;
import vmhi.api.device.InterruptDevice;
import vmhi.api.device.Settings;
import vmhi.api.device.Stateful;

/** Makes interrupt controllers that note whom they serve and what reaches them. */
final class ScriptedControllers implements DeviceFactory {
	final List<Controller> made = new CopyOnWriteArrayList<>();
	volatile boolean servingFails;

	@Override
	public Device create(Settings settings) {
		Controller controller = new Controller();
		made.add(controller);
		return controller;
	}

	Controller last() {
		return made.get(made.size() - 1);
	}

	final class Controller implements InterruptDevice, Stateful {
		final List<Integer> served = new CopyOnWriteArrayList<>();
		final List<String> interrupts = new CopyOnWriteArrayList<>();
		volatile long generation;

		@Override
		public void attach(Board board) {
			// takes nothing
		}

		@Override
		public void reset() {
			interrupts.clear();
		}

		@Override
		public void close() {
			// has nothing
		}

		@Override
		public InterruptSource localApic(int index, InterruptibleVcpu vcpu) {
			if (servingFails)
				throw new IllegalStateException("serves nobody");
			served.add(index);
			return new Source(this);
		}

		@Override
		public void line(int gsi, boolean asserted) {
			interrupts.add(gsi + (asserted ? " up" : " down"));
		}

		@Override
		public void message(long address, int data) {
			interrupts.add("message " + data);
		}

		@Override
		public ChipState saveChips() {
			return new ChipState(null, null, null, null, List.of());
		}

		@Override
		public void restoreChips(ChipState state) {
			// it has none
		}

		@Override
		public DeviceState save() {
			return new DeviceState("controllers", 1, Map.of("generation", generation + 1));
		}

		@Override
		public void restore(DeviceState state) {
			generation = state.number("generation", 0);
		}
	}

	/** Never interrupts. */
	record Source(Controller of) implements InterruptSource {

		@Override
		public boolean pending() {
			return false;
		}

		@Override
		public int accept() {
			return -1;
		}

		@Override
		public int taskPriority() {
			return 0;
		}

		@Override
		public void taskPriority(int value) {
			// nothing waits
		}

		@Override
		public long apicBase() {
			return 0xfee0_0900L;
		}

		@Override
		public boolean apicBase(long value) {
			return true;
		}
	}
}
