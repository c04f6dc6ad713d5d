package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static vmhi.api.vdisk.DiskException.Kind.LOCKED;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.vdisk.DiskException;

/** QEMU and we keep out of each other's images, and share those that both only read. */
@Timeout(60)
class QemuLockTest {

	@TempDir
	Path folder;

	private Path image;
	private final OpenImages images = new OpenImages();

	@BeforeEach
	void image() throws Exception {
		assumeTrue(OtherProcess.has("qemu-io"), "no qemu-io");
		image = Files.write(folder.resolve("disk.img"), new byte[1 << 16]);
	}

	private HostFile ours(boolean readOnly) throws DiskException {
		return HostFile.open(image, readOnly, false, "machine web", images);
	}

	private OtherProcess qemu(boolean readOnly) throws Exception {
		OtherProcess qemu = readOnly
				? OtherProcess.start("qemu-io", "-f", "raw", "-r", image.toString())
				: OtherProcess.start("qemu-io", "-f", "raw", image.toString());
		qemu.say("length");
		return qemu;
	}

	/** Once it has answered, it has the image open. */
	private static void assertOpen(OtherProcess qemu) throws Exception {
		String line = qemu.line();
		assertTrue(line != null && line.contains("64 KiB"), line);
	}

	private static void assertRefused(OtherProcess qemu) throws Exception {
		String all = qemu.rest();
		assertTrue(all.contains("lock"), all);
	}

	@Test
	void itsWriterKeepsUsOut() throws Exception {
		try (OtherProcess qemu = qemu(false)) {
			assertOpen(qemu);
			for (boolean readOnly : new boolean[] { true, false })
				assertEquals(LOCKED, assertThrows(DiskException.class, () -> ours(readOnly)).kind());
		}
		ours(false).release();
	}

	@Test
	void itsReaderKeepsOurWriterOut() throws Exception {
		try (OtherProcess qemu = qemu(true)) {
			assertOpen(qemu);
			assertEquals(LOCKED, assertThrows(DiskException.class, () -> ours(false)).kind());
			ours(true).release();
		}
	}

	@Test
	void ourWriterKeepsItOut() throws Exception {
		HostFile file = ours(false);
		for (boolean readOnly : new boolean[] { true, false })
			try (OtherProcess qemu = qemu(readOnly)) {
				assertRefused(qemu);
			}
		file.release();
	}

	@Test
	void ourReaderKeepsItsWriterOutAndItsReaderIsWelcome() throws Exception {
		HostFile file = ours(true);
		try (OtherProcess qemu = qemu(false)) {
			assertRefused(qemu);
		}
		try (OtherProcess qemu = qemu(true)) {
			assertOpen(qemu);
		}
		file.release();
	}
}
