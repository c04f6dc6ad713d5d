package vmhi.tck.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Storage;

class InMemoryStorageTest implements StorageContract {

	@Override
	public Storage empty() {
		return new InMemoryStorage();
	}

	@Override
	public Storage forReading(byte[] content) {
		return new InMemoryStorage(content).reopenReadOnly();
	}

	@Test
	void closedHandleIsAMistakeToUse() throws DiskException {
		InMemoryStorage storage = new InMemoryStorage();
		storage.close();

		assertThrows(IllegalStateException.class, storage::length);
		assertEquals(0, storage.reopen().length());
	}

	@Test
	void furtherFilesAreFoundByName() throws DiskException {
		InMemoryStorage storage = new InMemoryStorage();
		assertEquals(DiskException.Kind.MISSING,
				assertThrows(DiskException.class, () -> storage.extent("disk-s001", false)).kind());

		storage.extent("disk-s001", true).write(0, ByteBuffer.wrap(new byte[] { 5 }));

		assertEquals(1, storage.extent("disk-s001", false).length());
		assertTrue(storage.reopenReadOnly().extent("disk-s001", false).readOnly());
		assertEquals(0, storage.length());
	}

	@Test
	void powerCutLosesOnlyWhatWasNotFlushed() throws DiskException {
		InMemoryStorage storage = new InMemoryStorage(new byte[] { 1 });
		Journal journal = storage.record();
		storage.write(0, ByteBuffer.wrap(new byte[] { 2 }));
		storage.flush();
		storage.write(1, ByteBuffer.wrap(new byte[] { 3 }));

		assertEquals(3, journal.size());
		assertArrayEquals(new byte[] { 1 }, journal.cut(0, 0).content(10));
		assertArrayEquals(new byte[] { 1 }, journal.cut(1, 1).content(10), "written, not flushed, and lost");
		assertArrayEquals(new byte[] { 2 }, journal.cut(1, 0).content(10), "written, not flushed, and there by chance");
		assertArrayEquals(new byte[] { 2 }, journal.cut(3, 1).content(10));
		assertArrayEquals(new byte[] { 2, 3 }, journal.cut(3, 0).content(10));
	}

	@Test
	void flushOfOneFileIsNoneOfAnother() throws DiskException {
		InMemoryStorage storage = new InMemoryStorage();
		Journal journal = storage.record();
		Storage extent = storage.extent("extent", true);
		extent.write(0, ByteBuffer.wrap(new byte[] { 1 }));
		storage.write(0, ByteBuffer.wrap(new byte[] { 2 }));
		storage.flush();

		InMemoryStorage left = journal.cut(journal.size(), 1);
		assertEquals(1, left.length());
		assertEquals(0, left.extent("extent", true).length());
	}

	@Test
	void writesThatWereNotFlushedMayBeTornAndMayBeLostOneByOne() throws DiskException {
		InMemoryStorage storage = new InMemoryStorage(new byte[4096]);
		Journal journal = storage.record();
		byte[] ones = new byte[2048];
		Arrays.fill(ones, (byte) 1);
		storage.write(0, ByteBuffer.wrap(ones));
		storage.write(2048, ByteBuffer.wrap(ones));

		boolean torn = false;
		boolean laterWithoutEarlier = false;
		for (int seed = 2; seed < 100; seed++) {
			byte[] left = journal.cut(2, seed).content(4096);
			torn |= left[2048] == 1 && left[4095] == 0;
			laterWithoutEarlier |= left[2048] == 1 && left[0] == 0;
			for (int i = 0; i < 4096; i++)
				assertEquals(left[i & -512], left[i], "torn within a sector");
		}
		assertTrue(torn);
		assertTrue(laterWithoutEarlier);
	}
}
