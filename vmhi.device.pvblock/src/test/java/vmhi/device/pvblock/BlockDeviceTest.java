package vmhi.device.pvblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.device.pvblock.Driver.BORDER;
import static vmhi.device.pvblock.Driver.DATA;
import static vmhi.device.pvblock.Driver.DISCARD;
import static vmhi.device.pvblock.Driver.DONE;
import static vmhi.device.pvblock.Driver.FLUSH;
import static vmhi.device.pvblock.Driver.INVALID;
import static vmhi.device.pvblock.Driver.IO_ERROR;
import static vmhi.device.pvblock.Driver.IRQ;
import static vmhi.device.pvblock.Driver.PENDING;
import static vmhi.device.pvblock.Driver.READ;
import static vmhi.device.pvblock.Driver.READY;
import static vmhi.device.pvblock.Driver.UNSUPPORTED;
import static vmhi.device.pvblock.Driver.WRITE;
import static vmhi.device.pvblock.Driver.WRITE_ZEROES;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DriveRequest;
import vmhi.api.memory.DirtyTracker;
import vmhi.api.vdisk.DiskException;
import vmhi.tck.device.DeviceContract;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;
import vmhi.tck.device.TestDisk;

/** Registers and requests; what becomes of the ring is in {@code RingTest}. */
class BlockDeviceTest implements DeviceContract {

	private Driver driver;

	@Override
	public DeviceFactory factory() {
		return new BlockFactory();
	}

	@Override
	public String kind() {
		return "pvblock";
	}

	@Override
	public Map<String, Object> settings() {
		return Map.of("drive", "system", "address", "0xe0001000", "irq", 11);
	}

	@Override
	public void furnish(TestBoard furnished) {
		furnished.addDrive("system", new TestDisk(1 << 20), false);
	}

	@BeforeEach
	void powerOn() throws DeviceException {
		driver = new Driver();
	}

	@AfterEach
	void powerOff() {
		driver.device.close();
	}

	@Test
	void registersTellWhatItIs() {
		assertEquals(0x4b4c_4256, driver.in(0x00));
		assertEquals(1, driver.in(0x04));
		assertEquals(1 << 20, driver.wide(Driver.CAPACITY));
		assertEquals(1 << 20, driver.in(Driver.CAPACITY));
		assertEquals(0, driver.in(Driver.CAPACITY + 4));
		assertEquals(512, driver.in(Driver.BLOCK));
		assertEquals(0b1110, driver.in(Driver.FEATURES));
		assertEquals(Driver.HOME, driver.wide(Driver.RING));
		assertEquals(Driver.SIZE, driver.in(Driver.ENTRIES));
		assertEquals(READY, driver.in(Driver.STATUS));
		assertEquals(0, driver.wide(0xff8));
	}

	@Test
	void partOfARegisterCanBeReadButNotWritten() {
		assertEquals(0x42, driver.read(0x01, 1));
		assertEquals(READY, driver.read(Driver.STATUS, 1));
		assertEquals(0x1_4b4cL, driver.read(0x02, 6));
		assertEquals(0x10L << 40, driver.read(0x05, 6));

		driver.write(Driver.RING, 2, 0);
		driver.write(Driver.ENTRIES, 8, 0);
		driver.write(Driver.ENABLE, 1, 1);
		assertEquals(Driver.HOME, driver.wide(Driver.RING));
		assertEquals(Driver.SIZE, driver.in(Driver.ENTRIES));
		assertEquals(0, driver.in(Driver.ENABLE));
	}

	@Test
	void capacityFollowsTheDisk() throws DiskException {
		driver.disk.resize(3L << 32);

		assertEquals(3L << 32, driver.wide(Driver.CAPACITY));
		assertEquals(3, driver.in(Driver.CAPACITY + 4));
		assertEquals(DONE, driver.carryOut(READ, (3L << 32) - 512, 512, DATA));
	}

	@Test
	void whatIsWrittenIsReadBack() throws DiskException {
		byte[] data = random(8192);
		driver.memory.write(DATA, ByteBuffer.wrap(data));

		assertEquals(DONE, driver.carryOut(WRITE, 4096, 8192, DATA));
		assertEquals(DONE, driver.carryOut(READ, 4608, 4096, DATA + 0x8001));

		assertArrayEquals(Arrays.copyOfRange(data, 512, 4608), ram(DATA + 0x8001, 4096));
		ByteBuffer onDisk = ByteBuffer.allocate(8192);
		driver.disk.read(4096, onDisk);
		assertArrayEquals(data, onDisk.array());
	}

	@Test
	void dataMayLieAcrossABorderInRam() {
		byte[] data = random(4096);
		driver.memory.write(BORDER - 1000, ByteBuffer.wrap(data));

		assertEquals(DONE, driver.carryOut(WRITE, 0, 4096, BORDER - 1000));
		assertEquals(DONE, driver.carryOut(READ, 0, 4096, BORDER - 3));

		assertArrayEquals(data, ram(BORDER - 3, 4096));
	}

	@Test
	void flushDiscardAndZeroesReachTheDrive() {
		driver.memory.write(DATA, ByteBuffer.wrap(random(4096)));
		driver.carryOut(WRITE, 0, 4096, DATA);
		driver.carryOut(WRITE, 4096, 4096, DATA);

		assertEquals(DONE, driver.carryOut(DISCARD, 0, 4096, -1));
		assertEquals(DONE, driver.carryOut(WRITE_ZEROES, 4096, 4096, -1));
		assertEquals(DONE, driver.carryOut(FLUSH, -1, -1, -1));

		assertEquals(DONE, driver.carryOut(READ, 0, 8192, DATA));
		assertArrayEquals(new byte[8192], ram(DATA, 8192));
		assertEquals(1, driver.disk.flushes());
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource({
			"length 0,                 0, 0,          0,       0x10000",
			"length in part of blocks, 0, 511,        0,       0x10000",
			"offset within a block,    1, 512,        1,       0x10000",
			"beyond the end,           0, 1024,       1048064, 0x10000",
			"far beyond the end,       3, 512,        1048576, 0x10000",
			"offset that wraps,        0, 512,        -512,    0x10000",
			"longer than the disk,     1, 0xfffffe00, 0,       0",
			"data outside RAM,         0, 512,        0,       0x100000",
			"data that leaves RAM,     1, 1024,       0,       0xffe00",
			"data that wraps,          0, 512,        0,       -256" })
	void requestThatCannotBeIsInvalid(String what, int op, String length, long offset, String data) {
		driver.memory.putLong(DATA, 0x1234_5678_9abc_def0L);

		assertEquals(INVALID, driver.carryOut(op, offset, Long.decode(length), Long.decode(data)));

		assertEquals(0x1234_5678_9abc_def0L, driver.memory.getLong(DATA));
		assertEquals(READY, driver.in(Driver.STATUS));
		assertEquals(DONE, driver.carryOut(READ, 0, 512, DATA), "the next one is carried out");
	}

	@Test
	void flagsAndOperationsThatAreNotKnownAreRefused() {
		assertEquals(UNSUPPORTED, driver.carryOut(5, 0, 512, DATA));
		assertEquals(UNSUPPORTED, driver.carryOut(255, 0, 512, DATA));
		assertEquals(INVALID, driver.carryOut(READ | 1 << 16, 0, 512, DATA));
	}

	@Test
	void readOnlyDriveIsNotWritten() throws DeviceException {
		Driver other = new Driver(driver.memory, driver.disk, true);
		other.drive.blockSize(4096);
		other.start(Driver.SIZE, Driver.HOME);

		assertEquals(0b0011, other.in(Driver.FEATURES));
		assertEquals(4096, other.in(Driver.BLOCK));
		for (int op : new int[] { WRITE, DISCARD, WRITE_ZEROES })
			assertEquals(Driver.READ_ONLY, other.carryOut(op, 0, 4096, DATA));
		assertEquals(INVALID, other.carryOut(READ, 0, 512, DATA));
		assertEquals(DONE, other.carryOut(READ, 0, 4096, DATA));
		assertEquals(DONE, other.carryOut(FLUSH, 0, 0, 0));
		other.device.close();
	}

	@ParameterizedTest
	@CsvSource({ "FULL, " + IO_ERROR, "IO, " + IO_ERROR, "READ_ONLY, " + Driver.READ_ONLY,
			"UNSUPPORTED, " + UNSUPPORTED })
	void failureOfTheDriveIsTheStatus(DiskException.Kind kind, int status) {
		driver.drive.fail(new DiskException(kind, "as the test says"));
		assertEquals(status, driver.carryOut(WRITE, 0, 512, DATA));

		driver.drive.fail(null);
		assertEquals(DONE, driver.carryOut(WRITE, 0, 512, DATA));
	}

	@Test
	void requestsEndInAnyOrderAndEachIsToldInItsEntry() {
		driver.drive.hold(true);
		for (int i = 0; i < Driver.SIZE; i++)
			driver.make(READ, 512L * i, 512, DATA + 512L * i);
		driver.board.run();
		List<DriveRequest> waiting = driver.drive.waiting();
		assertEquals(Driver.SIZE, waiting.size());
		Collections.shuffle(waiting, new Random(1));

		int completed = 0;
		for (DriveRequest request : waiting) {
			int number = (int) request.offset() / 512;
			assertEquals(PENDING, driver.status(number));
			driver.drive.carryOut(request);
			assertEquals(DONE, driver.status(number));
			assertEquals(++completed, driver.in(Driver.COMPLETED));
		}
	}

	@Test
	void interruptIsHighWhileStatusAndEnableAreSet() {
		driver.carryOut(FLUSH, 0, 0, 0);
		assertEquals(1, driver.in(Driver.INTERRUPT));
		assertFalse(driver.board.asserted(IRQ));

		driver.out(Driver.ENABLE, 1);
		assertTrue(driver.board.asserted(IRQ));
		driver.out(Driver.INTERRUPT, 0);
		assertTrue(driver.board.asserted(IRQ));
		driver.out(Driver.INTERRUPT, 1);
		assertFalse(driver.board.asserted(IRQ));
		assertEquals(0, driver.in(Driver.INTERRUPT));

		driver.carryOut(FLUSH, 0, 0, 0);
		assertTrue(driver.board.asserted(IRQ));
		driver.out(Driver.ENABLE, 0);
		assertFalse(driver.board.asserted(IRQ));
		assertEquals(1, driver.in(Driver.INTERRUPT));
	}

	@Test
	void dataAndStatusAndCountAreThereBeforeTheInterrupt() throws DiskException {
		driver.disk.write(0, ByteBuffer.wrap(new byte[] { 1, 2, 3, 4 }));
		List<String> seen = new ArrayList<>();
		driver.board.onRise(IRQ, () -> seen.add("%x, status %d, completed %d".formatted(
				driver.memory.getInt(DATA), driver.status(0), driver.in(Driver.COMPLETED))));
		driver.out(Driver.ENABLE, 1);

		driver.carryOut(READ, 0, 512, DATA);

		assertEquals(List.of("4030201, status 0, completed 1"), seen);
	}

	@Test
	void whatWasReadIsMarkedDirty() {
		driver.make(READ, 0, 8192, DATA);
		try (DirtyTracker tracker = driver.memory.track()) {
			driver.board.run();

			List<String> pages = new ArrayList<>();
			tracker.collect((gpa, length) -> pages.add("%x+%x".formatted(gpa, length)));
			assertEquals(List.of("4000+1000", "10000+2000"), pages);
		}
	}

	@Test
	void machineWithoutTheDriveDoesNotGetTheDevice() throws DeviceException {
		try (var device = new BlockFactory().create(new MapSettings("disk0", Map.of()))) {
			DeviceException refusal = assertThrows(DeviceException.class, () -> device.attach(new TestBoard()));

			assertEquals(DeviceException.Kind.MISSING, refusal.kind());
		}
	}

	@ParameterizedTest(name = "address {0}")
	@CsvSource({ "0xd0000800, 'devices[0].address is 0xd0000800, not on a 4 KiB boundary'",
			"-4096, 'devices[0].address is -4096, not 0..4503599627366400'" })
	void addressThatCannotBeIsRefused(String address, String message) {
		DeviceException refusal = assertThrows(DeviceException.class,
				() -> new BlockFactory().create(new MapSettings("disk0", Map.of("address", address))));

		assertEquals(message, refusal.getMessage());
	}

	private byte[] ram(long gpa, int length) {
		byte[] bytes = new byte[length];
		assertTrue(driver.memory.read(gpa, ByteBuffer.wrap(bytes)));
		return bytes;
	}

	private static byte[] random(int length) {
		byte[] bytes = new byte[length];
		new Random(length).nextBytes(bytes);
		return bytes;
	}
}
