package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.vdisk.DiskException.Kind.CANCELLED;
import static vmhi.api.vdisk.DiskException.Kind.FULL;
import static vmhi.api.vdisk.DiskException.Kind.READ_ONLY;
import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest.Op;
import vmhi.api.machine.MachineSnapshot.Serving;
import vmhi.api.vdisk.DiskException;

/** What a device can count on. */
@Timeout(60)
class GuestDriveTest {
	private static final int SIZE = 1 << 20;

	@TempDir
	Path folder;

	private Bench bench;
	private final PlainFormat format = new PlainFormat();
	private Path image;

	@BeforeEach
	void begin() throws Exception {
		bench = new Bench(folder).add("1.0.0", format);
		image = bench.image("disk.img", SIZE);
	}

	@AfterEach
	void end() {
		bench.close();
	}

	private Drive drive() throws DiskException {
		return Bench.view(bench.open(image));
	}

	@Test
	void tellsWhatItIs() throws Exception {
		format.able().blockSize = 4096;
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);

		assertEquals("root", view.name());
		assertEquals(SIZE, view.size());
		assertEquals(4096, view.blockSize());
		assertFalse(view.readOnly());
		assertTrue(view.discards());
		assertEquals(new Serving("disk:plain", "test", "1.0.0", true), drive.serving());
	}

	@Test
	void manySmallBuffersAndAFewLargeOnesAreMovedInOrder() throws Exception {
		Drive drive = drive();
		Random random = new Random(3);
		for (int round = 0; round < 30; round++) {
			byte[] data = new byte[1 + random.nextInt(SIZE / 2)];
			random.nextBytes(data);
			int offset = random.nextInt(SIZE - data.length);
			Asked.write(offset, scattered(ByteBuffer.wrap(data), random)).of(drive).ok();

			byte[] back = new byte[data.length];
			ByteBuffer[] targets = scattered(ByteBuffer.wrap(back), random);
			List<Integer> positions = Arrays.stream(targets).map(ByteBuffer::position).toList();
			Asked.read(offset, targets).of(drive).ok();

			for (int i = 0, at = 0; i < targets.length; i++) {
				int count = targets[i].remaining();
				targets[i].duplicate().get(back, at, count);
				at += count;
			}
			assertArrayEquals(data, back);
			assertEquals(positions, Arrays.stream(targets).map(ByteBuffer::position).toList());
		}
	}

	/** The bytes in pieces of all sizes, in buffers of both kinds that are larger than what is in them. */
	private static ByteBuffer[] scattered(ByteBuffer bytes, Random random) {
		List<ByteBuffer> pieces = new ArrayList<>();
		while (bytes.hasRemaining()) {
			int count = Math.min(bytes.remaining(), random.nextInt(10) == 0 ? 100_000 : random.nextInt(9_000));
			ByteBuffer piece = random.nextBoolean()
					? ByteBuffer.allocate(count + 16)
					: ByteBuffer.allocateDirect(count + 16);
			piece.position(7).limit(7 + count);
			piece.put(7, bytes, bytes.position(), count);
			bytes.position(bytes.position() + count);
			pieces.add(piece);
		}
		return pieces.toArray(ByteBuffer[]::new);
	}

	@Test
	void pagesThatFollowEachOtherAreOneCall() throws Exception {
		Drive drive = drive();
		ByteBuffer[] pages = new ByteBuffer[32];
		Arrays.setAll(pages, i -> ByteBuffer.allocateDirect(4096));
		int before = format.allCalls.get();
		Asked.write(8192, pages).of(drive).ok();
		assertEquals(1, format.allCalls.get() - before);
	}

	@Test
	void whatDoesNotFitIsRefusedAndNeverReachesTheFormat() throws Exception {
		Drive drive = drive();
		int before = format.allCalls.get();
		List<Asked> wrong = List.of(
				Asked.read(-1, ByteBuffer.allocate(1)),
				Asked.read(SIZE, ByteBuffer.allocate(1)),
				Asked.write(SIZE - 1, new byte[2]),
				Asked.write(Long.MAX_VALUE, new byte[2]),
				Asked.range(Op.DISCARD, 0, SIZE + 1),
				Asked.range(Op.WRITE_ZEROES, 10, -1),
				Asked.range(Op.WRITE_ZEROES, 1, Long.MAX_VALUE),
				Asked.range(Op.READ, 0, 512),
				Asked.read(0, ByteBuffer.allocate(1).asReadOnlyBuffer()));
		for (Asked request : wrong)
			assertEquals(UNSUPPORTED, request.of(drive).failure().kind());
		assertEquals(before, format.allCalls.get());
	}

	@Test
	void nothingIsWhatANothingAsksFor() throws Exception {
		Drive drive = drive();
		Asked.read(SIZE).of(drive).ok();
		Asked.range(Op.DISCARD, SIZE, 0).of(drive).ok();
		Asked.range(Op.WRITE_ZEROES, 0, 0).of(drive).ok();
	}

	@Test
	void readOnlyDriveRefusesWhatWrites() throws Exception {
		Drive drive = Bench.view(bench.open("web", image, "plain", true, null));
		for (Asked request : List.of(Asked.write(0, new byte[1]), Asked.range(Op.DISCARD, 0, 1),
				Asked.range(Op.WRITE_ZEROES, 0, 1)))
			assertEquals(READ_ONLY, request.of(drive).failure().kind());
		Asked.flush().of(drive).ok();
		Asked.read(0, ByteBuffer.allocate(1)).of(drive).ok();
	}

	@Test
	void zerosAreWrittenWhereTheFormatCannot() throws Exception {
		Drive drive = drive();
		byte[] ones = new byte[SIZE];
		Arrays.fill(ones, (byte) 1);
		Asked.write(0, ones).of(drive).ok();

		Asked.range(Op.DISCARD, 0, SIZE).of(drive).ok();
		assertArrayEquals(ones, Asked.bytes(drive, 0, SIZE)); // it only ever allowed

		Asked.range(Op.WRITE_ZEROES, 1, SIZE - 2).of(drive).ok();
		byte[] expected = new byte[SIZE];
		expected[0] = expected[SIZE - 1] = 1;
		assertArrayEquals(expected, Asked.bytes(drive, 0, SIZE));
	}

	@Test
	void formatThatCanZeroAndDiscardIsAsked() throws Exception {
		List<String> calls = new CopyOnWriteArrayList<>();
		Drive drive = Bench.view(bench.open(image));
		bench.remove(format);
		bench.add("2.0.0", new PlainFormat().able().with((call, offset) -> calls.add(call)));

		Asked.range(Op.DISCARD, 0, 4096).of(drive).ok();
		Asked.range(Op.WRITE_ZEROES, 0, 4096).of(drive).ok();

		assertTrue(drive.discards());
		assertEquals(List.of("open", "discard", "zero"), calls);
	}

	@Test
	void formatThatSaysItCannotAfterAllIsHelped() throws Exception {
		PlainFormat.Hook refusing = (call, offset) -> {
			if (call.equals("zero") || call.equals("discard"))
				throw new DiskException(UNSUPPORTED, call);
		};
		format.able().with(refusing);
		Drive drive = drive();
		Asked.write(0, new byte[] { 1, 1, 1 }).of(drive).ok();

		Asked.range(Op.DISCARD, 0, 3).of(drive).ok();
		Asked.range(Op.WRITE_ZEROES, 1, 1).of(drive).ok();

		assertArrayEquals(new byte[] { 1, 0, 1 }, Asked.bytes(drive, 0, 3));
	}

	@Test
	void writesOfTheSameBytesAreCarriedOutAsSubmitted() throws Exception {
		Drive drive = drive();
		Gate gate = new Gate();
		AtomicInteger first = new AtomicInteger();
		format.with((call, offset) -> {
			if (call.equals("write") && first.getAndIncrement() == 0)
				gate.hang();
		});
		List<Asked> requests = new ArrayList<>();
		for (int i = 0; i < 50; i++)
			requests.add(Asked.write(i % 5, new byte[] { (byte) i, (byte) i, (byte) i, (byte) i, (byte) i }).of(drive));
		gate.awaitSomebody();
		Asked.read(4096, ByteBuffer.allocate(10)).of(drive).ok(); // not held up
		gate.open();
		for (Asked request : requests)
			request.ok();

		assertArrayEquals(new byte[] { 45, 46, 47, 48, 49, 49, 49, 49, 49 }, Asked.bytes(drive, 0, 9));
	}

	@Test
	void submitDoesNotWaitForAnything() throws Exception {
		Drive drive = drive();
		Gate gate = new Gate();
		format.with((call, offset) -> gate.hang());
		List<Asked> requests = new ArrayList<>();
		for (int i = 0; i < 500; i++)
			requests.add(Asked.read(i, ByteBuffer.allocate(1)).of(drive)); // the test would not come back
		gate.open();
		for (Asked request : requests)
			request.ok();
	}

	@Test
	void errorOfTheWorldGoesToTheGuestAsItIs() throws Exception {
		Drive drive = drive();
		DiskException full = new DiskException(FULL, "no space left");
		format.with((call, offset) -> {
			throw full;
		});
		assertSame(full, Asked.write(0, new byte[1]).of(drive).failure());
		assertSame(full, Asked.flush().of(drive).failure());
		assertTrue(bench.owner.first("drive.error").contains("no space left"));

		format.with((call, offset) -> {
		});
		Asked.write(0, new byte[1]).of(drive).ok();
		assertEquals(1, bench.owner.told.size(), bench.owner.told::toString); // told once a while
	}

	@Test
	void countsWhatItDoes() throws Exception {
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);
		Asked.write(0, new byte[100]).of(view).ok();
		Asked.bytes(view, 0, 30);
		Asked.bytes(view, 0, 40);
		Asked.flush().of(view).ok();
		Asked.range(Op.DISCARD, 0, 1).of(view).ok();
		Asked.read(-1, ByteBuffer.allocate(1)).of(view).failure();

		assertEquals(Map.of("requests.read", 2L, "requests.write", 1L, "requests.flush", 1L, "requests.discard", 1L,
				"requests.write_zeroes", 0L, "bytes.read", 70L, "bytes.written", 100L, "errors", 1L, "faults", 0L,
				"exchanges", 0L), drive.counters());
	}

	@Test
	void closingCarriesOutWhatWasSubmittedAndRefusesTheRest() throws Exception {
		GuestDrive drive = bench.open(image);
		Drive view = Bench.view(drive);
		List<Asked> requests = new ArrayList<>();
		for (int i = 0; i < 200; i++)
			requests.add(Asked.write(i, new byte[] { (byte) i }).of(view));
		drive.close();
		for (Asked request : requests) {
			assertTrue(request.isDone());
			request.ok();
		}
		assertEquals((byte) 199, Files.readAllBytes(image)[199]);
		assertEquals(CANCELLED, Asked.flush().of(view).failure().kind());
		assertEquals(0, format.disks.get());
		drive.close();
		bench.open("db", image, "plain", false, null).close();
	}

	@Test
	void requestMayBeUsedAgainFromWithinItsAnswer() throws Exception {
		Drive drive = drive();
		AtomicInteger left = new AtomicInteger(1000);
		Asked last = Asked.flush();
		class Again extends vmhi.api.device.DriveRequest {
			void next() {
				ask(Op.WRITE, left.get(), 1, List.of(ByteBuffer.wrap(new byte[] { (byte) left.get() })));
				drive.submit(this);
			}

			@Override
			protected void done(DiskException error) {
				if (left.decrementAndGet() > 0)
					next();
				else
					drive.submit(last);
			}
		}
		new Again().next();
		last.ok();
		assertArrayEquals(new byte[] { 1, 2, 3 }, Asked.bytes(drive, 1, 3));
	}

	@Test
	void deviceThatFailsOrHangsAtAnAnswerCostsNoThread() throws Exception {
		GuestDrive other = bench.open("db", bench.image("other.img", SIZE), "plain", false, null);
		Drive drive = drive();
		Gate gate = new Gate();
		for (int i = 0; i < 20; i++) {
			boolean hangs = i % 2 == 0;
			drive.submit(new vmhi.api.device.DriveRequest() {
				{
					ask(Op.FLUSH, 0, 0, List.of());
				}

				@Override
				protected void done(DiskException error) {
					if (hangs)
						gate.hangForGood();
					throw new IllegalStateException("a bad device");
				}
			});
		}
		gate.awaitSomebody();
		for (int i = 0; i < 10; i++)
			Asked.flush().of(Bench.view(other)).ok();
		gate.open();
	}

	@Test
	void busyDriveDoesNotStarveAnother() throws Exception {
		bench.close();
		bench = new Bench(folder, 1, DriveLimits.millis(4, 5_000, 20_000, 20_000, 1_000, 5_000)).add("1.0.0", format);
		GuestDrive busy = bench.open(image);
		GuestDrive other = bench.open("db", bench.image("other.img", SIZE), "plain", false, null);
		Gate gate = new Gate();
		List<String> order = new CopyOnWriteArrayList<>();
		format.with((call, offset) -> {
			order.add(call);
			gate.hangForGood();
		});
		List<Asked> requests = new ArrayList<>();
		for (int i = 0; i < 100; i++)
			requests.add(Asked.read(i, ByteBuffer.allocate(1)).of(Bench.view(busy)));
		gate.awaitSomebody();
		requests.add(Asked.flush().of(Bench.view(other)));
		gate.open();
		for (Asked request : requests)
			request.ok();
		// behind no more than what the busy one may have in flight
		assertTrue(order.indexOf("flush") <= 4, order::toString);
	}
}
