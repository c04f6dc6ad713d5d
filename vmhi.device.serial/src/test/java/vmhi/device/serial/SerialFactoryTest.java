package vmhi.device.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;

class SerialFactoryTest {

	@ParameterizedTest(name = "port {0}, irq {1}")
	@CsvSource({ ", , 0x3f8, 4", "com1, , 0x3f8, 4", "com2, , 0x2f8, 3", "com3, , 0x3e8, 4", "com4, , 0x2e8, 3",
			"0x2f8, , 0x2f8, 3", "760, 10, 0x2f8, 10", "com4, 5, 0x2e8, 5", "0x1000, , 0x1000, 4" })
	void portAndInterruptAreThoseOfThePcUnlessTold(String port, Integer irq, String expectedPort, int expectedIrq)
			throws DeviceException {
		Map<String, Object> settings = new HashMap<>();
		if (port != null)
			settings.put("port", port);
		if (irq != null)
			settings.put("irq", irq);
		TestBoard board = new TestBoard();

		try (Device device = new SerialFactory().create(new MapSettings("tty", settings))) {
			device.attach(board);
			int first = Integer.decode(expectedPort);
			board.out(first + 4, 1, 8);
			board.out(first + 1, 1, 2);

			assertEquals("[ports %#x+0x8]".formatted(first), board.claims().toString());
			assertEquals(List.of(expectedIrq), board.linesAsserted());
			assertTrue(board.console("tty").inUse(), "the console has the device's name");
		}
	}

	@ParameterizedTest(name = "{0} = {1}")
	@CsvSource({
			"port, com5,    'devices[0].port is \"com5\", not a number'",
			"port, 0xfff9,  'devices[0].port is 65529, not 0..65528'",
			"irq,  256,     'devices[0].irq is 256, not 0..255'" })
	void settingThatCannotBeIsRefused(String key, String value, String message) {
		DeviceException refusal = assertThrows(DeviceException.class,
				() -> new SerialFactory().create(new MapSettings("tty", Map.of(key, value))));

		assertEquals(message, refusal.getMessage());
	}

	@Test
	void numberOutOfRangeIsRefusedAsANumber() {
		DeviceException refusal = assertThrows(DeviceException.class,
				() -> new SerialFactory().create(new MapSettings("tty", Map.of("port", 70_000))));

		assertEquals("devices[0].port is 70000, not 0..65528", refusal.getMessage());
	}
}
