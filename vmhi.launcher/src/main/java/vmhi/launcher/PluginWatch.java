package vmhi.launcher;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Has a {@link PluginFolder} look whenever something may have changed: when the file system says so, and every now and
 * then, because network file systems don't say, and a host may have no watches left.
 */
final class PluginWatch implements AutoCloseable {
	private static final long SOON_MILLIS = PluginFolder.SETTLE_MILLIS / 3;
	private static final long NOW_AND_THEN_MILLIS = 2_000;

	private final PluginFolder folder;
	private final WatchService watcher;
	private final CountDownLatch closed = new CountDownLatch(1);
	private final Thread thread = new Thread(this::run, "vmhi-plugins");

	/** Starts at once, from what lies in the folders now. */
	PluginWatch(PluginFolder folder, List<Path> paths) {
		this.folder = folder;
		this.watcher = watch(paths);
		thread.setDaemon(true);
		thread.start();
	}

	/** When it returns no change is under way any more. */
	@Override
	public void close() {
		closed.countDown();
		try {
			if (watcher != null)
				watcher.close();
			thread.join();
		} catch (IOException e) {
			// nobody waits for it any more
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	private void run() {
		try {
			long pause = SOON_MILLIS;
			while (!pause(pause))
				pause = folder.scan(TimeUnit.NANOSECONDS.toMillis(System.nanoTime())) ? SOON_MILLIS
						: NOW_AND_THEN_MILLIS;
		} catch (InterruptedException | ClosedWatchServiceException e) {
			// the end
		}
	}

	/** @return whether this is the end */
	private boolean pause(long millis) throws InterruptedException {
		if (watcher == null)
			return closed.await(millis, TimeUnit.MILLISECONDS);
		WatchKey key = watcher.poll(millis, TimeUnit.MILLISECONDS);
		if (key != null) {
			key.pollEvents();
			key.reset();
		}
		return closed.getCount() == 0;
	}

	private static WatchService watch(List<Path> paths) {
		WatchService watcher = null;
		try {
			for (Path path : paths)
				if (Files.isDirectory(path)) {
					if (watcher == null)
						watcher = path.getFileSystem().newWatchService();
					path.register(watcher, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
				}
		} catch (IOException | UnsupportedOperationException e) {
			// then looking every now and then must do
		}
		return watcher;
	}
}
