package vmhi.device.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
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
import vmhi.api.device.DeviceState;
import vmhi.api.device.Stateful;
import vmhi.tck.device.DeviceContract;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;
import vmhi.tck.memory.TestMemory;

/** The chip as a driver sees it. */
class RtcDeviceTest implements DeviceContract {
	private static final int A = 0xa, B = 0xb, C = 0xc, D = 0xd, CENTURY = 0x32;
	private static final int UIP = 0x80, SET = 0x80, PIE = 0x40, AIE = 0x20, UIE = 0x10, BINARY = 4, HOURS_24 = 2;
	private static final int IRQF = 0x80, IRQ = 8;
	private static final long MILLI = 1_000_000;

	private TestBoard board = new TestBoard();
	private long hostMillis = at(2024, 2, 29, 23, 59, 58);
	private final RtcFactory ticking = new RtcFactory(() -> hostMillis);
	private Device device;

	@Override
	public DeviceFactory factory() {
		return new RtcFactory(() -> 1_700_000_000_000L); // two devices one after the other see the same
	}

	@Override
	public String kind() {
		return "rtc";
	}

	@BeforeEach
	void powerOn() throws DeviceException {
		device = ticking.create(new MapSettings("rtc", Map.of()));
		device.attach(board);
	}

	@AfterEach
	void powerOff() {
		device.close();
	}

	@Test
	void timeIsTheHostsInBcd() {
		assertEquals("20 24-02-29 5 23:59:58", time());
		pass(2_000);
		assertEquals("20 24-03-01 6 00:00:00", time());
		assertEquals(0x80, in(D));
	}

	@Test
	void timeGoesOnWithTheHostWhileTheMachineStands() {
		hostMillis += 3_600_000; // and not the guest's clock
		assertEquals("20 24-03-01 6 00:59:58", time());
	}

	@ParameterizedTest(name = "{0}:00 is {1}")
	@CsvSource({ "0, 12", "1, 01", "11, 11", "12, 92", "13, 81", "23, 91" })
	void hoursCountToTwelveIfAskedTo(int hour, String register) {
		hostMillis = at(2024, 5, 6, hour, 0, 0);
		out(B, 0);
		assertEquals(register, "%02x".formatted(in(4)));

		out(B, SET);
		out(B, 0);
		out(B, HOURS_24);
		assertEquals("%02d".formatted(hour), "%02x".formatted(in(4)), "comes back as it was read");
	}

	@Test
	void binaryIsGivenIfAskedFor() {
		out(B, HOURS_24 | BINARY);
		assertEquals(23, in(4));
		assertEquals(59, in(2));
		assertEquals(58, in(0));
		assertEquals(24, in(9));
		assertEquals(20, in(CENTURY));
	}

	@Test
	void datesAreThoseOfTheCalendar() {
		out(B, HOURS_24 | BINARY);
		for (int day = 0; day < 200_000; day += 13) {
			LocalDateTime expected = LocalDateTime.of(1970, 1, 1, 1, 2, 3).plusDays(day);
			hostMillis = expected.toEpochSecond(ZoneOffset.UTC) * 1000;
			assertEquals(expected.getYear(), in(CENTURY) * 100 + in(9));
			assertEquals(expected.getMonthValue(), in(8), expected.toString());
			assertEquals(expected.getDayOfMonth(), in(7), expected.toString());
			assertEquals(expected.getDayOfWeek().getValue() % 7 + 1, in(6), expected.toString());
			out(B, HOURS_24 | BINARY | SET);
			out(B, HOURS_24 | BINARY);
			assertEquals(expected.getDayOfMonth(), in(7), "set to what it is, it stays");
			assertEquals(expected.getMonthValue(), in(8));
		}
	}

	@Test
	void clockThatIsSetGoesOnFromThere() throws DeviceException {
		out(B, SET | HOURS_24);
		out(0, 0x30);
		out(2, 0x15);
		out(4, 0x07);
		out(7, 0x04);
		out(8, 0x07);
		out(9, 0x76);
		out(CENTURY, 0x17);
		pass(5_000);
		assertEquals("17 76-07-04 5 07:15:30", time(), "stands while it is being set");
		out(B, HOURS_24);
		pass(40_000);
		assertEquals("17 76-07-04 5 07:16:10", time());

		DeviceState state = ((Stateful) device).save();
		device.close();
		hostMillis += 20_000;
		board = new TestBoard();
		device = ticking.create(new MapSettings("rtc", Map.of()));
		device.attach(board);
		((Stateful) device).restore(state);
		assertEquals("17 76-07-04 5 07:16:30", time(), "what the guest set is an offset from the host's time");
	}

	@Test
	void firstUpdateComesHalfASecondAfterTheDividerIsReleased() {
		hostMillis += 123;
		out(B, SET | HOURS_24);
		out(A, 0x76);
		out(0, 0x10);
		out(B, HOURS_24);
		pass(1_700);
		assertEquals(0x10, in(0));
		out(A, 0x26);
		pass(499);
		assertEquals(0x10, in(0));
		pass(1);
		assertEquals(0x11, in(0));
	}

	@Test
	void registerThatIsWrittenWithoutStoppingTheClockCounts() {
		out(2, 0x30);
		assertEquals("20 24-02-29 5 23:30:58", time());
	}

	@Test
	void updateIsAnnouncedBeforeEachSecond() {
		assertEquals(0x26, in(A));
		pass(998);
		assertEquals(0x26 | UIP, in(A));
		pass(2);
		assertEquals(0x26, in(A));
		out(B, SET | HOURS_24);
		pass(998);
		assertEquals(0x26, in(A), "not while it is being set");
	}

	@Test
	void updateInterruptComesOnceASecondUntilItIsAcknowledged() {
		out(B, HOURS_24 | UIE);
		pass(999);
		assertFalse(board.asserted(IRQ));
		pass(1);
		assertTrue(board.asserted(IRQ));
		pass(5_000);
		assertEquals(1, board.rises(IRQ));
		assertEquals(IRQF | UIE, in(C) & (IRQF | UIE));
		assertFalse(board.asserted(IRQ));
		assertEquals(0, in(C) & (IRQF | UIE));
		pass(1_000);
		assertEquals(2, board.rises(IRQ));
		out(B, HOURS_24 | UIE | SET);
		assertEquals(HOURS_24 | SET, in(B), "stopping the clock turns it off");
		assertFalse(board.asserted(IRQ));
	}

	@ParameterizedTest(name = "{0} {1} {2}: after {3} s")
	@CsvSource({ "0x23, 0x59, 0x59, 1", "0x00, 0x00, 0x00, 2", "0x23, 0x59, 0x57, 86399", "0xff, 0x00, 0x05, 7",
			"0xff, 0xc0, 0x05, 7", "0xff, 0xff, 0xff, 1", "0x12, 0x34, 0x56, 45298" })
	void alarmGoesOffWhenItsRegistersMatch(String hour, String minute, String second, int seconds) {
		out(5, Integer.decode(hour));
		out(3, Integer.decode(minute));
		out(1, Integer.decode(second));
		out(B, HOURS_24 | AIE);
		for (int i = 1; i < seconds; i++)
			pass(1_000);
		assertFalse(board.asserted(IRQ));
		pass(1_000);
		assertTrue(board.asserted(IRQ));
		assertEquals(IRQF | AIE, in(C) & (IRQF | AIE));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0x60, 0x7a, 0xaa })
	void alarmThatCannotBeNeverGoesOff(int second) {
		out(5, 0xff);
		out(3, 0xff);
		out(1, second);
		out(B, HOURS_24 | AIE);
		for (int i = 0; i < 300; i++)
			pass(1_000);
		hostMillis += 100 * 86_400_000L;
		pass(1_000);
		assertFalse(board.asserted(IRQ));
	}

	@Test
	void alarmThatTheMachineSleptThroughGoesOffWhenItGoesOn() {
		out(5, 0x03);
		out(B, HOURS_24 | AIE);
		hostMillis += 12 * 3_600_000;
		pass(1_000);
		assertTrue(board.asserted(IRQ));
	}

	@ParameterizedTest(name = "rate {0}: every {1} ns")
	@CsvSource({ "1, 3906250", "2, 7812500", "3, 122071", "6, 976563", "13, 125000000", "15, 500000000" })
	void periodicInterruptKeepsItsRate(int rate, long nanos) {
		out(A, 0x20 | rate);
		in(C);
		out(B, HOURS_24 | PIE);
		board.clock().advance(nanos - 2);
		assertFalse(board.asserted(IRQ));
		board.clock().advance(2);
		assertTrue(board.asserted(IRQ));
		assertEquals(IRQF | PIE, in(C) & (IRQF | PIE));
		board.clock().advance(nanos - 10);
		assertEquals(1, board.rises(IRQ));
		board.clock().advance(20);
		assertEquals(2, board.rises(IRQ));
	}

	@Test
	void nobodyIsWokenForWhatNobodyWantsToKnow() {
		assertEquals(0, board.clock().armed());
		out(B, HOURS_24 | PIE | UIE);
		assertEquals(1, board.clock().armed());
		pass(2_000);
		assertEquals(0, board.clock().armed(), "the guest has not looked yet");
		in(C);
		assertEquals(1, board.clock().armed());
		out(B, HOURS_24);
		assertEquals(0, board.clock().armed());
	}

	@Test
	void memoryIsTheGuestsToKeep() {
		out(0x40, 0xa5);
		out(0x7f, 0x5a);
		assertEquals(0xa5, in(0x40));
		out(0x80 | 0x7f, 0x11); // with NMIs masked
		assertEquals(0x11, in(0x7f));
		assertEquals(0xff, board.in(0x70, 1));
	}

	@Test
	void sizeOfMemoryIsWhereAPcHasIt() throws DeviceException {
		TestBoard large = new TestBoard(new TestMemory(new TestMemory.Range(0, 64 << 20),
				new TestMemory.Range(4L << 30, 3 << 20)));
		large.vcpus(3);
		try (Device other = ticking.create(new MapSettings("rtc", Map.of()))) {
			other.attach(large);
			assertEquals(639, word(large, 0x15));
			assertEquals(63 << 10, word(large, 0x17));
			assertEquals(63 << 10, word(large, 0x30));
			assertEquals(48 << 4, word(large, 0x34));
			assertEquals(3 << 4, word(large, 0x5b));
			assertEquals(2, word(large, 0x5f) & 0xff);
			int sum = 0;
			for (int i = 0x10; i <= 0x2d; i++)
				sum += word(large, i) & 0xff;
			assertEquals(sum, (word(large, 0x2e) & 0xff) << 8 | word(large, 0x2f) & 0xff);
		}
	}

	private static int word(TestBoard board, int index) {
		board.out(0x70, 1, index);
		int low = (int) board.in(0x71, 1);
		board.out(0x70, 1, index + 1);
		return low | (int) board.in(0x71, 1) << 8;
	}

	private static long at(int year, int month, int day, int hour, int minute, int second) {
		return LocalDateTime.of(year, month, day, hour, minute, second).toEpochSecond(ZoneOffset.UTC) * 1000;
	}

	/** Lets time pass, for the host and the guest alike. */
	private void pass(long millis) {
		hostMillis += millis;
		board.clock().advance(millis * MILLI);
	}

	private int in(int register) {
		board.out(0x70, 1, register);
		return (int) board.in(0x71, 1);
	}

	private void out(int register, int value) {
		board.out(0x70, 2, value << 8 | register);
	}

	private String time() {
		return "%02x %02x-%02x-%02x %x %02x:%02x:%02x".formatted(in(CENTURY), in(9), in(8), in(7), in(6), in(4), in(2),
				in(0));
	}
}
