package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.vdisk.DiskException.Kind.CORRUPT;
import static vmhi.api.vdisk.DiskException.Kind.IO;
import static vmhi.api.vdisk.DiskException.Kind.LOCKED;
import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.VersionRange;

import vmhi.api.device.Drive;
import vmhi.api.vdisk.DiskException;
import vmhi.core.Eventually;

/** Bundles come and go, and the guest notices at most a pause. */
@Timeout(120)
class ExchangeTest {
	private static final int SIZE = 4 << 20;

	@TempDir
	Path folder;

	private Bench bench;
	private Path image;

	@BeforeEach
	void begin() throws Exception {
		folder = folder.toRealPath();
		bench = new Bench(folder);
		image = bench.image("disk.img", SIZE);
	}

	@AfterEach
	void end() {
		bench.close();
	}

	/** The heart of it: four threads that each know what has to be there, and a hundred exchanges meanwhile. */
	@Test
	void hundredExchangesUnderLoadLoseNothing() throws Exception {
		PlainFormat current = new PlainFormat().able();
		bench.add("1.0.0", current);
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);
		AtomicBoolean stop = new AtomicBoolean();
		AtomicInteger done = new AtomicInteger();
		byte[] model = new byte[SIZE];
		ExecutorService guests = Executors.newFixedThreadPool(4);
		List<Future<?>> results = new ArrayList<>();
		for (int guest = 0; guest < 4; guest++) {
			int part = guest;
			Callable<Void> load = () -> {
				Random random = new Random(part);
				while (!stop.get()) {
					load(view, model, part * (SIZE / 4), random);
					done.incrementAndGet();
				}
				return null;
			};
			results.add(guests.submit(load));
		}

		for (int i = 2; i < 102; i++) {
			int before = done.get();
			PlainFormat next = new PlainFormat();
			if (i % 3 > 0)
				next.able();
			if (i % 2 == 0) { // another version beside the old one, which goes then
				bench.add(i + ".0.0", next);
				bench.remove(current);
			} else { // an update: there is none for a moment
				bench.remove(current);
				assertFalse(drive.serving().present());
				bench.add(i + ".0.0", next);
			}
			assertEquals(0, current.disks.get());
			assertEquals(0, current.calls.get());
			assertEquals(1, next.disks.get());
			assertEquals(i + ".0.0", drive.serving().version());
			int calls = current.allCalls.get();
			Eventually.until("the guests go on", () -> done.get() > before + 4);
			assertEquals(calls, current.allCalls.get());
			current = next;
		}

		stop.set(true);
		for (Future<?> result : results)
			result.get();
		guests.shutdown();
		assertEquals(0, drive.counters().get("errors"));
		assertEquals(100, drive.counters().get("exchanges"));
		drive.close();
		assertArrayEquals(model, Files.readAllBytes(image));
		assertEquals(0, bench.owner.count("waiting"), bench.owner.told::toString);
		assertEquals(0, bench.owner.count("drive.error"), bench.owner.told::toString);
	}

	/** A few requests at the same time, within a part of the disk. */
	private static void load(Drive drive, byte[] model, int from, Random random) throws Exception {
		List<Asked> requests = new ArrayList<>();
		byte[] expected = null;
		byte[] found = null;
		int slice = SIZE / 4 / 4;
		for (int i = 0; i < 4; i++) {
			int offset = from + i * slice + random.nextInt(slice / 2);
			int length = 1 + random.nextInt(random.nextInt(8) == 0 ? slice / 2 : 5000);
			switch (random.nextInt(i == 0 ? 5 : 4)) {
				case 0 -> {
					Arrays.fill(model, offset, offset + length, (byte) 0);
					requests.add(Asked.range(vmhi.api.device.DriveRequest.Op.WRITE_ZEROES, offset, length).of(drive));
				}
				case 4 -> requests.add(Asked.flush().of(drive));
				default -> {
					byte[] data = new byte[length];
					random.nextBytes(data);
					System.arraycopy(data, 0, model, offset, length);
					int cut = random.nextInt(length + 1);
					requests.add(
							Asked.write(offset, ByteBuffer.wrap(data, 0, cut), ByteBuffer.wrap(data, cut, length - cut))
									.of(drive));
					if (i == 3) { // reads what the write before it leaves, without waiting for it
						expected = data;
						found = new byte[length];
						requests.add(Asked.read(offset, ByteBuffer.wrap(found)).of(drive));
					}
				}
			}
		}
		for (Asked request : requests) {
			request.ok();
			assertEquals(1, request.answers());
		}
		assertArrayEquals(expected, found);
		int offset = from + random.nextInt(SIZE / 4 - 8000);
		assertArrayEquals(Arrays.copyOfRange(model, offset, offset + 8000), Asked.bytes(drive, offset, 8000));
	}

	@Test
	void requestsWaitWhileThereIsNoBundleAndThenGoOn() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);
		Asked.write(0, new byte[] { 1 }).of(view).ok();

		bench.remove(old);
		List<Asked> waiting = List.of(Asked.write(1, new byte[] { 2 }).of(view), Asked.flush().of(view),
				Asked.read(0, ByteBuffer.allocate(1)).of(view));
		assertTrue(bench.owner.first("plugin.absent").contains("disk:plain"));
		assertEquals("waiting root: waits for a plug-in for disk:plain", bench.owner.first("waiting"));
		for (Asked request : waiting)
			assertFalse(request.isDone());
		assertArrayEquals(new byte[] { 1, 0 }, Arrays.copyOf(Files.readAllBytes(image), 2));

		bench.add("1.0.1", new PlainFormat());
		for (Asked request : waiting)
			request.ok();
		assertArrayEquals(new byte[] { 1, 2 }, Asked.bytes(view, 0, 2));
		assertEquals("back root", bench.owner.first("back"));
		String exchanged = bench.owner.first("plugin.exchanged");
		assertTrue(exchanged.contains("from=1.0.0") && exchanged.contains("to=1.0.1"), exchanged);
		assertEquals(1, bench.owner.count("waiting"));
	}

	@Test
	void betterVersionIsTakenAndAWorseOneIsNot() throws Exception {
		PlainFormat two = new PlainFormat();
		bench.add("2.0.0", two);
		GuestDrive drive = bench.open(image);

		bench.add("1.0.0", new PlainFormat());
		bench.add("2.0.0", new PlainFormat());
		assertEquals(0, drive.counters().get("exchanges"));
		assertEquals(1, two.disks.get());
		bench.add("10.0.0", new PlainFormat());
		assertEquals("10.0.0", drive.serving().version());
	}

	@Test
	void pinHoldsWhateverElseIsThere() throws Exception {
		PlainFormat one = new PlainFormat();
		bench.add("1.0.0", one).add("2.0.0", new PlainFormat());
		VersionRange pin = new VersionRange("[1.0.0,1.0.0]");
		GuestDrive drive = bench.open("web", image, "plain", false, pin);
		assertEquals("1.0.0", drive.serving().version());

		bench.add("3.0.0", new PlainFormat());
		assertEquals("1.0.0", drive.serving().version());
		bench.remove(one);
		assertFalse(drive.serving().present());
		Asked request = Asked.flush().of(Bench.view(drive));
		assertTrue(
				bench.owner.first("waiting").endsWith("waits for a plug-in for disk:plain in version [1.0.0,1.0.0]"));
		bench.add("1.0.0", new PlainFormat());
		request.ok();
	}

	@Test
	void bundleThatRefusesLeavesTheOldOneAtWork() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);
		Asked.write(0, new byte[] { 7 }).of(view).ok();

		PlainFormat bad = new PlainFormat().with((call, offset) -> {
			throw new DiskException(CORRUPT, "not for me");
		});
		bench.add("2.0.0", bad);
		assertEquals("1.0.0", drive.serving().version());
		assertArrayEquals(new byte[] { 7 }, Asked.bytes(view, 0, 1));
		String refused = bench.owner.first("plugin.refused");
		assertTrue(refused.contains("2.0.0") && refused.contains("not for me"), refused);

		// once it is all there is, it is asked again
		bad.with((call, offset) -> {
		});
		bench.remove(old);
		assertEquals("2.0.0", drive.serving().version());
		assertArrayEquals(new byte[] { 7 }, Asked.bytes(view, 0, 1));
	}

	@Test
	void bundleThatThrowsOrHangsWhenItOpensLeavesTheOldOneAtWork() throws Exception {
		bench.add("1.0.0", new PlainFormat());
		GuestDrive drive = bench.open(image);
		bench.add("2.0.0", new PlainFormat().with((call, offset) -> {
			throw new NoClassDefFoundError("missing");
		}));
		Gate gate = new Gate();
		bench.add("3.0.0", new PlainFormat().with((call, offset) -> gate.hangForGood()));

		assertEquals("1.0.0", drive.serving().version());
		Asked.write(0, new byte[] { 1 }).of(Bench.view(drive)).ok();
		Eventually.until("both are told of", () -> bench.owner.count("plugin.refused") == 2);
		gate.open();
		Asked.write(0, new byte[] { 1 }).of(Bench.view(drive)).ok();
	}

	@Test
	void imageThatShrankIsNotTheGuestsDisk() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);
		bench.remove(old);
		bench.image("disk.img", SIZE / 2);
		PlainFormat next = new PlainFormat();
		bench.add("2.0.0", next);

		assertFalse(drive.serving().present());
		assertEquals(0, next.disks.get());
		Asked request = Asked.flush().of(view);
		assertTrue(bench.owner.first("waiting").contains("had " + SIZE));
		bench.image("disk.img", SIZE);
		drive.retry();
		request.ok();
	}

	@Test
	void deviceIsToldOfADiskThatGrew() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		Drive view = Bench.view(bench.open(image));
		AtomicInteger told = new AtomicInteger();
		view.onResize(told::incrementAndGet);
		bench.remove(old);
		bench.image("disk.img", 2 * SIZE);
		bench.add("1.0.0", new PlainFormat());
		assertEquals(1, told.get());
		assertEquals(2 * SIZE, view.size());
		Asked.bytes(view, SIZE, 100);
	}

	@Test
	void imageStaysLockedFromOneBundleToTheNext() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		GuestDrive drive = bench.open(image);
		bench.remove(old);

		DiskException e = assertThrows(DiskException.class,
				() -> HostFile.open(image, true, false, "machine db", new OpenImages()));
		assertEquals(LOCKED, e.kind());
		drive.close();
		HostFile.open(image, true, false, "machine db", new OpenImages()).release();
	}

	@Test
	void drainWaitsForRequestsUnderWay() throws Exception {
		Gate gate = new Gate();
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		Drive view = Bench.view(bench.open(image));
		old.with((call, offset) -> {
			if (call.equals("write"))
				gate.hangForGood();
		});
		Asked under = Asked.write(0, new byte[] { 5 }).of(view);
		gate.awaitSomebody();
		Thread swap = new Thread(() -> bench.remove(old));
		swap.start();
		Eventually.until("it waits", () -> swap.getState() == Thread.State.WAITING);
		assertEquals(1, old.disks.get());
		assertFalse(under.isDone());
		gate.open();
		swap.join();
		under.ok();
		assertEquals(0, old.disks.get());
		assertEquals(5, Files.readAllBytes(image)[0]);
	}

	@Test
	void betterVersionDoesNotBreakARequestThatTakesLong() throws Exception {
		bench.close();
		bench = new Bench(folder, 4, DriveLimits.millis(4, 50, 10_000, 10_000, 10_000, 10_000));
		Gate gate = new Gate();
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		GuestDrive drive = bench.open(image);
		old.with((call, offset) -> {
			if (call.equals("read"))
				gate.hang();
		});
		Asked slow = Asked.read(0, ByteBuffer.allocate(1)).of(Bench.view(drive));
		gate.awaitSomebody();

		bench.add("2.0.0", new PlainFormat());
		assertEquals("1.0.0", drive.serving().version());
		Asked.write(10, new byte[1]).of(Bench.view(drive)).ok();
		gate.open();
		slow.ok();
		drive.watch(System.nanoTime() + 11_000_000_000L); // time for another look
		Eventually.until("it is exchanged then", () -> drive.serving().version().equals("2.0.0"));
	}

	@Test
	void interruptedThreadExchangesAndClosesAllTheSame() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);
		Asked.write(0, new byte[] { 6 }).of(view).ok();

		Thread.currentThread().interrupt();
		bench.remove(old);
		assertEquals(0, old.disks.get());
		PlainFormat next = new PlainFormat();
		bench.add("2.0.0", next);
		assertTrue(Thread.interrupted());
		Asked.write(1, new byte[] { 7 }).of(view).ok();

		Thread.currentThread().interrupt();
		drive.close();
		assertTrue(Thread.interrupted());
		assertEquals(0, next.disks.get());
		assertArrayEquals(new byte[] { 6, 7 }, Arrays.copyOf(Files.readAllBytes(image), 2));
		assertEquals(0, bench.owner.count("drive.error"), bench.owner.told::toString);
	}

	@Test
	void lateReturnOfAPluginThatWasLeftBehindAnswersNothing() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		Drive view = Bench.view(bench.open(image));
		Gate first = new Gate();
		Gate second = new Gate();
		old.with((call, offset) -> {
			first.hangForGood();
			throw new DiskException(IO, "late");
		});
		Asked write = Asked.write(0, new byte[] { 8 }).of(view);
		bench.owner.first("waiting");
		AtomicInteger opened = new AtomicInteger();
		bench.add("2.0.0", new PlainFormat().with((call, offset) -> {
			if (call.equals("open"))
				opened.incrementAndGet();
			if (call.equals("write") && opened.get() == 1)
				second.hang();
		}));
		second.awaitSomebody();
		first.open();
		Eventually.until("it is back", () -> old.calls.get() == 0);
		assertFalse(write.isDone());
		second.open();
		write.ok();
		assertEquals(1, write.answers());
	}

	@Test
	void writesThatAPluginCouldNotSaveMakeLaterFlushesFail() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		Drive view = Bench.view(bench.open(image));
		Asked.write(0, new byte[] { 1 }).of(view).ok();
		old.with((call, offset) -> {
			throw new IllegalStateException("broken");
		});
		bench.remove(old);
		bench.add("2.0.0", new PlainFormat());

		for (int i = 0; i < 2; i++) {
			DiskException e = Asked.flush().of(view).failure();
			assertEquals(IO, e.kind());
			assertTrue(e.getMessage().startsWith("what was written last may be lost"), e.getMessage());
		}
		assertTrue(bench.owner.first("drive.error").contains("may be lost"));
		Asked.write(0, new byte[] { 1 }).of(view).ok();
	}

	@Test
	void pluginThatFailsAtItsEndLosesNothingThatWasFlushed() throws Exception {
		PlainFormat old = new PlainFormat();
		bench.add("1.0.0", old);
		Drive view = Bench.view(bench.open(image));
		Asked.write(0, new byte[] { 1 }).of(view).ok();
		Asked.flush().of(view).ok();
		old.with((call, offset) -> {
			throw new IllegalStateException("broken");
		});
		bench.remove(old);
		bench.add("2.0.0", new PlainFormat());
		Asked.flush().of(view).ok();
		assertArrayEquals(new byte[] { 1 }, Asked.bytes(view, 0, 1));
	}

	@Test
	void formatOfABackingFileIsExchangedToo() throws Exception {
		PlainFormat raw = new PlainFormat();
		bench.add("raw", "1.0.0", raw);
		bench.add("link", "1.0.0", new LinkFormat());
		Files.write(folder.resolve("base.img"), new byte[] { 1, 2, 3 });
		Path top = folder.resolve("top");
		LinkFormat.write(top, 'B', "base.img", "raw");
		GuestDrive drive = bench.open("web", top, "link", false, null);
		Drive view = Bench.view(drive);

		PlainFormat better = new PlainFormat();
		bench.add("raw", "1.5.0", better);
		assertEquals(0, raw.disks.get());
		assertEquals(1, better.disks.get());
		assertTrue(bench.owner.first("plugin.exchanged").contains("plugin=disk:raw"));

		PlainFormat bad = new PlainFormat().with((call, offset) -> {
			throw new DiskException(UNSUPPORTED, "never");
		});
		bench.add("raw", "1.6.0", bad); // the bundle above has nothing to do with it
		assertEquals(1, better.disks.get());
		assertTrue(bench.owner.first("plugin.refused").contains("1.6.0"));
		assertEquals(1, bench.owner.count("plugin.refused"), bench.owner.told::toString);

		bench.remove(bad);
		bench.remove(better); // an old one is still there
		assertEquals(1, raw.disks.get());
		bench.remove(raw);
		assertFalse(drive.serving().present());
		Asked request = Asked.read(0, ByteBuffer.allocate(3)).of(view);
		bench.add("raw", "2.0.0", new PlainFormat());
		request.ok();
		assertArrayEquals(new byte[] { 1, 2, 3 }, Asked.bytes(view, 0, 3));
	}

	@Test
	void drivesOfManyMachinesAreExchangedAtTheSameTime() throws Exception {
		PlainFormat old = new PlainFormat().with((call, offset) -> {
		});
		bench.add("1.0.0", old);
		List<GuestDrive> drives = new ArrayList<>();
		for (int i = 0; i < 8; i++)
			drives.add(bench.open("web" + i, bench.image("disk" + i, SIZE), "plain", false, null));
		Gate gate = new Gate();
		AtomicInteger closing = new AtomicInteger();
		old.with((call, offset) -> {
			if (call.equals("close") && closing.incrementAndGet() == 8)
				gate.open(); // none of them gets further unless all of them get here
			if (call.equals("close"))
				gate.hang();
		});
		bench.remove(old);
		assertEquals(0, old.disks.get());
		assertEquals(8, closing.get());
		assertEquals(0, bench.owner.count("drive.error"), bench.owner.told::toString);
		for (GuestDrive drive : drives)
			assertFalse(drive.serving().present());
	}

	@Test
	void bundleThatGoesWhileADriveIsOpenedLeavesNothingBehind() throws Exception {
		for (int i = 0; i < 50; i++) {
			PlainFormat format = new PlainFormat();
			bench.add("1.0.0", format);
			Thread going = new Thread(() -> bench.remove(format));
			going.start();
			try (GuestDrive drive = bench.open(image)) {
				going.join();
				assertEquals(0, format.disks.get());
				assertFalse(drive.serving().present());
			} catch (DiskException e) {
				assertEquals(UNSUPPORTED, e.kind(), e.getMessage());
				going.join();
			}
			assertEquals(0, format.disks.get());
		}
	}
}
