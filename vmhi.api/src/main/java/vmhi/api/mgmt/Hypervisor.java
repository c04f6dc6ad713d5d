package vmhi.api.mgmt;

import java.util.List;
import java.util.Map;

import org.osgi.annotation.versioning.ProviderType;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Events;
import vmhi.api.machine.Jobs;
import vmhi.api.machine.Machines;
import vmhi.api.machine.Specs;

/**
 * This host, as one principal may see and change it. For any thread.
 * <p>
 * What the principal may not do throws {@link DeniedException}, is in the audit log, and changes nothing.
 */
@ProviderType
public interface Hypervisor {

	/** Machines. */
	Machines machines();

	/** Machine specifications as JSON. */
	Specs specs();

	/** Jobs. */
	Jobs jobs();

	/** Events. */
	Events events();

	/** Plug-in bundles. */
	Plugins plugins();

	/** What each CPU backend finds on this host, by kind. */
	Map<String, HostVerdict> cpus();

	/** The newest entries of the audit log, at most {@code most}, the newest first. */
	List<AuditEntry> audit(int most);
}
