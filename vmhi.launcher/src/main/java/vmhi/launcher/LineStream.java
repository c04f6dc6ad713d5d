package vmhi.launcher;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Makes lines of bytes. Belongs to the thread that writes. */
final class LineStream extends OutputStream {
	private static final int LONGEST = 4096;

	private final Consumer<String> lines;
	private final ByteArrayOutputStream line = new ByteArrayOutputStream();

	LineStream(Consumer<String> lines) {
		this.lines = lines;
	}

	@Override
	public void write(int b) {
		if (b != '\n' && b != '\r')
			line.write(b);
		if (b == '\n' || line.size() == LONGEST)
			end();
	}

	/** Passes on what has no line feed, too. */
	@Override
	public void close() {
		if (line.size() > 0)
			end();
	}

	private void end() {
		lines.accept(line.toString(StandardCharsets.ISO_8859_1));
		line.reset();
	}
}
