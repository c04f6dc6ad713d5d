package vmhi.vdisk.raw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.vdisk.DiskException.Kind.READ_ONLY;
import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Resizable;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;
import vmhi.tck.vdisk.InMemoryStorage;
import vmhi.tck.vdisk.VirtualDiskContract;

class RawDiskTest implements VirtualDiskContract {

	private final RawFormat format = new RawFormat();

	@Override
	public DiskFormat format() {
		return format;
	}

	@Test
	void byteOfTheFileIsByteOfTheDisk() throws DiskException {
		InMemoryStorage image = new InMemoryStorage(new byte[1024]);
		try (VirtualDisk disk = format.open(image)) {
			disk.write(700, ByteBuffer.wrap(new byte[] { 1, 2 }));
		}

		assertEquals(1024, image.content(5000).length);
		assertEquals(1, image.content(5000)[700]);
		assertEquals(2, image.content(5000)[701]);
	}

	@Test
	void diskEndsWithAWholeSectorThatReadsAsZerosWhereTheFileEnds() throws DiskException {
		InMemoryStorage image = new InMemoryStorage(new byte[] { 1, 2, 3 });
		try (VirtualDisk disk = format.open(image)) {
			byte[] expected = new byte[512];
			System.arraycopy(new byte[] { 1, 2, 3 }, 0, expected, 0, 3);

			assertEquals(512, disk.size());
			assertArrayEquals(expected, bytes(disk, 0, 512));
			assertArrayEquals(new byte[] { 3, 0 }, bytes(disk, 2, 2));
			assertArrayEquals(new byte[9], bytes(disk, 503, 9));
		}
		assertEquals(3, image.content(5000).length, "reading has changed the file");
	}

	@Test
	void writeBehindTheEndOfTheFileMakesItsLastSectorWhole() throws DiskException {
		InMemoryStorage image = new InMemoryStorage(new byte[1000]);
		try (VirtualDisk disk = format.open(image)) {
			disk.write(1010, ByteBuffer.wrap(new byte[] { 7 }));

			assertEquals(1024, disk.size());
			assertArrayEquals(new byte[] { 0, 7, 0 }, bytes(disk, 1009, 3));
		}
		assertEquals(1024, image.content(5000).length);
	}

	@Test
	void zeroingTheLastSectorDoesNotNeedWhatTheFileLacks() throws DiskException {
		InMemoryStorage image = new InMemoryStorage(ones(1000));
		try (VirtualDisk disk = format.open(image)) {
			((Discardable) disk).discard(512, 512);
			((ZeroWritable) disk).writeZeroes(1010, 14, false);

			assertArrayEquals(new byte[512], bytes(disk, 512, 512));
			assertEquals(1, bytes(disk, 511, 1)[0]);
			assertEquals(new Mapped.Extent(1000, 24, Mapped.Kind.HOLE, 0), ((Mapped) disk).extent(1000, 24));
		}
	}

	@Test
	void emptyFileIsADiskOfNothing() throws DiskException {
		try (VirtualDisk disk = format.open(new InMemoryStorage())) {
			assertEquals(0, disk.size());
			disk.read(0, ByteBuffer.allocate(0));
		}
	}

	@Test
	void newImageIsAHoleOrIsWrittenInFull() throws DiskException {
		InMemoryStorage sparse = new InMemoryStorage();
		InMemoryStorage full = new InMemoryStorage();

		format.create(sparse, 3 << 20, Map.of());
		format.create(full, (3 << 20) - 100, Map.of("preallocation", "full"));

		assertEquals(3 << 20, sparse.length());
		assertEquals(0, sparse.allocated());
		assertEquals((3 << 20) - 100, full.length());
		assertEquals(3 << 20, full.allocated());
	}

	@Test
	void unknownPreallocationIsRefused() {
		DiskException refusal = assertThrows(DiskException.class,
				() -> format.create(new InMemoryStorage(), 512, Map.of("preallocation", "metadata")));

		assertEquals(UNSUPPORTED, refusal.kind());
		assertEquals("preallocation is metadata, not off or full", refusal.getMessage());
	}

	@Test
	void diskOfManyTerabytesTakesOnlyWhatIsWritten() throws DiskException {
		InMemoryStorage image = new InMemoryStorage();
		format.create(image, 64L << 40, Map.of());
		try (VirtualDisk disk = format.open(image)) {
			disk.write((64L << 40) - 512, ByteBuffer.wrap(ones(512)));

			assertEquals(new Mapped.Extent(0, (64L << 40) - 4096, Mapped.Kind.HOLE, 0),
					((Mapped) disk).extent(0, disk.size()));
			assertEquals(1, bytes(disk, (64L << 40) - 1, 1)[0]);
		}
		assertEquals(4096, image.allocated());
	}

	@Test
	void discardGivesSpaceBackAndZeroesKeepIt() throws DiskException {
		InMemoryStorage image = new InMemoryStorage(ones(1 << 20));
		try (VirtualDisk disk = format.open(image)) {
			((ZeroWritable) disk).writeZeroes(0, 1 << 19, false);
			assertEquals(1 << 20, image.allocated());

			((ZeroWritable) disk).writeZeroes(0, 1 << 18, true);
			((Discardable) disk).discard(1 << 19, 1 << 18);
			assertEquals(1 << 19, image.allocated());
		}
	}

	@Test
	void flushReachesTheStorage() throws DiskException {
		InMemoryStorage image = new InMemoryStorage(new byte[512]);
		VirtualDisk disk = format.open(image);

		disk.flush();
		assertEquals(1, image.flushes());
		disk.close();
		assertEquals(2, image.flushes());
	}

	@Test
	void readOnlyImageRefusesAllThatWritesAndIsNotFlushed() throws DiskException {
		InMemoryStorage image = new InMemoryStorage(new byte[1000]).reopenReadOnly();
		try (VirtualDisk disk = format.open(image)) {
			for (Executable change : List.<Executable>of(
					() -> disk.write(0, ByteBuffer.allocate(1)),
					() -> disk.write(1001, ByteBuffer.allocate(1)),
					() -> ((Discardable) disk).discard(0, 512),
					() -> ((ZeroWritable) disk).writeZeroes(0, 512, true),
					() -> ((Resizable) disk).resize(512)))
				assertEquals(READ_ONLY, assertThrows(DiskException.class, change).kind());
			assertEquals(1024, disk.size());
		}
		assertEquals(0, image.flushes());
		assertTrue(image.closed());
	}

	@Test
	void realFileIsADisk(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("disk.raw");
		try (FileStorage image = new FileStorage(file, false)) {
			format.create(image, 1_000_000, Map.of());
		}
		try (VirtualDisk disk = format.open(new FileStorage(file, false))) {
			assertEquals(1_000_448, disk.size());
			ByteBuffer direct = ByteBuffer.allocateDirect(100_000);
			direct.put(ones(100_000)).flip();
			disk.write(900_448, direct);
			((Discardable) disk).discard(950_000, 10);
		}
		assertEquals(1_000_448, Files.size(file));
		try (VirtualDisk disk = format.open(new FileStorage(file, true))) {
			assertArrayEquals(new byte[] { 0, 1 }, bytes(disk, 900_447, 2));
			assertArrayEquals(new byte[10], bytes(disk, 950_000, 10));
			assertEquals(1, bytes(disk, 1_000_447, 1)[0]);
			assertThrows(DiskException.class, () -> disk.write(0, ByteBuffer.allocate(1)));
		}
	}

	private static byte[] ones(int length) {
		byte[] ones = new byte[length];
		Arrays.fill(ones, (byte) 1);
		return ones;
	}

	private static byte[] bytes(VirtualDisk disk, long offset, int length) throws DiskException {
		byte[] bytes = new byte[length];
		disk.read(offset, ByteBuffer.wrap(bytes));
		return bytes;
	}
}
