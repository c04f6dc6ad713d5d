package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A {@link Device} that has something to put into guest RAM before the guest starts, such as firmware tables. Called
 * after all devices are attached and before the kernel is loaded, at every start and reset.
 */
@ConsumerType
public interface BootContributor {

	/**
	 * Writes to RAM what belongs there, and says where.
	 *
	 * @throws DeviceException if it cannot; the machine then does not start
	 */
	void contribute(BootMap map) throws DeviceException;
}
