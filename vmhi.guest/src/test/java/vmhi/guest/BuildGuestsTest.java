package vmhi.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildGuestsTest {

	private static final Path SOURCES = Path.of("guests");

	@TempDir
	private Path output;

	@Test
	void everyGuestHasASource() throws Exception {
		List<String> names = BuildGuests.sources(SOURCES).stream()
				.map(source -> source.getFileName().toString().replace(".asm", "")).sorted().toList();
		assertEquals(names, Guests.names());
	}

	@Test
	void buildingAgainMakesTheSameImages() throws Exception {
		BuildGuests.build(SOURCES, output);
		try (Stream<Path> images = Files.list(output)) {
			assertEquals(Guests.names().size(), images.count());
		}
		for (String name : Guests.names()) {
			Path image = output.resolve(name + (name.equals("hello-pvh") ? ".elf" : ".bin"));
			assertArrayEquals(Files.readAllBytes(image), Guests.image(name), name);
		}
	}

	@Test
	void guestThatDoesNotExistIsRefused() {
		IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Guests.image("nobody"));
		assertEquals("no guest is called nobody", e.getMessage());
	}
}
