package vmhi.core.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.osgi.framework.VersionRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceState;
import vmhi.api.machine.MachineException;
import vmhi.core.plugin.Plugin;

/**
 * The exchange of CPU backends and devices under a machine with power. (Drives and hypercall ranges exchange theirs by
 * themselves: those need no machine that stands.)
 * <p>
 * Called on the threads of the framework; what is done is done under the machine's lock. When a method that is told of a
 * service that leaves returns, the machine does not use it any more.
 */
final class PluginExchange {
	private static final Logger LOG = LoggerFactory.getLogger(PluginExchange.class);

	private static final String PLUG_INS = "plug-ins";

	private final PoweredMachine machine;
	private final Services services;
	private final List<String> absent = new ArrayList<>(); // roles that are waited for; guarded by the machine's lock
	private Future<?> patience; // likewise

	PluginExchange(PoweredMachine machine, Services services) {
		this.machine = machine;
		this.services = services;
	}

	/** What the machine waits for, standing. */
	List<String> absent() {
		return absent;
	}

	/** Moves the vCPUs to another backend; if it refuses, they go on where they are. With the machine's lock. */
	void moveTo(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		long start = System.nanoTime();
		CpuSide cpu = machine.cpu();
		Plugin<CpuBackend> from = cpu.vcpus().plugin();
		boolean waited = !cpu.present();
		machine.stand();
		try {
			if (waited)
				cpu.fill(backend);
			else
				cpu.exchange(backend);
		} finally {
			machine.go();
		}
		if (waited)
			noLongerAbsent(from.role());
		exchanged(from, backend, start);
	}

	/** Notices what left while the machine was put together, when nobody told it. */
	void catchUp() throws InterruptedException {
		Plugin<CpuBackend> cpu = machine.cpu().vcpus().plugin();
		if (!services.plugins().cpus().all().contains(cpu))
			cpuLeaving(cpu);
		for (DeviceSlot slot : machine.slots())
			if (!services.plugins().devices().all().contains(slot.plugin()))
				deviceLeaving(slot.plugin());
	}

	/** A backend is about to go: if it runs this machine, the vCPUs leave it before this returns. */
	void cpuLeaving(Plugin<CpuBackend> plugin) throws InterruptedException {
		machine.whilePowered(() -> {
			CpuSide cpu = machine.cpu();
			if (cpu.vcpus().plugin().service() != plugin.service() || !cpu.present())
				return null;
			Optional<Plugin<CpuBackend>> other = services.plugins().cpus().best(plugin.role(),
					machine.pin(plugin.role()));
			if (other.isPresent() && tryProcessor(other.get()))
				return null;
			machine.stand();
			try {
				cpu.empty();
			} catch (CpuException e) {
				machine.fail("the state of the vCPUs is lost: " + e.getMessage());
			}
			nowAbsent(plugin.role());
			return null;
		});
	}

	/** A backend is there: the vCPUs go there if they wait for it, or if it is the newer version of theirs. */
	void cpuArrived(Plugin<CpuBackend> plugin) throws InterruptedException {
		machine.whilePowered(() -> {
			CpuSide cpu = machine.cpu();
			Plugin<CpuBackend> current = cpu.vcpus().plugin();
			VersionRange pin = machine.pin(plugin.role());
			if (!current.role().equals(plugin.role()) || pin != null && !pin.includes(plugin.version()))
				return null;
			if (cpu.present()) {
				if (plugin.compareTo(current) > 0)
					tryProcessor(plugin);
				return null;
			}
			long start = System.nanoTime();
			try {
				cpu.fill(plugin);
				noLongerAbsent(plugin.role());
				exchanged(current, plugin, start);
			} catch (MachineException e) {
				refused(plugin, e);
			}
			return null;
		});
	}

	/**
	 * Moves the vCPUs.
	 *
	 * @return whether they are there now; if not they are where they were
	 */
	private boolean tryProcessor(Plugin<CpuBackend> plugin) throws InterruptedException {
		try {
			moveTo(plugin);
			return true;
		} catch (MachineException e) {
			refused(plugin, e);
			return false;
		}
	}

	/** A factory is about to go: its devices leave the board before this returns. */
	void deviceLeaving(Plugin<DeviceFactory> plugin) throws InterruptedException {
		for (DeviceSlot slot : machine.slots())
			machine.whilePowered(() -> {
				if (!slot.present() || slot.plugin().service() != plugin.service())
					return null;
				if (!slot.exchangeable()) {
					LOG.warn("machine {}: {} cannot be exchanged while the machine runs; it goes on with {} {}",
							machine.machine(),
							slot.name(), plugin.bundle(), plugin.version());
					return null;
				}
				long start = System.nanoTime();
				machine.stand();
				empty(slot);
				Optional<Plugin<DeviceFactory>> other = services.plugins().devices()
						.best(slot.role(), machine.pin(slot.role()));
				if (other.isPresent() && fill(slot, other.get())) {
					machine.go();
					exchanged(plugin, other.get(), start);
				} else {
					nowAbsent(slot.role());
				}
				return null;
			});
	}

	/** A factory is there: it fills the places that wait for it, and those where it is the newer version. */
	void deviceArrived(Plugin<DeviceFactory> plugin) throws InterruptedException {
		VersionRange pin = machine.pin(plugin.role());
		if (pin != null && !pin.includes(plugin.version()))
			return;
		for (DeviceSlot slot : machine.slots())
			if (slot.role().equals(plugin.role()))
				machine.whilePowered(() -> {
					if (!slot.present()) {
						long start = System.nanoTime();
						Plugin<DeviceFactory> before = slot.plugin();
						if (fill(slot, plugin)) {
							noLongerAbsent(slot.role());
							exchanged(before, plugin, start);
						}
					} else if (slot.exchangeable() && plugin.compareTo(slot.plugin()) > 0) {
						exchangeDevice(slot, plugin);
					}
					return null;
				});
	}

	private void exchangeDevice(DeviceSlot slot, Plugin<DeviceFactory> plugin) throws InterruptedException {
		long start = System.nanoTime();
		Plugin<DeviceFactory> old = slot.plugin();
		machine.stand();
		empty(slot);
		if (fill(slot, plugin)) {
			exchanged(old, plugin, start);
			machine.go();
			return;
		}
		if (fill(slot, old))
			machine.go();
		else
			nowAbsent(slot.role());
	}

	private void empty(DeviceSlot slot) throws InterruptedException {
		machine.cpu().leaves(slot);
		slot.empty();
	}

	/**
	 * Puts a device into a place that is empty.
	 *
	 * @return whether it is there now; if not the place is empty, and keeps the state for another
	 */
	private boolean fill(DeviceSlot slot, Plugin<DeviceFactory> plugin) throws InterruptedException {
		DeviceState state = slot.kept();
		try {
			slot.fill(plugin);
			machine.cpu().arrives(slot);
			return true;
		} catch (DeviceException e) {
			slot.takeOut();
			slot.kept(state);
			refused(plugin, e);
			return false;
		}
	}

	private void refused(Plugin<?> plugin, Exception e) {
		LOG.warn("machine {}: {} {} refused: {}", machine.machine(), plugin.role(), plugin.version(), e.getMessage());
		machine.report("plugin.refused", Map.of("plugin", plugin.role(), "bundle", plugin.bundle(), "version",
				plugin.version().toString(), "reason", String.valueOf(e.getMessage())));
	}

	private void exchanged(Plugin<?> from, Plugin<?> to, long start) {
		long micros = (System.nanoTime() - start) / 1000;
		machine.report("plugin.exchanged", Map.of("plugin", to.role(), "from", from.version().toString(), "to",
				to.version().toString(), "micros", Long.toString(micros)));
	}

	/** The machine stands until there is a plug-in for this role. It already stands for it. */
	private void nowAbsent(String role) {
		absent.add(role);
		machine.report("plugin.absent", Map.of("plugin", role));
		if (patience == null)
			patience = services.timers().schedule(() -> services.pool().execute(this::outOfPatience),
					services.patience(), TimeUnit.MILLISECONDS);
	}

	private void outOfPatience() {
		machine.quietly(() -> {
			if (!absent.isEmpty())
				machine.waitsFor(PLUG_INS, "waits for a plug-in for " + String.join(", ", absent));
			return null;
		});
	}

	private void noLongerAbsent(String role) {
		absent.remove(role);
		if (absent.isEmpty()) {
			patience.cancel(false);
			patience = null;
			machine.waitsNoMore(PLUG_INS);
		}
		machine.go();
	}
}
