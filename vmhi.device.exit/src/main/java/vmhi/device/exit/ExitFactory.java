package vmhi.device.exit;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.Settings;

/**
 * Makes the port by which a test guest ends its run: QEMU's {@code isa-debug-exit}. Setting: {@code port}, the first of
 * four, by default 0xf4.
 */
@Component
@DeviceKind(ExitDevice.KIND)
public final class ExitFactory implements DeviceFactory {
	private static final int USUAL_PORT = 0xf4;

	/** Made by DS; there is nothing to configure. */
	@Activate
	public ExitFactory() {}

	@Override
	public Device create(Settings settings) throws DeviceException {
		return new ExitDevice((int) settings.number("port", 0, 0x10000 - ExitDevice.PORTS, USUAL_PORT));
	}
}
