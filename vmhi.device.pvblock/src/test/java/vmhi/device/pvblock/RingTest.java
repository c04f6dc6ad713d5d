package vmhi.device.pvblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.device.pvblock.Driver.BORDER;
import static vmhi.device.pvblock.Driver.BROKEN;
import static vmhi.device.pvblock.Driver.DATA;
import static vmhi.device.pvblock.Driver.DONE;
import static vmhi.device.pvblock.Driver.FLUSH;
import static vmhi.device.pvblock.Driver.HOME;
import static vmhi.device.pvblock.Driver.IRQ;
import static vmhi.device.pvblock.Driver.PENDING;
import static vmhi.device.pvblock.Driver.READ;
import static vmhi.device.pvblock.Driver.READY;
import static vmhi.device.pvblock.Driver.SIZE;
import static vmhi.device.pvblock.Driver.WRITE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
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

import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.DriveRequest;
import vmhi.api.device.Stateful;

/** What becomes of the ring: started, stopped, broken, handed over, and in a hostile guest's hands. */
class RingTest {

	private Driver driver;

	@BeforeEach
	void powerOn() throws DeviceException {
		driver = new Driver();
	}

	@AfterEach
	void powerOff() {
		driver.device.close();
	}

	@Test
	void highHalfOfTheAddressStartsTheRing() {
		driver.start(SIZE, 0);
		assertEquals(0, driver.in(Driver.STATUS));

		driver.out(Driver.ENTRIES, 4);
		driver.out(Driver.RING, 0x8000);
		assertEquals(0, driver.in(Driver.STATUS));
		driver.out(Driver.RING + 4, 0);

		assertEquals(READY, driver.in(Driver.STATUS));
		assertEquals(0x8000, driver.wide(Driver.RING));
		driver.out(Driver.ENTRIES, 16);
		assertEquals(4, driver.in(Driver.ENTRIES), "the number of entries stays while the ring runs");
	}

	@Test
	void ringMayLieAcrossABorderInRam() {
		driver.start(4, BORDER - 128);

		for (int i = 0; i < 9; i++)
			assertEquals(DONE, driver.carryOut(FLUSH, 0, 0, 0));
		assertEquals(9, driver.disk.flushes());
	}

	@Test
	void cookieIsTheGuests() {
		driver.carryOut(FLUSH, 0, 0, 0);
		driver.carryOut(FLUSH, 0, 0, 0);

		assertEquals(1, driver.memory.getLong(driver.entry(1) + 24));
	}

	@Test
	void bellThatIsRungTwiceFetchesEachRequestOnce() {
		driver.drive.hold(true);
		for (int i = 0; i < 3; i++)
			driver.fill(i, FLUSH, 0, 0, 0);
		for (int count : new int[] { 1, 3, 2, 3 })
			driver.ring(count);
		driver.board.run();

		assertEquals(3, driver.drive.waiting().size());
		assertEquals(READY, driver.in(Driver.STATUS), "a count that goes back is old news");
	}

	@Test
	void countsGoOnThroughTheEndOfTheirRange() throws DeviceException {
		Map<String, Object> fields = new HashMap<>(((Stateful) driver.device).save().fields());
		fields.put("available", 0xffff_fffeL);
		fields.put("completed", 0xffff_fffeL);
		((Stateful) driver.device).restore(new DeviceState("pvblock", 1, fields));
		driver.made = -2;

		for (int i = 0; i < 5; i++)
			assertEquals(DONE, driver.carryOut(FLUSH, 0, 0, 0));
		assertEquals(3, driver.in(Driver.COMPLETED));
	}

	@ParameterizedTest(name = "{0} entries at {1}")
	@CsvSource({ "0, 4000", "3, 4000", "512, 4000", "-1, 4000", "0x80000000, 4000", "8, 4020", "8, fff00", "8, 100000",
			"1, ffffffffffffffc0" })
	void ringThatCannotBeBreaksTheDevice(String entries, String address) {
		driver.start(Long.decode(entries).intValue(), Long.parseUnsignedLong(address, 16));

		assertEquals(BROKEN, driver.in(Driver.STATUS));
		driver.ring(1);
		driver.board.run();
		assertEquals(0, driver.in(Driver.COMPLETED));

		driver.start(SIZE, HOME);
		assertEquals(DONE, driver.carryOut(FLUSH, 0, 0, 0), "a good ring mends it");
	}

	@ParameterizedTest(name = "count {0}")
	@CsvSource({ "9", "0x7fffffff", "0x80000000", "0xfffffff7", "1000" })
	void countBeyondTheRingBreaksTheDeviceAndNothingElse(String count) {
		driver.ring(Long.decode(count).intValue());
		driver.board.run();

		assertEquals(BROKEN, driver.in(Driver.STATUS));
		assertEquals(0, driver.in(Driver.COMPLETED));
		assertEquals(1, driver.board.reports().size());
		String report = driver.board.reports().get(0);
		assertTrue(report.startsWith("broken {drive=disk0, reason="), report);
		driver.start(SIZE, HOME);
		driver.ring(100);
		assertEquals(1, driver.board.reports().size(), "it is told once");
	}

	@Test
	void brokenDeviceStillEndsWhatIsUnderWay() {
		driver.drive.hold(true);
		driver.make(READ, 0, 512, DATA);
		driver.board.run();
		driver.ring(50);
		assertEquals(READY | BROKEN, driver.in(Driver.STATUS));

		driver.drive.hold(false);
		driver.board.run();

		assertEquals(DONE, driver.status(0));
		assertEquals(BROKEN, driver.in(Driver.STATUS));
	}

	@Test
	void stoppedRingIsReadyUntilTheLastRequestHasEndedAndThenTouchesNothing() {
		driver.drive.hold(true);
		driver.make(READ, 0, 512, DATA);
		driver.board.run();

		driver.start(SIZE, 0);
		assertEquals(READY, driver.in(Driver.STATUS));
		driver.drive.hold(false);
		driver.board.run();

		assertEquals(0, driver.in(Driver.STATUS));
		assertEquals(0, driver.in(Driver.COMPLETED));
		assertEquals(0, driver.in(Driver.INTERRUPT));
		assertEquals(PENDING, driver.memory.getInt(HOME + 32));
	}

	@Test
	void newRingWaitsForTheRequestsOfTheOldOne() {
		driver.drive.hold(true);
		for (int i = 0; i < 3; i++)
			driver.make(READ, 0, 512, DATA);
		driver.board.run();
		driver.start(SIZE, 0x8000);
		driver.make(FLUSH, 0, 0, 0);
		driver.board.run();
		assertEquals(3, driver.drive.waiting().size());

		driver.drive.hold(false);
		driver.board.run();

		assertEquals(DONE, driver.status(0));
		assertEquals(1, driver.in(Driver.COMPLETED));
		assertEquals(PENDING, driver.memory.getInt(HOME + 32));
	}

	@Test
	void guestThatStartsRingsOverAndOverDoesNotPileUpRequests() {
		driver.drive.hold(true);
		for (int round = 0; round < 100; round++) {
			driver.start(SIZE, HOME);
			for (int i = 0; i < SIZE; i++)
				driver.make(READ, 0, 512, DATA);
			driver.board.run();
		}
		assertEquals(SIZE, driver.drive.waiting().size());
	}

	@Test
	void entryIsCopiedBeforeItIsLookedAt() {
		driver.drive.hold(true);
		driver.make(READ, 512, 512, DATA);
		driver.board.run();
		driver.fill(0, WRITE, 1 << 30, 1 << 30, 0);

		DriveRequest request = driver.drive.waiting().get(0);
		assertEquals(DriveRequest.Op.READ, request.op());
		assertEquals(512, request.offset());
		driver.drive.hold(false);
		driver.board.run();
		assertEquals(DONE, driver.status(0));
	}

	@Test
	void hostileRingBreaksNothing() {
		Random chance = new Random(11);
		driver.start(256, DATA);
		for (int round = 0; round < 300; round++) {
			ByteBuffer noise = ByteBuffer.allocate(256 * 64).order(ByteOrder.LITTLE_ENDIAN);
			chance.nextBytes(noise.array());
			for (int entry = 0; entry < noise.capacity(); entry += 64) {
				noise.put(entry, (byte) chance.nextInt(6)).putShort(entry + 2, (short) 0);
				if (chance.nextInt(4) > 0)
					noise.putInt(entry + 4, chance.nextInt(1 << 15) & -512)
							.putLong(entry + 8, chance.nextInt(1 << 21) & -512)
							.putLong(entry + 16, chance.nextInt(1 << 21));
			}
			driver.memory.write(DATA, noise);
			driver.ring(chance.nextInt(257));
			driver.board.run();
			assertEquals(READY, driver.in(Driver.STATUS));
			driver.start(256, DATA);
		}
	}

	@Test
	void stateWaitsForTheRequestsUnderWay() throws Exception {
		driver.drive.hold(true);
		driver.make(READ, 0, 512, DATA);
		driver.board.run();
		CompletableFuture<DeviceState> state = CompletableFuture.supplyAsync(this::save);
		assertThrows(TimeoutException.class, () -> state.get(50, TimeUnit.MILLISECONDS));

		driver.drive.hold(false);
		driver.board.run();

		assertEquals(1, state.get(10, TimeUnit.SECONDS).number("completed", 0));
		assertEquals(DONE, driver.status(0));
	}

	@Test
	void successorFetchesWhatWasMadeAvailableBefore() throws DeviceException {
		driver.make(FLUSH, 0, 0, 0);
		driver.out(Driver.ENABLE, 1);
		DeviceState state = save(); // before the worker came to it
		driver.device.close();

		Driver next = new Driver(driver.memory, driver.disk, false);
		((Stateful) next.device).restore(state);
		assertEquals(PENDING, next.status(0));
		next.board.run();

		assertEquals(DONE, next.status(0));
		assertEquals(1, driver.disk.flushes());
		assertTrue(next.board.asserted(IRQ));
		next.device.close();
	}

	@Test
	void resetWaitsForTheRequestsUnderWay() throws Exception {
		driver.drive.hold(true);
		driver.make(READ, 0, 512, DATA);
		driver.board.run();
		CompletableFuture<Void> reset = CompletableFuture.runAsync(driver.device::reset);
		assertThrows(TimeoutException.class, () -> reset.get(50, TimeUnit.MILLISECONDS));

		driver.drive.hold(false);
		driver.board.run();

		reset.get(10, TimeUnit.SECONDS);
		assertEquals(0, driver.in(Driver.STATUS));
		assertEquals(0, driver.in(Driver.ENTRIES));
		assertEquals(PENDING, driver.memory.getInt(HOME + 32));
	}

	private DeviceState save() {
		try {
			return ((Stateful) driver.device).save();
		} catch (DeviceException e) {
			throw new IllegalStateException(e);
		}
	}
}
