package vmhi.guest.asm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares with NASM itself: every guest, and every instruction. */
class NasmTest {

	private static final Path GUESTS = Path.of("guests");

	private static final boolean INSTALLED = Stream.of(System.getenv("PATH").split(":"))
			.anyMatch(folder -> Files.isExecutable(Path.of(folder, "nasm")));

	@TempDir
	private Path directory;

	@BeforeAll
	static void say() {
		if (!INSTALLED)
			System.out.println("NasmTest is skipped: nasm is not installed");
	}

	@BeforeEach
	void nasmIsInstalled() {
		assumeTrue(INSTALLED, "nasm is not installed");
	}

	static List<Path> sources() throws IOException {
		try (Stream<Path> guests = Files.list(GUESTS)) {
			return Stream.concat(guests.filter(file -> file.toString().endsWith(".asm")).sorted(),
					Stream.of(EncodingsTest.FILE)).toList();
		}
	}

	@ParameterizedTest
	@MethodSource("sources")
	void imageIsThatOfNasm(Path source) throws Exception {
		assertArrayEquals(nasm(source), new Assembler(GUESTS).assemble(source));
	}

	private byte[] nasm(Path source) throws IOException, InterruptedException {
		Path image = directory.resolve("image");
		Path messages = directory.resolve("messages");
		Process nasm = new ProcessBuilder("nasm", "-f", "bin", "-I", GUESTS + "/", "-o", image.toString(),
				source.toString())
				.redirectErrorStream(true).redirectOutput(messages.toFile()).start();
		assertEquals(0, nasm.waitFor(), () -> read(messages));
		assertEquals("", read(messages));
		return Files.readAllBytes(image);
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		} catch (IOException e) {
			return e.toString();
		}
	}
}
