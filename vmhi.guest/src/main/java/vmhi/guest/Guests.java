package vmhi.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The guests, as assembled by the build. What each does, prints and takes on its command line is said at
 * the head of its source, {@code guests/NAME.asm}.
 */
public final class Guests {

	static final String FLAT = ".bin";
	static final String ELF = ".elf";

	private static final String FOLDER = "/guests/";

	private static final List<
			String> NAMES = List.of("bad", "clocks", "compute", "counter", "demo", "diskstress", "disksum",
					"hello", "hello-bzimage", "hello-pvh", "hypercall", "memwalk", "mmioloop", "pioloop", "smp", "spin",
					"timer", "vendor");

	private Guests() {}

	/** The names of all guests. */
	public static List<String> names() {
		return NAMES;
	}

	/**
	 * The image of a guest: a flat image, but for {@code hello-pvh}, an ELF file, and {@code hello-bzimage},
	 * a Linux boot image.
	 *
	 * @throws IllegalArgumentException if there is no such guest
	 */
	public static byte[] image(String name) {
		try (InputStream in = open(name)) {
			return in.readAllBytes();
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	private static InputStream open(String name) {
		for (String extension : List.of(FLAT, ELF)) {
			InputStream in = Guests.class.getResourceAsStream(FOLDER + name + extension);
			if (in != null)
				return in;
		}
		throw new IllegalArgumentException("no guest is called " + name);
	}
}
