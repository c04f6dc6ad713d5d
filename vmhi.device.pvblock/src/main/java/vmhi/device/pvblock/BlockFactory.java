package vmhi.device.pvblock;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.Settings;

/**
 * Makes paravirtual disks. Settings: {@code drive}, the drive behind it, by default the one with the name of the
 * device; {@code address} of its page of registers, by default 0xd0000000; {@code irq}, by default 10.
 */
@Component
@DeviceKind(BlockDevice.KIND)
public final class BlockFactory implements DeviceFactory {
	private static final long USUAL_ADDRESS = 0xd000_0000L;
	private static final int USUAL_IRQ = 10;
	private static final long HIGHEST_ADDRESS = (1L << 52) - BlockDevice.PAGE;

	/** Made by DS; there is nothing to configure. */
	@Activate
	public BlockFactory() {}

	@Override
	public Device create(Settings settings) throws DeviceException {
		long address = settings.number("address", 0, HIGHEST_ADDRESS, USUAL_ADDRESS);
		if (address % BlockDevice.PAGE != 0)
			throw settings.refuse("address", "is %#x, not on a 4 KiB boundary".formatted(address));
		int irq = (int) settings.number("irq", 0, 255, USUAL_IRQ);
		return new BlockDevice(settings.text("drive", settings.name()), address, irq);
	}
}
