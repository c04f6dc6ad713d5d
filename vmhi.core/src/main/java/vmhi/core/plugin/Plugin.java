package vmhi.core.plugin;

import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;

import vmhi.api.machine.MachineSnapshot.Serving;

/**
 * A service that a plug-in offers.
 *
 * @param role what it is, with its kind: {@code cpu:kvm}, {@code device:serial}, {@code hypercall:console}
 */
public record Plugin<T>(String role, T service, long bundleId, String bundle, Version version)
		implements Comparable<Plugin<T>> {

	/** Whose bundle is the one of the reference. */
	public static <T> Plugin<T> of(String role, T service, ServiceReference<T> reference) {
		Bundle bundle = reference.getBundle();
		return new Plugin<>(role, service, bundle.getBundleId(), bundle.getSymbolicName(), bundle.getVersion());
	}

	/** As people see it. */
	public Serving serving(boolean present) {
		return new Serving(role, bundle, version.toString(), present);
	}

	/** The higher version is the better one; of two bundles with the same, the one that was there first. */
	@Override
	public int compareTo(Plugin<T> other) {
		int byVersion = version.compareTo(other.version);
		return byVersion != 0 ? byVersion : Long.compare(other.bundleId, bundleId);
	}
}
