package vmhi.core.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.osgi.framework.VersionRange;
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
import vmhi.api.device.BootContributor;
import vmhi.api.device.ConsolePort;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.Drive;
import vmhi.api.device.GuestClock;
import vmhi.api.device.InterruptDevice;
import vmhi.api.device.PowerButton;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot.Serving;
import vmhi.api.machine.MachineSpec;
import vmhi.api.memory.DirtySource;
import vmhi.api.vdisk.DiskException;
import vmhi.core.boot.Boot;
import vmhi.core.boot.MemoryMap;
import vmhi.core.bus.Claimed;
import vmhi.core.bus.ClaimedMsrs;
import vmhi.core.bus.ExitHost;
import vmhi.core.hypercall.Dispatcher;
import vmhi.core.hypercall.MachineSide;
import vmhi.core.memory.GuestRam;
import vmhi.core.plugin.Plugin;
import vmhi.core.vdisk.DriveOwner;
import vmhi.core.vdisk.GuestDrive;

/**
 * A machine while it has power: RAM, buses, devices, drives and vCPUs, from the moment it is started until it ends.
 * <p>
 * What changes it as a whole (start, pause, reset, exchange of a plug-in, end) takes the lock {@link #operations}; the
 * paths of the guest take no lock at all. It <em>stands</em> while its vCPUs are held, its clock is halted and its
 * devices' workers are idle; that is when devices and processors are exchanged. Reasons to stand add up.
 */
final class PoweredMachine implements MachineSide, VcpuThread.Listener, DriveOwner {
	private static final Logger LOG = LoggerFactory.getLogger(PoweredMachine.class);

	/** Where the leaves of a hypervisor begin, and the step to the next one's. */
	private static final int HYPERVISOR_LEAVES = 0x4000_0000, HYPERVISOR_STEP = 0x100;
	private static final String HYPERCALL_CONSOLE = "hypercall";
	private static final long HELD_MILLIS = 2_000;
	private static final long END_MILLIS = 3_000;

	/** Is told what the machine does by itself. Called from any thread; must not block. */
	interface Owner {

		/** The machine wants to end. */
		void ended(PoweredMachine machine, boolean failed, int status, String reason);

		/** The machine wants to be reset. */
		void resetAsked(PoweredMachine machine, String reason);

		/** The machine waits for a plug-in, so that it cannot go on; {@code null} when it can again. */
		void waiting(PoweredMachine machine, String reason);

		/** Something that others may want to know. */
		void report(String type, Map<String, String> particulars);

		/** A console, made when first asked for; it outlives the machine's power. */
		ConsoleBuffer console(String name);

		/** The guest said what it is. */
		void guestIdentity(long identity);

		long guestIdentity();
	}

	private final MachineSpec spec;
	private final Services services;
	private final Owner owner;
	private final Map<String, VersionRange> pins;
	private final GuestRam ram;
	private final MachineClock clock;
	private final ExitHost exits;
	private final InterruptLines lines = new InterruptLines();
	private final Map<String, GuestDrive> drives = new LinkedHashMap<>();
	private final Map<String, String> drivesTaken = new LinkedHashMap<>();
	private final Map<String, String> consolesTaken = new LinkedHashMap<>();
	private final List<DeviceSlot> slots = new CopyOnWriteArrayList<>();
	private final Map<DeviceSlot, Worker> workers = new LinkedHashMap<>();
	private final Map<DeviceBoard.Doorbell,
			AutoCloseable> doorbells = Collections.synchronizedMap(new LinkedHashMap<>());
	private final Dispatcher dispatcher;
	private final HangWatch hangs;

	/** Held by whoever changes the machine as a whole. */
	private final ReentrantLock operations = new ReentrantLock();
	private int standing = 1; // reasons to stand; guarded by operations
	private final List<String> absent = new ArrayList<>(); // roles that are waited for; guarded by operations
	private Future<?> patience; // guarded by operations
	private VcpuSet vcpus;
	private VcpuSet.Saved parked; // the state of the vCPUs while there is no backend; guarded by operations
	private List<CpuidTable> cpuid = List.of();
	private volatile boolean ending;

	private PoweredMachine(MachineSpec spec, Map<String, VersionRange> pins, Services services, Owner owner)
			throws MachineException {
		this.spec = spec;
		this.pins = pins;
		this.services = services;
		this.owner = owner;
		try {
			ram = new GuestRam(spec.memory(), services.cleaner());
		} catch (OutOfMemoryError e) {
			throw new MachineException(MachineException.Kind.HOST,
					"no room for %d MiB of guest RAM on this host; give the machine less"
							.formatted(spec.memory() >> 20),
					e);
		}
		clock = new MachineClock(services.timers());
		exits = new ExitHost(spec.name(), spec.cpu().count());
		dispatcher = new Dispatcher(this, services.plugins().ranges(), this::pin);
		hangs = new HangWatch(this, services.callDeadline());
	}

	/**
	 * Puts a machine together and starts it.
	 *
	 * @throws MachineException if something is missing or wrong; nothing is then left of it
	 */
	static PoweredMachine start(MachineSpec spec, Map<String, VersionRange> pins, Plugin<CpuBackend> backend,
			Services services, Owner owner) throws MachineException, InterruptedException {
		PoweredMachine machine = new PoweredMachine(spec, pins, services, owner);
		machine.operations.lock();
		try {
			machine.assemble(backend);
			machine.boot();
			machine.vcpus.start();
			machine.enter();
			machine.hangs.start(services.timers());
			machine.go();
			return machine;
		} catch (MachineException | InterruptedException | RuntimeException | LinkageError e) {
			machine.end();
			throw e;
		} finally {
			machine.operations.unlock();
		}
	}

	private CpuState entry; // how vCPU 0 begins; between boot() and enter()

	private void assemble(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		for (MachineSpec.Disk disk : spec.disks()) {
			try {
				drives.put(disk.name(), services.images().open(spec.name(), disk, pin("disk:" + disk.format()), this));
			} catch (DiskException e) {
				throw new MachineException(kind(e), "disk %s: %s".formatted(disk.name(), e.getMessage()), e);
			}
		}
		for (int i = 0; i < spec.devices().size(); i++)
			addDevice(i);
		if (spec.hypercalls().enabled())
			openHypercalls();
		createProcessor(backend);
	}

	private static MachineException.Kind kind(DiskException e) {
		return switch (e.kind()) {
			case LOCKED -> MachineException.Kind.CONFLICT;
			case UNSUPPORTED -> MachineException.Kind.MISSING_PLUGIN;
			default -> MachineException.Kind.HOST;
		};
	}

	private void addDevice(int index) throws MachineException, InterruptedException {
		MachineSpec.Device device = spec.devices().get(index);
		Worker worker = new Worker(spec.name() + " " + device.name(), services.pool());
		DeviceSlot slot = new DeviceSlot(this, device, index, worker);
		Plugin<DeviceFactory> plugin = services.plugins().devices().best(slot.role(), pin(slot.role()))
				.orElseThrow(() -> missing(slot.role(), "devices[%d]".formatted(index)));
		try {
			slots.add(slot);
			workers.put(slot, worker);
			slot.fill(plugin);
		} catch (DeviceException e) {
			throw new MachineException(e.kind() == DeviceException.Kind.SETTINGS
					? MachineException.Kind.INVALID
					: MachineException.Kind.CONFLICT, e.getMessage(), e);
		}
		long controllers = slots.stream().filter(s -> s.device() instanceof InterruptDevice).count();
		if (controllers > 1)
			throw new MachineException(MachineException.Kind.INVALID,
					"devices[%d]: a machine has one interrupt controller at most".formatted(index));
	}

	private MachineException missing(String role, String where) {
		VersionRange pin = pin(role);
		return new MachineException(MachineException.Kind.MISSING_PLUGIN,
				"%s: no plug-in for %s%s; install one, or put it into the plugins folder".formatted(where, role,
						pin == null ? "" : " in version " + pin));
	}

	private void openHypercalls() throws MachineException {
		exits.ports().add(Claimed.undivided(spec.hypercalls().port(), "hypercalls", dispatcher, this::fault));
		exits.hypercalls(dispatcher);
		dispatcher.open();
	}

	private void createProcessor(Plugin<CpuBackend> backend) throws MachineException {
		try {
			CpuidTable supported = backend.service().supportedCpuid();
			boolean board = interruptDevice().isPresent();
			int khz = backend.service() instanceof TimeStampRate rate ? rate.timeStampKhz() : 0;
			List<CpuidTable> tables = new ArrayList<>();
			for (int i = 0; i < spec.cpu().count(); i++)
				tables.add(CpuModels.table(spec.cpu().model(), supported, contributedLeaves(i, khz), i, spec.cpu().count()));
			cpuid = tables;
			List<MsrRange> msrs = exits.msrs().stream().map(ClaimedMsrs::range).toList();
			vcpus = new VcpuSet(new CpuSetup(spec.name(), ram, cpuid, msrs, !board), exits, this);
			use(backend, vcpus.create(backend));
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

	private Optional<InterruptDevice> interruptDevice() {
		return slots.stream().map(DeviceSlot::device).filter(InterruptDevice.class::isInstance)
				.map(InterruptDevice.class::cast)
				.findFirst();
	}

	/** Connects a processor with the rest of the machine. */
	private void use(Plugin<CpuBackend> backend, Processor processor) throws MachineException {
		InterruptDevice board = interruptDevice().orElse(null);
		if (board == null && !(processor instanceof InterruptController)) {
			vcpus.close(processor);
			throw new MachineException(MachineException.Kind.INVALID,
					"%s brings no interrupt controller; the machine needs a device that is one"
							.formatted(backend.role()));
		}
		vcpus.use(backend, processor);
		if (board != null)
			for (int i = 0; i < spec.cpu().count(); i++)
				if (processor.vcpu(i) instanceof InterruptibleVcpu vcpu)
					vcpu.connect(board.localApic(i, new WakingVcpu(vcpu, vcpus.thread(i))));
		ram.dirtySource(processor instanceof DirtySource source ? source : null);
		synchronized (doorbells) {
			doorbells.replaceAll((bell, old) -> register(bell));
		}
		lines.controller(board != null ? board : (InterruptController) processor);
	}

	/** Takes the processor off the rest of the machine. */
	private void disuse() {
		lines.controller(null);
		synchronized (doorbells) {
			doorbells.replaceAll((bell, registered) -> {
				unregister(registered);
				return NOT_REGISTERED;
			});
		}
		ram.dirtySource(null);
	}

	private static final AutoCloseable NOT_REGISTERED = () -> {
	};

	private AutoCloseable register(DeviceBoard.Doorbell bell) {
		if (vcpus == null || !(vcpus.processor() instanceof Doorbells processor))
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
		doorbells.put(bell, register(bell));
		return bell;
	}

	void removeDoorbell(DeviceBoard.Doorbell bell) {
		AutoCloseable registered = doorbells.remove(bell);
		if (registered != null)
			unregister(registered);
	}

	/** Puts the kernel and what devices contribute into RAM. */
	private void boot() throws MachineException, InterruptedException {
		MemoryMap map = new MemoryMap(ram);
		try {
			for (DeviceSlot slot : slots)
				if (slot.device() instanceof BootContributor contributor)
					contributor.contribute(map);
		} catch (DeviceException e) {
			throw new MachineException(MachineException.Kind.HOST, e.getMessage(), e);
		}
		entry = Boot.load(ram, map, spec.boot());
	}

	private void enter() throws MachineException, InterruptedException {
		try {
			vcpus.restore(vcpus.processor(), 0, entry);
		} catch (CpuException e) {
			throw failed("start", e);
		}
	}

	private MachineException failed(String what, CpuException e) {
		return new MachineException(switch (e.kind()) {
			case UNSUPPORTED -> MachineException.Kind.INVALID;
			case UNAVAILABLE, HOST -> MachineException.Kind.HOST;
			default -> MachineException.Kind.INTERNAL;
		}, what + ": " + e.getMessage(), e);
	}

	// --- standing still, and going on; all of it with the lock

	/** Comes to a stand, or stands for one more reason. */
	private void stand() throws InterruptedException {
		if (standing++ > 0)
			return;
		vcpus.holdAll();
		if (!vcpus.awaitHeld(HELD_MILLIS) && !hangs.giveUpHung())
			LOG.warn("machine {}: a vCPU does not come to a stand", spec.name());
		clock.halt();
		for (Worker worker : workers.values())
			if (!worker.awaitIdle(HELD_MILLIS))
				LOG.warn("machine {}: a device's worker does not come to a stand", spec.name());
	}

	/** One reason less to stand. */
	private void go() {
		if (--standing > 0 || ending)
			return;
		clock.go();
		vcpus.releaseAll();
	}

	void pause() throws InterruptedException {
		locked(() -> {
			stand();
			return null;
		});
	}

	void resume() throws InterruptedException {
		locked(() -> {
			go();
			return null;
		});
	}

	/** Something done with the lock. */
	private interface Operation<E extends Exception> {
		Void run() throws E, InterruptedException;
	}

	private <E extends Exception> void locked(Operation<E> operation) throws E, InterruptedException {
		operations.lockInterruptibly();
		try {
			operation.run();
		} finally {
			operations.unlock();
		}
	}

	/** The reset button: devices and vCPUs as after power-on, and the kernel loaded anew. */
	void reset() throws MachineException, InterruptedException {
		operations.lockInterruptibly();
		try {
			if (ending || vcpus.processor() == null)
				throw new MachineException(MachineException.Kind.CONFLICT,
						"the machine waits for a plug-in: " + absent);
			stand();
			for (DeviceSlot slot : slots)
				slot.reset();
			Plugin<CpuBackend> backend = vcpus.plugin();
			Processor old = vcpus.processor();
			disuse();
			vcpus.use(backend, null);
			vcpus.close(old);
			use(backend, vcpus.create(backend));
			boot();
			enter();
			go();
		} catch (DeviceException | CpuException e) {
			throw new MachineException(MachineException.Kind.INTERNAL, "reset: " + e.getMessage(), e);
		} finally {
			operations.unlock();
		}
	}

	/**
	 * Presses the power button.
	 *
	 * @return whether there is one
	 */
	boolean pressPowerButton() {
		Optional<PowerButton> button = slots.stream().map(DeviceSlot::device).filter(PowerButton.class::isInstance)
				.map(PowerButton.class::cast).findFirst();
		button.ifPresent(PowerButton::press);
		return button.isPresent();
	}

	// --- exchange of plug-ins

	/** Moves the vCPUs to another backend; if it refuses, they go on where they are. */
	void moveTo(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		operations.lockInterruptibly();
		try {
			if (ending)
				throw new MachineException(MachineException.Kind.CONFLICT, "the machine is ending");
			long start = System.nanoTime();
			Plugin<CpuBackend> from = vcpus.plugin();
			stand();
			try {
				if (vcpus.processor() == null)
					fillProcessor(backend);
				else
					exchangeProcessor(backend);
			} finally {
				go();
			}
			exchanged(from, backend, start);
		} finally {
			operations.unlock();
		}
	}

	private void exchangeProcessor(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		Plugin<CpuBackend> from = vcpus.plugin();
		Processor old = vcpus.processor();
		Processor next = null;
		try {
			refuseLacking(backend);
			VcpuSet.Saved saved = vcpus.save();
			next = vcpus.create(backend);
			vcpus.restore(next, saved);
			disuse();
			use(backend, next);
			vcpus.close(old);
		} catch (CpuException e) {
			if (next != null)
				vcpus.close(next);
			if (vcpus.processor() != old)
				use(from, old);
			throw failed("move to " + backend.role(), e);
		}
	}

	private void refuseLacking(Plugin<CpuBackend> backend) throws MachineException, CpuException {
		List<String> lacking = CpuModels.lacking(cpuid.get(0), backend.service().supportedCpuid());
		if (!lacking.isEmpty())
			throw new MachineException(MachineException.Kind.CONFLICT,
					"%s lacks what the guest was told it has: %s; start the machine with a lower cpu.model to move it"
							.formatted(backend.role(), String.join(", ", lacking)));
	}

	/** Takes the vCPUs out of a backend that is leaving, until there is another. */
	private void emptyProcessor() throws InterruptedException {
		Processor old = vcpus.processor();
		Plugin<CpuBackend> backend = vcpus.plugin();
		stand();
		try {
			parked = vcpus.save();
		} catch (CpuException e) {
			owner.ended(this, true, 0, "the state of the vCPUs is lost: " + e.getMessage());
		}
		disuse();
		vcpus.use(backend, null);
		vcpus.close(old);
	}

	private void fillProcessor(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		try {
			refuseLacking(backend);
			Processor next = vcpus.create(backend);
			try {
				vcpus.restore(next, parked);
			} catch (CpuException e) {
				vcpus.close(next);
				throw e;
			}
			use(backend, next);
			parked = null;
		} catch (CpuException e) {
			throw failed("move to " + backend.role(), e);
		}
	}

	/** A backend is about to go: if it runs this machine, the vCPUs leave it before this returns. */
	void cpuLeaving(Plugin<CpuBackend> plugin) throws InterruptedException {
		exchange(() -> {
			if (vcpus.plugin().service() != plugin.service() || vcpus.processor() == null)
				return null;
			Optional<Plugin<CpuBackend>> other = services.plugins().cpus().best(plugin.role(), pin(plugin.role()));
			if (other.isPresent() && tryProcessor(other.get()))
				return null;
			emptyProcessor();
			nowAbsent(plugin.role());
			return null;
		});
	}

	/** A backend is there: the vCPUs go there if they wait for it, or if it is the newer version of theirs. */
	void cpuArrived(Plugin<CpuBackend> plugin) throws InterruptedException {
		exchange(() -> {
			Plugin<CpuBackend> current = vcpus.plugin();
			VersionRange pin = pin(plugin.role());
			if (!current.role().equals(plugin.role()) || pin != null && !pin.includes(plugin.version()))
				return null;
			if (vcpus.processor() != null) {
				if (plugin.compareTo(current) > 0)
					tryProcessor(plugin);
				return null;
			}
			long start = System.nanoTime();
			try {
				fillProcessor(plugin);
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
		for (DeviceSlot slot : slots)
			exchange(() -> {
				if (!slot.present() || slot.plugin().service() != plugin.service())
					return null;
				if (!slot.exchangeable()) {
					LOG.warn("machine {}: {} cannot be exchanged while the machine runs; it goes on with {} {}",
							spec.name(),
							slot.name(), plugin.bundle(), plugin.version());
					return null;
				}
				long start = System.nanoTime();
				stand();
				slot.empty();
				Optional<
						Plugin<DeviceFactory>> other = services.plugins().devices().best(slot.role(), pin(slot.role()));
				if (other.isPresent() && fill(slot, other.get())) {
					go();
					exchanged(plugin, other.get(), start);
				} else {
					nowAbsent(slot.role());
				}
				return null;
			});
	}

	/** A factory is there: it fills the places that wait for it, and those where it is the newer version. */
	void deviceArrived(Plugin<DeviceFactory> plugin) throws InterruptedException {
		VersionRange pin = pin(plugin.role());
		if (pin != null && !pin.includes(plugin.version()))
			return;
		for (DeviceSlot slot : slots)
			if (slot.role().equals(plugin.role()))
				exchange(() -> {
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
		stand();
		slot.empty();
		var state = slot.kept();
		if (fill(slot, plugin)) {
			exchanged(old, plugin, start);
			go();
			return;
		}
		slot.kept(state);
		if (fill(slot, old))
			go();
		else
			nowAbsent(slot.role());
	}

	private boolean fill(DeviceSlot slot, Plugin<DeviceFactory> plugin) throws InterruptedException {
		try {
			slot.fill(plugin);
			return true;
		} catch (DeviceException e) {
			refused(plugin, e);
			return false;
		}
	}

	private void refused(Plugin<?> plugin, Exception e) {
		LOG.warn("machine {}: {} {} refused: {}", spec.name(), plugin.role(), plugin.version(), e.getMessage());
		report("plugin.refused", Map.of("plugin", plugin.role(), "bundle", plugin.bundle(), "version",
				plugin.version().toString(), "reason", String.valueOf(e.getMessage())));
	}

	private void exchanged(Plugin<?> from, Plugin<?> to, long start) {
		long micros = (System.nanoTime() - start) / 1000;
		report("plugin.exchanged", Map.of("plugin", to.role(), "from", from.version().toString(), "to",
				to.version().toString(), "micros", Long.toString(micros)));
	}

	private void exchange(Operation<RuntimeException> operation) throws InterruptedException {
		locked(() -> ending ? null : operation.run());
	}

	/** The machine stands until there is a plug-in for this role. It already stands for it. */
	private void nowAbsent(String role) {
		absent.add(role);
		report("plugin.absent", Map.of("plugin", role));
		if (patience == null)
			patience = services.timers().schedule(() -> owner.waiting(this, "waits for a plug-in for " + role),
					services.patience(), TimeUnit.MILLISECONDS);
	}

	private void noLongerAbsent(String role) {
		absent.remove(role);
		if (absent.isEmpty()) {
			patience.cancel(false);
			patience = null;
			owner.waiting(this, null);
		}
		go();
	}

	// --- what happens inside

	@Override
	public void shutdown(int vcpu) {
		resetFromInside("vCPU %d shut down (triple fault)".formatted(vcpu));
	}

	@Override
	public void failed(int vcpu, Throwable cause) {
		LOG.error("machine {}: vCPU {} failed", spec.name(), vcpu, cause);
		owner.ended(this, true, 0, String.valueOf(cause.getMessage()));
	}

	/** The guest does not go on while the power is being cut. */
	void powerOff(int status, String reason) {
		vcpus.holdAll();
		owner.ended(this, false, status, reason);
	}

	void resetFromInside(String reason) {
		if (spec.onReset() == MachineSpec.OnReset.STOP)
			powerOff(1, "reset by the guest: " + reason);
		else
			owner.resetAsked(this, reason);
	}

	void fault(Claimed range, Throwable thrown, boolean last) {
		LOG.warn("machine {}: {} failed an access", spec.name(), range.owner(), thrown);
		report(last ? "plugin.suspended" : "plugin.fault",
				Map.of("device", range.owner(), "error", String.valueOf(thrown)));
		if (last) {
			exits.ports().remove(range);
			exits.memory().remove(range);
		}
	}

	@Override
	public void waiting(String drive, String reason) {
		services.pool().execute(() -> quietly(() -> {
			stand();
			owner.waiting(this, "drive %s: %s".formatted(drive, reason));
			return null;
		}));
	}

	@Override
	public void back(String drive) {
		services.pool().execute(() -> quietly(() -> {
			owner.waiting(this, null);
			go();
			return null;
		}));
	}

	private void quietly(Operation<RuntimeException> operation) {
		try {
			exchange(operation);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void report(String type, Map<String, String> particulars) {
		owner.report(type, particulars);
	}

	// --- the end

	/**
	 * Cuts the power. Returns in bounded time, whatever plug-ins do: a vCPU or device that does not let go is left behind,
	 * and so is then what it may still touch.
	 */
	void end() {
		ending = true;
		boolean locked = false;
		try {
			locked = operations.tryLock(END_MILLIS, TimeUnit.MILLISECONDS);
			endAll();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		} finally {
			if (locked)
				operations.unlock();
		}
	}

	private void endAll() throws InterruptedException {
		hangs.stop();
		clock.halt();
		boolean clean = true;
		if (vcpus != null) {
			vcpus.holdAll();
			if (!vcpus.awaitHeld(HELD_MILLIS))
				hangs.giveUpHung();
			clean = vcpus.end(END_MILLIS).stream().allMatch(this::inPlugin);
		}
		dispatcher.close();
		List<DeviceSlot> last = new ArrayList<>(slots);
		Collections.reverse(last);
		for (DeviceSlot slot : last)
			slot.takeOut();
		for (GuestDrive drive : drives.values())
			drive.close();
		if (!clean) {
			LOG.error("machine {}: a vCPU does not leave its backend; processor and RAM are left to it", spec.name());
			return;
		}
		if (vcpus != null && vcpus.processor() != null) {
			disuse();
			vcpus.close(vcpus.processor());
		}
		ram.close();
	}

	/** A thread that is stuck outside the backend unwinds without touching it. */
	private boolean inPlugin(int vcpu) {
		boolean inside = (exits.slot(vcpu).calls() & 1) != 0;
		if (inside)
			exits.abandon(vcpu);
		return inside;
	}

	// --- for devices, ranges and snapshots

	@Override
	public String machine() {
		return spec.name();
	}

	@Override
	public int vcpus() {
		return spec.cpu().count();
	}

	@Override
	public GuestRam memory() {
		return ram;
	}

	@Override
	public GuestClock clock() {
		return clock;
	}

	@Override
	public ConsolePort console() {
		return owner.console(HYPERCALL_CONSOLE);
	}

	@Override
	public void later(Runnable what) {
		services.pool().execute(what);
	}

	@Override
	public long guestIdentity() {
		return owner.guestIdentity();
	}

	@Override
	public void guestIdentity(long identity) {
		owner.guestIdentity(identity);
	}

	ExitHost exits() {
		return exits;
	}

	InterruptLines lines() {
		return lines;
	}

	Dispatcher dispatcher() {
		return dispatcher;
	}

	VcpuSet vcpuSet() {
		return vcpus;
	}

	Drive drive(String name, String device, Executor worker) throws DeviceException {
		GuestDrive drive = drives.get(name);
		if (drive == null)
			throw new DeviceException(DeviceException.Kind.MISSING,
					"%s: the machine has no disk \"%s\"; it has %s".formatted(device, name, drives.keySet()));
		String other = drivesTaken.putIfAbsent(name, device);
		if (other != null && !other.equals(device))
			throw new DeviceException(DeviceException.Kind.TAKEN,
					"%s: disk \"%s\" is %s's".formatted(device, name, other));
		return drive.drive(worker);
	}

	synchronized ConsolePort takeConsole(String name, String device) throws DeviceException {
		String other = consolesTaken.putIfAbsent(name, device);
		if (other != null && !other.equals(device))
			throw new DeviceException(DeviceException.Kind.TAKEN,
					"%s: console \"%s\" is %s's".formatted(device, name, other));
		return owner.console(name);
	}

	synchronized void returnConsole(String name, String device) {
		if (consolesTaken.remove(name, device))
			owner.console(name).listen(null);
	}

	<T> Optional<T> find(Class<T> type, String device) {
		for (DeviceSlot slot : slots) {
			if (slot.name().equals(device))
				break;
			Optional<T> offered = slot.board() == null ? Optional.empty() : slot.board().offered(type);
			if (offered.isPresent())
				return offered;
		}
		return Optional.empty();
	}

	private VersionRange pin(String role) {
		return pins.get(role);
	}

	/** What serves this machine now. */
	List<Serving> serving() {
		List<Serving> serving = new ArrayList<>();
		serving.add(vcpus.plugin().serving(vcpus.processor() != null));
		for (DeviceSlot slot : slots)
			if (slot.plugin() != null)
				serving.add(slot.plugin().serving(slot.present()));
		drives.values().forEach(drive -> serving.add(drive.serving()));
		serving.addAll(dispatcher.serving());
		return serving.stream().distinct().toList();
	}

	/** Kind of the backend that has the vCPUs. */
	String backend() {
		return vcpus.plugin().role().substring("cpu:".length());
	}

	Map<String, Long> counters() {
		Map<String, Long> counters = new LinkedHashMap<>(exits.counters());
		drives.forEach((name, drive) -> drive.counters()
				.forEach((what, count) -> counters.put("disk.%s.%s".formatted(name, what), count)));
		return counters;
	}
}
