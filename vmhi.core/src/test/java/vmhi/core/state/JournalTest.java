package vmhi.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {

	@TempDir
	private Path directory;

	@Test
	void keepsLinesInTheirOrder() throws IOException {
		Path file = directory.resolve("log");
		try (Journal journal = new Journal(file)) {
			journal.append("one");
			journal.append("zwei, größer");
		}
		try (Journal journal = new Journal(file)) {
			journal.append("three");
			journal.sync();

			assertEquals(List.of("one", "zwei, größer", "three"), lines(journal));
			assertEquals(List.of("three", "zwei, größer"), journal.newest(2));
			assertEquals(List.of("three", "zwei, größer", "one"), journal.newest(9));
			assertEquals(0, journal.cut());
		}
	}

	@Test
	void findsLinesThatAreLongerThanABlock() throws IOException {
		List<String> written = new ArrayList<>();
		try (Journal journal = new Journal(directory.resolve("log"))) {
			for (int length : new int[] { 0, 1, 4095, 4096, 4097, 20_000, 0, 5 }) {
				written.add(0, "x".repeat(length));
				journal.append("x".repeat(length));
			}
			assertEquals(written, journal.newest(100));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "tor", "\0\0\0\0", "x" })
	void cutsATornLastLine(String torn) throws IOException {
		Path file = directory.resolve("log");
		Files.writeString(file, "one\ntwo\n" + torn);
		try (Journal journal = new Journal(file)) {
			assertEquals(torn.length(), journal.cut());
			journal.append("three");
			assertEquals(List.of("one", "two", "three"), lines(journal));
		}
		assertEquals("one\ntwo\nthree\n", Files.readString(file));
	}

	@Test
	void cutsAFirstLineThatIsTorn() throws IOException {
		Path file = directory.resolve("log");
		Files.writeString(file, "x".repeat(10_000));
		try (Journal journal = new Journal(file)) {
			assertEquals(10_000, journal.cut());
			assertEquals(List.of(), lines(journal));
			assertEquals(List.of(), journal.newest(1));
		}
	}

	@Test
	void goesOnAfterItWasReplaced() throws IOException {
		Path file = directory.resolve("log");
		try (Journal journal = new Journal(file)) {
			journal.append("one");
			journal.replace(List.of("two", "three"));
			journal.append("four");
		}
		assertEquals("two\nthree\nfour\n", Files.readString(file));
	}

	private static List<String> lines(Journal journal) throws IOException {
		List<String> lines = new ArrayList<>();
		journal.forEach(lines::add);
		return lines;
	}
}
