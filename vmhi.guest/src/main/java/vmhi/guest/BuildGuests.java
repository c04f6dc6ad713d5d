package vmhi.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import vmhi.guest.asm.Assembler;
import vmhi.guest.asm.AssemblyException;

/**
 * Assembles all guests, as part of the build: each {@code NAME.asm} in the first folder becomes {@code NAME.bin} in the
 * second, or {@code NAME.elf} if that is what it is. Included files are looked for in the first.
 */
public final class BuildGuests {

	private static final String SOURCE = ".asm";

	private BuildGuests() {}

	/** Takes the two folders. A mistake in a source is thrown, with the line to look at as its message. */
	public static void main(String[] args) throws AssemblyException, IOException {
		if (args.length != 2)
			throw new IllegalArgumentException("usage: BuildGuests SOURCES OUTPUT");
		build(Path.of(args[0]), Path.of(args[1]));
	}

	static void build(Path sources, Path output) throws AssemblyException, IOException {
		Assembler assembler = new Assembler(sources);
		Files.createDirectories(output);
		for (Path source : sources(sources)) {
			String name = source.getFileName().toString().replace(SOURCE, "");
			byte[] image = assembler.assemble(source);
			Files.write(output.resolve(name + (isElf(image) ? Guests.ELF : Guests.FLAT)), image);
		}
	}

	private static boolean isElf(byte[] image) {
		return image.length > 4 && image[0] == 0x7f && image[1] == 'E' && image[2] == 'L' && image[3] == 'F';
	}

	static List<Path> sources(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			return files.filter(file -> file.toString().endsWith(SOURCE)).sorted().toList();
		}
	}
}
