package vmhi.device.serial;

import java.util.Locale;

import vmhi.api.device.DeviceException;
import vmhi.api.device.Settings;

/** The serial ports of a PC. */
enum ComPort {
	COM1(0x3f8, 4), COM2(0x2f8, 3), COM3(0x3e8, 4), COM4(0x2e8, 3);

	private final int port;
	private final int irq;

	ComPort(int port, int irq) {
		this.port = port;
		this.irq = irq;
	}

	int port() {
		return port;
	}

	static int usualIrq(int port) {
		for (ComPort com : values())
			if (com.port == port)
				return com.irq;
		return COM1.irq;
	}

	/**
	 * The one that {@code port} names.
	 *
	 * @param otherwise is thrown if it is no such name: it says what is wrong with it as a number
	 */
	static ComPort named(Settings settings, DeviceException otherwise) throws DeviceException {
		String name;
		try {
			name = settings.text("port");
		} catch (DeviceException notText) {
			throw otherwise;
		}
		for (ComPort com : values())
			if (com.name().toLowerCase(Locale.ROOT).equals(name))
				return com;
		throw otherwise;
	}
}
