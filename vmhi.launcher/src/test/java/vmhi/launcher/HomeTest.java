package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
	Path folder;

	@Test
	void homeIsForItsOwnerAlone() throws Problem, IOException {
		try (Home home = Home.open(folder.resolve("a/b"))) {
			assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.path())));
		}
	}

	@Test
	void secondHostIsToldWhoHasTheHome() throws Problem {
		try (Home home = Home.open(folder)) {
			String pid = String.valueOf(ProcessHandle.current().pid());
			assertEquals(
					"%s is in use by process %s; end that one, or name another home with --home".formatted(home.path(),
							pid),
					assertThrows(Problem.class, () -> Home.open(folder)).getMessage());
		}
		Home.open(folder).close();
	}

	@Test
	void fileCannotBeAHome() throws IOException {
		Path file = Files.createFile(folder.resolve("file"));
		String message = assertThrows(Problem.class, () -> Home.open(file)).getMessage();
		assertTrue(message.startsWith(file + " cannot be used: "), message);
	}

	@Test
	void temporaryHomeIsGoneWhenItIsClosed() throws Problem, IOException {
		Home home = Home.temporary();
		Files.createDirectories(home.path().resolve("cache/felix"));
		Files.writeString(home.path().resolve("cache/felix/x"), "x");
		home.close();
		assertFalse(Files.exists(home.path()));
	}
}
