package vmhi.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What guests with Linux boot: made by {@code vmhi.linux/initramfs} of the tree that this program was built in.
 *
 * @param kernel Debian's
 * @param initrd what the first process is in
 */
record LinuxImages(Path kernel, Path initrd) {

	/** With the RAM disk that has this name there. */
	static LinuxImages of(String name, String file) throws IOException, InterruptedException, Setup.MissingException {
		Path home = Setup.jar().resolveSibling("../../vmhi.linux").normalize();
		Path script = home.resolve("initramfs");
		if (!Files.isExecutable(script))
			throw new Setup.MissingException("there is no %s; it takes the source tree".formatted(script));
		Process process = new ProcessBuilder(script.toString(), name).redirectErrorStream(true).start();
		String said = new String(process.getInputStream().readAllBytes()).strip();
		if (process.waitFor() != 0)
			throw new Setup.MissingException(said);
		String cache = System.getenv("VMHI_LINUX_CACHE");
		Path made = cache == null ? home.resolve(".cache") : Path.of(cache);
		return new LinuxImages(made.resolve("boot/vmlinuz"), made.resolve(file));
	}
}
