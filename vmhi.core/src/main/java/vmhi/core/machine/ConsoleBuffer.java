package vmhi.core.machine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import vmhi.api.device.ConsolePort;
import vmhi.api.machine.Console;

/**
 * One console: the last bytes the guest sent, in a ring, and the bytes typed that it has not read. For any thread; the
 * device's thread never waits here for a reader.
 */
final class ConsoleBuffer implements Console, ConsolePort {
	private static final int KEPT = 64 << 10;
	private static final int TYPED = 4 << 10;
	private static final long STALE_MILLIS = 10_000;

	private final long staleMillis;
	private final byte[] ring = new byte[KEPT];
	private final byte[] typed = new byte[TYPED];
	private final List<Reader> holds = new ArrayList<>();
	private long written;
	private long typedIn;
	private long typedOut;
	private boolean refused;
	private volatile Listener listener;

	ConsoleBuffer() {
		this(STALE_MILLIS);
	}

	/** With another time after which a reader that does not move is not waited for. */
	ConsoleBuffer(long staleMillis) {
		this.staleMillis = staleMillis;
	}

	@Override
	public synchronized boolean write(int value) {
		if (!holds.isEmpty() && held()) {
			if (!refused)
				lookLater();
			refused = true;
			return false;
		}
		ring[(int) (written++ % KEPT)] = (byte) value;
		notifyAll();
		return true;
	}

	/** Whether a reader would lose a byte. One that has not moved for long is not waited for. */
	private boolean held() {
		long now = System.nanoTime();
		holds.removeIf(hold -> written - hold.position >= KEPT && now - hold.moved > staleMillis * 1_000_000);
		return holds.stream().anyMatch(hold -> written - hold.position >= KEPT);
	}

	@Override
	public synchronized int read() {
		return typedOut == typedIn ? -1 : typed[(int) (typedOut++ % TYPED)] & 0xff;
	}

	@Override
	public synchronized int available() {
		return (int) (typedIn - typedOut);
	}

	@Override
	public void listen(Listener next) {
		listener = next;
	}

	@Override
	public synchronized long position() {
		return written;
	}

	@Override
	public int capacity() {
		return KEPT;
	}

	@Override
	public synchronized long read(long from, ByteBuffer target) {
		long first = Math.min(written, Math.max(from, Math.max(0, written - KEPT)));
		for (long at = first; at < written && target.hasRemaining();) {
			int offset = (int) (at % KEPT);
			int part = (int) Math.min(Math.min(written - at, KEPT - offset), target.remaining());
			target.put(ring, offset, part);
			at += part;
		}
		return first;
	}

	@Override
	public synchronized boolean await(long beyond, long millis) throws InterruptedException {
		long deadline = System.nanoTime() + millis * 1_000_000;
		while (written <= beyond) {
			long left = (deadline - System.nanoTime()) / 1_000_000;
			if (left <= 0)
				return false;
			wait(left);
		}
		return true;
	}

	@Override
	public int type(ByteBuffer bytes) {
		int taken = 0;
		synchronized (this) {
			while (bytes.hasRemaining() && typedIn - typedOut < TYPED) {
				typed[(int) (typedIn++ % TYPED)] = bytes.get();
				taken++;
			}
		}
		Listener now = listener;
		if (taken > 0 && now != null)
			now.readable();
		return taken;
	}

	@Override
	public synchronized Hold hold(long position) {
		Reader reader = new Reader(position);
		holds.add(reader);
		return reader;
	}

	private final class Reader implements Hold {
		private long position;
		private long moved = System.nanoTime();

		Reader(long position) {
			this.position = position;
		}

		@Override
		public void moveTo(long next) {
			synchronized (ConsoleBuffer.this) {
				if (next > position)
					moved = System.nanoTime();
				position = Math.max(position, next);
			}
			resume();
		}

		@Override
		public void close() {
			synchronized (ConsoleBuffer.this) {
				holds.remove(this);
			}
			resume();
		}
	}

	/** A reader may just stay away: somebody has to tell the device that it is not waited for any more. */
	private void lookLater() {
		CompletableFuture.delayedExecutor(staleMillis + 1, TimeUnit.MILLISECONDS).execute(() -> {
			resume();
			synchronized (this) {
				if (refused)
					lookLater();
			}
		});
	}

	/** Lets the device try again, if it was refused. */
	private void resume() {
		boolean tell;
		synchronized (this) {
			tell = refused && !held();
			if (tell)
				refused = false;
		}
		Listener now = listener;
		if (tell && now != null)
			now.writable();
	}
}
