package vmhi.core.event;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.core.state.Durable;

/**
 * Sees to it that no number of an event comes again after a restart. Numbers are reserved in blocks ahead of their use:
 * the file holds the highest that may have been used when the host ends without a word. The next block is reserved on a
 * thread of its own when less than one is left, so nobody who publishes waits for the disk. Only if the disk is gone
 * for a whole block do numbers go on unreserved.
 */
final class EventNumbers {

	static final long BLOCK = 100_000;

	private static final Logger LOG = LoggerFactory.getLogger(EventNumbers.class);
	private static final long MOST = 1L << 53; // what a JavaScript client can count to

	private final Path file;
	private final AtomicBoolean reserving = new AtomicBoolean();
	private volatile long reserved;
	private boolean closed; // guarded by this, as is the file

	EventNumbers(Path file) {
		this.file = file;
	}

	/**
	 * Reserves the first block.
	 *
	 * @return the highest number that earlier runs may have used
	 */
	long open() throws IOException {
		long used = Files.exists(file) ? read() : 0;
		reserve(used + 2 * BLOCK);
		return used;
	}

	private long read() throws IOException {
		String text = Files.readString(file).strip();
		if (text.matches("[0-9]{1,16}") && Long.parseLong(text) < MOST)
			return Long.parseLong(text);
		long guess = System.currentTimeMillis() * 1000; // far beyond what can have been used
		LOG.error("{} cannot be read; it is kept as {}, and events are numbered from {} on", file,
				Durable.putAside(file), guess);
		return guess;
	}

	/** A number has been used. Cheap. */
	void used(long number) {
		if (number + BLOCK > reserved && reserving.compareAndSet(false, true)) {
			Thread thread = new Thread(() -> reserveBeyond(number), "vmhi-event-numbers");
			thread.setDaemon(true);
			thread.start();
		}
	}

	private void reserveBeyond(long number) {
		try {
			reserve(number + 3 * BLOCK);
		} catch (IOException e) {
			LOG.error("event numbers cannot be reserved; after a crash some might come again: {}", e.toString());
			reserved = number + 2 * BLOCK; // tried again a block later
		} finally {
			reserving.set(false);
		}
	}

	private synchronized void reserve(long upTo) throws IOException {
		if (closed)
			return; // the file may be somebody else's by now
		Durable.write(file, Long.toString(upTo).getBytes(US_ASCII));
		reserved = upTo;
	}

	/** Gives back what wasn't used. */
	synchronized void close(long last) throws IOException {
		closed = true;
		Durable.write(file, Long.toString(last).getBytes(US_ASCII));
	}
}
