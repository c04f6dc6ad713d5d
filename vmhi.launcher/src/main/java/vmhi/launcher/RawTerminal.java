package vmhi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;

import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Attributes.InputFlag;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * The terminal, passing on each key as it is pressed, Ctrl-C included: it is the guest's now. Until it is closed, or
 * the process ends.
 */
final class RawTerminal implements AutoCloseable {
	private final Terminal terminal;
	private final Attributes before;
	private final Thread atEnd = new Thread(this::restore, "vmhi-terminal");

	private RawTerminal(Terminal terminal) {
		this.terminal = terminal;
		this.before = terminal.getAttributes();
		Attributes raw = new Attributes(before);
		raw.setLocalFlags(EnumSet.of(LocalFlag.ICANON, LocalFlag.ECHO, LocalFlag.IEXTEN, LocalFlag.ISIG), false);
		raw.setInputFlags(
				EnumSet.of(InputFlag.IXON, InputFlag.ICRNL, InputFlag.INLCR, InputFlag.IGNCR, InputFlag.ISTRIP), false);
		raw.setControlChar(ControlChar.VMIN, 1);
		raw.setControlChar(ControlChar.VTIME, 0);
		// output stays cooked: a guest that sends bare line feeds can be read, one that sends both loses nothing
		terminal.setAttributes(raw);
		Runtime.getRuntime().addShutdownHook(atEnd);
	}

	/** @return {@code null} if standard input isn't a terminal */
	static RawTerminal open() {
		if (!maybeTerminal())
			return null;
		try {
			return new RawTerminal(TerminalBuilder.builder().system(true).dumb(false).nativeSignals(false).build());
		} catch (IOException | IllegalStateException e) {
			return null;
		}
	}

	@Override
	public void close() {
		try {
			Runtime.getRuntime().removeShutdownHook(atEnd);
		} catch (IllegalStateException e) {
			return; // it runs, or will
		}
		restore();
	}

	private void restore() {
		terminal.setAttributes(before);
	}

	/** Rules out files, pipes and sockets without loading anything native. */
	private static boolean maybeTerminal() {
		Path link = Path.of("/proc/self/fd/0");
		try {
			return !Files.isSymbolicLink(link)
					|| Files.readSymbolicLink(link).toString().matches("/dev/(tty|pts|console|hvc).*");
		} catch (IOException e) {
			return true;
		}
	}
}
