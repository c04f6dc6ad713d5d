package vmhi.core.vdisk;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.core.plugin.Plugin;

/**
 * Tells a drive's owner what becomes of it, in the order in which it happens, on threads that hold none of our locks. For
 * any thread.
 */
final class DriveNews {
	private static final Logger LOG = LoggerFactory.getLogger(DriveNews.class);

	/** Between two reports of errors that the guest sees: it can ask for many. */
	private static final long BETWEEN_ERRORS = TimeUnit.MINUTES.toNanos(1);

	private final String drive;
	private final DriveOwner owner;
	private final Executor executor;

	// guarded by this
	private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
	private boolean waiting;
	private boolean errorTold;
	private long errorAt;

	DriveNews(String drive, DriveOwner owner, Executor executor) {
		this.drive = drive;
		this.owner = owner;
		this.executor = executor;
	}

	private synchronized void tell(Runnable what) {
		last = last.thenRunAsync(() -> {
			try {
				what.run();
			} catch (RuntimeException e) {
				LOG.error("drive {}: its owner failed", drive, e);
			}
		}, executor);
	}

	/** The drive cannot go on. Told once until it is {@link #back}. */
	synchronized void waiting(String reason) {
		if (waiting)
			return;
		waiting = true;
		tell(() -> owner.waiting(drive, reason));
	}

	/** The drive goes on. Told if the owner was told that it doesn't. */
	synchronized void back() {
		if (!waiting)
			return;
		waiting = false;
		tell(() -> owner.back(drive));
	}

	/** Data that may be lost. */
	void lost(String reason) {
		tell(() -> owner.report("drive.error", Map.of("drive", drive, "error", reason)));
	}

	/**
	 * An error that the guest sees.
	 *
	 * @return whether it is told, which it is once a while
	 */
	synchronized boolean error(String reason) {
		long now = System.nanoTime();
		if (errorTold && now - errorAt < BETWEEN_ERRORS)
			return false;
		errorTold = true;
		errorAt = now;
		tell(() -> owner.report("drive.error", Map.of("drive", drive, "error", reason)));
		return true;
	}

	/** {@code plugin.*}, with further particulars by name and value. */
	void plugin(String what, Plugin<?> plugin, String... particulars) {
		Map<String, String> data = new HashMap<>(Map.of("plugin", plugin.role(), "bundle", plugin.bundle(), "version",
				plugin.version().toString(), "drive", drive));
		for (int i = 0; i < particulars.length; i += 2)
			data.put(particulars[i], particulars[i + 1]);
		tell(() -> owner.report("plugin." + what, data));
	}
}
