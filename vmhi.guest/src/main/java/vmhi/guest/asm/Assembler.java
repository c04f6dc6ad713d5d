package vmhi.guest.asm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Assembles a source file to a flat binary, as {@code nasm -f bin} does.
 * <p>
 * It goes over the source until no label moves any more. In the first pass a jump forward is taken for a
 * short one, and grows later if it has to, so each ends up as short as can be.
 * <p>
 * Of NASM's language it knows labels and local labels, {@code equ}, {@code db} to {@code dq},
 * {@code resb} to {@code resq}, {@code times}, {@code align}, {@code bits}, {@code org},
 * {@code default rel}, and {@code %include}, {@code %define}, {@code %assign}, {@code %undef},
 * {@code %macro}, {@code %rep}, {@code %if}, {@code %ifdef} and {@code %error}. What NASM warns of, such
 * as a number that does not fit, is a mistake here. There is one section.
 */
public final class Assembler {

	private static final int MOST_PASSES = 100;

	private final Path directory;
	private final InstructionTable table = InstructionTable.read();

	/** @param directory where included files are looked for */
	public Assembler(Path directory) {
		this.directory = directory;
	}

	/**
	 * Assembles one file.
	 *
	 * @throws AssemblyException at the first mistake in it
	 * @throws IOException if a file cannot be read
	 */
	public byte[] assemble(Path source) throws AssemblyException, IOException {
		List<SourceLine> lines = new Preprocessor(directory).run(source);
		List<Statement> statements = new StatementParser(table).parse(lines);
		Pass pass = Pass.run(statements, null);
		for (int i = 1; i < MOST_PASSES; i++) {
			pass = Pass.run(statements, pass);
			if (pass.isSettled())
				return pass.bytes();
		}
		throw new Location(source.getFileName().toString(), lines.size())
				.error("labels still move after %d passes", MOST_PASSES);
	}
}
