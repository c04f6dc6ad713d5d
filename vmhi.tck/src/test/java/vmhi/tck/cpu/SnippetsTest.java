package vmhi.tck.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the bytes of the guests to their assembly language, where there is an assembler. */
class SnippetsTest {

	@TempDir
	Path folder;

	@BeforeAll
	static void assemblerIsThere() {
		assumeTrue(
				Stream.of(System.getenv("PATH").split(":")).anyMatch(path -> Files.isExecutable(Path.of(path, "nasm"))),
				"there is no nasm");
	}

	static Stream<String> snippets() {
		return Arrays.stream(Snippets.class.getDeclaredFields()).filter(field -> field.getType() == Code.class)
				.map(Field::getName);
	}

	@ParameterizedTest
	@MethodSource("snippets")
	void bytesAreWhatTheAssemblerMakesOfTheSource(String name) throws Exception {
		Code code = (Code) Snippets.class.getDeclaredField(name).get(null);

		assertArrayEquals(assembled(code.source()), code.bytes());
	}

	private byte[] assembled(String source) throws IOException, InterruptedException {
		Path in = Files.writeString(folder.resolve("code.asm"), source);
		Path out = folder.resolve("code.bin");
		Process nasm = new ProcessBuilder("nasm", "-f", "bin", "-o", out.toString(), in.toString()).inheritIO().start();
		assertEquals(0, nasm.waitFor());
		return Files.readAllBytes(out);
	}
}
