package vmhi.core.mgmt;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

import vmhi.api.machine.Specs;
import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Principal;
import vmhi.core.event.EventLog;
import vmhi.core.event.JobList;
import vmhi.core.machine.MachineRegistry;

/** The door. Each bundle that uses it has one of its own, so that what it subscribed to ends when it leaves. */
@Component(scope = ServiceScope.BUNDLE)
public final class AccessService implements Access {
	private final MachineRegistry machines;
	private final Specs specs;
	private final JobList jobs;
	private final EventLog events;
	private final BundlePlugins plugins;
	private final AuditLog audit;
	private final Set<EventLog.Listening> subscriptions = ConcurrentHashMap.newKeySet();

	/** A door to all this. */
	@Activate
	public AccessService(@Reference MachineRegistry machines, @Reference Specs specs, @Reference JobList jobs,
			@Reference EventLog events, @Reference BundlePlugins plugins, @Reference AuditLog audit) {
		this.machines = machines;
		this.specs = specs;
		this.jobs = jobs;
		this.events = events;
		this.plugins = plugins;
		this.audit = audit;
	}

	@Override
	public Hypervisor open(Principal principal) {
		Guard guard = new Guard(principal, audit);
		return new GuardedHypervisor(guard, machines, specs, jobs, new GuardedEvents(guard, events, subscriptions),
				plugins, audit);
	}

	@Deactivate
	void close() {
		subscriptions.forEach(EventLog.Listening::abandon);
	}
}
