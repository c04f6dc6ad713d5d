package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Mapped;

@Timeout(60)
class FileStorageTest {
	private static final int SIZE = 1 << 20;

	@TempDir
	private Path folder;
	private Path file;

	@BeforeEach
	void createFile() throws IOException {
		file = folder.resolve("disk.img");
		Files.write(file, new byte[SIZE]);
	}

	private FileStorage open(boolean readOnly) throws DiskException {
		return open(file, readOnly, "alpha");
	}

	private static FileStorage open(Path path, boolean readOnly, String machine) throws DiskException {
		return FileStorage.open(path, readOnly, new ImageChain(null, machine, List.of(), Set.of()));
	}

	private static DiskException refused(Kind kind, Executable call) {
		DiskException e = assertThrows(DiskException.class, call);
		assertEquals(kind, e.kind(), e.getMessage());
		assertFalse(e.getMessage().contains("\n"));
		return e;
	}

	@Test
	void readsWhatWasWrittenFromAnyKindOfBuffer() throws Exception {
		try (FileStorage storage = open(false)) {
			for (boolean direct : new boolean[] { false, true }) {
				int length = (3 << 20) + 5; // more than is moved at once
				byte[] data = new byte[length];
				new Random(1).nextBytes(data);
				ByteBuffer source = direct ? ByteBuffer.allocateDirect(length + 2) : ByteBuffer.allocate(length + 2);
				source.put(1, data).position(1).limit(length + 1);
				storage.write(77, source);
				assertEquals(0, source.remaining());
				assertEquals(77L + length, storage.length());
				ByteBuffer target = direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
				storage.read(77, target);
				assertEquals(0, target.remaining());
				byte[] back = new byte[length];
				target.get(0, back);
				assertArrayEquals(data, back);
			}
			storage.flush();
		}
	}

	@Test
	void readingPastTheEndIsACorruptImage() throws Exception {
		try (FileStorage storage = open(false)) {
			refused(Kind.CORRUPT, () -> storage.read(SIZE - 1, ByteBuffer.allocate(2)));
			refused(Kind.CORRUPT, () -> storage.read(Long.MAX_VALUE - 5, ByteBuffer.allocateDirect(2)));
			refused(Kind.IO, () -> storage.read(-1, ByteBuffer.allocate(2)));
		}
	}

	@Test
	void aSecondWriterIsToldWhoHasTheFile() throws Exception {
		try (FileStorage first = open(false)) {
			for (boolean readOnly : new boolean[] { false, true })
				assertTrue(refused(Kind.LOCKED, () -> open(file, readOnly, "beta")).getMessage()
						.endsWith("in use by machine alpha; stop that first"));
			assertEquals(SIZE, first.length());
		}
		open(file, false, "beta").close();
	}

	@Test
	void readersShareAndKeepAWriterOut() throws Exception {
		FileStorage first = open(true);
		try (FileStorage second = open(true)) {
			refused(Kind.LOCKED, () -> open(false));
			first.close();
			refused(Kind.LOCKED, () -> open(false));
			assertEquals(SIZE, second.length());
		}
		open(false).close();
	}

	@Test
	void theLockHoldsForAnotherNameOfTheSameFile() throws Exception {
		Path link = Files.createSymbolicLink(folder.resolve("link"), file);
		Path hard = Files.createLink(folder.resolve("hard"), file);
		try (FileStorage first = open(false)) {
			refused(Kind.LOCKED, () -> open(link, false, "beta"));
			refused(Kind.LOCKED, () -> open(hard, false, "beta"));
			assertFalse(first.readOnly());
		}
	}

	@Test
	void anotherProgramIsKeptOutAndKeepsUsOut() throws Exception {
		assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-io")), "qemu-io is not installed");
		try (FileStorage storage = open(false)) {
			Process qemu = new ProcessBuilder("qemu-io", "-f", "raw", "-c", "read 0 512", file.toString())
					.redirectErrorStream(true).start();
			String output = new String(qemu.getInputStream().readAllBytes());
			assertTrue(qemu.waitFor(30, TimeUnit.SECONDS));
			assertTrue(output.contains("lock"), output);
			assertTrue(storage.length() > 0);
		}
		Process qemu = new ProcessBuilder("qemu-io", "-f", "raw", file.toString()).redirectErrorStream(true).start();
		try {
			qemu.getOutputStream().write("read 0 512\n".getBytes());
			qemu.getOutputStream().flush();
			StringBuilder output = new StringBuilder();
			for (int c; output.indexOf("ops") < 0 && (c = qemu.getInputStream().read()) >= 0;)
				output.append((char) c);
			assertTrue(refused(Kind.LOCKED, () -> open(false)).getMessage().contains("another program"));
		} finally {
			qemu.destroy();
			qemu.waitFor();
		}
	}

	@Test
	void aFileThatIsOpenForReadingRefusesWhateverWrites() throws Exception {
		try (FileStorage storage = open(true)) {
			refused(Kind.READ_ONLY, () -> storage.write(0, ByteBuffer.allocate(1)));
			refused(Kind.READ_ONLY, () -> storage.zero(0, 1, false));
			refused(Kind.READ_ONLY, () -> storage.length(5));
			storage.flush();
			assertTrue(storage.readOnly());
		}
		assertEquals(SIZE, Files.size(file));
	}

	@Test
	void whatIsNotAnImageIsRefused() throws Exception {
		assertTrue(refused(Kind.MISSING, () -> open(folder.resolve("none"), false, "m")).getMessage()
				.contains("none"));
		assertTrue(refused(Kind.FORBIDDEN, () -> open(folder, false, "m")).getMessage().contains("directory"));
		refused(Kind.FORBIDDEN, () -> open(Path.of("/dev/zero"), false, "m"));
		refused(Kind.MISSING, () -> open(file.resolve("below a file"), false, "m"));
	}

	@Test
	void aFileWithoutPermissionIsForbidden() throws Exception {
		assumeFalse("root".equals(System.getProperty("user.name")), "root may do everything");
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
		refused(Kind.FORBIDDEN, () -> open(false));
		open(true).close();
	}

	@Test
	void aHoleIsPunchedAndSeen() throws Exception {
		byte[] ones = new byte[SIZE];
		Arrays.fill(ones, (byte) 1);
		Files.write(file, ones);
		try (FileStorage storage = open(false)) {
			storage.zero(256 << 10, 128 << 10, false);
			storage.zero(700_001, 3, true);
			storage.zero(5, 0, false);
			assertEquals(new Mapped.Extent(0, 256 << 10, Mapped.Kind.DATA, 0), storage.extent(0, SIZE));
			assertEquals(new Mapped.Extent(256 << 10, 128 << 10, Mapped.Kind.HOLE, 0),
					storage.extent(256 << 10, SIZE / 2));
			assertEquals(new Mapped.Extent((256 << 10) + 4096, 10, Mapped.Kind.HOLE, 0),
					storage.extent((256 << 10) + 4096, 10));
			assertEquals(Mapped.Kind.DATA, storage.extent(SIZE - 1, 1).kind());
			storage.length(2 * SIZE);
			assertEquals(new Mapped.Extent(SIZE, SIZE, Mapped.Kind.HOLE, 0), storage.extent(SIZE, 2 * SIZE));
		}
		Arrays.fill(ones, 256 << 10, 384 << 10, (byte) 0);
		Arrays.fill(ones, 700_001, 700_004, (byte) 0);
		assertArrayEquals(ones, Arrays.copyOf(Files.readAllBytes(file), SIZE));
	}

	@Test
	void anInterruptOfAReaderDoesNotCloseTheFile() throws Exception {
		try (FileStorage storage = open(false)) {
			AtomicReference<Throwable> failure = new AtomicReference<>();
			Thread reader = new Thread(() -> {
				try {
					for (int i = 0; i < 1000; i++) {
						Thread.currentThread().interrupt();
						storage.read(i, ByteBuffer.allocate(1000));
					}
				} catch (DiskException e) {
					failure.set(e);
				}
			});
			reader.start();
			reader.join();
			assertEquals(null, failure.get());
			storage.read(0, ByteBuffer.allocateDirect(1000));
		}
	}

	@Test
	void nothingIsDoneAfterItWasClosed() throws Exception {
		FileStorage storage = open(false);
		storage.close();
		storage.close();
		for (Executable call : List.<Executable>of(storage::length, () -> storage.read(0, ByteBuffer.allocate(1)),
				() -> storage.write(0, ByteBuffer.allocate(1)), () -> storage.zero(0, 1, false), storage::flush,
				() -> storage.length(1), () -> storage.extent(0, 1)))
			assertTrue(refused(Kind.IO, call).getMessage().contains("closed"));
	}
}
