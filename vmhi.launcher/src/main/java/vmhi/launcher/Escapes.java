package vmhi.launcher;

import java.io.ByteArrayOutputStream;

/**
 * Tells what is for the guest from what is for the launcher in what somebody types: Ctrl-A and another key is a
 * command, Ctrl-A twice is Ctrl-A. Belongs to the thread that reads the terminal.
 */
final class Escapes {
	static final String HELP = "Ctrl-A x  ends the machine   Ctrl-A h  prints this   Ctrl-A Ctrl-A  types Ctrl-A";

	private static final byte CTRL_A = 1;

	private final Runnable quit;
	private final Runnable help;
	private boolean escaped;

	Escapes(Runnable quit, Runnable help) {
		this.quit = quit;
		this.help = help;
	}

	/** What of the bytes is for the guest. */
	byte[] filter(byte[] bytes, int length) {
		ByteArrayOutputStream guest = new ByteArrayOutputStream(length);
		for (int i = 0; i < length; i++) {
			byte b = bytes[i];
			if (escaped) {
				escaped = false;
				switch (b) {
					case 'x', 'X' -> quit.run();
					case 'h', 'H', '?' -> help.run();
					case 'a', CTRL_A -> guest.write(CTRL_A);
					default -> {
						// not a command, and hardly meant for the guest
					}
				}
			} else if (b == CTRL_A) {
				escaped = true;
			} else {
				guest.write(b);
			}
		}
		return guest.toByteArray();
	}
}
