package vmhi.core.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.Doorbells;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.TimeStampRate;
import vmhi.api.device.DeviceException;
import vmhi.api.device.InterruptDevice;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSpec;
import vmhi.api.memory.DirtySource;
import vmhi.core.bus.ClaimedMsrs;
import vmhi.core.bus.ExitHost;
import vmhi.core.hypercall.Dispatcher;
import vmhi.core.memory.GuestRam;
import vmhi.core.plugin.Plugin;

/**
 * The processor of a machine and what hangs on it: interrupt lines, doorbells, dirty tracking. Whichever backend makes
 * it, the guest is told the same by CPUID for as long as the machine has power.
 * <p>
 * Changed under the machine's lock, while the machine stands; doorbells come and go at any time.
 */
final class CpuSide {
	private static final Logger LOG = LoggerFactory.getLogger(CpuSide.class);

	/** Where the leaves of a hypervisor begin, and the step to the next one's. */
	private static final int HYPERVISOR_LEAVES = 0x4000_0000, HYPERVISOR_STEP = 0x100;

	private final MachineSpec spec;
	private final GuestRam ram;
	private final ExitHost exits;
	private final List<DeviceSlot> slots;
	private final VcpuThread.Listener listener;
	private final InterruptLines lines = new InterruptLines();
	private final Map<DeviceBoard.Doorbell, AutoCloseable> doorbells = Collections
			.synchronizedMap(new LinkedHashMap<>());
	private boolean listening; // guarded by doorbells
	private List<CpuidTable> cpuid = List.of();
	private DeviceSlot controllers; // where the board's interrupt controller is or will be; null if it has none
	private volatile VcpuSet vcpus;
	private VcpuSet.Saved parked; // the state of the vCPUs while there is no backend

	/** With no processor yet. {@code slots} is the machine's list of devices, which it fills. */
	CpuSide(MachineSpec spec, GuestRam ram, ExitHost exits, List<DeviceSlot> slots, VcpuThread.Listener listener) {
		this.spec = spec;
		this.ram = ram;
		this.exits = exits;
		this.slots = slots;
		this.listener = listener;
	}

	/** {@code null} before {@link #create}. */
	VcpuSet vcpus() {
		return vcpus;
	}

	InterruptLines lines() {
		return lines;
	}

	/** Whether there is a processor now. */
	boolean present() {
		return vcpus != null && vcpus.processor() != null;
	}

	/** Has a backend make the processor. The devices are on the board. */
	void create(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		try {
			CpuidTable supported = backend.service().supportedCpuid();
			controllers = slots.stream().filter(slot -> slot.device() instanceof InterruptDevice).findFirst()
					.orElse(null);
			int khz = backend.service() instanceof TimeStampRate rate ? rate.timeStampKhz() : 0;
			List<CpuidTable> tables = new ArrayList<>();
			for (int i = 0; i < spec.cpu().count(); i++)
				tables.add(CpuModels.table(spec.cpu().model(), supported, contributedLeaves(i, khz), i,
						spec.cpu().count()));
			cpuid = tables;
			List<MsrRange> msrs = exits.msrs().stream().map(ClaimedMsrs::range).toList();
			vcpus = new VcpuSet(new CpuSetup(spec.name(), ram, cpuid, msrs, controllers == null), exits,
					listener);
			use(backend, vcpus.create(backend));
			vcpus.clockHalts();
		} catch (CpuException e) {
			throw failed("cpu " + backend.role(), e);
		}
	}

	private List<CpuidTable.Leaf> contributedLeaves(int vcpu, int timeStampKhz) {
		List<CpuidTable.Leaf> leaves = new ArrayList<>();
		slots.forEach(slot -> leaves.addAll(slot.board().leaves()));
		if (spec.hypercalls().enabled()) {
			int base = HYPERVISOR_LEAVES;
			while (taken(leaves, base))
				base += HYPERVISOR_STEP;
			leaves.addAll(Dispatcher.cpuid(base, spec.hypercalls().port(), vcpu, timeStampKhz));
		}
		return leaves;
	}

	private static boolean taken(List<CpuidTable.Leaf> leaves, int base) {
		return leaves.stream().anyMatch(leaf -> leaf.leaf() == base);
	}

	/** Connects a processor with the rest of the machine. */
	private void use(Plugin<CpuBackend> backend, Processor processor) throws MachineException, InterruptedException {
		if (controllers == null && !(processor instanceof InterruptController)) {
			vcpus.close(processor);
			throw new MachineException(MachineException.Kind.INVALID,
					"%s brings no interrupt controller; add a device that is one, such as {\"kind\": \"irqchip\"}"
							.formatted(backend.role()));
		}
		vcpus.use(backend, processor);
		try {
			if (controllers != null && controllers.present()) // else it is being exchanged, and arrives later
				serve(processor);
		} catch (DeviceException e) {
			throw new MachineException(MachineException.Kind.INTERNAL, e.getMessage(), e);
		}
		attach(processor);
	}

	/** Has the board's interrupt controller serve a processor. */
	private void serve(Processor processor) throws DeviceException, InterruptedException {
		Map<Integer, InterruptibleVcpu> served = new LinkedHashMap<>();
		for (int i = 0; i < spec.cpu().count(); i++)
			if (processor.vcpu(i) instanceof InterruptibleVcpu vcpu)
				served.put(i, WakingVcpu.of(vcpu, vcpus.thread(i)));
		vcpus.clockBack(); // local APICs look at time-stamp counters, which have gone on
		controllers.serve(served);
	}

	private void attach(Processor processor) {
		ram.dirtySource(processor instanceof DirtySource source ? source : null);
		lines.controller((InterruptController) (controllers == null ? processor : controllers.device()));
	}

	/** A device is about to be taken out: what others raise after its state is taken is for the one that comes. */
	void leaves(DeviceSlot slot) {
		if (slot == controllers)
			lines.controller(null);
	}

	/** A device is in the place of one that was taken out. */
	void arrives(DeviceSlot slot) throws DeviceException, InterruptedException {
		if (slot != controllers || !present())
			return;
		serve(vcpus.processor());
		attach(vcpus.processor());
	}

	/** Takes the processor off the rest of the machine. */
	private void disuse() {
		lines.controller(null);
		ram.dirtySource(null);
	}

	/**
	 * Has the processor take doorbells as signals, while the machine goes; or not, while it stands. When this returns
	 * from the latter, every bell has rung whose write the guest has made, so that nothing happens to the state of the
	 * machine behind the back of whoever takes it.
	 */
	void doorbells(boolean on) {
		synchronized (doorbells) {
			listening = on;
			doorbells.replaceAll((bell, registered) -> {
				unregister(registered);
				return register(bell);
			});
		}
	}

	private static final AutoCloseable NOT_REGISTERED = () -> {
	};

	private AutoCloseable register(DeviceBoard.Doorbell bell) {
		if (!listening || !(vcpus.processor() instanceof Doorbells processor))
			return NOT_REGISTERED;
		try {
			return processor.doorbell(bell.port(), bell.address(), bell.size(), false, 0, bell.ring());
		} catch (CpuException e) {
			LOG.debug("machine {}: a doorbell stays an exit: {}", spec.name(), e.getMessage());
			return NOT_REGISTERED;
		}
	}

	private static void unregister(AutoCloseable registered) {
		try {
			registered.close();
		} catch (Exception e) {
			LOG.warn("a doorbell does not close", e);
		}
	}

	DeviceBoard.Doorbell addDoorbell(DeviceBoard.Doorbell bell) {
		synchronized (doorbells) {
			doorbells.put(bell, register(bell));
		}
		return bell;
	}

	void removeDoorbell(DeviceBoard.Doorbell bell) {
		AutoCloseable registered = doorbells.remove(bell);
		if (registered != null)
			unregister(registered);
	}

	/** Puts vCPU 0 into the state in which it enters the kernel. */
	void enter(CpuState entry) throws MachineException, InterruptedException {
		try {
			vcpus.restore(vcpus.processor(), 0, entry);
		} catch (CpuException e) {
			throw failed("start", e);
		}
	}

	/** A processor as after power-on takes the place of the one that there is. */
	void renew() throws MachineException, InterruptedException {
		Plugin<CpuBackend> backend = vcpus.plugin();
		Processor old = vcpus.processor();
		disuse();
		vcpus.use(backend, null);
		vcpus.close(old);
		try {
			use(backend, vcpus.create(backend));
			vcpus.clockHalts(); // the new one's: a guest that was reset starts with it
		} catch (CpuException e) {
			throw failed("reset", e);
		}
	}

	/**
	 * Gives the processor back; all threads have ended.
	 *
	 * @return {@code false} if the backend does not come back from that
	 */
	boolean close() throws InterruptedException {
		if (!present())
			return true;
		disuse();
		return vcpus.close(vcpus.processor());
	}

	/** Moves the vCPUs to another backend; if it refuses, they are where they were. */
	void exchange(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		Plugin<CpuBackend> from = vcpus.plugin();
		Processor old = vcpus.processor();
		Processor next = null;
		boolean moved = false;
		try {
			refuseLacking(backend);
			lines.controller(null); // what devices raise after the state is taken is for whoever goes on
			VcpuSet.Saved saved = vcpus.save();
			next = vcpus.create(backend);
			vcpus.restore(next, saved);
			disuse();
			use(backend, next);
			moved = true;
		} catch (CpuException e) {
			throw failed("move to " + backend.role(), e);
		} catch (RuntimeException | LinkageError e) {
			throw failed("move to " + backend.role(), new CpuException(CpuException.Kind.HOST, e.toString(), e));
		} finally {
			try {
				if (!moved)
					goBack(from, old);
			} finally {
				if (moved || next != null)
					vcpus.close(moved ? old : next);
			}
		}
	}

	/** The old processor goes on. */
	private void goBack(Plugin<CpuBackend> from, Processor old) throws MachineException, InterruptedException {
		if (vcpus.processor() == old)
			attach(old);
		else
			use(from, old);
	}

	private void refuseLacking(Plugin<CpuBackend> backend) throws MachineException, CpuException {
		List<String> lacking = CpuModels.lacking(cpuid.get(0), backend.service().supportedCpuid());
		if (!lacking.isEmpty())
			throw new MachineException(MachineException.Kind.CONFLICT,
					"%s lacks what the guest was told it has: %s; start the machine with a lower cpu.model to move it"
							.formatted(backend.role(), String.join(", ", lacking)));
	}

	/** Takes the vCPUs out of a backend that is leaving, until there is another. */
	void empty() throws CpuException, InterruptedException {
		Processor old = vcpus.processor();
		Plugin<CpuBackend> backend = vcpus.plugin();
		lines.controller(null);
		try {
			parked = vcpus.save();
		} finally {
			disuse();
			vcpus.use(backend, null);
			vcpus.close(old);
		}
	}

	/** Puts the vCPUs into a backend that has come. */
	void fill(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		try {
			refuseLacking(backend);
			Processor next = vcpus.create(backend);
			try {
				vcpus.restore(next, parked);
				use(backend, next);
			} catch (CpuException | InterruptedException | RuntimeException | LinkageError e) {
				disuse();
				vcpus.use(vcpus.plugin(), null);
				vcpus.close(next);
				throw e;
			}
			parked = null;
		} catch (CpuException e) {
			throw failed("move to " + backend.role(), e);
		} catch (RuntimeException | LinkageError e) {
			throw failed("move to " + backend.role(), new CpuException(CpuException.Kind.HOST, e.toString(), e));
		}
	}

	private static MachineException failed(String what, CpuException e) {
		return new MachineException(switch (e.kind()) {
			case UNSUPPORTED -> MachineException.Kind.INVALID;
			case UNAVAILABLE, HOST -> MachineException.Kind.HOST;
			default -> MachineException.Kind.INTERNAL;
		}, what + ": " + e.getMessage(), e);
	}
}
