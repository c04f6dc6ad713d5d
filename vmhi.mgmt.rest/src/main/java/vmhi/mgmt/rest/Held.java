package vmhi.mgmt.rest;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Requests that are answered later, so that the server's threads stay free meanwhile: those that wait for something,
 * on a thread of our own each, and refusals that are delayed on purpose. At most so many of both. For any thread.
 */
final class Held implements AutoCloseable {

	private static final Logger LOG = LoggerFactory.getLogger(Held.class);

	private final ThreadPoolExecutor threads;
	private final ScheduledExecutorService timer;
	private final Semaphore delayed;

	Held(int most, ScheduledExecutorService timer) {
		this.threads = new ThreadPoolExecutor(0, most, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
				work -> Threads.daemon("vmhi-rest-wait", work));
		this.timer = timer;
		this.delayed = new Semaphore(most);
	}

	/** Sends an answer from a thread that may wait for it; the thread is interrupted when the bundle leaves. */
	Answer waiting(Answer answer) {
		return (request, response) -> {
			AsyncContext context = request.startAsync(request, response);
			context.setTimeout(0); // waiting has its own limits
			try {
				threads.execute(() -> complete(context, answer, request, response));
			} catch (RejectedExecutionException e) {
				complete(context, busy().reply(), request, response);
			}
		};
	}

	/** Sends an answer after a while. */
	Answer delayed(long millis, Answer answer) {
		if (millis == 0)
			return answer;
		if (!delayed.tryAcquire())
			return new Problem(Fault.TOO_MANY_FAILURES, "wait before you try again").header("Retry-After", "2").reply();
		return (request, response) -> {
			AsyncContext context = request.startAsync(request, response);
			context.setTimeout(0);
			Runnable end = () -> {
				delayed.release();
				complete(context, answer, request, response);
			};
			try {
				timer.schedule(end, millis, TimeUnit.MILLISECONDS);
			} catch (RejectedExecutionException e) {
				end.run();
			}
		};
	}

	/** Has those that wait answer with what is so far, and returns when they have. */
	@Override
	public void close() {
		threads.shutdownNow();
		try {
			if (!threads.awaitTermination(2, TimeUnit.SECONDS))
				LOG.warn("{} requests are still being answered", threads.getActiveCount());
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	static Problem busy() {
		return new Problem(Fault.BUSY, "too many requests are held open; try again").header("Retry-After", "1");
	}

	private static void complete(AsyncContext context, Answer answer, HttpServletRequest request,
			HttpServletResponse response) {
		try {
			answer.send(request, response);
		} catch (IOException e) {
			LOG.debug("the client did not wait for its answer", e);
		} finally {
			context.complete();
		}
	}
}
