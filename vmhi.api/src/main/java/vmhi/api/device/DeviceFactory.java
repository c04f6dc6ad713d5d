package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Makes devices of one kind.
 * <p>
 * Called from any thread, several at a time. Holds no state of any one device. When the service is about to leave, the
 * core takes the state of the devices it made, closes them, and gives the state to those of the next bundle.
 */
@ConsumerType
public interface DeviceFactory {

	/**
	 * Makes a device, not yet attached to anything.
	 *
	 * @param settings what the specification says of it. The factory reads every setting it knows, here or never: the
	 *        core refuses the specification if one was given that nobody read.
	 * @throws DeviceException of kind {@code SETTINGS} for a wrong setting; see {@link Settings}
	 */
	Device create(Settings settings) throws DeviceException;
}
