package vmhi.core.vdisk;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.osgi.framework.VersionRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest;
import vmhi.api.device.DriveRequest.Op;
import vmhi.api.machine.MachineSnapshot.Serving;
import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.StorageTransport;
import vmhi.core.plugin.Plugin;
import vmhi.core.vdisk.PluginCall.Patience;

/**
 * A drive of a machine that runs. {@link DriveRequests} carries out what its device asks for, on the disk that a format's
 * bundle has opened; this sees to it that there is one.
 * <p>
 * When a bundle comes or goes, {@link #settle} looks who ought to serve the drive and who does. For an exchange nothing
 * new is begun, what is under way is waited for, the disk is flushed and closed by the code that opened it, and is opened
 * by the next; what comes meanwhile waits. The files stay open and locked throughout.
 * <p>
 * A plug-in that keeps throwing, or does not come back, is suspended: its files are taken from it and another version
 * serves the drive, or the machine stands still until there is one. If a plug-in could not save what the guest had been
 * told is written, though not that it is lasting, every later flush fails: there is no other way to tell the guest.
 * <p>
 * For any thread. {@link #exchange} is held by whoever opens or closes the disk, which may take long, but ends. What it
 * guards is {@code volatile} where others read it.
 */
public final class GuestDrive implements AutoCloseable {
	private static final Logger LOG = LoggerFactory.getLogger(GuestDrive.class);

	/** Until what did not work, for a reason that may pass, is tried again. */
	private static final long AGAIN = TimeUnit.SECONDS.toNanos(10);
	private static final long NEVER = Long.MAX_VALUE;

	private final Images images;
	private final String machine;
	private final MachineSpec.Disk spec;
	private final VersionRange pin;
	private final HeldFiles files;
	private final DriveNews news;
	private final DriveCounters counters = new DriveCounters();
	private final DriveRequests requests;
	private final Chooser chooser = new Chooser();
	private final ReentrantLock exchange = new ReentrantLock();

	// guarded by exchange
	private volatile OpenDisk open; // null while there is none
	private volatile Plugin<DiskFormat> served; // by whom, or by whom last
	private boolean closed;
	private Set<Plugin<?>> lastPlugins = Set.of(); // of the chain that worked last
	private final Set<Plugin<?>> refused = ConcurrentHashMap.newKeySet(); // could not open the image
	private final Set<Plugin<?>> suspended = ConcurrentHashMap.newKeySet();
	private final List<ImageChain> leftBehind = new ArrayList<>(); // given up with a call still in the host
	private String lastFailure = "";
	private String why = ""; // there is no disk
	private long parkedAt = NEVER; // nanoTime, while there is none
	private volatile long againAt = NEVER; // nanoTime
	private volatile long size;
	private volatile int blockSize = OpenDisk.USUAL_BLOCK;
	private volatile boolean discards;

	private volatile boolean closing;
	private volatile long endBy = NEVER; // nanoTime, once it is being closed; written with this held
	private volatile Runnable resized;

	GuestDrive(Images images, String machine, MachineSpec.Disk spec, VersionRange pin, DriveOwner owner) {
		this.images = images;
		this.machine = machine;
		this.spec = spec;
		this.pin = pin;
		files = new HeldFiles("machine " + machine, images.open());
		news = new DriveNews(spec.name(), owner, images.executor());
		requests = new DriveRequests("machine %s: drive %s".formatted(machine, spec.name()), images, this::suspect,
				news, counters);
	}

	/**
	 * The drive, as a device sees it. The last one that was handed out is told of changes of the size.
	 *
	 * @param worker the device's
	 */
	public Drive drive(Executor worker) {
		resized = null;
		return new View(worker);
	}

	/** Who serves it. */
	public Serving serving() {
		return served.serving(open != null);
	}

	/** Numbers for people, by name. */
	public Map<String, Long> counters() {
		return counters.all();
	}

	// --- who is to serve it

	private final class Chooser implements ImageChain.Chooser {

		@Override
		public Plugin<DiskFormat> format(String format) throws DiskException {
			Plugin<DiskFormat> plugin = choice(format);
			if (plugin == null)
				throw Images.none(Images.role(format), pin(Images.role(format)));
			return plugin;
		}

		@Override
		public Plugin<StorageTransport> transport(String scheme) throws DiskException {
			return images.transport(scheme, GuestDrive.this::usable);
		}

		@Override
		public List<Plugin<DiskFormat>> formats() {
			return images.formats(GuestDrive.this::usable);
		}
	}

	private Plugin<DiskFormat> choice(String format) {
		return images.format(format, pin(Images.role(format)), this::usable).orElse(null);
	}

	private VersionRange pin(String role) {
		return role.equals(Images.role(spec.format())) ? pin : null;
	}

	private boolean usable(Plugin<?> plugin) {
		return !refused.contains(plugin) && !suspended.contains(plugin);
	}

	/** Whether there is one that would be chosen before this one. */
	private boolean outdated(Plugin<?> plugin) {
		return images.best(plugin.role(), pin(plugin.role()), this::usable).filter(best -> best != plugin).isPresent();
	}

	// --- exchange

	/** Opens the drive for the first time. On failure it is over. */
	void begin() throws DiskException {
		exchange.lock();
		try {
			adopt(openBy(chooser.format(spec.format()), chain()), System.nanoTime());
		} catch (DiskException e) {
			finish();
			throw e;
		} finally {
			exchange.unlock();
		}
	}

	/**
	 * Makes the drive be served by the best there is. When this returns nobody serves it who is not installed any more.
	 * Called when a bundle came or went.
	 */
	void settle() {
		exchange.lock();
		try {
			OpenDisk on = open;
			if (closing)
				return;
			if (on == null) {
				// one that was suspended may have suffered from what was below it
				if (lastPlugins.stream().anyMatch(plugin -> !plugin.role().equals(served.role()) && outdated(plugin)))
					suspended.clear();
				reopen(System.nanoTime(), false);
			} else if (!images.installed(on.chain().plugins())) {
				move(on, false);
			} else if (on.chain().plugins().stream().anyMatch(this::outdated)) {
				tryBetter(on);
			}
		} finally {
			exchange.unlock();
		}
	}

	/** Tries those again that were suspended or had refused. For an operator who has put right what was wrong. */
	public void retry() {
		exchange.lock();
		try {
			suspended.clear();
			refused.clear();
			settle();
		} finally {
			exchange.unlock();
		}
	}

	/** Tries those again that had refused. */
	private void tryAgain() {
		exchange.lock();
		try {
			refused.clear();
			settle();
		} finally {
			exchange.unlock();
		}
	}

	private void suspect(OpenDisk on, String reason) {
		images.executor().execute(() -> suspend(on, reason));
	}

	private void suspend(OpenDisk on, String reason) {
		exchange.lock();
		try {
			if (closing || open != on)
				return;
			LOG.error("machine {}: drive {}: {}", machine, spec.name(), reason);
			news.plugin("suspended", on.by(), "reason", reason);
			suspended.add(on.by());
			why = reason + "; update it";
			move(on, true);
		} finally {
			exchange.unlock();
		}
	}

	/**
	 * Takes the disk from a plug-in that has to let go of it, and gives it to the next.
	 *
	 * @param atOnce whether the machine has to stand still at once if there is none
	 */
	private void move(OpenDisk on, boolean atOnce) {
		long start = System.nanoTime();
		requests.hold();
		release(on, drainOrAbandon(on));
		reopen(start, atOnce);
	}

	/** Gives the disk to a better plug-in, if now is a good moment and it will have it. */
	private void tryBetter(OpenDisk on) {
		long start = System.nanoTime();
		if (!requests.hold()) // it is about to be suspended
			return;
		String busy = null;
		if (!requests.awaitDrained(this::shortly))
			busy = "requests under way did not end in time";
		else
			try {
				flush(on, this::lasts);
			} catch (DiskException e) {
				busy = "it could not be flushed before: " + e.getMessage();
			}
		if (busy == null) {
			release(on, this::lasts);
			reopen(start, false);
			return;
		}
		LOG.warn("machine {}: drive {} stays with {} for now: {}", machine, spec.name(), on.server(), busy);
		againAt = System.nanoTime() + AGAIN;
		requests.go(on);
	}

	// patience with a plug-in that opens, flushes or closes; and with one that hung already

	private boolean lasts(long waited) {
		return waited < images.limits().call() && !late();
	}

	private boolean shortly(long waited) {
		return waited < images.limits().drain() && !late();
	}

	/** With requests that have to end: longer while it is the host that is slow. */
	private Patience draining(OpenDisk on) {
		return waited -> shortly(waited)
				|| waited < images.limits().hang() && !late() && on.chain().calls() > 0;
	}

	private boolean late() {
		return endBy != NEVER && System.nanoTime() - endBy > 0;
	}

	/**
	 * Waits until no request is in the plug-in; takes away those that it does not let go of.
	 *
	 * @return the patience with whoever has to close the disk now
	 */
	private Patience drainOrAbandon(OpenDisk on) {
		if (requests.awaitDrained(draining(on)))
			return this::lasts;
		requests.interrupt();
		if (requests.awaitDrained(waited -> waited < images.limits().grace() && !late()))
			return this::lasts;
		requests.abandon();
		return this::shortly;
	}

	private void flush(OpenDisk on, Patience patience) throws DiskException {
		long before = requests.changes();
		on.flush(patience);
		requests.lasts(before);
	}

	/** Flushes and closes on the code that opened, and takes the files from it whatever it does. Nothing is running. */
	private void release(OpenDisk on, Patience patience) {
		try {
			flush(on, patience);
		} catch (DiskException e) {
			requests.lose(e.getMessage());
		}
		try {
			on.close(patience);
		} catch (DiskException e) {
			LOG.warn("machine {}: drive {}: {}", machine, spec.name(), e.getMessage());
		}
		open = null;
		giveUp(on.chain());
	}

	private void giveUp(ImageChain chain) {
		chain.giveUp();
		if (chain.calls() > 0)
			leftBehind.add(chain);
	}

	// --- opening

	/**
	 * Opens the disk with the best bundle that will do it; if there is none, requests wait, and after a while the machine
	 * has to.
	 *
	 * @param start of the exchange, for its report
	 * @param atOnce whether the machine has to wait at once
	 */
	private void reopen(long start, boolean atOnce) {
		refused.removeIf(plugin -> !images.installed(Set.of(plugin)));
		suspended.removeIf(plugin -> !images.installed(Set.of(plugin)));
		leftBehind.removeIf(chain -> chain.calls() == 0);
		if (leftBehind.isEmpty()) {
			if (openByAny(start))
				return;
		} else {
			// a write that is still on its way could land on what is written after it
			why = "the host's storage does not answer: " + spec.path();
			againAt = System.nanoTime() + AGAIN;
		}
		if (parkedAt == NEVER) {
			parkedAt = System.nanoTime();
			news.plugin("absent", served);
		}
		if (atOnce && !closing)
			news.waiting(why);
	}

	private boolean openByAny(long start) {
		Set<Plugin<?>> tried = new HashSet<>();
		while (!late()) {
			Plugin<DiskFormat> next = choice(spec.format());
			if (next == null && refused.retainAll(tried)) // those that refused earlier are better than nobody
				continue;
			if (next == null) {
				if (tried.isEmpty() && suspended.isEmpty())
					why = "waits for a plug-in for %s%s".formatted(Images.role(spec.format()),
							pin == null ? "" : " in version " + pin);
				return false;
			}
			ImageChain chain = chain();
			try {
				adopt(openBy(next, chain), start);
				return true;
			} catch (DiskException e) {
				// those that had no part when the disk was open last are the first to be suspected
				Set<Plugin<?>> suspects = new HashSet<>(chain.plugins());
				suspects.removeAll(lastPlugins);
				if (suspects.isEmpty())
					suspects.add(next);
				tried.addAll(suspects);
				refuse(suspects, String.valueOf(e.getMessage()));
				againAt = System.nanoTime() + AGAIN;
			}
		}
		return false;
	}

	private void refuse(Set<Plugin<?>> suspects, String reason) {
		refused.addAll(suspects);
		why = reason;
		if (reason.equals(lastFailure))
			return; // it was tried again, and nothing is new
		lastFailure = reason;
		for (Plugin<?> by : suspects) {
			LOG.warn("machine {}: drive {}: {} {} refuses: {}", machine, spec.name(), by.bundle(), by.version(),
					reason);
			news.plugin("refused", by, "reason", reason);
		}
	}

	private ImageChain chain() {
		return images.chain("machine " + machine, files, chooser);
	}

	private OpenDisk openBy(Plugin<DiskFormat> by, ImageChain chain) throws DiskException {
		boolean good = false;
		try {
			OpenDisk next = OpenDisk.open(spec, chain, by, this::lasts);
			good = served == null || next.size() >= size && next.blockSize() == blockSize;
			if (good)
				return next;
			next.close(this::lasts);
			throw new DiskException(Kind.UNSUPPORTED, "%s has %d bytes in blocks of %d, and had %d in blocks of %d"
					.formatted(spec.path(), next.size(), next.blockSize(), size, blockSize));
		} finally {
			if (!good)
				giveUp(chain);
		}
	}

	private void adopt(OpenDisk next, long start) {
		boolean grown = served != null && next.size() != size;
		size = next.size();
		blockSize = next.blockSize();
		discards = next.disk() instanceof Discardable;
		Set<Plugin<?>> before = lastPlugins;
		lastPlugins = Set.copyOf(next.chain().plugins());
		lastFailure = "";
		againAt = NEVER;
		parkedAt = NEVER;
		open = next;
		served = next.by();
		files.keep(next.chain().hostFiles());
		news.back();
		requests.go(next);
		Runnable listener = resized;
		if (grown && listener != null)
			listener.run();
		if (!before.isEmpty())
			tellExchanged(before, (System.nanoTime() - start) / 1000);
	}

	private void tellExchanged(Set<Plugin<?>> before, long micros) {
		counters.exchanges.increment();
		for (Plugin<?> to : lastPlugins) {
			if (before.contains(to))
				continue;
			String from = before.stream().filter(plugin -> plugin.role().equals(to.role())).findFirst()
					.map(plugin -> plugin.version().toString()).orElse("");
			news.plugin("exchanged", to, "from", from, "to", to.version().toString(), "micros", Long.toString(micros));
		}
	}

	/** Looks for what takes too long. Called now and then. */
	void watch(long now) {
		boolean stalled = requests.stalled(now);
		if (closing)
			return;
		if (stalled)
			news.waiting("the host's storage does not answer: " + spec.path());
		if (!exchange.tryLock())
			return; // whoever has it is about to change what there is to tell
		try {
			if (parkedAt != NEVER && now - parkedAt > images.limits().patience())
				news.waiting(why);
			else if (parkedAt == NEVER && requests.going() && !stalled)
				news.back();
		} finally {
			exchange.unlock();
		}
		if (againAt != NEVER && now - againAt > 0) {
			againAt = NEVER;
			images.executor().execute(this::tryAgain);
		}
	}

	// --- the end

	/** Ends the drive in an orderly way; what does not end within the time that a plug-in may hang is left behind. */
	@Override
	public void close() {
		close(Duration.ofNanos(images.limits().hang()));
	}

	/**
	 * Ends the drive: requests are carried out, as far as there is a disk, the disk is flushed and closed. What is not done
	 * when the time is over is left behind; its requests are answered all the same. A second call waits for the first, and
	 * may shorten its time.
	 */
	public void close(Duration atMost) {
		long deadline = System.nanoTime() + Math.max(0, atMost.toNanos());
		synchronized (this) {
			if (endBy == NEVER || deadline - endBy < 0)
				endBy = deadline;
			closing = true;
		}
		requests.close();
		exchange.lock(); // whoever has it heeds endBy
		try {
			if (closed)
				return;
			OpenDisk on = open;
			if (on != null) {
				requests.awaitAnswered(draining(on));
				requests.hold();
				release(on, drainOrAbandon(on));
			}
			finish();
		} finally {
			exchange.unlock();
		}
	}

	private void finish() {
		closed = true;
		closing = true;
		requests.cancel();
		try {
			PluginCall.make("letting go of " + spec.path(), waited -> waited < images.limits().grace(), () -> {
				files.close();
				return null;
			});
		} catch (DiskException e) {
			LOG.warn("machine {}: drive {}: {}; it stays locked until the host answers", machine, spec.name(),
					e.getMessage());
		}
		images.closed(this);
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
			Op op = request.op();
			long length = request.length();
			if (op != Op.FLUSH && (request.offset() < 0 || length < 0 || request.offset() > size - length))
				requests.refuse(request, new DiskException(Kind.UNSUPPORTED, "drive %s: %s of %d bytes at %d, it has %d"
						.formatted(spec.name(), op, length, request.offset(), size)));
			else if (spec.readOnly() && op != Op.READ && op != Op.FLUSH)
				requests.refuse(request, new DiskException(Kind.READ_ONLY,
						"drive %s is read-only".formatted(spec.name())));
			else
				requests.submit(request);
		}

		@Override
		public void onResize(Runnable listener) {
			resized = listener == null ? null : () -> worker.execute(listener);
		}
	}
}
