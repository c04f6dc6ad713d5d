package vmhi.mgmt.rest;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** The answers that go on until the client leaves; at most so many. For any thread. */
final class Streams implements AutoCloseable {

	private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

	/** Feeds a stream from when it is begun. */
	interface Feed {
		/** @return stops it; may be run by a thread that this feed uses */
		Runnable begin(Stream stream);
	}

	/**
	 * What is peculiar to a kind of stream.
	 *
	 * @param alive sent now and then, so that a client that is gone is found out; empty if there is no way to say nothing
	 * @param farewell sent last when the bundle leaves
	 */
	record Kind(String type, byte[] alive, byte[] farewell) {}

	private final Semaphore free;
	private final Set<Open> open = ConcurrentHashMap.newKeySet();
	private volatile boolean closed;

	Streams(int most, long heartbeatSeconds, ScheduledExecutorService timer) {
		free = new Semaphore(most);
		timer.scheduleAtFixedRate(this::beat, heartbeatSeconds, heartbeatSeconds, TimeUnit.SECONDS);
	}

	/** Begins a stream: the feed begins at once, and what it sends goes out with the answer. */
	Answer begin(Kind kind, Map<String, String> headers, Feed feed) throws Problem {
		if (closed || !free.tryAcquire())
			throw Held.busy();
		Open one = new Open(kind, headers);
		open.add(one);
		try {
			one.fedBy(feed.begin(one.stream));
		} catch (RuntimeException e) {
			one.stream.drop();
			throw e;
		}
		return one;
	}

	/** Ends all streams, each with its last words, and returns when these are sent or a client took too long. */
	@Override
	public void close() {
		closed = true;
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
		open.forEach(one -> one.stream.end(one.kind.farewell));
		try {
			for (Open one : open)
				if (!one.stream.awaitEnd(deadline - System.nanoTime()))
					one.stream.drop();
		} catch (InterruptedException e) {
			open.forEach(one -> one.stream.drop());
			Thread.currentThread().interrupt();
		}
	}

	private void beat() {
		try {
			open.forEach(one -> one.stream.sendIfIdle(one.kind.alive));
		} catch (RuntimeException e) { // would end the beating of all
			LOG.error("a stream failed", e);
		}
	}

	/** One of them: the answer that it is, and its place among the others. */
	private final class Open implements Answer {
		private final Stream stream = new Stream(this::over);
		private final Kind kind;
		private final Map<String, String> headers;
		private Runnable stop; // guarded by this
		private boolean over; // guarded by this

		Open(Kind kind, Map<String, String> headers) {
			this.kind = kind;
			this.headers = headers;
		}

		@Override
		public void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
			try {
				headers.forEach(response::setHeader);
				response.setContentType(kind.type);
				AsyncContext context = request.startAsync(request, response);
				context.setTimeout(0); // idle is what a stream mostly is
				stream.open(context, response.getOutputStream());
			} catch (IOException | RuntimeException e) {
				stream.drop();
				throw e;
			}
		}

		/** The feed may have ended the stream before its stop is known here. */
		void fedBy(Runnable feedStop) {
			synchronized (this) {
				stop = feedStop;
				if (!over)
					return;
			}
			feedStop.run();
		}

		/** The last it does is to leave the set: who closes waits for all in it. */
		private void over() {
			Runnable feedStop;
			synchronized (this) {
				over = true;
				feedStop = stop;
			}
			try {
				if (feedStop != null)
					feedStop.run();
			} finally {
				open.remove(this);
				free.release();
			}
		}
	}
}
