package vmhi.core.vdisk;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.vdisk.DiskException;
import vmhi.core.host.Libc;

/** Another program that uses an image: a JVM, or one of QEMU's tools. It ends with its test. */
final class OtherProcess implements AutoCloseable {
	private final Process process;
	private final BufferedReader out;
	private final Writer in;

	private OtherProcess(List<String> command) throws IOException {
		process = new ProcessBuilder(command).redirectErrorStream(true).start();
		out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
		in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
	}

	static OtherProcess start(String... command) throws IOException {
		return new OtherProcess(List.of(command));
	}

	/** A JVM that runs {@link #main}. */
	static OtherProcess jvm(String... arguments) throws IOException {
		List<String> command = new ArrayList<>(List.of(
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				OtherProcess.class.getName()));
		if (Runtime.version().feature() >= 22)
			command.add(1, "--enable-native-access=ALL-UNNAMED"); // or it warns about JNA in what is read here
		command.addAll(List.of(arguments));
		return new OtherProcess(command);
	}

	/** Whether a tool is there. */
	static boolean has(String tool) {
		for (String folder : System.getenv("PATH").split(":"))
			if (Files.isExecutable(Path.of(folder, tool)))
				return true;
		return false;
	}

	/** Says a line to it. */
	void say(String line) throws IOException {
		in.write(line + "\n");
		in.flush();
	}

	/** Its next line; {@code null} at its end. */
	String line() throws IOException {
		return out.readLine();
	}

	/** All it still says, to its end. */
	String rest() throws IOException {
		StringBuilder rest = new StringBuilder();
		for (String line = line(); line != null; line = line())
			rest.append(line).append('\n');
		return rest.toString();
	}

	@Override
	public void close() {
		process.destroyForcibly();
		process.onExit().join();
	}

	/** {@code hold FILE true|false}: has an image open until its input ends. {@code flush FILE}: has a flush fail once. */
	public static void main(String[] arguments) throws Exception {
		Path file = Path.of(arguments[1]);
		if (arguments[0].equals("flush")) {
			failFlush(file);
			return;
		}
		HostFile open;
		try {
			open = HostFile.open(file, Boolean.parseBoolean(arguments[2]), false, "machine other", new OpenImages());
		} catch (DiskException e) {
			System.out.println(e.kind() + ": " + e.getMessage());
			return;
		}
		System.out.println("open");
		while (System.in.read() >= 0)
			continue;
		open.release();
	}

	/** Takes the descriptor from under a file, and puts a good one in its place again. */
	private static void failFlush(Path path) throws Exception {
		HostFile file = HostFile.open(path, false, false, "machine web", new OpenImages());
		int fd = descriptor(path);
		file.flush();
		System.out.println("flushed");
		Libc.close(fd);
		flush(file);
		System.out.println(Libc.open(path.toString(), 2, 0) == fd);
		flush(file);
	}

	private static int descriptor(Path path) throws IOException {
		try (var all = Files.list(Path.of("/proc/self/fd"))) {
			for (Path fd : all.toList())
				if (Files.isSymbolicLink(fd) && Files.readSymbolicLink(fd).equals(path))
					return Integer.parseInt(fd.getFileName().toString());
		}
		throw new IllegalStateException("not open");
	}

	private static void flush(HostFile file) {
		try {
			file.flush();
			System.out.println("flushed");
		} catch (DiskException e) {
			System.out.println(e.kind() + ": " + e.getMessage());
		}
	}
}
