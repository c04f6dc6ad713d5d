package vmhi.device.rtc;

import java.util.function.LongSupplier;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.Settings;

/**
 * Makes the real-time clock of a PC, at ports 0x70 and 0x71 and on interrupt 8. There are no settings.
 * <p>
 * Its time is the host's, in UTC, plus what the guest made of it by setting the clock. A machine that stood still, or
 * was moved to another host, therefore finds the time of day right, whatever its own clocks say.
 */
@Component
@DeviceKind(RtcDevice.KIND)
public final class RtcFactory implements DeviceFactory {
	private final LongSupplier hostMillis;

	/** Made by DS; there is nothing to configure. */
	@Activate
	public RtcFactory() {
		this(System::currentTimeMillis);
	}

	/** With a host's clock, in milliseconds since 1970. */
	RtcFactory(LongSupplier hostMillis) {
		this.hostMillis = hostMillis;
	}

	@Override
	public Device create(Settings settings) {
		return new RtcDevice(hostMillis);
	}
}
