package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static vmhi.api.vdisk.DiskException.Kind.CORRUPT;
import static vmhi.api.vdisk.DiskException.Kind.FORBIDDEN;
import static vmhi.api.vdisk.DiskException.Kind.FULL;
import static vmhi.api.vdisk.DiskException.Kind.IO;
import static vmhi.api.vdisk.DiskException.Kind.LOCKED;
import static vmhi.api.vdisk.DiskException.Kind.MISSING;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.StorageTransport;
import vmhi.core.plugin.Plugin;
import vmhi.tck.vdisk.StorageContract;

@Timeout(60)
class FileStorageTest implements StorageContract {

	@TempDir
	Path folder;

	private final OpenImages images = new OpenImages();

	@Override
	public Storage empty() throws Exception {
		return storage(file(new byte[0]), false);
	}

	@Override
	public Storage forReading(byte[] content) throws Exception {
		return storage(file(content), true);
	}

	private Path file(byte[] content) throws Exception {
		return Files.write(Files.createTempFile(folder, "image", ""), content);
	}

	private FileStorage storage(Path path, boolean readOnly) throws DiskException {
		HostFile file = HostFile.open(path, readOnly, false, "machine web", images);
		ImageChain chain = new ImageChain("machine web", new HeldFiles("machine web", images), images, List.of(),
				NO_PLUGINS);
		return new FileStorage(file, readOnly, chain, new ImageChain.Link(null, path, file.key(), 0));
	}

	static final ImageChain.Chooser NO_PLUGINS = new ImageChain.Chooser() {

		@Override
		public Plugin<DiskFormat> format(String format) throws DiskException {
			throw Images.none(Images.role(format), null);
		}

		@Override
		public Plugin<StorageTransport> transport(String scheme) throws DiskException {
			throw Images.none("transport:" + scheme, null);
		}

		@Override
		public List<Plugin<DiskFormat>> formats() {
			return List.of();
		}
	};

	private DiskException.Kind refusal(Path path, boolean readOnly) {
		return assertThrows(DiskException.class, () -> storage(path, readOnly)).kind();
	}

	@Test
	void saysWhatIsWrongWithAFile() throws Exception {
		Path fifo = folder.resolve("fifo");
		assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());

		assertEquals(MISSING, refusal(folder.resolve("none"), false));
		assertEquals(FORBIDDEN, refusal(folder, true));
		assertEquals(FORBIDDEN, refusal(Path.of("/dev/zero"), true));
		assertEquals(FORBIDDEN, refusal(fifo, true)); // and does not wait for somebody to write to it
	}

	@Test
	void saysThatThereIsNoPermission() throws Exception {
		Path file = file(new byte[1]);
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
		assumeFalse(Files.isReadable(file), "root may read anything");

		assertEquals(FORBIDDEN, refusal(file, true));
	}

	@Test
	void interruptOfItsThreadDoesNotCloseIt() throws Exception {
		try (Storage storage = empty()) {
			Thread.currentThread().interrupt();
			storage.write(0, ByteBuffer.allocate(5000));
			storage.flush();
			storage.read(0, ByteBuffer.allocateDirect(5000));

			assertTrue(Thread.interrupted());
			storage.read(0, ByteBuffer.allocate(1));
		}
	}

	@Test
	void buffersLargerThanTheScratchBufferAreMovedWhole() throws Exception {
		byte[] data = new byte[1_000_003];
		new Random(1).nextBytes(data);
		try (Storage storage = empty()) {
			storage.write(77, ByteBuffer.wrap(data).asReadOnlyBuffer());

			ByteBuffer heap = ByteBuffer.allocate(data.length);
			ByteBuffer direct = ByteBuffer.allocateDirect(data.length);
			storage.read(77, heap);
			storage.read(77, direct);

			assertArrayEquals(data, heap.array());
			assertEquals(heap.flip(), direct.flip());
		}
	}

	@Test
	void offsetsThatNoFileHasAreACorruptImage() throws Exception {
		try (Storage storage = empty()) {
			storage.length(100);
			for (long offset : new long[] { -1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 10 }) {
				assertEquals(CORRUPT, kind(() -> storage.read(offset, ByteBuffer.allocate(20))));
				assertEquals(CORRUPT, kind(() -> storage.write(offset, ByteBuffer.allocate(20))));
				assertEquals(CORRUPT, kind(() -> storage.zero(offset, 20, false)));
				assertEquals(CORRUPT, kind(() -> storage.extent(offset, 20)));
			}
			assertEquals(CORRUPT, kind(() -> storage.zero(50, 51, true)));
			assertEquals(CORRUPT, kind(() -> storage.extent(100, 1)));
			assertEquals(CORRUPT, kind(() -> storage.extent(0, 0)));
			assertEquals(CORRUPT, kind(() -> storage.length(-1)));
			assertEquals(100, storage.length());
		}
	}

	@Test
	void lengthThatTheHostCannotHaveIsFull() throws Exception {
		try (Storage storage = empty()) {
			assertEquals(FULL, kind(() -> storage.length(1L << 62)));
			assertEquals(FULL, kind(() -> storage.write(1L << 62, ByteBuffer.allocate(1))));
		}
	}

	private static DiskException.Kind kind(org.junit.jupiter.api.function.Executable call) {
		return assertThrows(DiskException.class, call).kind();
	}

	@Test
	void zeroedSpaceIsGivenBackOrKept() throws Exception {
		byte[] ones = new byte[1 << 20];
		Arrays.fill(ones, (byte) 1);
		Path file = file(ones);
		try (Storage storage = storage(file, false)) {
			storage.flush();
			long before = blocks(file);

			storage.zero(0, 1 << 19, true);
			assertEquals(before, blocks(file));
			storage.zero(0, 1 << 19, false);

			assertEquals(new Mapped.Extent(0, 1 << 19, Mapped.Kind.HOLE, 0), storage.extent(0, 1 << 20));
			assertEquals(new Mapped.Extent(1 << 19, 1 << 19, Mapped.Kind.DATA, 0), storage.extent(1 << 19, 1 << 20));
			assertTrue(blocks(file) < before);
		}
	}

	private static long blocks(Path file) throws Exception {
		Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
		return Long.parseLong(new String(stat.getInputStream().readAllBytes()).trim());
	}

	@Test
	void whatIsClosedDoesNothingAnyMore() throws Exception {
		Path file = file(new byte[] { 1, 2, 3 });
		Storage storage = storage(file, false);
		storage.close();
		storage.close();

		assertEquals(IO, kind(() -> storage.write(0, ByteBuffer.wrap(new byte[] { 9 }))));
		assertEquals(IO, kind(() -> storage.read(0, ByteBuffer.allocate(1))));
		assertEquals(IO, kind(storage::flush));
		assertEquals(IO, kind(() -> storage.backing("other", "raw")));
		assertArrayEquals(new byte[] { 1, 2, 3 }, Files.readAllBytes(file));
		storage(file, false).close();
	}

	@Test
	void namesTheMachineThatHasAnImage() throws Exception {
		Path file = file(new byte[1]);
		try (Storage storage = storage(file, false)) {
			assertFalse(storage.readOnly());
			DiskException e = assertThrows(DiskException.class,
					() -> HostFile.open(file, true, false, "machine db", images));

			assertEquals(LOCKED, e.kind());
			assertEquals(file + " is in use by machine web; stop that one first", e.getMessage());
		}
		HostFile.open(file, false, false, "machine db", images).release();
	}

	@Test
	void readersShareAnImageAndKeepWritersOut() throws Exception {
		Path file = file(new byte[1]);
		try (Storage other = storage(file, true)) {
			Storage one = storage(file, true);
			assertEquals(LOCKED, refusal(file, false));
			one.close();
			assertEquals(LOCKED, refusal(file, false));
			other.read(0, ByteBuffer.allocate(1));
		}
		storage(file, false).close();
	}

	@Test
	void aLinkAndItsFileAreTheSameImage() throws Exception {
		Path file = file(new byte[1]);
		Path link = Files.createLink(folder.resolve("link"), file);
		Storage storage = storage(file, false);
		assertEquals(LOCKED, refusal(link, true));
		storage.close();
	}

	@Test
	void anotherProcessIsKeptOut() throws Exception {
		Path file = file(new byte[1]);
		Storage storage = storage(file, false);
		try (OtherProcess other = OtherProcess.jvm("hold", file + "", "true")) {
			assertEquals("LOCKED: " + file + " is in use by another machine or program; stop that one first",
					other.line());
		}
		storage.close();
		try (OtherProcess other = OtherProcess.jvm("hold", file + "", "false")) {
			assertEquals("open", other.line());
			assertEquals(LOCKED, refusal(file, false));
			assertEquals(LOCKED, refusal(file, true));
		}
		storage(file, false).close(); // the other one was killed
	}

	@Test
	void otherProcessesReadAlong() throws Exception {
		Path file = file(new byte[1]);
		try (OtherProcess other = OtherProcess.jvm("hold", file + "", "true")) {
			assertEquals("open", other.line());
			storage(file, true).close();
			assertEquals(LOCKED, refusal(file, false));
		}
	}

	@Test
	void aFlushThatFailedIsNotForgotten() throws Exception {
		try (OtherProcess other = OtherProcess.jvm("flush", file(new byte[1]) + "")) {
			assertEquals("flushed", other.line());
			String failure = other.line();
			assertTrue(failure.startsWith("IO: ") && failure.contains("flush failed"), failure);
			assertEquals("true", other.line());
			String later = other.line();
			assertTrue(later.startsWith("IO: an earlier flush failed, what was written before may be lost"), later);
		}
	}
}
