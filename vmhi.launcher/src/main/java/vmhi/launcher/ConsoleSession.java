package vmhi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import vmhi.api.machine.Console;

/**
 * A machine's console on a pair of streams, byte for byte. The guest is held back rather than let past what was written
 * out. A thread for each direction; the one that reads may be stuck in a read for ever and is left behind as a daemon.
 */
final class ConsoleSession {
	private static final int CHUNK = 16 * 1024;
	private static final long AWAIT_MILLIS = 100;
	private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

	private final Console console;
	private final OutputStream out;
	private final Runnable failed;
	private final Console.Hold hold;
	private final long start;
	private final Thread writer = new Thread(this::write, "vmhi-console-out");
	private volatile boolean ended;
	private volatile IOException failure;

	/** @param failed is run when {@code out} fails, as a pipe does whose reader has gone */
	ConsoleSession(Console console, OutputStream out, Runnable failed) {
		this.console = console;
		this.out = out;
		// all that is kept: the guest may have begun before we came
		this.start = Math.max(0, console.position() - console.capacity());
		this.failed = failed;
		this.hold = console.hold(start);
		writer.start();
	}

	/** Types what comes from a stream, to its end. */
	void typeFrom(InputStream in, Escapes escapes) {
		Thread reader = new Thread(() -> read(in, escapes), "vmhi-console-in");
		reader.setDaemon(true);
		reader.start();
	}

	/** Returns when all that the guest sent is written. Nothing more is coming. */
	void finish() throws IOException, InterruptedException {
		ended = true;
		writer.join();
		if (failure != null)
			throw failure;
	}

	private void write() {
		ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
		long position = start;
		try (hold) {
			while (true) {
				boolean last = ended;
				buffer.clear();
				long from = console.read(position, buffer);
				buffer.flip();
				if (buffer.hasRemaining()) {
					out.write(buffer.array(), 0, buffer.limit());
					out.flush();
					position = from + buffer.limit();
					hold.moveTo(position);
				} else if (last) {
					return;
				} else {
					console.await(position, AWAIT_MILLIS);
				}
			}
		} catch (IOException e) {
			failure = e;
			failed.run();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	private void read(InputStream in, Escapes escapes) {
		byte[] bytes = new byte[CHUNK];
		try {
			for (int n; (n = in.read(bytes)) >= 0 && !ended;) {
				ByteBuffer typed = ByteBuffer
						.wrap(escapes == null ? Arrays.copyOf(bytes, n) : escapes.filter(bytes, n));
				while (typed.hasRemaining() && !ended)
					if (console.type(typed) == 0)
						LockSupport.parkNanos(FULL_NANOS); // the guest reads at its own pace, and nobody tells when
			}
		} catch (IOException e) {
			// no more input; the machine goes on
		}
	}
}
