package vmhi.core.machine;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.osgi.framework.VersionRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Console;
import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Principal;
import vmhi.core.event.JobList;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.core.state.Store;
import vmhi.core.state.Stored;

/**
 * A machine that is defined, whether or not it has power.
 * <p>
 * Jobs are carried out one after the other by {@link #jobs}. {@link #stop} does not queue behind them: it takes the power
 * away from under whatever is going on. State is guarded by this; readers get a snapshot.
 */
public final class VirtualMachine {
	private static final Logger LOG = LoggerFactory.getLogger(VirtualMachine.class);

	private final Services services;
	private final JobList jobList;
	private final Store store;
	private final Worker jobs;
	private final Worker urgent;
	private final Map<String, ConsoleBuffer> consoles = new ConcurrentHashMap<>();

	// guarded by this
	private Stored stored;
	private PoweredMachine powered;
	private long revision;
	private boolean pausedByUser;
	private boolean waiting;
	private long guestIdentity;
	private int power; // counts starts and stops: a start that was overtaken by a stop sees that it changed
	private Job lastStart;
	private boolean deleted;

	VirtualMachine(Stored stored, Services services, JobList jobList, Store store) {
		this.stored = stored;
		this.services = services;
		this.jobList = jobList;
		this.store = store;
		jobs = new Worker("jobs of " + stored.spec().name(), services.pool());
		urgent = new Worker("stop of " + stored.spec().name(), services.pool());
		revision = services.events().last();
	}

	synchronized String id() {
		return stored.id();
	}

	synchronized MachineSpec spec() {
		return stored.spec();
	}

	/** The machine as it is now. */
	public MachineSnapshot snapshot() {
		PoweredMachine now;
		Stored kept;
		long at;
		long identity;
		synchronized (this) {
			now = powered;
			kept = stored;
			at = revision;
			identity = guestIdentity;
		}
		return new MachineSnapshot(kept.id(), at, kept.spec(), kept.state(), kept.reason(), kept.status(), kept.since(),
				now == null ? "" : now.backend(), now == null ? List.of() : now.serving(),
				now == null ? Map.of() : now.counters(), consoles.keySet().stream().sorted().toList(), identity);
	}

	/** One of its consoles. */
	public Console console(String name) throws MachineException {
		ConsoleBuffer console = consoles.get(name);
		if (console == null)
			throw new MachineException(Kind.NOT_FOUND,
					"machine %s has no console \"%s\"; it has %s".formatted(spec().name(), name, consoles.keySet()));
		return console;
	}

	private synchronized boolean hasPower() {
		return stored.state() == MachineState.RUNNING || stored.state() == MachineState.PAUSED;
	}

	/** Whether the plug-ins are there that it needs to start; which of several CPU backends there will be is open. */
	boolean hasItsPlugins() {
		PluginServices plugins = services.plugins();
		MachineSpec spec = spec();
		boolean cpu = spec.cpu().backend().equals("auto")
				? !plugins.cpus().all().isEmpty()
				: plugins.cpus().best("cpu:" + spec.cpu().backend(), null).isPresent();
		return cpu
				&& spec.devices().stream().allMatch(d -> plugins.devices().best("device:" + d.kind(), null).isPresent())
				&& spec.disks().stream().allMatch(d -> plugins.formats().best("disk:" + d.format(), null).isPresent());
	}

	// --- what can be asked of it

	/** Starts it. */
	public Job start(Principal by) throws MachineException {
		if (hasPower())
			throw conflict("is %s already", state());
		Job job = submit("machine.start", by, jobs, control -> powerOn());
		synchronized (this) {
			lastStart = job;
		}
		return job;
	}

	/** Asks the guest to shut down. */
	public Job shutdown(Principal by) throws MachineException {
		PoweredMachine now = withPower();
		return submit("machine.shutdown", by, jobs, control -> {
			if (!now.pressPowerButton())
				throw conflict("has no device by which its guest can be asked to shut down; stop it instead (%s)",
						state());
		});
	}

	/** Cuts the power. */
	public Job stop(Principal by) throws MachineException {
		if (!hasPower() && !starting())
			throw conflict("is %s, not running", state());
		return submit("machine.stop", by, urgent, control -> {
			jobs.cancelQueued();
			powerOff(MachineState.STOPPED, 0, "stopped by " + by.name());
		});
	}

	private synchronized boolean starting() {
		return lastStart != null && !lastStart.snapshot().over();
	}

	/** Stands still. */
	public Job pause(Principal by) throws MachineException {
		withPower();
		return submit("machine.pause", by, jobs, control -> {
			PoweredMachine now = withPower();
			synchronized (this) {
				if (pausedByUser)
					throw conflict("is paused already (%s)", state());
				pausedByUser = true;
			}
			try {
				now.pause();
			} catch (InterruptedException e) {
				synchronized (this) {
					pausedByUser = false;
				}
				throw e;
			}
			changed(now, MachineState.PAUSED, "paused by " + by.name(), 0);
		});
	}

	/** Goes on. */
	public Job resume(Principal by) throws MachineException {
		withPower();
		return submit("machine.resume", by, jobs, control -> {
			PoweredMachine now = withPower();
			boolean still;
			boolean user;
			synchronized (this) {
				if (!pausedByUser && !waiting)
					throw conflict("is not paused (%s)", state());
				still = waiting;
				user = pausedByUser;
				pausedByUser = false;
			}
			if (!user) {
				now.retryDrives(); // somebody says that what was wrong has been put right
				return;
			}
			if (!still)
				changed(now, MachineState.RUNNING, "", 0);
			now.resume();
		});
	}

	/** Presses the reset button. */
	public Job reset(Principal by) throws MachineException {
		withPower();
		return submit("machine.reset", by, jobs, control -> {
			withPower().reset();
			services.events().publish(id(), "machine.reset", Map.of("reason", "by " + by.name()));
		});
	}

	/** Moves the vCPUs to another backend. */
	public Job moveTo(String backend, Principal by) throws MachineException {
		withPower();
		return submit("machine.move", by, jobs, control -> {
			Map<String, VersionRange> pins = pins(spec());
			String role = "cpu:" + backend;
			Plugin<CpuBackend> plugin = services.plugins().cpus().best(role, pins.get(role)).orElseThrow(
					() -> new MachineException(Kind.MISSING_PLUGIN, "no plug-in for %s; install one".formatted(role)));
			withPower().moveTo(plugin);
		});
	}

	private Job submit(String kind, Principal by, Worker worker, JobList.Work work) throws MachineException {
		synchronized (this) {
			if (deleted)
				throw new MachineException(Kind.NOT_FOUND, "machine %s was deleted".formatted(stored.spec().name()));
		}
		return jobList.submit(kind, id(), by.name(), worker, work);
	}

	private synchronized String state() {
		return stored.state().name().toLowerCase(Locale.ROOT);
	}

	private MachineException conflict(String why, Object... arguments) {
		return new MachineException(Kind.CONFLICT, "machine %s %s".formatted(spec().name(), why.formatted(arguments)));
	}

	private synchronized PoweredMachine withPower() throws MachineException {
		if (powered == null)
			throw conflict("is %s, not running; start it first", state());
		return powered;
	}

	// --- how it is done

	private void powerOn() throws MachineException, InterruptedException {
		int before;
		MachineSpec spec;
		synchronized (this) {
			if (powered != null)
				throw conflict("is %s already", state());
			before = power;
			spec = stored.spec();
			guestIdentity = 0;
		}
		Map<String, VersionRange> pins = pins(spec);
		Watcher watcher = new Watcher();
		PoweredMachine next = PoweredMachine.start(spec, pins, backend(spec, pins), services, watcher);
		synchronized (this) {
			if (power == before) {
				powered = next;
				pausedByUser = false;
				waiting = false;
			}
		}
		if (!isPowered(next)) {
			next.end();
			throw new MachineException(Kind.CANCELLED,
					"machine %s was stopped while it started".formatted(spec.name()));
		}
		changed(next, MachineState.RUNNING, "", 0);
		watcher.armed();
		next.exchange().catchUp();
	}

	private synchronized boolean isPowered(PoweredMachine machine) {
		return powered == machine;
	}

	private Plugin<CpuBackend> backend(MachineSpec spec, Map<String, VersionRange> pins) throws MachineException {
		String wanted = spec.cpu().backend();
		if (!wanted.equals("auto")) {
			String role = "cpu:" + wanted;
			return services.plugins().cpus().best(role, pins.get(role)).orElseThrow(
					() -> new MachineException(Kind.MISSING_PLUGIN,
							"cpu.backend: no plug-in for %s; install one, or say \"auto\"".formatted(role)));
		}
		Optional<Plugin<CpuBackend>> best = services.plugins().cpus().all().stream()
				.filter(plugin -> pins.get(plugin.role()) == null || pins.get(plugin.role()).includes(plugin.version()))
				.filter(plugin -> verdict(plugin).fitness() != HostVerdict.Fitness.UNAVAILABLE)
				.min((a, b) -> {
					int byFitness = verdict(a).fitness().compareTo(verdict(b).fitness());
					return byFitness != 0 ? byFitness : b.compareTo(a);
				});
		return best.orElseThrow(() -> new MachineException(Kind.MISSING_PLUGIN,
				"no CPU backend can run here: " + services.plugins().cpus().all().stream()
						.map(plugin -> plugin.role() + ": " + verdict(plugin).summary()).toList()));
	}

	private static HostVerdict verdict(Plugin<CpuBackend> plugin) {
		try {
			return plugin.service().probe();
		} catch (RuntimeException | LinkageError e) {
			return new HostVerdict(HostVerdict.Fitness.UNAVAILABLE, "its probe failed: " + e, 0, List.of());
		}
	}

	/** The versions that the specification binds the machine to. */
	private static Map<String, VersionRange> pins(MachineSpec spec) throws MachineException {
		Map<String, VersionRange> pins = new LinkedHashMap<>();
		for (Map.Entry<String, String> pin : spec.plugins().entrySet()) {
			try {
				String range = pin.getValue();
				boolean exact = !range.startsWith("[") && !range.startsWith("(");
				pins.put(pin.getKey(), new VersionRange(exact ? "[%1$s,%1$s]".formatted(range) : range));
			} catch (IllegalArgumentException e) {
				throw new MachineException(Kind.INVALID,
						"plugins[\"%s\"]: \"%s\" is not a version or range".formatted(pin.getKey(), pin.getValue()), e);
			}
		}
		return pins;
	}

	/** Takes the power away, if it has any, and says why. */
	private void powerOff(MachineState state, int status, String reason) {
		PoweredMachine old;
		synchronized (this) {
			power++;
			old = powered;
			powered = null;
		}
		if (old == null)
			return;
		old.end();
		changed(null, state, reason, status);
	}

	private void powerOff(PoweredMachine machine, MachineState state, int status, String reason) {
		if (isPowered(machine))
			powerOff(state, status, reason);
	}

	/**
	 * Notes a new state, if {@code machine} is still the one with power: first on disk, then for readers, then as an event
	 * whose number the snapshot has.
	 */
	private void changed(PoweredMachine machine, MachineState state, String reason, int status) {
		synchronized (this) {
			if (powered != machine)
				return;
			stored = stored.in(state, reason, status, Instant.now());
			try {
				if (!deleted)
					store.save(stored);
			} catch (IOException e) {
				LOG.error("machine {}: its state is not on disk: {}", stored.spec().name(), e.getMessage());
			}
			revision = services.events().publish(stored.id(), "machine.state",
					Map.of("name", stored.spec().name(), "state", state(), "reason", reason, "status",
							Integer.toString(status)));
		}
	}

	/** Another specification, from the next start on. */
	synchronized void redefine(MachineSpec spec) throws MachineException {
		Stored next = stored.with(spec);
		save(next);
		stored = next;
		revision = services.events().publish(stored.id(), "machine.redefined", Map.of("name", spec.name()));
	}

	private void save(Stored next) throws MachineException {
		try {
			store.save(next);
		} catch (IOException e) {
			throw new MachineException(Kind.HOST,
					"machine %s cannot be written to disk: %s".formatted(next.spec().name(),
							e.getMessage()),
					e);
		}
	}

	/** Forgets it. */
	synchronized void delete() throws MachineException {
		if (powered != null || starting())
			throw conflict("is %s; stop it first", powered == null ? "starting" : state());
		try {
			store.delete(stored.id());
		} catch (IOException e) {
			throw new MachineException(Kind.HOST,
					"machine %s cannot be removed from disk: %s".formatted(stored.spec().name(),
							e.getMessage()),
					e);
		}
		deleted = true;
	}

	/** The host goes down. */
	void hostStops() {
		powerOff(MachineState.STOPPED, 0, "the host was stopped");
	}

	/** The machine with power, if it has any. */
	synchronized Optional<PoweredMachine> powered() {
		return Optional.ofNullable(powered);
	}

	/**
	 * What the machine with power tells. It may tell things before {@link #powerOn} has noted that there is one, so what
	 * it tells is done by a job queue that {@link #armed} opens.
	 */
	private final class Watcher implements PoweredMachine.Owner {
		private final ArrayDeque<Runnable> early = new ArrayDeque<>();
		private boolean armed;

		void armed() {
			synchronized (this) {
				armed = true;
				early.forEach(urgent::execute);
				early.clear();
			}
		}

		private synchronized void later(Runnable what) {
			if (armed)
				urgent.execute(what);
			else
				early.add(what);
		}

		@Override
		public void ended(PoweredMachine machine, boolean failed, int status, String reason) {
			later(() -> powerOff(machine, failed ? MachineState.FAILED : MachineState.STOPPED, status, reason));
		}

		@Override
		public void resetAsked(PoweredMachine machine, String reason) {
			later(() -> {
				if (!isPowered(machine))
					return;
				try {
					machine.reset();
					services.events().publish(id(), "machine.reset", Map.of("reason", reason));
				} catch (MachineException e) {
					powerOff(machine, MachineState.FAILED, 0, e.getMessage());
				} catch (InterruptedException e) {
					Thread.currentThread().interrupt();
				}
			});
		}

		@Override
		public void waiting(PoweredMachine machine, String reason) {
			later(() -> {
				boolean running;
				synchronized (VirtualMachine.this) {
					if (powered != machine || waiting == (reason != null))
						return;
					waiting = reason != null;
					running = !pausedByUser;
				}
				if (running)
					changed(machine, reason == null ? MachineState.RUNNING : MachineState.PAUSED,
							reason == null ? "" : reason, 0);
			});
		}

		@Override
		public void report(String type, Map<String, String> particulars) {
			services.events().publish(id(), type, particulars);
		}

		@Override
		public ConsoleBuffer console(String name) {
			return consoles.computeIfAbsent(name, key -> new ConsoleBuffer());
		}

		@Override
		public void guestIdentity(long identity) {
			synchronized (VirtualMachine.this) {
				guestIdentity = identity;
				revision = services.events().publish(id(), "guest.identity",
						Map.of("identity", "%#x".formatted(identity)));
			}
		}

		@Override
		public long guestIdentity() {
			synchronized (VirtualMachine.this) {
				return guestIdentity;
			}
		}
	}
}
