package vmhi.device.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.PowerButton;
import vmhi.tck.device.DeviceContract;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;

/** The registers as a driver sees them. */
class AcpiDeviceTest implements DeviceContract {
	private static final int STATUS = 0x600, ENABLE = 0x602, CONTROL = 0x604, TIMER = 0x608;
	private static final int TIMER_CARRY = 1, POWER_BUTTON = 0x100;
	private static final int SCI = 9;
	private static final long SECOND = 1_000_000_000;

	private final TestBoard board = new TestBoard();
	private Device device;

	@Override
	public DeviceFactory factory() {
		return new AcpiFactory();
	}

	@Override
	public String kind() {
		return "acpi";
	}

	@BeforeEach
	void powerOn() throws DeviceException {
		device = factory().create(new MapSettings("acpi", Map.of()));
		device.attach(board);
	}

	@AfterEach
	void powerOff() {
		device.close();
	}

	@Test
	void sleepTypeFiveWithSleepEnablePowersOff() {
		board.out(CONTROL, 2, 5 << 10);
		assertEquals(List.of(), board.ends());
		assertEquals(5 << 10 | 1, board.in(CONTROL, 2));
		board.out(CONTROL, 2, 5 << 10 | 1 << 13);
		board.out(CONTROL, 2, 5 << 10 | 1 << 13);
		assertEquals(List.of("off 0 powered off by the guest"), board.ends(), "once is enough");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 3, 4, 7 })
	void otherSleepTypesDoNothing(int type) {
		board.out(CONTROL, 2, type << 10 | 1 << 13);
		assertEquals(List.of(), board.ends());
	}

	@ParameterizedTest(name = "{1} to port {0}: {2}")
	@CsvSource({ "0xcf9, 2, false", "0xcf9, 6, true", "0xcf9, 4, true", "0x92, 2, false", "0x92, 3, true",
			"0x92, 1, true", "0x64, 0xfe, true", "0x64, 0xd1, false", "0x64, 0xff, false" })
	void portsResetTheMachine(String port, String value, boolean resets) {
		board.out(Integer.decode(port), 1, Integer.decode(value));
		assertEquals(resets ? List.of("reset a write to port " + port) : List.of(), board.ends());
		device.reset();
		board.out(Integer.decode(port), 1, Integer.decode(value));
		assertEquals(resets ? 2 : 0, board.ends().size(), "and again after the reset");
	}

	@Test
	void thereIsNoKeyboardControllerAndA20IsOn() {
		board.out(0x92, 1, 0);
		assertEquals(2, board.in(0x92, 1));
		assertEquals(0xff, board.in(0x64, 1));
	}

	@Test
	void powerButtonInterruptsUntilItsStatusIsCleared() {
		((PowerButton) device).press();
		assertFalse(board.asserted(SCI), "the guest has not asked for it");
		assertEquals(POWER_BUTTON, board.in(STATUS, 2));
		board.out(ENABLE, 2, POWER_BUTTON);
		assertTrue(board.asserted(SCI));
		board.out(STATUS, 2, TIMER_CARRY);
		assertTrue(board.asserted(SCI));
		board.out(STATUS, 2, POWER_BUTTON);
		assertFalse(board.asserted(SCI));
		((PowerButton) device).press();
		assertTrue(board.asserted(SCI));
		device.reset();
		assertFalse(board.asserted(SCI));
		assertEquals(0, board.in(ENABLE, 2));
	}

	@Test
	void buttonOfAMachineThatIsOffDoesNothing() {
		device.close();
		((PowerButton) device).press();
		assertEquals(List.of(), board.linesAsserted());
	}

	@Test
	void onlyAcpiModeIsThere() {
		board.out(CONTROL, 2, 0);
		assertEquals(1, board.in(CONTROL, 2));
	}

	@Test
	void timerCountsAtItsFrequencyOfGuestTime() {
		assertEquals(0, board.in(TIMER, 4));
		board.clock().advance(SECOND);
		assertEquals(3_579_545, board.in(TIMER, 4));
		assertEquals(3_579_545 & 0xffff, board.in(TIMER, 2));
		board.out(TIMER, 4, 0);
		assertEquals(3_579_545, board.in(TIMER, 4));
		board.clock().advance(1300 * SECOND);
		assertEquals(1301L * 3_579_545 & 0xffff_ffffL, board.in(TIMER, 4));
	}

	@Test
	void timerTellsWhenItsHighestBitChanges() {
		long half = (1L << 31) * SECOND / 3_579_545;
		board.clock().advance(half - 10);
		assertEquals(0, board.in(STATUS, 2));
		board.out(ENABLE, 2, TIMER_CARRY);
		board.clock().advance(20);
		assertTrue(board.asserted(SCI));
		board.out(STATUS, 2, TIMER_CARRY);
		assertFalse(board.asserted(SCI));
		board.clock().advance(half);
		assertTrue(board.asserted(SCI));
		board.out(ENABLE, 2, 0);
		assertFalse(board.asserted(SCI));
		assertEquals(0, board.clock().armed());
	}

	@Test
	void eventsThatThereAreCanBeEnabled() {
		board.out(ENABLE, 2, 0xffff);
		assertEquals(0x521, board.in(ENABLE, 2));
		assertEquals(List.of(), board.linesAsserted());
	}

	@Test
	void statusAndEnableCanBeReadAtOnce() {
		((PowerButton) device).press();
		board.out(ENABLE, 2, TIMER_CARRY);
		assertEquals(TIMER_CARRY << 16 | POWER_BUTTON, board.in(STATUS, 4));
		board.out(STATUS + 1, 1, POWER_BUTTON >> 8);
		assertEquals(0, board.in(STATUS, 2));
	}
}
