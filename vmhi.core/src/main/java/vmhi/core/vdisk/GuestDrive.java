package vmhi.core.vdisk;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

import org.osgi.framework.VersionRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest;
import vmhi.api.machine.MachineSnapshot.Serving;
import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.Described;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.plugin.Deadline;
import vmhi.core.plugin.Plugin;

/**
 * A drive of a machine with power. Requests are carried out on threads of the core's, several at a time, on the disk that
 * the format's bundle has opened.
 * <p>
 * While the bundle is exchanged the drive is <em>parked</em>: requests under way are waited for, the disk is flushed and
 * closed by the bundle that opened it, and what comes meanwhile waits in the queue until the next bundle has opened the
 * image again. A bundle that throws gets the request again; one that keeps throwing, or does not come back, is suspended:
 * its file is closed under it and the machine stands still until another bundle is there. The guest sees a pause, not an
 * error.
 * <p>
 * The queue is guarded by this; exchanges are serialised by {@link #exchange}, which is never taken with this held.
 */
public final class GuestDrive {
	private static final Logger LOG = LoggerFactory.getLogger(GuestDrive.class);

	private static final int MOST_RUNNING = 16;
	private static final int MOST_FAULTS = 5; // within a minute
	private static final int DEFAULT_BLOCK = 512;

	private enum State {
		OPEN, PARKED, CLOSED
	}

	private final Images images;
	private final String machine;
	private final MachineSpec.Disk spec;
	private final VersionRange pin;
	private final DriveOwner owner;
	private final DriveTimes times;
	private final Executor pool;
	private final ScheduledExecutorService timers;
	private final Future<?> watch;
	private final ReentrantLock exchange = new ReentrantLock();

	// guarded by this
	private State state = State.PARKED;
	private OpenDisk open;
	private final ArrayDeque<DriveTask> queue = new ArrayDeque<>();
	private final List<DriveTask> running = new ArrayList<>();
	private int faults;
	private long faultsSince;
	private boolean ownerWaits;
	private Future<?> patience;

	private volatile Plugin<DiskFormat> plugin;
	private volatile boolean present;
	private volatile long size;
	private volatile int blockSize = DEFAULT_BLOCK;
	private volatile boolean discards;
	private volatile Runnable resized;

	private final Map<DriveRequest.Op, LongAdder> requests = new LinkedHashMap<>();
	private final LongAdder bytesRead = new LongAdder();
	private final LongAdder bytesWritten = new LongAdder();
	private final LongAdder errors = new LongAdder();

	GuestDrive(Images images, String machine, MachineSpec.Disk spec, VersionRange pin, DriveOwner owner,
			DriveTimes times,
			Executor pool, ScheduledExecutorService timers) {
		this.images = images;
		this.machine = machine;
		this.spec = spec;
		this.pin = pin;
		this.owner = owner;
		this.times = times;
		this.pool = pool;
		this.timers = timers;
		for (DriveRequest.Op op : DriveRequest.Op.values())
			requests.put(op, new LongAdder());
		long period = Math.max(20, times.requestMillis() / 4);
		watch = timers.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
	}

	/** The drive, as the device that has it sees it. {@code worker} is the device's. */
	public Drive drive(Executor worker) {
		return new View(worker);
	}

	/** Who serves it. */
	public Serving serving() {
		return plugin.serving(present);
	}

	/** Numbers for people, by name. */
	public Map<String, Long> counters() {
		Map<String, Long> counters = new LinkedHashMap<>();
		requests.forEach((op, count) -> counters.put("requests." + op.name().toLowerCase(Locale.ROOT), count.sum()));
		counters.put("bytes.read", bytesRead.sum());
		counters.put("bytes.written", bytesWritten.sum());
		counters.put("errors", errors.sum());
		return counters;
	}

	// --- opening and closing, with the exchange lock or before anybody else knows the drive

	/** Opens the image. On failure the drive is over. */
	void open(Plugin<DiskFormat> with) throws DiskException {
		try {
			reopen(with);
		} catch (DiskException e) {
			watch.cancel(false);
			throw e;
		}
	}

	private void reopen(Plugin<DiskFormat> with) throws DiskException {
		Opening opening = new Opening(with.service());
		try {
			guarded("open", with, opening);
		} catch (DiskException e) {
			opening.forget();
			throw e;
		}
		long before = size;
		boolean taken;
		synchronized (this) {
			taken = state != State.CLOSED;
			if (taken) {
				open = opening.opened;
				state = State.OPEN;
				plugin = with;
				size = opening.size;
				blockSize = opening.blockSize;
				discards = open.disk() instanceof Discardable;
				present = true;
				if (patience != null)
					patience.cancel(false);
				patience = null;
				faults = 0;
				if (ownerWaits)
					owner.back(spec.name()); // with the lock, so that it is told in the order in which it happens
				ownerWaits = false;
				pump();
			}
		}
		if (!taken) {
			opening.forget();
			throw new DiskException(Kind.CANCELLED, "drive %s was closed meanwhile".formatted(spec.name()));
		}
		Runnable listener = resized;
		if (before != 0 && before != size && listener != null)
			listener.run();
	}

	/** Opens the image on another thread. If that thread is not waited for any more, what it opens is closed again. */
	private final class Opening implements Callable<Void> {
		private final DiskFormat format;
		private Storage storage; // this and the next guarded by this
		private boolean forgotten;
		OpenDisk opened;
		long size;
		int blockSize;

		Opening(DiskFormat format) {
			this.format = format;
		}

		@Override
		public Void call() throws DiskException {
			Storage image = images.storage(machine, spec);
			if (!hold(image)) {
				image.close();
				return null;
			}
			VirtualDisk disk = Images.opened(image, format);
			size = disk.size();
			blockSize = disk instanceof Described described ? described.blockSize() : DEFAULT_BLOCK;
			opened = new OpenDisk(disk, image);
			return null;
		}

		private synchronized boolean hold(Storage image) {
			storage = image;
			return !forgotten;
		}

		/** The image is closed, now or as soon as it is open. */
		void forget() {
			Storage held;
			synchronized (this) {
				forgotten = true;
				held = storage;
			}
			if (held != null)
				new OpenDisk(null, held).closeStorage();
		}
	}

	/** Lets nothing begin any more, and waits for what is under way; what does not end is taken back into the queue. */
	private void park(State next) {
		boolean interrupted = false;
		synchronized (this) {
			if (state != State.CLOSED)
				state = next;
			long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(times.drainMillis());
			for (long left = times.drainMillis(); !running.isEmpty()
					&& left > 0; left = (deadline - System.nanoTime()) / 1_000_000)
				try {
					wait(left);
				} catch (InterruptedException e) {
					interrupted = true; // the image is not taken from under requests because of that
				}
			takeBackRunning();
		}
		present = false;
		if (interrupted)
			Thread.currentThread().interrupt();
	}

	private void takeBackRunning() {
		for (int i = running.size(); i-- > 0;)
			queue.addFirst(running.get(i));
		running.clear();
	}

	/** Flushes and closes on the old code; its file is closed whatever it does. */
	private void closeDisk() {
		OpenDisk old;
		synchronized (this) {
			old = open;
			open = null;
		}
		if (old == null)
			return;
		try {
			guarded("close", plugin, () -> {
				old.disk().close();
				return null;
			});
		} catch (DiskException e) {
			LOG.error("machine {}: drive {} was not closed well: {}", machine, spec.name(), e.getMessage());
			owner.report("drive.error", Map.of("drive", spec.name(), "error", e.getMessage()));
		} finally {
			old.closeStorage();
		}
	}

	/** A call into the plug-in that may throw anything, or not come back. */
	private <T> T guarded(String what, Plugin<DiskFormat> with, Callable<T> call) throws DiskException {
		String name = "%s %s (%s %s)".formatted(what, spec.path(), with.bundle(), with.version());
		boolean interrupted = Thread.interrupted(); // by somebody who is in a hurry; this is bounded anyway
		try {
			return Deadline.call(name, times.callMillis(), call);
		} catch (ExecutionException e) {
			if (e.getCause() instanceof DiskException cause)
				throw cause;
			throw new DiskException(Kind.IO, "%s failed: %s".formatted(name, e.getCause()), e.getCause());
		} catch (Deadline.MissedException e) {
			throw new DiskException(Kind.IO, e.getMessage(), e);
		} catch (InterruptedException e) {
			interrupted = true;
			throw new DiskException(Kind.CANCELLED, name + " was interrupted", e);
		} finally {
			if (interrupted)
				Thread.currentThread().interrupt();
		}
	}

	/** Ends the drive: drains, flushes, closes. Returns in bounded time whatever the plug-in does. */
	public void close() {
		boolean locked = false;
		boolean interrupted = Thread.interrupted();
		try {
			locked = tryExchange();
			watch.cancel(false);
			park(State.CLOSED);
			closeDisk();
			List<DriveTask> left;
			synchronized (this) {
				left = new ArrayList<>(queue);
				queue.clear();
				if (patience != null)
					patience.cancel(false);
			}
			left.forEach(
					task -> complete(task.request(),
							new DiskException(Kind.IO, "drive %s is closed".formatted(spec.name()))));
		} finally {
			if (locked)
				exchange.unlock();
			images.closed(this);
			if (interrupted)
				Thread.currentThread().interrupt();
		}
	}

	private boolean tryExchange() {
		try {
			return exchange.tryLock(times.drainMillis(), TimeUnit.MILLISECONDS);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/** What the device does with the answer is its own affair. */
	private void complete(DriveRequest request, DiskException error) {
		try {
			request.complete(error);
		} catch (RuntimeException | LinkageError e) {
			LOG.warn("machine {}: drive {}: its device fails to take an answer", machine, spec.name(), e);
		}
	}

	// --- exchange of bundles, on the threads of the framework

	/** A format's bundle is about to go. */
	void leaving(Plugin<DiskFormat> going) {
		exchange.lock();
		try {
			if (isClosed() || plugin.service() != going.service() || !present)
				return;
			long start = System.nanoTime();
			park(State.PARKED);
			closeDisk();
			try {
				Plugin<DiskFormat> next = images.best(spec.format(), pin);
				reopen(next);
				exchanged(going, next, start);
			} catch (DiskException e) {
				absent("waits for a plug-in for " + going.role());
			}
		} finally {
			exchange.unlock();
		}
	}

	/** A format's bundle is there. */
	void arrived(Plugin<DiskFormat> next) {
		exchange.lock();
		try {
			Plugin<DiskFormat> old = plugin;
			if (isClosed() || !next.role().equals(old.role()) || pin != null && !pin.includes(next.version()))
				return;
			long start = System.nanoTime();
			boolean wasPresent = present;
			if (wasPresent) {
				if (next.compareTo(old) <= 0)
					return;
				park(State.PARKED);
				closeDisk();
			}
			if (tryReopen(next))
				exchanged(old, next, start);
			else if (!wasPresent || !tryReopen(old))
				absent("waits for a plug-in for %s that takes %s".formatted(next.role(), spec.path()));
		} finally {
			exchange.unlock();
		}
	}

	private boolean tryReopen(Plugin<DiskFormat> with) {
		try {
			reopen(with);
			return true;
		} catch (DiskException e) {
			LOG.warn("machine {}: drive {}: {} {} refused: {}", machine, spec.name(), with.role(), with.version(),
					e.getMessage());
			owner.report("plugin.refused", Map.of("plugin", with.role(), "bundle", with.bundle(), "version",
					with.version().toString(), "reason", String.valueOf(e.getMessage())));
			return false;
		}
	}

	private void exchanged(Plugin<DiskFormat> from, Plugin<DiskFormat> to, long start) {
		owner.report("plugin.exchanged",
				Map.of("plugin", to.role(), "drive", spec.name(), "from", from.version().toString(),
						"to", to.version().toString(), "micros", Long.toString((System.nanoTime() - start) / 1000)));
	}

	/** There is nobody to open the image: the machine goes on until it is out of patience, then it has to stand. */
	private void absent(String why) {
		owner.report("plugin.absent", Map.of("plugin", plugin.role(), "drive", spec.name()));
		synchronized (this) {
			if (patience == null && !ownerWaits)
				patience = timers.schedule(() -> standStill(why), times.patienceMillis(), TimeUnit.MILLISECONDS);
		}
	}

	private void standStill(String why) {
		synchronized (this) {
			if (state != State.PARKED || ownerWaits)
				return;
			ownerWaits = true;
			patience = null;
			owner.waiting(spec.name(), why); // with the lock, as in reopen
		}
	}

	private synchronized boolean isClosed() {
		return state == State.CLOSED;
	}

	// --- requests

	private void submit(DriveRequest request) {
		DiskException refusal = refusal(request);
		if (refusal != null) {
			errors.increment();
			pool.execute(() -> complete(request, refusal));
			return;
		}
		synchronized (this) {
			if (state != State.CLOSED) {
				queue.add(new DriveTask(request));
				pump();
				return;
			}
		}
		pool.execute(() -> complete(request, new DiskException(Kind.IO, "drive %s is closed".formatted(spec.name()))));
	}

	private DiskException refusal(DriveRequest request) {
		if (request.op() == DriveRequest.Op.FLUSH)
			return null;
		if (request.offset() < 0 || request.length() < 0 || request.offset() > size - request.length())
			return new DiskException(Kind.UNSUPPORTED,
					"drive %s: %d bytes at %d are beyond its %d".formatted(spec.name(),
							request.length(), request.offset(), size));
		if (spec.readOnly() && request.op() != DriveRequest.Op.READ)
			return new DiskException(Kind.READ_ONLY, "drive %s is read-only".formatted(spec.name()));
		return null;
	}

	/** Begins what can begin. In order: one that has to wait for a write it overlaps holds those behind it. With this held. */
	private void pump() {
		while (state == State.OPEN && running.size() < MOST_RUNNING && !queue.isEmpty()) {
			DriveTask next = queue.peek();
			for (DriveTask other : running)
				if (next.conflicts(other))
					return;
			queue.remove();
			running.add(next);
			OpenDisk disk = open;
			pool.execute(() -> work(next, disk));
		}
	}

	private void work(DriveTask task, OpenDisk disk) {
		DiskException error = null;
		task.begin();
		try {
			task.carryOut(disk.disk());
		} catch (DiskException e) {
			error = e;
		} catch (RuntimeException | Error e) { // a request must not be lost, whatever a plug-in throws
			fault(task, e);
			return;
		} finally {
			task.end();
		}
		synchronized (this) {
			if (!running.remove(task))
				return; // it was taken back while this was away
			pump();
			notifyAll();
		}
		count(task.request(), error);
		complete(task.request(), error);
	}

	private void count(DriveRequest request, DiskException error) {
		requests.get(request.op()).increment();
		if (error != null) {
			errors.increment();
			LOG.warn("machine {}: drive {}: {}", machine, spec.name(), error.getMessage());
		} else if (request.op() == DriveRequest.Op.READ) {
			bytesRead.add(request.length());
		} else if (request.op() == DriveRequest.Op.WRITE) {
			bytesWritten.add(request.length());
		}
	}

	/** The plug-in threw. The request goes back to the head of the queue; it is done again, here or by the next bundle. */
	private void fault(DriveTask task, Throwable thrown) {
		LOG.warn("machine {}: drive {}: {} {} failed a request", machine, spec.name(), plugin.role(), plugin.version(),
				thrown);
		boolean last;
		synchronized (this) {
			if (!running.remove(task))
				return; // it was taken back: whoever has it now is not to blame
			queue.addFirst(task);
			long now = System.nanoTime();
			if (faults == 0 || now - faultsSince > TimeUnit.MINUTES.toNanos(1)) {
				faults = 0;
				faultsSince = now;
			}
			last = ++faults == MOST_FAULTS;
			if (last)
				state = state == State.OPEN ? State.PARKED : state;
			else
				pump();
			notifyAll();
		}
		owner.report("plugin.fault",
				Map.of("plugin", plugin.role(), "drive", spec.name(), "error", String.valueOf(thrown)));
		if (last)
			suspend("%s %s keeps failing (%s); update it".formatted(plugin.bundle(), plugin.version(), thrown));
	}

	/** Looks for requests that do not end. */
	private void look() {
		boolean hung = false;
		synchronized (this) {
			for (DriveTask task : running) {
				long millis = task.millis();
				hung |= millis > 2 * times.requestMillis();
				if (millis > times.requestMillis())
					task.interrupt();
			}
			if (hung && state == State.OPEN)
				state = State.PARKED;
			else
				hung = false;
		}
		if (hung)
			pool.execute(() -> suspend("%s %s does not come back from a request; update it".formatted(plugin.bundle(),
					plugin.version())));
	}

	/** Takes the image away from a plug-in that cannot be trusted with it any more. The drive is parked already. */
	private void suspend(String why) {
		exchange.lock();
		try {
			OpenDisk old;
			synchronized (this) {
				if (state != State.PARKED || open == null)
					return;
				takeBackRunning();
				old = open;
				open = null;
			}
			present = false;
			old.closeStorage();
			LOG.error("machine {}: drive {}: {}", machine, spec.name(), why);
			owner.report("plugin.suspended", Map.of("plugin", plugin.role(), "drive", spec.name(), "reason", why));
			standStill(why);
		} finally {
			exchange.unlock();
		}
	}

	/** What a device gets. */
	private final class View implements Drive {
		private final Executor worker;

		View(Executor worker) {
			this.worker = worker;
		}

		@Override
		public String name() {
			return spec.name();
		}

		@Override
		public long size() {
			return size;
		}

		@Override
		public int blockSize() {
			return blockSize;
		}

		@Override
		public boolean readOnly() {
			return spec.readOnly();
		}

		@Override
		public boolean discards() {
			return discards;
		}

		@Override
		public void submit(DriveRequest request) {
			GuestDrive.this.submit(request);
		}

		@Override
		public void onResize(Runnable listener) {
			resized = listener == null ? null : () -> worker.execute(listener);
		}
	}
}
