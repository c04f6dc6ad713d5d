package vmhi.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ArrayList;

/** The peer in C, {@code exitloop.c}, compiled when it is first needed. */
final class ExitLoop {
	private static final String SOURCE = "exitloop.c";

	/**
	 * What one run took, in nanoseconds.
	 *
	 * @param toFirst from the opening of KVM's device to the first write of interest
	 * @param nanos from the first to the last, by the clock
	 * @param cpu the same in CPU time of the thread
	 */
	record Times(long toFirst, long nanos, long cpu) {}

	private final Path program;

	ExitLoop(Setup setup) throws IOException, InterruptedException, Setup.MissingException {
		Path source = setup.scratch().resolve(SOURCE);
		try (InputStream in = ExitLoop.class.getResourceAsStream(SOURCE)) {
			Files.write(source, in.readAllBytes());
		}
		program = setup.scratch().resolve("exitloop");
		try {
			run(List.of("cc", "-O2", "-Wall", "-Wextra", "-o", program.toString(), source.toString()));
		} catch (IOException e) {
			throw new Setup.MissingException(
					"the peer cannot be compiled; it takes cc and the headers of Linux (apt-get install gcc libc6-dev): "
							+ e.getMessage());
		}
	}

	/** @param registers whether these come with each exit */
	Times run(boolean registers, Path image, String commandLine, long address, long first, long last)
			throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of(program.toString()));
		if (registers)
			command.add("-r");
		command.addAll(List.of(image.toString(), commandLine, "" + address, "" + first, "" + last));
		String[] numbers = run(command).strip().split(" ");
		return new Times(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
	}

	private static String run(List<String> command) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		process.getOutputStream().close();
		String said = new String(process.getInputStream().readAllBytes());
		if (process.waitFor() != 0)
			throw new IOException("%s ended with %d: %s".formatted(command.get(0), process.exitValue(), said.strip()));
		return said;
	}
}
