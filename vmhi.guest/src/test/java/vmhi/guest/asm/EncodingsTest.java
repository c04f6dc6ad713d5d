package vmhi.guest.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.junit.jupiter.api.Test;

/** Holds the instructions to {@code encodings.asm}, where each line ends with the bytes it is to become. */
class EncodingsTest {

	static final Path FILE = Path.of("src/test/resources/vmhi/guest/asm/encodings.asm");

	@Test
	void eachLineBecomesTheBytesBehindIt() throws Exception {
		byte[] image = new Assembler(FILE.getParent()).assemble(FILE);
		int at = 0;
		for (String line : lines()) {
			int comment = line.indexOf("; ");
			if (comment <= 0)
				continue;
			byte[] expected = HexFormat.of().parseHex(line.substring(comment + 2));
			byte[] actual = Arrays.copyOfRange(image, at, Math.min(at + expected.length, image.length));
			assertEquals(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(actual), line.strip());
			at += expected.length;
		}
		assertEquals(image.length, at);
	}

	@Test
	void everyInstructionIsThere() throws IOException {
		Set<String> words = new HashSet<>();
		for (String line : lines())
			words.addAll(List.of(line.toLowerCase(Locale.ROOT).split("\\W+")));
		for (String mnemonic : InstructionTable.read().mnemonics())
			assertTrue(words.contains(mnemonic), mnemonic);
	}

	private static List<String> lines() throws IOException {
		return Files.readAllLines(FILE, StandardCharsets.US_ASCII);
	}
}
