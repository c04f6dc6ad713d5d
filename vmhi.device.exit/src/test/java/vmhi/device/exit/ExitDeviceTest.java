package vmhi.device.exit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.tck.device.DeviceContract;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;

class ExitDeviceTest implements DeviceContract {

	private final TestBoard board = new TestBoard();
	private Device device;

	@Override
	public DeviceFactory factory() {
		return new ExitFactory();
	}

	@Override
	public String kind() {
		return "exit";
	}

	@Override
	public Map<String, Object> settings() {
		return Map.of("port", 0x501);
	}

	@BeforeEach
	void powerOn() throws DeviceException {
		device = factory().create(new MapSettings("exit", Map.of()));
		device.attach(board);
	}

	@ParameterizedTest(name = "{1} in {0} bytes")
	@CsvSource({ "1, 0, 0", "1, 0x31, 49", "2, 0x1234, 4660", "4, 0x7fffffff, 2147483647", "4, 0xffffffff, -1" })
	void writeEndsTheMachineWithItsNumberAsTheStatus(int size, String value, int status) {
		board.out(0xf4, size, Long.decode(value));

		assertEquals(List.of("off %d exit port, value %d".formatted(status, Long.decode(value))), board.ends());
	}

	@Test
	void firstWriteCountsUntilTheMachineIsReset() {
		board.out(0xf4, 1, 3);
		board.out(0xf5, 1, 4);
		assertEquals(List.of("off 3 exit port, value 3"), board.ends());

		device.reset();
		board.out(0xf7, 1, 5);
		assertEquals(List.of("off 3 exit port, value 3", "off 5 exit port, value 5"), board.ends());
	}

	@Test
	void readGivesZeroAndEndsNothing() {
		assertEquals(0, board.in(0xf4, 4));
		assertEquals(0, board.in(0xf7, 1));
		assertEquals(List.of(), board.ends());
	}
}
