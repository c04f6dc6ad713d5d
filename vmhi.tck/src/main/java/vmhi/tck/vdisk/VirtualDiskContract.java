package vmhi.tck.vdisk;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static vmhi.api.vdisk.DiskException.Kind.CANCELLED;
import static vmhi.api.vdisk.DiskException.Kind.IO;
import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;

import vmhi.api.vdisk.Checkable;
import vmhi.api.vdisk.Described;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskCreator;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Resizable;
import vmhi.api.vdisk.Snapshotted;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VdiskFormat;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;
import vmhi.tck.Contract;

/**
 * What every {@link VirtualDisk} does, and the {@link DiskFormat} that opens it. The test class of a format implements
 * this interface and says which format it is; JUnit then runs these tests along with the format's own. What only some
 * disks can do is tested where it is found and skipped where not.
 */
@Contract(value = "vmhi.api.vdisk", version = VdiskFormat.CONTRACT)
public interface VirtualDiskContract {

	/** The format under test. */
	DiskFormat format();

	/** Writes an empty image. One whose format is no {@link DiskCreator} says here how. */
	default void create(Storage image, long size) throws DiskException {
		((DiskCreator) format()).create(image, size, options());
	}

	/** Options for {@link #create}: a test class for each set that matters. */
	default Map<String, String> options() {
		return Map.of();
	}

	/** Size of the disks in these tests: a size that the format has, between 1 MiB and 64 MiB. */
	default int size() {
		return 8 << 20;
	}

	@Test
	default void freshDiskReadsAsZeros() throws Exception {
		try (VirtualDisk disk = open(image())) {
			assertEquals(size(), disk.size());
			new DiskModel(size(), 0).compare(disk);
		}
	}

	@Test
	default void formatKnowsItsOwnImages() throws Exception {
		assertTrue(format().recognises(image()));
	}

	@Test
	default void writeThatIsNotAlignedLeavesItsNeighboursAlone() throws Exception {
		try (VirtualDisk disk = open(image())) {
			for (byte around = 0; around < 2; around++) {
				for (int offset : new int[] { 1, 511, 4095, 65_535, 100_001, size() - 4 }) {
					disk.write(offset, ByteBuffer.wrap(new byte[] { 7, 8, 9 }));

					assertArrayEquals(new byte[] { around, 7, 8, 9, around }, bytes(disk, offset - 1, 5),
							"at " + offset);
				}
				disk.write(0, ones(size()));
			}
		}
	}

	@Test
	default void buffersMoveFromPositionToLimitAndNoFurther() throws Exception {
		try (VirtualDisk disk = open(image())) {
			for (ByteBuffer target : List.of(ByteBuffer.allocate(16), ByteBuffer.allocateDirect(16))) {
				ByteBuffer source = ByteBuffer.wrap(new byte[] { 9, 9, 1, 2, 3, 4, 9 }, 2, 4);
				target.position(3).limit(9);

				disk.write(4094, source);
				disk.read(4093, target);

				assertEquals(6, source.position());
				assertEquals(9, target.position());
				assertEquals(9, target.limit());
				byte[] all = new byte[16];
				target.clear().get(all);
				assertArrayEquals(new byte[] { 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0 }, all);
			}
		}
	}

	@Test
	default void sourceOfAWriteIsNotChanged() throws Exception {
		try (VirtualDisk disk = open(image())) {
			byte[] data = new byte[5000];
			new Random(1).nextBytes(data);
			byte[] kept = data.clone();

			disk.write(77, ByteBuffer.wrap(data).asReadOnlyBuffer());

			assertArrayEquals(kept, data);
			assertArrayEquals(kept, bytes(disk, 77, 5000));
		}
	}

	@Test
	default void randomOperationsAgreeWithAModel() throws Exception {
		for (int seed = 1; seed <= 4; seed++) {
			InMemoryStorage image = image();
			DiskModel model = new DiskModel(size(), seed);
			for (int session = 0; session < 4; session++)
				try (VirtualDisk disk = open(image.reopen())) {
					for (int step = 0; step < 150; step++)
						model.step(disk);
					model.compare(disk);
				}
			try (VirtualDisk disk = open(image.reopenReadOnly())) {
				model.compare(disk);
			}
		}
	}

	@Test
	default void extentsCoverTheDiskAndHolesReadAsZeros() throws Exception {
		try (VirtualDisk disk = open(image())) {
			Mapped mapped = ability(disk, Mapped.class);
			DiskModel model = new DiskModel(size(), 5);
			for (int step = 0; step < 40; step++)
				model.step(disk);

			for (long at = 0; at < disk.size();) {
				Mapped.Extent extent = mapped.extent(at, disk.size() - at);
				within(extent, at, disk.size() - at);
				if (extent.kind() != Mapped.Kind.DATA)
					assertArrayEquals(new byte[(int) extent.length()], bytes(disk, at, (int) extent.length()));
				at += extent.length();
			}
			Random chance = new Random(6);
			for (int i = 0; i < 200; i++) {
				long at = chance.nextInt(size());
				long most = 1 + chance.nextInt((int) (disk.size() - at));
				within(mapped.extent(at, most), at, most);
			}
		}
	}

	@Test
	default void whatWasWrittenIsNoHole() throws Exception {
		try (VirtualDisk disk = open(image())) {
			Mapped mapped = ability(disk, Mapped.class);
			disk.write(size() / 2, ByteBuffer.wrap(new byte[] { 1 }));

			assertEquals(Mapped.Kind.DATA, mapped.extent(size() / 2, 1).kind());
		}
	}

	@Test
	default void discardedRangeReadsAsZeros() throws Exception {
		try (VirtualDisk disk = open(image())) {
			Discardable discardable = ability(disk, Discardable.class);
			disk.write(0, ones(1 << 20));

			discardable.discard(1_000, 1_000_000);

			assertEquals(1, bytes(disk, 999, 1)[0]);
			assertArrayEquals(new byte[1_000_000], bytes(disk, 1_000, 1_000_000));
			assertEquals(1, bytes(disk, 1_001_000, 1)[0]);
			discardable.discard(0, disk.size());
			new DiskModel(size(), 0).compare(disk);
		}
	}

	@Test
	default void zeroesWrittenReadAsZeros() throws Exception {
		for (boolean mayFree : new boolean[] { true, false })
			try (VirtualDisk disk = open(image())) {
				ZeroWritable zeroes = ability(disk, ZeroWritable.class);
				disk.write(0, ones(1 << 20));

				zeroes.writeZeroes(70_001, 300_000, mayFree);

				assertEquals(1, bytes(disk, 70_000, 1)[0]);
				assertArrayEquals(new byte[300_000], bytes(disk, 70_001, 300_000));
				assertEquals(1, bytes(disk, 370_001, 1)[0]);
			}
	}

	@Test
	default void diskGrowsByZerosAndWhatIsCutOffIsGone() throws Exception {
		InMemoryStorage image = image();
		try (VirtualDisk disk = open(image)) {
			Resizable resizable = ability(disk, Resizable.class);
			disk.write(size() - 4096, ones(4096));

			resizable.resize(2L * size());
			assertEquals(2L * size(), disk.size());
			assertArrayEquals(new byte[4096], bytes(disk, size(), 4096));
			assertEquals(1, bytes(disk, size() - 1, 1)[0]);
			disk.write(2L * size() - 1, ones(1));
			try {
				resizable.resize(size() / 2);
				resizable.resize(size());
				assertArrayEquals(new byte[4096], bytes(disk, size() - 4096, 4096));
			} catch (DiskException refusal) {
				assertEquals(UNSUPPORTED, refusal.kind());
				assertEquals(2L * size(), disk.size());
			}
			image = image.reopen();
			disk.flush();
			try (VirtualDisk again = open(image.reopenReadOnly())) {
				assertEquals(disk.size(), again.size());
			}
		}
	}

	@Test
	default void readersAndWritersElsewhereDoNotDisturbEachOther() throws Exception {
		int threads = 4;
		int share = size() / threads;
		try (VirtualDisk disk = open(image())) {
			ExecutorService pool = Executors.newFixedThreadPool(threads + 1);
			try {
				List<Future<?>> work = new ArrayList<>();
				for (int i = 0; i < threads; i++) {
					int own = i;
					work.add(pool.submit(() -> writeAndReadBack(disk, own * share, share, own + 1)));
				}
				work.add(pool.submit(() -> {
					for (int i = 0; i < 20; i++)
						disk.flush();
					return null;
				}));
				for (Future<?> part : work)
					part.get();
			} catch (ExecutionException e) {
				throw new AssertionError("in a thread: " + e.getCause(), e.getCause());
			} finally {
				pool.shutdownNow();
			}
		}
	}

	private static Void writeAndReadBack(VirtualDisk disk, int from, int share, int seed) throws DiskException {
		Random chance = new Random(seed);
		byte[] expected = new byte[share];
		for (int i = 0; i < 60; i++) {
			int at = chance.nextInt(share - 1);
			byte[] data = new byte[1 + chance.nextInt(Math.min(50_000, share - at))];
			chance.nextBytes(data);
			System.arraycopy(data, 0, expected, at, data.length);
			disk.write(from + at, ByteBuffer.wrap(data));
			int look = chance.nextInt(share - 1);
			int length = 1 + chance.nextInt(Math.min(50_000, share - look));
			assertArrayEquals(Arrays.copyOfRange(expected, look, look + length), bytes(disk, from + look, length));
		}
		assertArrayEquals(expected, bytes(disk, from, share));
		return null;
	}

	@Test
	default void whatWasFlushedSurvivesAPowerCut() throws Exception {
		new PowerCuts(format(), size()).run(image());
	}

	@Test
	default void closeMakesAllLastingAndGivesUpTheImage() throws Exception {
		InMemoryStorage image = image();
		Journal journal = image.record();
		VirtualDisk disk = open(image);
		disk.write(size() / 2, ones(100));

		disk.close();
		disk.close();

		assertTrue(image.closed());
		try (VirtualDisk again = open(journal.cut(journal.size(), 1))) {
			assertArrayEquals(ones(100).array(), bytes(again, size() / 2, 100));
		}
	}

	@Test
	default void imageIsGivenUpEvenIfItCannotBeFlushed() throws Exception {
		InMemoryStorage image = image();
		VirtualDisk disk = open(image);
		disk.write(0, ones(100));
		image.fail(InMemoryStorage.ioError());

		assertEquals(IO, assertThrows(DiskException.class, disk::close).kind());

		assertTrue(image.closed());
		disk.close();
	}

	@Test
	default void failureOfTheHostIsToldAndOverWhenTheHostRecovers() throws Exception {
		InMemoryStorage image = image();
		try (VirtualDisk disk = open(image)) {
			disk.write(0, ones(4096));
			image.fail(InMemoryStorage.ioError());

			assertAll(
					() -> assertEquals(IO, assertThrows(DiskException.class, () -> bytes(disk, 0, 4096)).kind()),
					() -> assertEquals(IO,
							assertThrows(DiskException.class, () -> disk.write(size() / 2, ones(4096))).kind()),
					() -> assertEquals(IO, assertThrows(DiskException.class, disk::flush).kind()));

			image.fail(null);
			assertArrayEquals(ones(4096).array(), bytes(disk, 0, 4096));
			disk.write(size() / 2, ones(4096));
			assertArrayEquals(ones(4096).array(), bytes(disk, size() / 2, 4096));
			disk.flush();
		}
	}

	@Test
	default void imageThatFailsToOpenStaysOpenForTheCaller() throws Exception {
		InMemoryStorage image = image();
		image.fail(InMemoryStorage.ioError());

		assertThrows(DiskException.class, () -> format().open(image));

		assertFalse(image.closed());
	}

	@Test
	default void imageForReadingIsNotWritten() throws Exception {
		InMemoryStorage image = image();
		try (VirtualDisk disk = open(image)) {
			disk.write(5_000, ones(100));
		}
		byte[] before = image.content(Integer.MAX_VALUE);
		InMemoryStorage readOnly = image.reopenReadOnly();
		Journal journal = readOnly.record();

		try (VirtualDisk disk = open(readOnly)) {
			assertArrayEquals(ones(100).array(), bytes(disk, 5_000, 100));
			assertThrows(DiskException.class, () -> disk.write(0, ones(1)));
			disk.flush();
		}

		assertArrayEquals(before, journal.cut(journal.size(), 0).content(Integer.MAX_VALUE));
		assertTrue(readOnly.closed());
	}

	@Test
	default void spoiltImageIsRefusedOrOpenedButBreaksNothing() throws Exception {
		InMemoryStorage good = image();
		try (VirtualDisk disk = open(good)) {
			disk.write(4_000, ones(10_000));
		}
		Random chance = new Random(7);
		assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
			for (int i = 0; i < 300; i++) {
				InMemoryStorage bad = good.copy();
				int count = 1 + chance.nextInt(4);
				for (int j = 0; j < count; j++) {
					byte[] noise = new byte[1 << chance.nextInt(4)];
					chance.nextBytes(noise);
					// where headers are, mostly
					int reach = (int) Math.min(bad.length() - noise.length, 1 << 9 + chance.nextInt(12));
					if (reach > 0)
						bad.write(chance.nextInt(reach), ByteBuffer.wrap(noise));
				}
				if (i % 5 == 0)
					bad.length(chance.nextInt((int) Math.min(bad.length() + 1, 1 << 20)));
				try (VirtualDisk disk = open(bad)) {
					int most = (int) Math.min(disk.size(), 1 << 20);
					bytes(disk, 0, most);
					if (most > 0)
						disk.write(0, ones(Math.min(most, 9_000)));
				} catch (DiskException expected) {
					// it may be refused at any point, as long as it's said like this
				}
			}
		});
	}

	@Test
	default void optionThatTheFormatDoesNotHaveIsRefused() throws Exception {
		assumeTrue(format() instanceof DiskCreator, "does not make images");
		DiskCreator creator = (DiskCreator) format();

		DiskException refusal = assertThrows(DiskException.class,
				() -> creator.create(new InMemoryStorage(), size(), Map.of("no_such_option", "1")));

		assertEquals(UNSUPPORTED, refusal.kind());
		assertTrue(refusal.getMessage().contains("no_such_option"), refusal.getMessage());
	}

	@Test
	default void blockSizeIsOneThatGuestsKnow() throws Exception {
		try (VirtualDisk disk = open(image())) {
			Described described = ability(disk, Described.class);

			assertTrue(described.blockSize() == 512 || described.blockSize() == 4096, () -> "" + described.blockSize());
			described.particulars().forEach((key, value) -> assertFalse(key.isBlank() || value.isBlank(), key));
		}
	}

	@Test
	default void checkFindsNothingInASoundImage() throws Exception {
		try (VirtualDisk disk = open(image())) {
			Checkable checkable = ability(disk, Checkable.class);
			DiskModel model = new DiskModel(size(), 8);
			for (int step = 0; step < 100; step++)
				model.step(disk);
			disk.flush();

			Checkable.Report report = checkable.check(false, share -> assertTrue(share >= 0 && share <= 1));

			assertEquals(List.of(), report.errors());
			model.compare(disk);
		}
	}

	@Test
	default void checkCanBeCancelled() throws Exception {
		try (VirtualDisk disk = open(image())) {
			Checkable checkable = ability(disk, Checkable.class);
			try {
				checkable.check(false, share -> {
					throw new DiskException(CANCELLED, "enough");
				});
			} catch (DiskException cancelled) {
				assertEquals(CANCELLED, cancelled.kind());
			}
		}
	}

	@Test
	default void snapshotKeepsTheDiskAsItWas() throws Exception {
		InMemoryStorage image = image();
		try (VirtualDisk disk = open(image)) {
			Snapshotted snapshotted = ability(disk, Snapshotted.class);
			disk.write(1_000, ones(100_000));
			snapshotted.create("one");
			disk.write(50_000, ByteBuffer.wrap(new byte[100_000]));
			snapshotted.create("two");
			assertEquals(List.of("one", "two"),
					snapshotted.snapshots().stream().map(Snapshotted.Snapshot::name).toList());

			snapshotted.revert("one");
			assertArrayEquals(ones(100_000).array(), bytes(disk, 1_000, 100_000));
			snapshotted.delete("one");
			assertArrayEquals(ones(100_000).array(), bytes(disk, 1_000, 100_000));
			snapshotted.revert("two");
			assertArrayEquals(new byte[51_000], bytes(disk, 50_000, 51_000));
			assertEquals(1, bytes(disk, 49_999, 1)[0]);
			assertThrows(DiskException.class, () -> snapshotted.revert("one"));
		}
	}

	private InMemoryStorage image() throws DiskException {
		InMemoryStorage image = new InMemoryStorage();
		create(image, size());
		return image;
	}

	private VirtualDisk open(InMemoryStorage image) throws DiskException {
		return format().open(image);
	}

	private static <T> T ability(VirtualDisk disk, Class<T> ability) {
		assumeTrue(ability.isInstance(disk), () -> "is not " + ability.getSimpleName());
		return ability.cast(disk);
	}

	private static void within(Mapped.Extent extent, long offset, long most) {
		assertEquals(offset, extent.offset());
		assertTrue(extent.length() >= 1 && extent.length() <= most, extent::toString);
		assertTrue(extent.depth() >= 0, extent::toString);
	}

	private static ByteBuffer ones(int length) {
		byte[] ones = new byte[length];
		Arrays.fill(ones, (byte) 1);
		return ByteBuffer.wrap(ones);
	}

	private static byte[] bytes(VirtualDisk disk, long offset, int length) throws DiskException {
		byte[] bytes = new byte[length];
		disk.read(offset, ByteBuffer.wrap(bytes));
		return bytes;
	}
}
