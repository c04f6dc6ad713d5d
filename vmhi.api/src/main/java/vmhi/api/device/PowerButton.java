package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link Device} by which the guest can be asked to shut down, as ACPI's power button is. */
@ConsumerType
public interface PowerButton {

	/** Asks. What the guest makes of it, and when, is up to the guest. From any thread. */
	void press();
}
