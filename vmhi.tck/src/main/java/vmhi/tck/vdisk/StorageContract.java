package vmhi.tck.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.vdisk.DiskException.Kind.CORRUPT;
import static vmhi.api.vdisk.DiskException.Kind.READ_ONLY;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VdiskFormat;
import vmhi.tck.Contract;

/**
 * What every {@link Storage} does. The core's does, and so does {@link InMemoryStorage}, which formats are tested with.
 */
@Contract(value = "vmhi.api.vdisk", version = VdiskFormat.CONTRACT)
public interface StorageContract {

	/** Empty storage, open for writing. The test closes it. */
	Storage empty() throws Exception;

	/** Storage of this content, open for reading. The test closes it. */
	Storage forReading(byte[] content) throws Exception;

	@Test
	default void emptyStorageHasNoLength() throws Exception {
		try (Storage storage = empty()) {
			assertEquals(0, storage.length());
			assertFalse(storage.readOnly());
			assertFalse(storage.name().isBlank());
		}
	}

	@Test
	default void writePastTheEndMakesItLongerAndTheGapReadsAsZeros() throws Exception {
		try (Storage storage = empty()) {
			storage.write(10_000, ByteBuffer.wrap(new byte[] { 1, 2, 3 }));

			assertEquals(10_003, storage.length());
			assertArrayEquals(new byte[] { 0, 0, 1, 2, 3 }, bytes(storage, 9_998, 5));
			assertArrayEquals(new byte[64], bytes(storage, 0, 64));
		}
	}

	@Test
	default void readPastTheEndIsACorruptImage() throws Exception {
		try (Storage storage = forReading(new byte[100])) {
			assertEquals(CORRUPT, assertThrows(DiskException.class, () -> bytes(storage, 99, 2)).kind());
			assertEquals(CORRUPT, assertThrows(DiskException.class, () -> bytes(storage, 4096, 1)).kind());
		}
	}

	@Test
	default void whatIsCutOffIsGone() throws Exception {
		try (Storage storage = empty()) {
			storage.write(0, ByteBuffer.wrap(new byte[] { 1, 2, 3, 4, 5 }));

			storage.length(2);
			storage.length(20_000);

			assertEquals(20_000, storage.length());
			assertArrayEquals(new byte[] { 1, 2, 0, 0, 0, 0 }, bytes(storage, 0, 6));
			assertArrayEquals(new byte[16], bytes(storage, 19_984, 16));
		}
	}

	@Test
	default void buffersOfEitherKindMoveFromPositionToLimit() throws Exception {
		try (Storage storage = empty()) {
			ByteBuffer direct = ByteBuffer.allocateDirect(8).putLong(0, 0x0102_0304_0506_0708L).position(2).limit(6);
			ByteBuffer heap = ByteBuffer.allocate(8).position(1).limit(5);

			storage.write(5, direct);
			storage.read(5, heap);

			assertEquals(6, direct.position());
			assertEquals(5, heap.position());
			assertArrayEquals(new byte[] { 0, 3, 4, 5, 6, 0, 0, 0 }, heap.array());
		}
	}

	@Test
	default void zeroedRangeReadsAsZerosAndItsNeighboursStay() throws Exception {
		for (boolean keep : new boolean[] { true, false })
			try (Storage storage = empty()) {
				byte[] ones = new byte[100_000];
				Arrays.fill(ones, (byte) 1);
				storage.write(0, ByteBuffer.wrap(ones));

				storage.zero(1_000, 90_000, keep);

				assertEquals(100_000, storage.length());
				assertEquals(1, bytes(storage, 999, 1)[0]);
				assertArrayEquals(new byte[90_000], bytes(storage, 1_000, 90_000));
				assertEquals(1, bytes(storage, 91_000, 1)[0]);
			}
	}

	@Test
	default void extentsFollowEachOtherAndAHoleReadsAsZeros() throws Exception {
		try (Storage storage = empty()) {
			storage.write(1 << 20, ByteBuffer.wrap(new byte[] { 1 }));
			storage.length(3 << 20);

			int data = 0;
			for (long at = 0; at < 3 << 20;) {
				Mapped.Extent extent = storage.extent(at, (3 << 20) - at);
				assertEquals(at, extent.offset());
				assertTrue(extent.length() > 0 && extent.length() <= (3 << 20) - at, extent.toString());
				if (extent.kind() == Mapped.Kind.DATA)
					data++;
				else
					assertArrayEquals(new byte[(int) extent.length()], bytes(storage, at, (int) extent.length()));
				at += extent.length();
			}
			assertTrue(data > 0);
			assertEquals(1, storage.extent(5, 1).length());
		}
	}

	@Test
	default void storageForReadingRefusesAllThatWrites() throws Exception {
		try (Storage storage = forReading(new byte[] { 1, 2, 3 })) {
			assertTrue(storage.readOnly());
			for (Executable change : List.<Executable>of(
					() -> storage.write(0, ByteBuffer.allocate(1)),
					() -> storage.length(5),
					() -> storage.zero(0, 1, true),
					() -> storage.zero(0, 1, false)))
				assertEquals(READ_ONLY, assertThrows(DiskException.class, change).kind());

			storage.flush();
			assertEquals(3, storage.length());
			assertArrayEquals(new byte[] { 1, 2, 3 }, bytes(storage, 0, 3));
		}
	}

	@Test
	default void closingTwiceDoesNothing() throws Exception {
		Storage storage = empty();
		storage.close();
		storage.close();
	}

	private static byte[] bytes(Storage storage, long offset, int length) throws DiskException {
		byte[] bytes = new byte[length];
		storage.read(offset, ByteBuffer.wrap(bytes));
		return bytes;
	}
}
