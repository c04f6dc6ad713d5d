package vmhi.device.serial;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.Settings;

/**
 * Makes serial ports: 16550A chips as PCs have them, each with a console of the machine behind it.
 * <p>
 * Settings: {@code port}, the first of eight, by number or as {@code com1} to {@code com4}; {@code irq}, by default
 * that of the port if it is one of these four, or 4; {@code console}, by default the name of the device.
 */
@Component
@DeviceKind(SerialDevice.KIND)
public final class SerialFactory implements DeviceFactory {

	/** Made by DS; there is nothing to configure. */
	@Activate
	public SerialFactory() {}

	@Override
	public Device create(Settings settings) throws DeviceException {
		int port = port(settings);
		int irq = (int) settings.number("irq", 0, 255, ComPort.usualIrq(port));
		return new SerialDevice(port, irq, settings.text("console", settings.name()));
	}

	private static int port(Settings settings) throws DeviceException {
		try {
			return (int) settings.number("port", 0, 0x10000 - SerialDevice.PORTS, ComPort.COM1.port());
		} catch (DeviceException refusal) {
			return ComPort.named(settings, refusal).port();
		}
	}
}
