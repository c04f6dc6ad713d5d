package vmhi.core.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.osgi.framework.VersionRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuState;
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
import vmhi.api.vdisk.DiskException;
import vmhi.core.boot.Boot;
import vmhi.core.boot.MemoryMap;
import vmhi.core.bus.Claimed;
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
	private final CpuSide cpu;
	private final PluginExchange exchange;
	private final Map<String, GuestDrive> drives = new LinkedHashMap<>();
	private final Map<String, String> drivesTaken = new LinkedHashMap<>();
	private final Map<String, String> consolesTaken = new LinkedHashMap<>();
	private final List<DeviceSlot> slots = new CopyOnWriteArrayList<>();
	private final Map<DeviceSlot, Worker> workers = new LinkedHashMap<>();
	private final Dispatcher dispatcher;
	private final HangWatch hangs;

	/** Held by whoever changes the machine as a whole. */
	private final ReentrantLock operations = new ReentrantLock();
	private int standing = 1; // reasons to stand; guarded by operations
	private final Map<String, String> waits = new LinkedHashMap<>(); // reasons that are shown; guarded by operations
	private final Worker driveNews; // of drives, in the order in which they come
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
		cpu = new CpuSide(spec, ram, exits, slots, this);
		exchange = new PluginExchange(this, services);
		dispatcher = new Dispatcher(this, services.plugins().ranges(), this::pin);
		hangs = new HangWatch(this, services.callDeadline());
		driveNews = new Worker(spec.name() + " drives", services.pool());
	}

	/**
	 * Puts a machine together and starts it.
	 *
	 * @throws MachineException if something is missing or wrong; nothing is then left of it
	 */
	static PoweredMachine start(MachineSpec spec, Map<String, VersionRange> pins, Plugin<CpuBackend> backend,
			Services services, Owner owner) throws MachineException, InterruptedException {
		PoweredMachine machine = new PoweredMachine(spec, pins, services, owner);
		try {
			machine.locked(() -> {
				machine.assemble(backend);
				machine.boot();
				machine.cpu.vcpus().start();
				machine.cpu.enter(machine.entry);
				machine.hangs.start(services.timers());
				machine.go();
				return null;
			});
			return machine;
		} catch (MachineException | InterruptedException | RuntimeException | LinkageError e) {
			machine.end();
			throw e;
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
		cpu.create(backend);
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

	// --- standing still, and going on; all of it with the lock

	/** Comes to a stand, or stands for one more reason. */
	void stand() throws InterruptedException {
		if (standing++ > 0)
			return;
		cpu.vcpus().holdAll();
		try {
			if (!cpu.vcpus().awaitHeld(HELD_MILLIS) && !hangs.giveUpHung())
				LOG.warn("machine {}: a vCPU does not come to a stand", spec.name());
			cpu.doorbells(false);
			clock.halt();
			cpu.vcpus().clockHalts();
			for (Worker worker : workers.values())
				if (!worker.awaitIdle(HELD_MILLIS))
					LOG.warn("machine {}: a device's worker does not come to a stand", spec.name());
		} catch (InterruptedException e) {
			go();
			throw e;
		}
	}

	/** One reason less to stand. */
	void go() {
		if (--standing > 0 || ending)
			return;
		cpu.doorbells(true);
		cpu.vcpus().clockGoes();
		clock.go();
		cpu.vcpus().releaseAll();
	}

	/** Tries again what drives have given up. */
	void retryDrives() {
		drives.values().forEach(GuestDrive::retry);
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
	interface Operation<E extends Exception> {
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
			if (ending || !cpu.present())
				throw new MachineException(MachineException.Kind.CONFLICT,
						"the machine waits for a plug-in: " + exchange.absent());
			stand();
			renew();
			go();
		} finally {
			operations.unlock();
		}
	}

	/** All as after power-on. A machine with which this works in part only is not let go on. */
	private void renew() throws MachineException, InterruptedException {
		try {
			for (DeviceSlot slot : slots)
				slot.reset();
			cpu.renew();
			boot();
			cpu.vcpus().up();
			cpu.enter(entry);
		} catch (DeviceException e) {
			fail("reset: " + e.getMessage());
			throw new MachineException(MachineException.Kind.INTERNAL, "reset: " + e.getMessage(), e);
		} catch (MachineException | InterruptedException | RuntimeException e) {
			fail("reset: " + e.getMessage());
			throw e;
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

	/** Moves the vCPUs to another backend; if it refuses, they go on where they are. */
	void moveTo(Plugin<CpuBackend> backend) throws MachineException, InterruptedException {
		operations.lockInterruptibly();
		try {
			if (ending)
				throw new MachineException(MachineException.Kind.CONFLICT, "the machine is ending");
			exchange.moveTo(backend);
		} finally {
			operations.unlock();
		}
	}

	/** Something done with the lock, unless the machine is ending. */
	void whilePowered(Operation<RuntimeException> operation) throws InterruptedException {
		locked(() -> ending ? null : operation.run());
	}

	/** The exchange of this machine's plug-ins. */
	PluginExchange exchange() {
		return exchange;
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

	/** The machine cannot go on. */
	void fail(String reason) {
		owner.ended(this, true, 0, reason);
	}

	/** The machine stands, and shows it, because something is missing. With the lock. */
	void waitsFor(String what, String reason) {
		waits.put(what, reason);
		owner.waiting(this, reason);
	}

	/** That is there again. With the lock. */
	void waitsNoMore(String what) {
		waits.remove(what);
		owner.waiting(this, waits.values().stream().findFirst().orElse(null));
	}

	/** The guest does not go on while the power is being cut. */
	void powerOff(int status, String reason) {
		if (cpu.vcpus() != null)
			cpu.vcpus().holdAll();
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
		driveNews.execute(() -> quietly(() -> {
			stand();
			waitsFor("drive " + drive, "drive %s: %s".formatted(drive, reason));
			return null;
		}));
	}

	@Override
	public void back(String drive) {
		driveNews.execute(() -> quietly(() -> {
			waitsNoMore("drive " + drive);
			go();
			return null;
		}));
	}

	/** Like {@link #whilePowered}, on a thread of the core's. */
	void quietly(Operation<RuntimeException> operation) {
		try {
			whilePowered(operation);
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
		Thread ender = new Thread(this::endLocked, "end of " + spec.name());
		ender.setDaemon(true);
		ender.start();
		boolean interrupted = false; // whoever is in a hurry still must not leave half a machine behind
		while (ender.isAlive())
			try {
				ender.join();
			} catch (InterruptedException e) {
				interrupted = true;
			}
		if (interrupted)
			Thread.currentThread().interrupt();
	}

	private void endLocked() {
		boolean locked = false;
		try {
			locked = operations.tryLock(END_MILLIS, TimeUnit.MILLISECONDS);
			endAll();
		} catch (InterruptedException e) {
			LOG.error("machine {}: its end was interrupted", spec.name(), e); // nobody has this thread
		} finally {
			if (locked)
				operations.unlock();
		}
	}

	private void endAll() throws InterruptedException {
		hangs.stop();
		clock.halt();
		boolean clean = true;
		if (cpu.vcpus() != null) {
			cpu.vcpus().holdAll();
			if (!cpu.vcpus().awaitHeld(HELD_MILLIS))
				hangs.giveUpHung();
			clean = cpu.vcpus().end(END_MILLIS).stream().allMatch(this::inPlugin);
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
		if (cpu.close())
			ram.close();
	}

	/** A thread that is stuck outside the backend unwinds without touching it. */
	private boolean inPlugin(int vcpu) {
		return exits.abandon(vcpu, exits.slot(vcpu).calls());
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

	CpuSide cpu() {
		return cpu;
	}

	List<DeviceSlot> slots() {
		return slots;
	}

	Dispatcher dispatcher() {
		return dispatcher;
	}

	VcpuSet vcpuSet() {
		return cpu.vcpus();
	}

	synchronized Drive drive(String name, String device, Executor worker) throws DeviceException {
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

	VersionRange pin(String role) {
		return pins.get(role);
	}

	/** What serves this machine now. */
	List<Serving> serving() {
		List<Serving> serving = new ArrayList<>();
		serving.add(cpu.vcpus().plugin().serving(cpu.present()));
		for (DeviceSlot slot : slots)
			if (slot.plugin() != null)
				serving.add(slot.plugin().serving(slot.present()));
		drives.values().forEach(drive -> serving.add(drive.serving()));
		serving.addAll(dispatcher.serving());
		return serving.stream().distinct().toList();
	}

	/** Kind of the backend that has the vCPUs. */
	String backend() {
		return cpu.vcpus().plugin().role().substring("cpu:".length());
	}

	Map<String, Long> counters() {
		Map<String, Long> counters = new LinkedHashMap<>(exits.counters());
		drives.forEach((name, drive) -> drive.counters()
				.forEach((what, count) -> counters.put("disk.%s.%s".formatted(name, what), count)));
		return counters;
	}
}
