package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest.Op;
import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.core.Eventually;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.core.plugin.Pools;

@Timeout(60)
class GuestDriveTest {
	private static final String ROLE = "disk:scripted";
	private static final int SIZE = 1 << 20;
	private static final long NEVER = 3_600_000;

	/** Keeps what it is told. */
	private static final class Owner implements DriveOwner {
		final List<String> told = new CopyOnWriteArrayList<>();

		@Override
		public void waiting(String drive, String reason) {
			told.add("waiting");
		}

		@Override
		public void back(String drive) {
			told.add("back");
		}

		@Override
		public void report(String type, Map<String, String> data) {
			told.add(type);
		}

		/** What is told of standing still. */
		List<String> standing() {
			return told.stream().filter(what -> what.equals("waiting") || what.equals("back")).toList();
		}
	}

	@TempDir
	private Path folder;
	private Path file;
	private final Owner owner = new Owner();
	private final PluginServices plugins = new PluginServices();
	private final ScriptedFormat format = new ScriptedFormat();
	private final ExecutorService threads = Executors.newCachedThreadPool();
	private Plugin<DiskFormat> plugin;
	private Images images;
	private GuestDrive guestDrive;
	private Drive drive;

	@BeforeEach
	void createImage() throws Exception {
		file = folder.resolve("disk.img");
		Files.write(file, new byte[SIZE]);
		plugin = Pools.add(plugins.formats(), ROLE, "1.0.0", format);
	}

	@AfterEach
	void end() {
		if (images != null)
			images.stop();
		threads.shutdownNow();
	}

	private Drive open(DriveTimes times) throws DiskException {
		return open(times, false);
	}

	private Drive open(DriveTimes times, boolean readOnly) throws DiskException {
		images = new Images(plugins, List.of(), times);
		guestDrive = images.open("m", new MachineSpec.Disk("d", file.toString(), "scripted", readOnly), null, owner);
		return drive = guestDrive.drive(Runnable::run);
	}

	private static DriveTimes patient() {
		return new DriveTimes(NEVER, NEVER, 10_000, 5_000);
	}

	/** Nobody has the file: a writer may lock it. */
	private void assertUnlocked() throws DiskException {
		FileStorage.open(file, false, new ImageChain(null, "test", List.of(), java.util.Set.of())).close();
	}

	@Test
	void whatIsWrittenIsReadAndReachesTheFile() throws Exception {
		open(patient());
		assertEquals("ok", TestRequest.write(drive, 1000, (byte) 1, (byte) 2).result());
		assertEquals("ok", TestRequest.op(drive, Op.FLUSH, 0, 0).result());
		TestRequest read = TestRequest.read(drive, 999, 4);
		assertEquals("ok", read.result());
		assertArrayEquals(new byte[] { 0, 1, 2, 0 }, read.bytes());
		assertEquals(2, Files.readAllBytes(file)[1001]);
		assertEquals("ok", TestRequest.op(drive, Op.DISCARD, 1000, 1).result());
		assertEquals("ok", TestRequest.op(drive, Op.WRITE_ZEROES, 1001, SIZE - 1001).result());
		assertArrayEquals(new byte[SIZE], Files.readAllBytes(file));
		assertEquals(Map.of("requests.read", 1L, "requests.write", 1L, "requests.flush", 1L, "requests.discard", 1L,
				"requests.write_zeroes", 1L, "bytes.read", 4L, "bytes.written", 2L, "errors", 0L),
				guestDrive.counters());
	}

	@Test
	void aRangeThatIsNotWithinTheDriveNeverReachesTheFormat() throws Exception {
		open(patient());
		long[][] ranges = { { SIZE, 1 }, { SIZE - 1, 2 }, { -1, 1 }, { Long.MIN_VALUE, 1 }, { Long.MAX_VALUE, 1 },
				{ 0, -1 }, { 0, SIZE + 1L }, { Long.MAX_VALUE, Long.MAX_VALUE }, { 1, Long.MAX_VALUE },
				{ -5, Long.MIN_VALUE } };
		for (Op op : new Op[] { Op.READ, Op.WRITE, Op.DISCARD, Op.WRITE_ZEROES })
			for (long[] range : ranges)
				assertTrue(TestRequest.op(drive, op, range[0], range[1]).result().startsWith("UNSUPPORTED drive d: "),
						op + " " + Arrays.toString(range));
		assertEquals(0, format.calls.get());
		assertEquals("ok", TestRequest.op(drive, Op.READ, SIZE, 0).result());
	}

	@Test
	void aReadOnlyDriveRefusesWhateverWrites() throws Exception {
		open(patient(), true);
		for (Op op : new Op[] { Op.WRITE, Op.DISCARD, Op.WRITE_ZEROES })
			assertTrue(TestRequest.op(drive, op, 0, 0).result().startsWith("READ_ONLY"));
		assertEquals("ok", TestRequest.read(drive, 0, 10).result());
		assertEquals("ok", TestRequest.op(drive, Op.FLUSH, 0, 0).result());
		assertEquals(2, format.calls.get());
	}

	@Test
	void writesOfTheSameBytesAreCarriedOutAsSubmitted() throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		AtomicInteger inside = new AtomicInteger();
		format.script = (op, offset) -> {
			inside.incrementAndGet();
			if (offset == 100)
				go.await();
		};
		open(patient());
		TestRequest first = TestRequest.write(drive, 100, new byte[100]);
		TestRequest second = TestRequest.write(drive, 199, (byte) 5);
		TestRequest third = TestRequest.read(drive, 199, 1);
		Eventually.until("the first is carried out", () -> inside.get() == 1);
		assertFalse(second.isDone() || third.isDone());
		go.countDown();
		assertEquals("ok ok ok", first.result() + " " + second.result() + " " + third.result());
		assertEquals(5, third.bytes()[0]);
	}

	@Test
	void requestsForOtherBytesRunAtTheSameTime() throws Exception {
		CountDownLatch all = new CountDownLatch(4);
		format.script = (op, offset) -> {
			all.countDown();
			all.await();
		};
		open(patient());
		List<TestRequest> requests = List.of(TestRequest.write(drive, 0, (byte) 1), TestRequest.read(drive, 1, 10),
				TestRequest.read(drive, 1, 10), TestRequest.op(drive, Op.FLUSH, 0, 0));
		for (TestRequest request : requests)
			assertEquals("ok", request.result());
	}

	@Test
	void aHundredExchangesUnderLoadLoseNothing() throws Exception {
		open(patient());
		AtomicBoolean over = new AtomicBoolean();
		List<Future<Long>> submitters = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			int part = i;
			submitters.add(threads.submit(() -> load(part, over)));
		}
		List<ScriptedFormat> formats = new ArrayList<>(List.of(format));
		for (int i = 1; i <= 100; i++) {
			ScriptedFormat next = new ScriptedFormat();
			formats.add(next);
			Plugin<DiskFormat> nextPlugin = Pools.plugin(ROLE, 1 + i + ".0.0", next);
			if (i % 3 == 0)
				Pools.remove(plugins.formats(), plugin); // gone for a moment
			Pools.add(plugins.formats(), nextPlugin);
			if (i % 3 != 0)
				Pools.remove(plugins.formats(), plugin);
			plugin = nextPlugin;
		}
		over.set(true);
		long requests = 0;
		for (Future<Long> submitter : submitters)
			requests += submitter.get(30, TimeUnit.SECONDS);
		assertTrue(requests > 100, requests + " requests");
		assertEquals(0, guestDrive.counters().get("errors"));
		assertTrue(formats.stream().limit(100).allMatch(old -> old.open.get() == 0), "every old disk was closed");
		assertTrue(formats.stream().allMatch(any -> any.afterClose.get() == 0), "and not used afterwards");
		assertEquals(List.of(), owner.standing());
	}

	/** Writes and reads a quarter of the drive, and holds what is read to a model. */
	private Long load(int part, AtomicBoolean over) throws Exception {
		int base = part * (SIZE / 4);
		byte[] model = new byte[SIZE / 4];
		Random random = new Random(part);
		long count = 0;
		while (!over.get()) {
			List<TestRequest> requests = new ArrayList<>();
			List<byte[]> expected = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				int at = random.nextInt(model.length - 5000);
				int length = 1 + random.nextInt(5000);
				if (random.nextBoolean()) {
					byte[] data = new byte[length];
					random.nextBytes(data);
					System.arraycopy(data, 0, model, at, length);
					requests.add(TestRequest.write(drive, base + at, data));
					expected.add(null);
				} else {
					requests.add(TestRequest.read(drive, base + at, length));
					expected.add(Arrays.copyOfRange(model, at, at + length));
				}
			}
			for (int i = 0; i < requests.size(); i++) {
				assertEquals("ok", requests.get(i).result());
				if (expected.get(i) != null)
					assertArrayEquals(expected.get(i), requests.get(i).bytes());
			}
			count += requests.size();
		}
		return count;
	}

	@Test
	void requestsWaitWhileThereIsNoFormatAndTheFileIsFree() throws Exception {
		open(patient());
		Pools.remove(plugins.formats(), plugin);
		TestRequest request = TestRequest.write(drive, 0, (byte) 7);
		assertFalse(request.isDone());
		assertFalse(guestDrive.serving().present());
		assertEquals(0, format.open.get());
		assertUnlocked();
		Pools.add(plugins.formats(), plugin);
		assertEquals("ok", request.result());
		assertTrue(guestDrive.serving().present());
		assertEquals(List.of(), owner.standing());
		assertTrue(owner.told.containsAll(List.of("plugin.absent", "plugin.exchanged")));
	}

	@Test
	void theOwnerStandsStillWhenPatienceIsOverAndGoesOnWhenTheFormatIsBack() throws Exception {
		open(new DriveTimes(NEVER, 1, 10_000, 5_000));
		for (int i = 1; i <= 3; i++) {
			Pools.remove(plugins.formats(), plugin);
			int times = i;
			Eventually.until("it waits", () -> owner.standing().size() == 2 * times - 1);
			Pools.add(plugins.formats(), plugin);
		}
		assertEquals(List.of("waiting", "back", "waiting", "back", "waiting", "back"), owner.standing());
		assertEquals("ok", TestRequest.read(drive, 0, 1).result());
	}

	@Test
	void whenANewerFormatRefusesTheOldOneGoesOn() throws Exception {
		open(patient());
		ScriptedFormat bad = new ScriptedFormat();
		bad.opening = (op, offset) -> {
			throw new DiskException(Kind.UNSUPPORTED, "no such feature");
		};
		Pools.add(plugins.formats(), ROLE, "2.0.0", bad);
		assertEquals("ok", TestRequest.write(drive, 0, (byte) 1).result());
		assertEquals(1, format.calls.get());
		assertEquals("1.0.0", guestDrive.serving().version());
		assertTrue(owner.told.contains("plugin.refused"));
		assertEquals(List.of(), owner.standing());
	}

	@Test
	void anOlderFormatThatComesChangesNothing() throws Exception {
		open(patient());
		ScriptedFormat older = new ScriptedFormat();
		Pools.add(plugins.formats(), ROLE, "0.9.0", older);
		assertEquals(0, older.open.get());
		Pools.remove(plugins.formats(), plugin);
		assertEquals(1, older.open.get(), "but it serves when the newer one is gone");
	}

	@Test
	void aFormatThatThrowsGetsTheRequestAgain() throws Exception {
		AtomicInteger failures = new AtomicInteger(3);
		format.script = (op, offset) -> {
			if (failures.getAndDecrement() > 0)
				throw new IllegalStateException("a mistake");
		};
		open(patient());
		assertEquals("ok", TestRequest.write(drive, 0, (byte) 9).result());
		assertEquals(9, Files.readAllBytes(file)[0]);
		assertEquals(3, owner.told.stream().filter("plugin.fault"::equals).count());
	}

	@Test
	void aFormatThatKeepsThrowingIsSuspendedAndTheRequestWaitsForTheNext() throws Exception {
		format.script = (op, offset) -> {
			throw new AssertionError("a mistake that is not even an exception");
		};
		open(patient());
		TestRequest request = TestRequest.write(drive, 0, (byte) 9);
		Eventually.until("it waits", () -> owner.standing().equals(List.of("waiting")));
		assertTrue(owner.told.contains("plugin.suspended"));
		assertFalse(request.isDone());
		assertEquals(5, format.calls.get());
		assertUnlocked();
		Pools.add(plugins.formats(), ROLE, "1.0.1", new ScriptedFormat());
		assertEquals("ok", request.result());
		assertEquals(List.of("waiting", "back"), owner.standing());
	}

	@Test
	void anErrorOfTheHostIsTheGuestsAndNoFault() throws Exception {
		format.script = (op, offset) -> {
			throw new DiskException(Kind.FULL, "no space");
		};
		open(patient());
		for (int i = 0; i < 20; i++)
			assertEquals("FULL no space", TestRequest.write(drive, 0, (byte) 9).result());
		assertFalse(owner.told.contains("plugin.fault"));
		assertEquals(20, guestDrive.counters().get("errors"));
	}

	@Test
	void aFormatThatHangsIsInterruptedThenSuspended() throws Exception {
		CountDownLatch interrupted = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		format.script = (op, offset) -> {
			while (end.getCount() > 0)
				try {
					end.await();
				} catch (InterruptedException e) {
					interrupted.countDown();
				}
		};
		open(new DriveTimes(40, NEVER, 10_000, 5_000));
		TestRequest request = TestRequest.write(drive, 0, (byte) 9);
		Eventually.until("it waits", () -> owner.standing().equals(List.of("waiting")));
		assertEquals(0, interrupted.getCount());
		assertUnlocked();
		Pools.add(plugins.formats(), ROLE, "1.0.1", new ScriptedFormat());
		assertEquals("ok", request.result());
		end.countDown(); // the lost thread comes back: its file is gone, and its answer is not asked for
		Eventually.until("the lost thread is over", () -> format.calls.get() == 1);
		TestRequest read = TestRequest.read(drive, 0, 1);
		assertEquals("ok", read.result());
		assertEquals(9, read.bytes()[0]);
	}

	@Test
	void aFormatThatHangsDoesNotKeepTheDriveFromClosing() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		format.script = format.closing = (op, offset) -> end.await();
		open(new DriveTimes(NEVER, NEVER, 50, 50));
		TestRequest request = TestRequest.write(drive, 0, (byte) 9);
		TestRequest queued = TestRequest.write(drive, 0, (byte) 8);
		Eventually.until("it is carried out", () -> format.calls.get() == 1);
		guestDrive.close();
		assertEquals("IO drive d is closed", request.result());
		assertEquals("IO drive d is closed", queued.result());
		assertEquals("IO drive d is closed", TestRequest.read(drive, 0, 1).result());
		assertUnlocked();
		end.countDown();
	}

	@Test
	void aThreadThatWasInterruptedClosesTheDriveAllTheSame() throws Exception {
		open(patient());
		Thread.currentThread().interrupt();
		guestDrive.close();
		assertTrue(Thread.interrupted(), "and is told of it afterwards");
		assertEquals(0, format.open.get());
		assertUnlocked();
		guestDrive.close();
	}

	@Test
	void aThreadThatWasInterruptedExchangesFormatsAllTheSame() throws Exception {
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		format.script = (op, offset) -> {
			inside.countDown();
			go.await();
		};
		open(patient());
		TestRequest request = TestRequest.write(drive, 0, (byte) 9);
		inside.await();
		AtomicBoolean still = new AtomicBoolean();
		ScriptedFormat next = new ScriptedFormat();
		Thread exchanger = new Thread(() -> {
			Thread.currentThread().interrupt();
			Pools.add(plugins.formats(), ROLE, "2.0.0", next);
			still.set(Thread.currentThread().isInterrupted());
		});
		exchanger.start();
		Eventually.until("it waits for the request", () -> exchanger.getState() == Thread.State.TIMED_WAITING);
		go.countDown();
		exchanger.join();
		assertEquals("ok", request.result());
		assertTrue(still.get());
		assertEquals(1, format.calls.get(), "the request was not done twice");
		assertEquals("1 0", next.open.get() + " " + next.calls.get());
	}

	@Test
	void aDeviceThatFailsToTakeItsAnswerDoesNotStopTheDrive() throws Exception {
		open(patient());
		drive.submit(new vmhi.api.device.DriveRequest() {
			@Override
			protected void done(DiskException error) {
				throw new IllegalStateException("the device's mistake");
			}
		});
		assertEquals("ok", TestRequest.read(drive, 0, 1).result());
	}

	@Test
	void whatDoesNotOpenLeavesTheFileFree() throws Exception {
		format.opening = (op, offset) -> {
			throw new IllegalStateException("a mistake");
		};
		DiskException e = assertThrows(DiskException.class, () -> open(patient()));
		assertEquals(Kind.IO, e.kind());
		assertUnlocked();
	}

	@Test
	void aFormatThatHangsWhileItOpensDoesNotKeepTheFile() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		format.opening = (op, offset) -> {
			while (end.getCount() > 0)
				try {
					end.await();
				} catch (InterruptedException e) {
					// does not listen
				}
		};
		DiskException e = assertThrows(DiskException.class, () -> open(new DriveTimes(NEVER, NEVER, 50, 50)));
		assertTrue(e.getMessage().endsWith("did not come back within 50 ms"), e.getMessage());
		assertUnlocked();
		end.countDown();
	}

	@Test
	void aDriveThatIsClosedDuringAnExchangeStaysClosed() throws Exception {
		open(new DriveTimes(NEVER, NEVER, 10_000, 20));
		CountDownLatch opening = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		ScriptedFormat next = new ScriptedFormat();
		next.opening = (op, offset) -> {
			opening.countDown();
			go.await();
		};
		Future<?> exchange = threads.submit(() -> Pools.add(plugins.formats(), ROLE, "2.0.0", next));
		opening.await();
		guestDrive.close();
		go.countDown();
		exchange.get();
		assertUnlocked();
		assertEquals("IO drive d is closed", TestRequest.read(drive, 0, 1).result());
	}

	@Test
	void aFormatThatIsNotInstalledIsNamed() {
		images = new Images(plugins, List.of(), patient());
		DiskException e = assertThrows(DiskException.class,
				() -> images.open("m", new MachineSpec.Disk("d", file.toString(), "qed", false), null, owner));
		assertEquals(Kind.UNSUPPORTED, e.kind());
		assertTrue(e.getMessage().contains("qed"), e.getMessage());
	}

	@Test
	void theDeviceIsToldWhenTheSizeChanges() throws Exception {
		open(patient());
		AtomicReference<Long> seen = new AtomicReference<>();
		drive.onResize(() -> seen.set(drive.size()));
		Pools.remove(plugins.formats(), plugin);
		Files.write(file, new byte[2 * SIZE]);
		Pools.add(plugins.formats(), plugin);
		assertEquals(2L * SIZE, seen.get());
		assertEquals("ok", TestRequest.read(drive, 2 * SIZE - 1, 1).result());
	}
}
