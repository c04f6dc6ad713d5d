package vmhi.api.mgmt;

import org.osgi.annotation.versioning.ProviderType;

/** The door to this host: a service of the core. For any thread. */
@ProviderType
public interface Access {

	/** This host as the principal may see and change it. */
	Hypervisor open(Principal principal);
}
