package vmhi.device.irqchip;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.Settings;

/**
 * Makes the interrupt controllers and the timer of a machine whose CPU backend brings none. There is nothing to set:
 * everything is where a PC has it.
 */
@Component
@DeviceKind(Irqchip.KIND)
public final class IrqchipFactory implements DeviceFactory {

	/** Made by DS; there is nothing to configure. */
	@Activate
	public IrqchipFactory() {}

	@Override
	public Device create(Settings settings) {
		return new Irqchip();
	}
}
