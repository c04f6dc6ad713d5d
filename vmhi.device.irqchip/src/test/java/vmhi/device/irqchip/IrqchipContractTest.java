package vmhi.device.irqchip;

import vmhi.api.device.DeviceFactory;
import vmhi.tck.device.DeviceContract;

/** What any device does. */
class IrqchipContractTest implements DeviceContract {

	@Override
	public DeviceFactory factory() {
		return new IrqchipFactory();
	}

	@Override
	public String kind() {
		return "irqchip";
	}
}
