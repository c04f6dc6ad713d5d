package vmhi.api.device;

import org.osgi.annotation.versioning.ProviderType;

/** One device's end of an interrupt line. For any thread; never blocks. */
@ProviderType
public interface InterruptLine {

	/** Sets the level that this device drives. Setting what is set does nothing. */
	void set(boolean asserted);
}
