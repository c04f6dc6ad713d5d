package vmhi.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {

	@TempDir
	private Path directory;

	@Test
	void makesADirectoryThatOnlyItsOwnerCanEnter() throws IOException {
		try (Home home = new Home(directory.resolve("a/b"))) {
			assertEquals(directory.resolve("a/b"), home.path());
			assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.path())));
		}
	}

	@Test
	void isForOneHostAtATime() throws IOException {
		try (Home home = new Home(directory)) {
			IOException refusal = assertThrows(IOException.class, () -> new Home(home.path()));
			assertTrue(refusal.getMessage().contains("is the home of another VMHI"), refusal.getMessage());
		}
		new Home(directory).close();
	}
}
