package vmhi.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.sun.jna.LastErrorException;

class LibcTest {

	@TempDir
	Path folder;

	@Test
	void buffersAreUsedFromTheirPositionOn() throws Exception {
		Path file = folder.resolve("f");
		Files.write(file, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 });
		int fd = Libc.open(file.toString(), 2, 0);
		try {
			ByteBuffer whole = ByteBuffer.allocateDirect(64);
			ByteBuffer part = whole.slice(16, 32).position(8);

			assertEquals(3, Libc.pread(fd, part, 3, 2));
			assertEquals(8, part.position());
			assertEquals(0x0003_0405_0000_0000L, whole.getLong(23));

			assertEquals(2, Libc.pwrite(fd, part.position(9).asReadOnlyBuffer(), 2, 0));
			assertEquals(4, Files.readAllBytes(file)[0]);
		} finally {
			Libc.close(fd);
		}
	}

	@Test
	void failuresCarryTheErrno() {
		LastErrorException e = assertThrows(LastErrorException.class,
				() -> Libc.open(folder.resolve("none").toString(), 0, 0));
		assertEquals(Libc.ENOENT, e.getErrorCode());
	}

	@Test
	void aFailureLeavesNothingToTheNextCall() throws Exception {
		Path file = folder.resolve("f");
		Files.write(file, new byte[10]);
		int fd = Libc.open(file.toString(), 0, 0);
		assertThrows(LastErrorException.class, () -> Libc.pwrite(fd, ByteBuffer.allocateDirect(1), 1, 0));
		assertEquals(10, Libc.lseek(fd, 0, 2));
		assertEquals(0, Libc.pread(fd, ByteBuffer.allocateDirect(1), 1, 10));
		assertEquals(0, Libc.close(fd));
	}
}
