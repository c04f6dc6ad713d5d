package vmhi.device.acpi;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.Settings;

/**
 * Makes what a PC's firmware and south bridge are to an operating system that has started: the ACPI and MP tables, the
 * power management registers with the power button, and the ports that reset the machine. There are no settings.
 */
@Component
@DeviceKind(AcpiDevice.KIND)
public final class AcpiFactory implements DeviceFactory {

	/** Made by DS; there is nothing to configure. */
	@Activate
	public AcpiFactory() {}

	@Override
	public Device create(Settings settings) {
		return new AcpiDevice();
	}
}
