package vmhi.bench;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.Settings;

/**
 * Makes the device that benchmarks put on a machine's board. The jar of the benchmarks is a bundle for its sake.
 * Settings: {@code first} and {@code last}, the numbers of the writes between which time is taken.
 */
@Component
@DeviceKind(BenchDevice.KIND)
public final class BenchFactory implements DeviceFactory {

	/** There is nothing to configure. */
	@Activate
	public BenchFactory() {}

	@Override
	public Device create(Settings settings) throws DeviceException {
		return new BenchDevice(settings.number("first", 1, Integer.MAX_VALUE),
				settings.number("last", 1, Integer.MAX_VALUE));
	}
}
