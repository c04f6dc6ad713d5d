package vmhi.core.mgmt;

import static vmhi.api.mgmt.Permission.AUDIT;
import static vmhi.api.mgmt.Permission.VIEW;

import java.util.List;
import java.util.Map;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Events;
import vmhi.api.machine.Jobs;
import vmhi.api.machine.Machines;
import vmhi.api.machine.Specs;
import vmhi.api.mgmt.AuditEntry;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Plugins;
import vmhi.core.machine.MachineRegistry;

/** This host behind a {@link Guard}. */
final class GuardedHypervisor implements Hypervisor {
	private final Guard guard;
	private final Machines machines;
	private final Specs specs;
	private final Jobs jobs;
	private final Events events;
	private final Plugins plugins;
	private final MachineRegistry registry;
	private final AuditLog audit;

	GuardedHypervisor(Guard guard, MachineRegistry registry, Specs specs, Jobs jobs, GuardedEvents events,
			Plugins plugins, AuditLog audit) {
		this.guard = guard;
		this.machines = new GuardedMachines(guard, registry);
		this.specs = specs;
		this.jobs = new GuardedJobs(guard, jobs);
		this.events = events;
		this.plugins = new GuardedPlugins(guard, plugins);
		this.registry = registry;
		this.audit = audit;
	}

	@Override
	public Machines machines() {
		guard.check(VIEW, "host.machines", "");
		return machines;
	}

	@Override
	public Specs specs() {
		guard.check(VIEW, "host.specs", "");
		return specs; // works on texts alone
	}

	@Override
	public Jobs jobs() {
		guard.check(VIEW, "host.jobs", "");
		return jobs;
	}

	@Override
	public Events events() {
		guard.check(VIEW, "host.events", "");
		return events;
	}

	@Override
	public Plugins plugins() {
		guard.check(VIEW, "host.plugins", "");
		return plugins;
	}

	@Override
	public Map<String, HostVerdict> cpus() {
		guard.check(VIEW, "host.cpus", "");
		return registry.cpus();
	}

	@Override
	public List<AuditEntry> audit(int most) {
		guard.check(AUDIT, "audit.read", "");
		return audit.newest(most);
	}
}
