package vmhi.guest.asm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** Assembles lines that a test has written out. */
final class Assembly {

	private Assembly() {}

	/** The image in hexadecimal. Lines are as in a file; none needs to begin with a blank. */
	static String hex(Path directory, String... lines) throws AssemblyException, IOException {
		Path file = directory.resolve("test.asm");
		Files.writeString(file, String.join("\n", lines));
		return HexFormat.of().formatHex(new Assembler(directory).assemble(file));
	}
}
