package vmhi.mgmt.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;

import org.apache.felix.service.command.CommandSession;

import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;

/** What is peculiar to people at a terminal: who they are, the files they name, and how things look to them. */
final class Terminal {

	private static final int MOST_READ = 1 << 20;
	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
	private static final String[] UNITS = { "B", "KiB", "MiB", "GiB", "TiB" };

	private Terminal() {}

	static Hypervisor open(Access access) {
		return access.open(new Principal("terminal", "shell", Set.of(Role.ADMIN)));
	}

	/** A file that is there, named from where the session is. */
	static Path file(CommandSession session, Object name) {
		Path here = session.currentDir() != null ? session.currentDir() : Path.of("");
		Path file = here.resolve(name.toString());
		if (!Files.isRegularFile(file))
			throw new IllegalArgumentException("there is no file " + file);
		return file;
	}

	static String read(CommandSession session, String name) throws IOException {
		Path file = file(session, name);
		if (Files.size(file) > MOST_READ)
			throw new IllegalArgumentException("%s has more than %d bytes".formatted(file, MOST_READ));
		return Files.readString(file);
	}

	static String word(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

	static String time(Instant time) {
		return time == null ? "" : TIME.format(time.atZone(ZoneId.systemDefault()));
	}

	/** Bytes in the greatest unit that they are a whole number of. */
	static String size(long bytes) {
		int unit = 0;
		long size = bytes;
		for (; size != 0 && size % 1024 == 0 && unit < UNITS.length - 1; unit++)
			size /= 1024;
		return size + " " + UNITS[unit];
	}

	/**
	 * Text without what a terminal obeys: much of what is shown was written by a guest, which would otherwise move the
	 * cursor, or type on the keyboard of whoever looks at it.
	 */
	static String printable(String text) {
		StringBuilder printable = new StringBuilder(text.length());
		text.codePoints().filter(c -> c != '\r').forEach(c -> printable.appendCodePoint(
				c == '\n' || c == '\t' || !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT ? c
						: '.'));
		return printable.toString();
	}
}
