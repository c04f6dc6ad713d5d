package vmhi.core.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A file of lines that only grows. What was appended survives the end of the host; after {@link #sync} also the end of
 * its power. A last line that is not whole is cut off when the file is opened.
 * <p>
 * For any thread; one lock over all.
 */
public final class Journal implements AutoCloseable {

	private static final int BLOCK = 4096;

	private final Path path;
	private final long cut;
	private RandomAccessFile file;
	private long length; // of the whole lines; more is there after an append that failed
	private boolean clean = true;

	/** Opens a journal; a new one if there is none. */
	public Journal(Path path) throws IOException {
		this.path = path;
		if (!Files.exists(path)) {
			Durable.createFile(path);
			Durable.sync(path.getParent());
		}
		file = new RandomAccessFile(path.toFile(), "rw");
		length = endOfLastLine();
		cut = file.length() - length;
		if (cut > 0) {
			file.setLength(length);
			file.getFD().sync();
		}
	}

	/** Where the journal lies. */
	public Path path() {
		return path;
	}

	/** How many bytes of a torn line were cut off when it was opened. */
	public long cut() {
		return cut;
	}

	/** Appends a line. If that fails the journal is as it was. */
	public synchronized void append(String line) throws IOException {
		if (line.indexOf('\n') >= 0)
			throw new IllegalArgumentException("a line break in a line of a journal");
		byte[] bytes = (line + "\n").getBytes(UTF_8);
		if (!clean)
			file.setLength(length);
		clean = false;
		file.seek(length);
		file.write(bytes);
		length += bytes.length;
		clean = true;
	}

	/** Returns when all that was appended before would survive a power cut. */
	public synchronized void sync() throws IOException {
		file.getFD().sync();
	}

	/** The last lines, at most {@code most} of them, the newest first. */
	public synchronized List<String> newest(int most) throws IOException {
		List<String> lines = new ArrayList<>();
		long end = length; // just behind the line break of the line that comes next
		while (end > 0 && lines.size() < most) {
			long start = lineBreakBefore(end - 1) + 1;
			byte[] line = new byte[Math.toIntExact(end - 1 - start)];
			file.seek(start);
			file.readFully(line);
			lines.add(new String(line, UTF_8));
			end = start;
		}
		return lines;
	}

	/** All lines that were there when it was called, the oldest first. Others may append meanwhile. */
	public void forEach(Consumer<String> reader) throws IOException {
		long end;
		synchronized (this) {
			end = length;
		}
		try (InputStream in = Files.newInputStream(path);
				BufferedReader lines = new BufferedReader(new InputStreamReader(new Limited(in, end), UTF_8))) {
			for (String line = lines.readLine(); line != null; line = lines.readLine())
				reader.accept(line);
		}
	}

	/** Puts other lines in the place of all that are there, durably. */
	public synchronized void replace(List<String> lines) throws IOException {
		StringBuilder text = new StringBuilder();
		for (String line : lines)
			text.append(line).append('\n');
		file.close();
		try {
			Durable.write(path, text.toString().getBytes(UTF_8));
		} finally {
			file = new RandomAccessFile(path.toFile(), "rw");
			length = endOfLastLine();
			clean = length == file.length();
		}
	}

	@Override
	public synchronized void close() throws IOException {
		file.close();
	}

	private long endOfLastLine() throws IOException {
		return lineBreakBefore(file.length()) + 1;
	}

	/** Position of the last line break below {@code end}; -1 if there is none. */
	private long lineBreakBefore(long end) throws IOException {
		byte[] block = new byte[BLOCK];
		for (long stop = end; stop > 0;) {
			int size = (int) Math.min(BLOCK, stop);
			file.seek(stop - size);
			file.readFully(block, 0, size);
			for (int i = size; i-- > 0;)
				if (block[i] == '\n')
					return stop - size + i;
			stop -= size;
		}
		return -1;
	}

	/** The first bytes of a stream. */
	private static final class Limited extends InputStream {
		private final InputStream in;
		private long left;

		Limited(InputStream in, long left) {
			this.in = in;
			this.left = left;
		}

		@Override
		public int read() throws IOException {
			return left-- > 0 ? in.read() : -1;
		}

		@Override
		public int read(byte[] target, int offset, int most) throws IOException {
			if (left <= 0)
				return -1;
			int count = in.read(target, offset, (int) Math.min(most, left));
			left -= Math.max(count, 0);
			return count;
		}
	}
}
