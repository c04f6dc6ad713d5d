package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A {@link Device} whose state can be taken out and put in: for snapshots, for migration, and to update its bundle
 * under a running guest. A device that is not {@code Stateful} cannot be updated before its machine stops.
 */
@ConsumerType
public interface Stateful {

	/**
	 * Takes out the state. No vCPU runs, no timer fires, and the device's worker is idle. Drives go on: the device
	 * waits first for its requests that are under way, so that the state holds none. It goes on afterwards if it is
	 * let.
	 */
	DeviceState save() throws DeviceException;

	/**
	 * Puts the state in, after {@link Device#attach} and before any vCPU runs. Fields that are missing keep their value
	 * after power-on, and fields that are not known are ignored: bundles of different versions hand over to each other
	 * both ways.
	 *
	 * @throws DeviceException of kind {@code STATE} if this cannot be the state of such a device
	 */
	void restore(DeviceState state) throws DeviceException;
}
