package vmhi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What guests boot, made by the scripts {@code fetch} and {@code initramfs} when a test first asks for it. Where they say
 * that something cannot be had here, the test skips with their reason. Belongs to the thread that runs the tests.
 */
final class Images {
	private static final Path HOME = Path.of(System.getProperty("vmhi.linux.home", ".")).toAbsolutePath().normalize();
	private static final Path CACHE = Optional.ofNullable(System.getenv("VMHI_LINUX_CACHE")).map(Path::of)
			.orElse(HOME.resolve(".cache"));
	/** Why a script could not do it, or an empty text if it could. */
	private static final Map<List<String>, String> ASKED = new HashMap<>();

	private Images() {}

	/** Of {@code fetch boot}. */
	static Path fetched(String file) {
		make("fetch", "boot");
		return CACHE.resolve("boot").resolve(file);
	}

	static Path kernel() {
		return fetched("vmlinuz");
	}

	static Path shell() {
		make("initramfs", "shell");
		return CACHE.resolve("shell.cpio.gz");
	}

	static Path suites() {
		make("initramfs", "suites");
		return CACHE.resolve("suites.cpio");
	}

	static Path root() {
		make("initramfs", "root");
		return CACHE.resolve("root.cpio");
	}

	/** The lines that the host printed when the RAM disk of this name was made. */
	static List<String> expected(String name) throws IOException {
		return Files.readAllLines(CACHE.resolve(name + ".lines"));
	}

	private static void make(String script, String what) {
		String reason = ASKED.computeIfAbsent(List.of(script, what), Images::run);
		assumeTrue(reason.isEmpty(), reason);
	}

	private static String run(List<String> words) {
		List<String> command = new ArrayList<>(words);
		command.set(0, HOME.resolve(words.get(0)).toString());
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			process.getOutputStream().close();
			String said = new String(process.getInputStream().readAllBytes()).strip();
			int status = process.waitFor();
			if (status == 2)
				return said.isEmpty() ? words + " cannot be had" : said.substring(said.lastIndexOf('\n') + 1);
			assertEquals(0, status, () -> words + " said: " + said);
			return "";
		} catch (IOException e) {
			return "no script runs here: " + e.getMessage();
		} catch (InterruptedException e) {
			throw new AssertionError(e);
		}
	}
}
