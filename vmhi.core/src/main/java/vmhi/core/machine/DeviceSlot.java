package vmhi.core.machine;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceState;
import vmhi.api.device.InterruptDevice;
import vmhi.api.device.Stateful;
import vmhi.api.machine.MachineSpec;
import vmhi.core.plugin.Deadline;
import vmhi.core.plugin.Plugin;
import vmhi.core.spec.JsonSettings;

/**
 * A place on the board: the device that the specification puts there, whichever bundle makes it now. Changed by one
 * thread at a time, while the machine stands still; see {@link PoweredMachine}.
 */
final class DeviceSlot {
	private static final Logger LOG = LoggerFactory.getLogger(DeviceSlot.class);

	private final PoweredMachine machine;
	private final MachineSpec.Device spec;
	private final int index;
	private final Worker worker;

	private volatile Plugin<DeviceFactory> plugin;
	private volatile Device device;
	private volatile DeviceBoard board;
	private DeviceState kept;

	DeviceSlot(PoweredMachine machine, MachineSpec.Device spec, int index, Worker worker) {
		this.machine = machine;
		this.spec = spec;
		this.index = index;
		this.worker = worker;
	}

	String name() {
		return spec.name();
	}

	/** As plug-ins have it. */
	String role() {
		return "device:" + spec.kind();
	}

	/** Who made the device, or made it last. */
	Plugin<DeviceFactory> plugin() {
		return plugin;
	}

	/** {@code null} while there is none. */
	Device device() {
		return device;
	}

	DeviceBoard board() {
		return board;
	}

	boolean present() {
		return device != null;
	}

	/** Has a device made and attached, and given the state that the one before it left. */
	void fill(Plugin<DeviceFactory> from) throws DeviceException, InterruptedException {
		JsonSettings settings = new JsonSettings(spec, index);
		Device made = call(from, "create", () -> from.service().create(settings));
		DeviceBoard fresh = new DeviceBoard(machine, spec.name(), worker);
		try {
			settings.refuseUnread();
			call(from, "attach", () -> {
				made.attach(fresh);
				return null;
			});
			DeviceState state = kept;
			if (state != null && made instanceof Stateful stateful)
				call(from, "restore", () -> {
					stateful.restore(state);
					return null;
				});
		} catch (DeviceException e) {
			fresh.close();
			close(from, made);
			throw e;
		}
		plugin = from;
		device = made;
		board = fresh;
		kept = null;
	}

	/** Has the interrupt controller that is here serve these vCPUs, by their index. None of them runs. */
	void serve(Map<Integer, InterruptibleVcpu> vcpus) throws DeviceException, InterruptedException {
		if (!(device instanceof InterruptDevice controller))
			throw new DeviceException(DeviceException.Kind.STATE,
					"%s (%s %s) is no interrupt controller, as the one before it was".formatted(spec.name(),
							plugin.bundle(), plugin.version()));
		call(plugin, "connect", () -> {
			vcpus.forEach((index, vcpu) -> vcpu.connect(controller.localApic(index, vcpu)));
			return null;
		});
	}

	/** Whether the device can be exchanged while the machine runs. */
	boolean exchangeable() {
		return device instanceof Stateful;
	}

	/** Takes the device out and keeps its state for the next. */
	void empty() throws InterruptedException {
		if (device == null)
			return;
		try {
			if (device instanceof Stateful stateful)
				kept = call(plugin, "save", stateful::save);
		} catch (DeviceException e) {
			LOG.warn("machine {}: {} does not give its state; the next one starts anew", machine.machine(), spec.name(),
					e);
		}
		takeOut();
	}

	/** Takes the device out for good. */
	void takeOut() throws InterruptedException {
		Device old = device;
		if (old == null)
			return;
		device = null;
		board.close();
		close(plugin, old);
	}

	/** The state that the last device left, to go on with elsewhere. */
	DeviceState kept() {
		return kept;
	}

	void kept(DeviceState state) {
		kept = state;
	}

	void reset() throws DeviceException, InterruptedException {
		Device now = device;
		if (now != null)
			call(plugin, "reset", () -> {
				now.reset();
				return null;
			});
	}

	private void close(Plugin<DeviceFactory> from, Device old) throws InterruptedException {
		try {
			call(from, "close", () -> {
				old.close();
				return null;
			});
		} catch (DeviceException e) {
			LOG.warn("machine {}: {} does not close", machine.machine(), spec.name(), e);
		}
	}

	/** Calls into the plug-in, which may throw anything or not come back. */
	private <T> T call(Plugin<DeviceFactory> from, String what, Callable<T> call)
			throws DeviceException, InterruptedException {
		String name = "%s %s (%s %s)".formatted(what, spec.name(), from.bundle(), from.version());
		try {
			return Deadline.call(name, Deadline.MILLIS, call);
		} catch (ExecutionException e) {
			if (e.getCause() instanceof DeviceException cause)
				throw cause;
			throw new DeviceException(DeviceException.Kind.HOST, "%s failed: %s".formatted(name, e.getCause()),
					e.getCause());
		} catch (Deadline.MissedException e) {
			throw new DeviceException(DeviceException.Kind.HOST, e.getMessage(), e);
		}
	}
}
