package vmhi.core.machine;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.device.DeviceFactory;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.core.event.EventLog;
import vmhi.core.event.JobList;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.core.plugin.ServicePool;
import vmhi.core.spec.JsonSpecs;
import vmhi.core.state.Store;
import vmhi.core.state.Stored;
import vmhi.core.vdisk.Images;

/**
 * All machines of this host: where reading the core begins. Defines and forgets them, and tells those with power when a
 * CPU backend or device factory comes or goes.
 */
@Component(service = MachineRegistry.class)
@Designate(ocd = MachineRegistry.Config.class)
public final class MachineRegistry {
	private static final Logger LOG = LoggerFactory.getLogger(MachineRegistry.class);
	private static final Principal HOST = new Principal("host", "host", Set.of(Role.ADMIN));

	/** How often, and how long, plug-ins are looked for that a machine needs that starts by itself. */
	private static final int AUTOSTART_LOOKS = 100, AUTOSTART_SECONDS = 60;

	@ObjectClassDefinition(name = "Machines")
	@interface Config {
		@AttributeDefinition(description = "Milliseconds that a plug-in may keep a vCPU before it is interrupted",
				min = "10")
		int callDeadline() default 2000;

		@AttributeDefinition(description = "Milliseconds that a machine waits for a plug-in before it shows as paused",
				min = "0")
		int patience() default 30_000;
	}

	private final Map<String, VirtualMachine> machines = new ConcurrentHashMap<>(); // by id
	/** Machines that are to start by themselves and wait for plug-ins; used by the timer alone once it is set. */
	private final List<VirtualMachine> toStart = new ArrayList<>();
	private final long since = System.nanoTime();
	private volatile Future<?> starting; // null until it is scheduled
	private final Services services;
	private final JobList jobs;
	private final Store store;
	private final ScheduledThreadPoolExecutor timers;
	private final ExecutorService pool;
	private final ServicePool.Listener<CpuBackend> cpuListener = new Cpus();
	private final ServicePool.Listener<DeviceFactory> deviceListener = new Devices();

	/** Lists every machine that was defined, and starts those that start by themselves. */
	@Activate
	public MachineRegistry(@Reference PluginServices plugins, @Reference Images images, @Reference EventLog events,
			@Reference JobList jobs, @Reference Store store, Config config) throws IOException {
		this.jobs = jobs;
		this.store = store;
		timers = new ScheduledThreadPoolExecutor(2, threads("timer"));
		timers.setRemoveOnCancelPolicy(true);
		pool = Executors.newCachedThreadPool(threads("worker"));
		services = new Services(plugins, images, events, timers, pool, Cleaner.create(), config.callDeadline(),
				config.patience());
		for (Stored stored : store.load())
			machines.put(stored.id(), new VirtualMachine(afterRestart(stored), services, jobs, store));
		plugins.cpus().listen(cpuListener);
		plugins.devices().listen(deviceListener);
		toStart.addAll(machines.values().stream().filter(machine -> machine.spec().autostart()).toList());
		starting = timers.scheduleWithFixedDelay(this::autostart, 0, AUTOSTART_LOOKS, TimeUnit.MILLISECONDS);
	}

	private static ThreadFactory threads(String name) {
		AtomicInteger count = new AtomicInteger();
		return task -> {
			Thread thread = new Thread(task, "vmhi %s %d".formatted(name, count.incrementAndGet()));
			thread.setDaemon(true);
			return thread;
		};
	}

	/** A machine that ran when the host ended does not run any more. */
	private static Stored afterRestart(Stored stored) {
		boolean ran = stored.state() == MachineState.RUNNING || stored.state() == MachineState.PAUSED;
		return ran ? stored.in(MachineState.FAILED, "the host ended while it ran", 0, Instant.now()) : stored;
	}

	/** Starts what starts by itself, each machine as soon as the plug-ins it needs are there. */
	private void autostart() {
		boolean lastLook = System.nanoTime() - since > TimeUnit.SECONDS.toNanos(AUTOSTART_SECONDS);
		for (VirtualMachine machine : List.copyOf(toStart))
			if (lastLook || machine.hasItsPlugins()) {
				toStart.remove(machine);
				try {
					machine.start(HOST);
				} catch (MachineException e) {
					LOG.warn("{}", e.getMessage());
				}
			}
		Future<?> now = starting;
		if (toStart.isEmpty() && now != null)
			now.cancel(false);
	}

	@Deactivate
	void stop() {
		services.plugins().cpus().forget(cpuListener);
		services.plugins().devices().forget(deviceListener);
		machines.values().parallelStream().forEach(VirtualMachine::hostStops);
		timers.shutdownNow();
		pool.shutdown();
		try {
			if (!pool.awaitTermination(5, TimeUnit.SECONDS))
				pool.shutdownNow();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	/** All machines, by name. */
	public List<MachineSnapshot> list() {
		return machines.values().stream().map(VirtualMachine::snapshot)
				.sorted(Comparator.comparing(MachineSnapshot::name)).toList();
	}

	/** One of them, by name or id. */
	public VirtualMachine find(String nameOrId) throws MachineException {
		VirtualMachine byId = machines.get(nameOrId);
		if (byId != null)
			return byId;
		return byName(nameOrId);
	}

	private VirtualMachine byName(String name) throws MachineException {
		return machines.values().stream().filter(machine -> machine.spec().name().equals(name)).findFirst()
				.orElseThrow(() -> new MachineException(Kind.NOT_FOUND, "there is no machine \"%s\"".formatted(name)));
	}

	/** Defines a machine; it is on disk when this returns. */
	public synchronized VirtualMachine define(MachineSpec spec, Principal by) throws MachineException {
		check(spec);
		if (machines.values().stream().anyMatch(machine -> machine.spec().name().equals(spec.name())))
			throw new MachineException(Kind.CONFLICT,
					"there is a machine \"%s\" already; choose another name, or redefine it".formatted(spec.name()));
		Stored stored = new Stored(UUID.randomUUID().toString(), spec, Instant.now(), MachineState.DEFINED, "", 0,
				Instant.now());
		try {
			store.save(stored);
		} catch (IOException e) {
			throw new MachineException(Kind.HOST, "machine %s cannot be written to disk: %s".formatted(spec.name(),
					e.getMessage()), e);
		}
		VirtualMachine machine = new VirtualMachine(stored, services, jobs, store);
		machines.put(stored.id(), machine);
		services.events().publish(stored.id(), "machine.defined", Map.of("name", spec.name(), "by", by.name()));
		return machine;
	}

	/** Changes what a machine is made from, from its next start on. */
	public synchronized VirtualMachine redefine(String nameOrId, MachineSpec spec, Principal by)
			throws MachineException {
		check(spec);
		VirtualMachine machine = find(nameOrId);
		if (!machine.spec().name().equals(spec.name()))
			throw new MachineException(Kind.INVALID, "name: is \"%s\" and stays so, not \"%s\"".formatted(
					machine.spec().name(), spec.name()));
		machine.redefine(spec);
		return machine;
	}

	/** Forgets a machine that does not run. */
	public synchronized void delete(String nameOrId, Principal by) throws MachineException {
		VirtualMachine machine = find(nameOrId);
		machine.delete();
		machines.remove(machine.id());
		services.events().publish(machine.id(), "machine.deleted",
				Map.of("name", machine.spec().name(), "by", by.name()));
	}

	private static void check(MachineSpec spec) throws MachineException {
		JsonSpecs.check(spec);
	}

	/** What each CPU backend finds on this host, by kind; of several versions, the newest. */
	public Map<String, HostVerdict> cpus() {
		Map<String, HostVerdict> verdicts = new LinkedHashMap<>();
		services.plugins().cpus().all().stream().sorted(Comparator.naturalOrder()).forEach(
				plugin -> verdicts.put(plugin.role().substring("cpu:".length()), plugin.service().probe()));
		return verdicts;
	}

	/** Names of the machines that a bundle serves, by symbolic name and version joined by a blank. */
	public Map<String, List<String>> machinesByBundle() {
		Map<String, List<String>> byBundle = new LinkedHashMap<>();
		for (MachineSnapshot machine : list())
			for (MachineSnapshot.Serving serving : machine.plugins())
				if (serving.present()) {
					List<String> names = byBundle.computeIfAbsent(serving.bundle() + " " + serving.version(),
							key -> new ArrayList<>());
					if (!names.contains(machine.name()))
						names.add(machine.name());
				}
		return byBundle;
	}

	/** Something to do with each machine that has power; waits for all of them. */
	private interface Exchange {
		void with(PoweredMachine machine) throws InterruptedException;
	}

	private void forAll(Exchange exchange) {
		machines.values().parallelStream().forEach(machine -> machine.powered().ifPresent(powered -> {
			try {
				exchange.with(powered);
			} catch (InterruptedException e) {
				Thread.currentThread().interrupt();
			}
		}));
	}

	private final class Cpus implements ServicePool.Listener<CpuBackend> {
		@Override
		public void arrived(Plugin<CpuBackend> plugin) {
			forAll(machine -> machine.exchange().cpuArrived(plugin));
		}

		@Override
		public void leaving(Plugin<CpuBackend> plugin) {
			forAll(machine -> machine.exchange().cpuLeaving(plugin));
		}
	}

	private final class Devices implements ServicePool.Listener<DeviceFactory> {
		@Override
		public void arrived(Plugin<DeviceFactory> plugin) {
			forAll(machine -> machine.exchange().deviceArrived(plugin));
		}

		@Override
		public void leaving(Plugin<DeviceFactory> plugin) {
			forAll(machine -> machine.exchange().deviceLeaving(plugin));
		}
	}
}
