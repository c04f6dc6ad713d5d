package vmhi.device.pvblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceState;
import vmhi.api.device.DriveRequest;
import vmhi.api.device.Stateful;
import vmhi.api.memory.DirtyTracker;
import vmhi.api.vdisk.DiskException;
import vmhi.tck.device.DeviceContract;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;
import vmhi.tck.device.TestDisk;
import vmhi.tck.device.TestDrive;
import vmhi.tck.memory.TestMemory;

/** The device as a driver sees it; offsets are those of the package description. */
class BlockDeviceTest implements DeviceContract {
	private static final long BASE = 0xd000_0000L;
	private static final int IRQ = 10;
	private static final int READ = 0, WRITE = 1, FLUSH = 2, DISCARD = 3, WRITE_ZEROES = 4;
	private static final int DONE = 0, IO_ERROR = 1, INVALID = 2, READ_ONLY = 3, UNSUPPORTED = 4, PENDING = -1;
	private static final int READY = 1, BROKEN = 2;
	private static final long RING = 0x4000;
	private static final int ENTRIES = 8;
	private static final long DATA = 0x1_0000;
	private static final int HALF = 1 << 19;

	/** Two regions that touch: there is no slice across the border between them. */
	private final TestBoard board = new TestBoard(
			new TestMemory(new TestMemory.Range(0, HALF), new TestMemory.Range(HALF, HALF)));
	private final TestMemory memory = board.memory();
	private final TestDisk disk = new TestDisk(1 << 20);
	private final TestDrive drive = board.addDrive("disk0", disk, false);
	private Device device;
	private int made;

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
		device = attach(board);
		start(ENTRIES, RING);
	}

	private static Device attach(TestBoard to) throws DeviceException {
		Device made = new BlockFactory().create(new MapSettings("disk0", Map.of()));
		made.attach(to);
		return made;
	}

	@AfterEach
	void powerOff() {
		device.close();
	}

	@Test
	void registersTellWhatItIs() {
		assertEquals(0x4b4c_4256, in(0x00));
		assertEquals(1, in(0x04));
		assertEquals(1 << 20, board.load(BASE + 0x08, 8));
		assertEquals(1 << 20, in(0x08));
		assertEquals(0, in(0x0c));
		assertEquals(512, in(0x10));
		assertEquals(0b1110, in(0x14));
		assertEquals(RING, board.load(BASE + 0x18, 8));
		assertEquals(ENTRIES, in(0x20));
		assertEquals(READY, in(0x34));
		assertEquals(0, board.load(BASE + 0xff8, 8));
	}

	@Test
	void partOfARegisterCanBeReadButNotWritten() {
		assertEquals(0x42, board.load(BASE + 0x01, 1));
		assertEquals(READY, board.load(BASE + 0x34, 1));
		assertEquals(0x0000_0001_4b4cL, board.load(BASE + 0x02, 6));
		assertEquals(0x10L << 40, board.load(BASE + 0x05, 6));

		board.store(BASE + 0x18, 2, 0);
		board.store(BASE + 0x20, 8, 0);
		board.store(BASE + 0x30, 1, 1);
		assertEquals(RING, board.load(BASE + 0x18, 8));
		assertEquals(ENTRIES, in(0x20));
		assertEquals(0, in(0x30));
	}

	@Test
	void readOnlyDriveOffersNothingThatWrites() throws DeviceException {
		TestBoard other = new TestBoard();
		other.addDrive("disk0", disk, true).blockSize(4096);
		device.close();
		device = attach(other);

		assertEquals(0b0011, other.load(BASE + 0x14, 4));
		assertEquals(4096, other.load(BASE + 0x10, 4));
	}

	@Test
	void whatIsWrittenIsReadBack() throws DiskException {
		byte[] data = random(8192);
		memory.write(DATA, ByteBuffer.wrap(data));

		assertEquals(DONE, carryOut(WRITE, 4096, 8192, DATA));
		assertEquals(DONE, carryOut(READ, 4608, 4096, DATA + 0x8001));

		byte[] back = new byte[4096];
		memory.read(DATA + 0x8001, ByteBuffer.wrap(back));
		assertArrayEquals(Arrays.copyOfRange(data, 512, 4608), back);
		ByteBuffer onDisk = ByteBuffer.allocate(8192);
		disk.read(4096, onDisk);
		assertArrayEquals(data, onDisk.array());
	}

	@Test
	void dataMayLieAcrossABorderInRam() {
		byte[] data = random(4096);
		memory.write(HALF - 1000, ByteBuffer.wrap(data));

		assertEquals(DONE, carryOut(WRITE, 0, 4096, HALF - 1000));
		assertEquals(DONE, carryOut(READ, 0, 4096, HALF - 3));

		byte[] back = new byte[4096];
		memory.read(HALF - 3, ByteBuffer.wrap(back));
		assertArrayEquals(data, back);
	}

	@Test
	void ringMayLieAcrossABorderInRam() {
		start(4, HALF - 128);

		for (int i = 0; i < 9; i++)
			assertEquals(DONE, carryOut(FLUSH, 0, 0, 0));
		assertEquals(9, disk.flushes());
	}

	@Test
	void flushDiscardAndZeroesReachTheDrive() {
		memory.write(DATA, ByteBuffer.wrap(random(4096)));
		carryOut(WRITE, 0, 4096, DATA);
		carryOut(WRITE, 4096, 4096, DATA);

		assertEquals(DONE, carryOut(DISCARD, 0, 4096, -1));
		assertEquals(DONE, carryOut(WRITE_ZEROES, 4096, 4096, -1));
		assertEquals(DONE, carryOut(FLUSH, -1, -1, -1));

		assertEquals(DONE, carryOut(READ, 0, 8192, DATA));
		byte[] back = new byte[8192];
		memory.read(DATA, ByteBuffer.wrap(back));
		assertArrayEquals(new byte[8192], back);
		assertEquals(1, disk.flushes());
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource({
			"length 0,                 0, 0,          0,        0x10000",
			"length in part of blocks, 0, 511,        0,        0x10000",
			"offset within a block,    1, 512,        1,        0x10000",
			"beyond the end,           0, 1024,       1048064,  0x10000",
			"far beyond the end,       3, 512,        1048576,  0x10000",
			"offset that wraps,        0, 512,        -512,     0x10000",
			"longer than the disk,     1, 0xfffffe00, 0,        0",
			"data outside RAM,         0, 512,        0,        0x100000",
			"data that leaves RAM,     1, 1024,       0,        0xffe00",
			"data that wraps,          0, 512,        0,        -256" })
	void requestThatCannotBeIsInvalid(String what, int op, String length, long offset, String data) {
		long before = memory.getLong(DATA);

		assertEquals(INVALID, carryOut(op, offset, Long.decode(length), Long.decode(data)));

		assertEquals(before, memory.getLong(DATA));
		assertEquals(READY, in(0x34));
		assertEquals(DONE, carryOut(READ, 0, 512, DATA), "the next one is carried out");
	}

	@Test
	void flagsAndOperationsThatAreNotKnownAreRefused() {
		assertEquals(UNSUPPORTED, carryOut(5, 0, 512, DATA));
		assertEquals(UNSUPPORTED, carryOut(255, 0, 512, DATA));
		fill(made, READ, 0, 512, DATA);
		memory.putShort(RING + (made % ENTRIES) * 64L + 2, 1);
		ring(++made);
		board.run();
		assertEquals(INVALID, status(made - 1));
	}

	@Test
	void readOnlyDriveIsNotWritten() throws DeviceException {
		device.close();
		TestBoard other = new TestBoard(memory);
		other.addDrive("disk0", disk, true);
		device = attach(other);
		other.store(BASE + 0x20, 4, ENTRIES);
		other.store(BASE + 0x18, 8, RING);
		for (int op : new int[] { WRITE, DISCARD, WRITE_ZEROES, READ, FLUSH })
			fill(made++, op, 0, 512, DATA);
		other.store(BASE + 0x24, 4, made);
		other.run();

		assertEquals(List.of(READ_ONLY, READ_ONLY, READ_ONLY, DONE, DONE), statuses());
	}

	@Test
	void failureOfTheDriveIsAnIoError() {
		drive.fail(new DiskException(DiskException.Kind.FULL, "no space"));
		assertEquals(IO_ERROR, carryOut(WRITE, 0, 512, DATA));
		drive.fail(new DiskException(DiskException.Kind.READ_ONLY, "read-only by now"));
		assertEquals(READ_ONLY, carryOut(WRITE, 0, 512, DATA));
		drive.fail(new DiskException(DiskException.Kind.UNSUPPORTED, "no such thing"));
		assertEquals(UNSUPPORTED, carryOut(WRITE, 0, 512, DATA));
		drive.fail(null);
		assertEquals(DONE, carryOut(WRITE, 0, 512, DATA));
	}

	@Test
	void requestsEndInAnyOrderAndEachIsToldInItsEntry() {
		drive.hold(true);
		for (int i = 0; i < ENTRIES; i++)
			fill(made++, READ, 512L * i, 512, DATA + 512L * i);
		ring(made);
		board.run();
		List<DriveRequest> waiting = drive.waiting();
		assertEquals(ENTRIES, waiting.size());
		Collections.shuffle(waiting, new Random(1));

		int completed = 0;
		for (DriveRequest request : waiting) {
			int number = (int) request.offset() / 512;
			assertEquals(PENDING, status(number));
			drive.carryOut(request);
			assertEquals(DONE, status(number));
			assertEquals(++completed, in(0x28));
		}
	}

	@Test
	void bellThatIsRungTwiceFetchesEachRequestOnce() {
		drive.hold(true);
		for (int i = 0; i < 3; i++)
			fill(made++, FLUSH, 0, 0, 0);
		ring(1);
		ring(3);
		ring(2);
		ring(3);
		board.run();

		assertEquals(3, drive.waiting().size());
		assertEquals(READY, in(0x34), "a count that goes back is old news");
	}

	@Test
	void countsGoOnThroughTheEndOfTheirRange() throws DeviceException {
		DeviceState state = ((Stateful) device).save();
		Map<String, Object> fields = new HashMap<>(state.fields());
		fields.put("available", 0xffff_fffeL);
		fields.put("completed", 0xffff_fffeL);
		((Stateful) device).restore(new DeviceState("pvblock", 1, fields));
		made = -2;

		for (int i = 0; i < 5; i++)
			assertEquals(DONE, carryOut(FLUSH, 0, 0, 0));
		assertEquals(3, in(0x28));
	}

	@Test
	void interruptIsHighWhileStatusAndEnableAreSet() {
		carryOut(FLUSH, 0, 0, 0);
		assertEquals(1, in(0x2c));
		assertFalse(board.asserted(IRQ));

		out(0x30, 1);
		assertTrue(board.asserted(IRQ));
		out(0x2c, 0);
		assertTrue(board.asserted(IRQ));
		out(0x2c, 1);
		assertFalse(board.asserted(IRQ));
		assertEquals(0, in(0x2c));

		carryOut(FLUSH, 0, 0, 0);
		assertTrue(board.asserted(IRQ));
		out(0x30, 0);
		assertFalse(board.asserted(IRQ));
		assertEquals(1, in(0x2c));
	}

	@Test
	void dataAndStatusAndCountAreThereBeforeTheInterrupt() throws DiskException {
		disk.write(0, ByteBuffer.wrap(new byte[] { 1, 2, 3, 4 }));
		List<String> seen = new ArrayList<>();
		board.onRise(IRQ,
				() -> seen.add("%x, status %d, completed %d".formatted(memory.getInt(DATA), status(0), in(0x28))));
		out(0x30, 1);

		carryOut(READ, 0, 512, DATA);

		assertEquals(List.of("4030201, status 0, completed 1"), seen);
	}

	@Test
	void highHalfOfTheAddressStartsTheRing() {
		out(0x1c, 0);
		start(ENTRIES, 0);
		assertEquals(0, in(0x34));

		out(0x20, 4);
		out(0x18, 0x8000);
		assertEquals(0, in(0x34));
		out(0x1c, 0);

		assertEquals(READY, in(0x34));
		assertEquals(0x8000, board.load(BASE + 0x18, 8));
		out(0x20, 16);
		assertEquals(4, in(0x20), "the number of entries stays while the ring runs");
	}

	@ParameterizedTest(name = "{0} entries at {1}")
	@CsvSource({ "0, 0x4000", "3, 0x4000", "512, 0x4000", "-1, 0x4000", "0x80000000, 0x4000", "8, 0x4020", "8, 0xfff00",
			"8, 0x100000", "1, 0xffffffffffffffc0" })
	void ringThatCannotBeBreaksTheDevice(String entries, String address) {
		start(Long.decode(entries).intValue(), Long.parseUnsignedLong(address.substring(2), 16));

		assertEquals(BROKEN, in(0x34));
		ring(1);
		board.run();
		assertEquals(0, in(0x28));

		start(ENTRIES, RING);
		made = 0;
		assertEquals(DONE, carryOut(FLUSH, 0, 0, 0), "a good ring mends it");
	}

	@ParameterizedTest(name = "count {0}")
	@CsvSource({ "9", "0x7fffffff", "0x80000000", "0xfffffff7", "1000" })
	void countBeyondTheRingBreaksTheDeviceAndNothingElse(String count) {
		ring(Long.decode(count).intValue());
		board.run();

		assertEquals(BROKEN, in(0x34));
		assertEquals(0, in(0x28));
		assertEquals(1, board.reports().size());
		assertTrue(board.reports().get(0).startsWith("broken {drive=disk0, reason="), board.reports().get(0));
		start(ENTRIES, RING);
		ring(100);
		assertEquals(1, board.reports().size(), "it is told once");
	}

	@Test
	void brokenDeviceStillEndsWhatIsUnderWay() {
		drive.hold(true);
		fill(made++, READ, 0, 512, DATA);
		ring(made);
		board.run();
		ring(50);
		assertEquals(READY | BROKEN, in(0x34));

		drive.hold(false);
		board.run();

		assertEquals(DONE, status(0));
		assertEquals(BROKEN, in(0x34));
	}

	@Test
	void stoppedRingIsReadyUntilTheLastRequestHasEndedAndThenTouchesNothing() {
		drive.hold(true);
		fill(made++, READ, 0, 512, DATA);
		ring(made);
		board.run();

		start(ENTRIES, 0);
		assertEquals(READY, in(0x34));
		drive.hold(false);
		board.run();

		assertEquals(0, in(0x34));
		assertEquals(0, in(0x28));
		assertEquals(0, in(0x2c));
		assertEquals(PENDING, status(0));
	}

	@Test
	void newRingWaitsForTheRequestsOfTheOldOne() {
		drive.hold(true);
		for (int i = 0; i < 3; i++)
			fill(made++, READ, 0, 512, DATA);
		ring(made);
		board.run();
		start(ENTRIES, 0x8000);
		memory.write(0x8000, ByteBuffer.allocate(64));
		memory.putByte(0x8000, FLUSH);
		memory.putInt(0x8000 + 32, PENDING);
		ring(1);
		board.run();
		assertEquals(3, drive.waiting().size());

		drive.hold(false);
		board.run();

		assertEquals(DONE, memory.getInt(0x8000 + 32));
		assertEquals(1, in(0x28));
	}

	@Test
	void guestThatStartsRingsOverAndOverDoesNotPileUpRequests() {
		drive.hold(true);
		for (int round = 0; round < 100; round++) {
			made = 0;
			start(ENTRIES, RING);
			for (int i = 0; i < ENTRIES; i++)
				fill(made++, READ, 0, 512, DATA);
			ring(made);
			board.run();
		}
		assertEquals(ENTRIES, drive.waiting().size());
	}

	@Test
	void entryIsCopiedBeforeItIsLookedAt() {
		drive.hold(true);
		fill(made++, READ, 512, 512, DATA);
		ring(made);
		board.run();
		fill(0, WRITE, 1 << 30, 1 << 30, 0);

		DriveRequest request = drive.waiting().get(0);
		assertEquals(DriveRequest.Op.READ, request.op());
		assertEquals(512, request.offset());
		drive.hold(false);
		board.run();
		assertEquals(DONE, status(0));
	}

	@Test
	void whatWasReadIsMarkedDirty() {
		try (DirtyTracker tracker = memory.track()) {
			fill(made++, READ, 0, 8192, DATA);
			ring(made);
			tracker.collect((gpa, length) -> {
			});
			board.run();

			List<String> pages = new ArrayList<>();
			tracker.collect((gpa, length) -> pages.add("%x+%x".formatted(gpa, length)));
			assertEquals(List.of("4000+1000", "10000+2000"), pages);
		}
	}

	@Test
	void capacityFollowsTheDisk() throws DiskException {
		disk.resize(3L << 32);
		assertEquals(3L << 32, board.load(BASE + 0x08, 8));
		assertEquals(3, in(0x0c));
		assertEquals(DONE, carryOut(READ, (3L << 32) - 512, 512, DATA));
	}

	@Test
	void hostileRingBreaksNothing() {
		Random chance = new Random(11);
		start(256, 0x1_0000);
		for (int round = 0; round < 300; round++) {
			byte[] noise = new byte[256 * 64];
			chance.nextBytes(noise);
			for (int entry = 0; entry < 256; entry++) {
				ByteBuffer bytes = ByteBuffer.wrap(noise, entry * 64, 64).slice().order(ByteOrder.LITTLE_ENDIAN);
				bytes.put(0, (byte) chance.nextInt(6)).putShort(2, (short) 0);
				if (chance.nextInt(4) > 0)
					bytes.putInt(4, chance.nextInt(1 << 15) & -512).putLong(8, chance.nextInt(1 << 21) & -512)
							.putLong(16, chance.nextInt(1 << 21));
			}
			memory.write(0x1_0000, ByteBuffer.wrap(noise));
			made = (int) board.load(BASE + 0x28, 4);
			ring(made + chance.nextInt(257));
			board.run();
			start(256, 0x1_0000);
		}
		assertEquals(READY, in(0x34));
	}

	@Test
	void stateWaitsForTheRequestsUnderWay() throws Exception {
		drive.hold(true);
		fill(made++, READ, 0, 512, DATA);
		ring(made);
		board.run();
		CompletableFuture<DeviceState> state = CompletableFuture.supplyAsync(() -> {
			try {
				return ((Stateful) device).save();
			} catch (DeviceException e) {
				throw new IllegalStateException(e);
			}
		});
		assertThrows(TimeoutException.class, () -> state.get(50, TimeUnit.MILLISECONDS));

		drive.hold(false);
		board.run();

		assertEquals(1, state.get(10, TimeUnit.SECONDS).number("completed", 0));
		assertEquals(DONE, status(0));
	}

	@Test
	void successorFetchesWhatWasMadeAvailableBefore() throws DeviceException {
		fill(made++, FLUSH, 0, 0, 0);
		out(0x30, 1);
		ring(made);
		DeviceState state = ((Stateful) device).save(); // before the worker came to it
		device.close();

		TestBoard next = new TestBoard(memory);
		next.addDrive("disk0", disk, false);
		device = attach(next);
		((Stateful) device).restore(state);
		assertEquals(PENDING, status(0));
		next.run();

		assertEquals(DONE, status(0));
		assertEquals(1, disk.flushes());
		assertTrue(next.asserted(IRQ));
	}

	@Test
	void resetWaitsForTheRequestsUnderWay() throws Exception {
		drive.hold(true);
		fill(made++, READ, 0, 512, DATA);
		ring(made);
		board.run();
		CompletableFuture<Void> reset = CompletableFuture.runAsync(device::reset);
		assertThrows(TimeoutException.class, () -> reset.get(50, TimeUnit.MILLISECONDS));

		drive.hold(false);
		board.run();

		reset.get(10, TimeUnit.SECONDS);
		assertEquals(0, in(0x34));
		assertEquals(0, in(0x20));
		assertEquals(PENDING, status(0));
	}

	@Test
	void machineWithoutTheDriveDoesNotGetTheDevice() {
		TestBoard empty = new TestBoard();

		DeviceException refusal = assertThrows(DeviceException.class, () -> attach(empty));

		assertEquals(DeviceException.Kind.MISSING, refusal.kind());
	}

	@ParameterizedTest(name = "address {0}")
	@CsvSource({ "0xd0000800, 'devices[0].address is 0xd0000800, not on a 4 KiB boundary'",
			"-4096, 'devices[0].address is -4096, not 0..4503599627366400'" })
	void addressThatCannotBeIsRefused(String address, String message) {
		DeviceException refusal = assertThrows(DeviceException.class,
				() -> new BlockFactory().create(new MapSettings("disk0", Map.of("address", address))));

		assertEquals(message, refusal.getMessage());
	}

	private void start(int entries, long address) {
		board.store(BASE + 0x18, 8, 0);
		out(0x20, entries);
		board.store(BASE + 0x18, 8, address);
	}

	/** Fills an entry of the ring that {@link #start} began. */
	private void fill(int number, int op, long offset, long length, long data) {
		long entry = entry(number);
		memory.putInt(entry, op);
		memory.putInt(entry + 4, (int) length);
		memory.putLong(entry + 8, offset);
		memory.putLong(entry + 16, data);
		memory.putLong(entry + 24, number);
		memory.putInt(entry + 32, PENDING);
	}

	private int carryOut(int op, long offset, long length, long data) {
		fill(made, op, offset, length, data);
		ring(++made);
		board.run();
		assertEquals(made - 1, memory.getLong(entry(made - 1) + 24), "the cookie is the guest's");
		return status(made - 1);
	}

	private void ring(int count) {
		out(0x24, count);
	}

	private int status(int number) {
		return memory.getInt(entry(number) + 32);
	}

	private List<Integer> statuses() {
		List<Integer> all = new ArrayList<>();
		for (int i = 0; i < made; i++)
			all.add(status(i));
		return all;
	}

	private long entry(int number) {
		long ring = board.load(BASE + 0x18, 8);
		int entries = in(0x20);
		return ring == 0 || ring == -1 ? RING + number % ENTRIES * 64L : ring + (number & entries - 1) * 64L;
	}

	private int in(int register) {
		return (int) board.load(BASE + register, 4);
	}

	private void out(int register, int value) {
		board.store(BASE + register, 4, value);
	}

	private static byte[] random(int length) {
		byte[] bytes = new byte[length];
		new Random(length).nextBytes(bytes);
		return bytes;
	}
}
