package vmhi.mgmt.rest;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

/**
 * An answer without an end. What is sent is queued and goes out as fast as the client takes it, without a thread that
 * waits for the client.
 * <p>
 * For any thread: the one that feeds it sends, the timer sends signs of life, the server's threads write, and whoever
 * stops the bundle ends it. All of it is guarded by {@code lock}, which isn't held while the server is told of the end
 * and {@code over} is run: these may wait for one of the threads above.
 */
final class Stream implements WriteListener {

	private static final Logger LOG = LoggerFactory.getLogger(Stream.class);

	/** Bytes that may be queued; the last piece may go beyond. */
	private static final int ROOM = 256 * 1024;
	/** A client that takes nothing for so long is let go. */
	private static final long PATIENCE_SECONDS = 30;

	private final Runnable over;
	private final CountDownLatch ended = new CountDownLatch(1);
	private final ReentrantLock lock = new ReentrantLock();
	private final Condition room = lock.newCondition();
	private final Queue<byte[]> queue = new ArrayDeque<>();
	private AsyncContext context;
	private ServletOutputStream out;
	private int queued;
	/** The server has called back for the first time; before, nothing may be written. */
	private boolean writable;
	private boolean unflushed = true; // the headers
	/** Nothing more is taken in. */
	private boolean ending;
	/** Nothing more is written. */
	private boolean done;

	/** @param over run once, when nothing more can be sent */
	Stream(Runnable over) {
		this.over = over;
	}

	/** Where it goes to; until then it only queues. The server calls back when it takes the first bytes. */
	void open(AsyncContext toComplete, ServletOutputStream to) {
		lock.lock();
		try {
			context = toComplete;
			out = to;
			if (!done) {
				to.setWriteListener(this);
				return;
			}
		} finally {
			lock.unlock();
		}
		complete();
	}

	/**
	 * Sends a piece as a whole; waits for room while the client is behind.
	 *
	 * @return whether there is any use in sending more
	 */
	boolean send(byte[] piece) {
		boolean last;
		lock.lock();
		try {
			long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
			while (queued >= ROOM && !ending && left > 0)
				left = room.awaitNanos(left);
			if (ending)
				return false;
			if (queued < ROOM) {
				add(piece);
				last = drain();
			} else {
				LOG.debug("a client took nothing for {} s and is let go", PATIENCE_SECONDS);
				last = abandon();
			}
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			return false;
		} finally {
			lock.unlock();
		}
		if (last)
			finish();
		return !last;
	}

	/** Sends a piece unless others are still under way. */
	void sendIfIdle(byte[] piece) {
		boolean last = false;
		lock.lock();
		try {
			if (queue.isEmpty() && !ending) {
				add(piece);
				last = drain();
			}
		} finally {
			lock.unlock();
		}
		if (last)
			finish();
	}

	/** Sends a last piece, and ends when the client has taken it. */
	void end(byte[] piece) {
		boolean last = false;
		lock.lock();
		try {
			if (!ending) {
				add(piece);
				ending = true;
				room.signalAll();
				last = drain();
			}
		} finally {
			lock.unlock();
		}
		if (last)
			finish();
	}

	/** Ends at once, whatever is still queued. */
	void drop() {
		boolean last;
		lock.lock();
		try {
			last = abandon();
		} finally {
			lock.unlock();
		}
		if (last)
			finish();
	}

	/** Whether there is any use in sending. */
	boolean isOpen() {
		lock.lock();
		try {
			return !ending;
		} finally {
			lock.unlock();
		}
	}

	/** Waits until the client has all of it, or is gone. */
	boolean awaitEnd(long nanos) throws InterruptedException {
		return ended.await(nanos, TimeUnit.NANOSECONDS);
	}

	@Override
	public void onWritePossible() {
		boolean last;
		lock.lock();
		try {
			writable = true;
			last = drain();
		} finally {
			lock.unlock();
		}
		if (last)
			finish();
	}

	@Override
	public void onError(Throwable failure) {
		LOG.debug("a client is gone", failure);
		drop();
	}

	private void add(byte[] piece) {
		if (piece.length > 0)
			queue.add(piece);
		queued += piece.length;
	}

	/** Writes what the server takes now. Returns whether that was the end, and the caller has to finish. */
	private boolean drain() {
		try {
			while (writable && !done && out.isReady()) {
				byte[] next = queue.poll();
				if (next != null) {
					out.write(next);
					queued -= next.length;
					unflushed = true;
					room.signalAll();
				} else if (unflushed) {
					unflushed = false;
					out.flush();
				} else {
					return ending && abandon();
				}
			}
			return false;
		} catch (IOException e) {
			LOG.debug("a client is gone", e);
			return abandon();
		}
	}

	/** Returns whether it was not done before, and the caller has to finish. */
	private boolean abandon() {
		if (done)
			return false;
		done = true;
		ending = true;
		queue.clear();
		queued = 0;
		room.signalAll();
		return true;
	}

	private void finish() {
		if (context != null) // else open() finds it done
			complete();
		over.run();
		ended.countDown();
	}

	private void complete() {
		try {
			context.complete();
		} catch (IllegalStateException e) {
			LOG.debug("the server ended it first", e);
		}
	}
}
