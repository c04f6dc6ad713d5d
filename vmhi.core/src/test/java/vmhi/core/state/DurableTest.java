package vmhi.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableTest {

	@TempDir
	private Path directory;

	@Test
	void replacesAFileAndLeavesNothingElse() throws IOException {
		Path file = directory.resolve("token");
		Files.writeString(directory.resolve("token.tmp"), "left by a crash");
		Durable.write(file, new byte[] { 1 });
		Durable.write(file, new byte[] { 2, 3 });

		assertEquals(List.of("token"), names());
		assertEquals(2, Files.size(file));
		assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
	}

	@Test
	void leavesTheOldFileWhereTheNewOneCannotBeWritten() throws IOException {
		Path file = directory.resolve("token");
		Files.createDirectories(file.resolve("in the way"));

		assertThrows(IOException.class, () -> Durable.write(file, new byte[] { 1 }));
		assertEquals(List.of("token"), names());
	}

	@Test
	void worksOnAThreadThatIsInterruptedAndKeepsThatInMind() throws IOException {
		Thread.currentThread().interrupt();
		Durable.write(directory.resolve("token"), new byte[] { 1 });

		assertTrue(Thread.interrupted());
		assertEquals(List.of("token"), names());
	}

	@Test
	void putsAsideUnderTheFirstNameThatIsFree() throws IOException {
		for (int i = 0; i < 3; i++) {
			Path file = directory.resolve("x.json");
			Files.writeString(file, "" + i);
			Durable.putAside(file);
		}
		assertEquals(List.of("x.json.broken", "x.json.broken-2", "x.json.broken-3"), names());
	}

	@Test
	void deletesATreeButNotWhatItPointsTo() throws IOException {
		Path outside = Files.createDirectory(directory.resolve("outside"));
		Files.writeString(outside.resolve("file"), "precious");
		Path tree = Files.createDirectories(directory.resolve("tree/branch"));
		Files.createSymbolicLink(tree.resolve("link"), outside);
		Durable.deleteTree(directory.resolve("tree"));

		assertFalse(Files.exists(directory.resolve("tree")));
		assertTrue(Files.exists(outside.resolve("file")));
	}

	private List<String> names() throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			return files.map(file -> file.getFileName().toString()).sorted().toList();
		}
	}
}
