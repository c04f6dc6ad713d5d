package vmhi.core.vdisk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.osgi.framework.VersionRange;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.DiskCreator;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.StorageTransport;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.core.plugin.ServicePool;

/**
 * Opens disk images, by the format that is configured, never by guessing; and has the drives of running machines follow
 * when a bundle that serves them comes or goes. For any thread.
 */
@Component(service = Images.class)
@Designate(ocd = Images.Config.class)
public final class Images {
	private static final Logger LOG = LoggerFactory.getLogger(Images.class);

	@ObjectClassDefinition(name = "Disk images")
	@interface Config {
		@AttributeDefinition(description = "Folders, beside an image's own, that a backing file or extent may lie in")
		String[] roots() default {};

		@AttributeDefinition(description = "Threads that carry out the requests of all drives", min = "1")
		int threads() default 16;

		@AttributeDefinition(description = "Requests of one drive that are carried out at the same time", min = "1")
		int inFlight() default 8;

		@AttributeDefinition(
				description = "Milliseconds that requests under way have to end when a bundle is exchanged",
				min = "100")
		int drain() default 5_000;

		@AttributeDefinition(description = "Milliseconds that a plug-in has to open, flush or close a disk",
				min = "100")
		int callDeadline() default 30_000;

		@AttributeDefinition(description = "Milliseconds that a request may take before its plug-in counts as hung",
				min = "100")
		int requestDeadline() default 30_000;

		@AttributeDefinition(description = "Milliseconds that a drive waits for a plug-in before its machine pauses",
				min = "0")
		int patience() default 30_000;
	}

	private static final long GRACE_MILLIS = 2_000;
	private static final long SLOWEST_WATCH_MILLIS = 500;

	private final PluginServices plugins;
	private final OpenImages open = new OpenImages();
	private final List<GuestDrive> drives = new CopyOnWriteArrayList<>();
	private final Set<ImageChain> created = ConcurrentHashMap.newKeySet();
	private final DiskThreads threads;
	private final ExecutorService executor = Executors.newCachedThreadPool(named("vmhi disk exchange"));
	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(named("vmhi disk watch"));
	private final ServicePool.Listener<DiskFormat> formats = new Settler<>();
	private final ServicePool.Listener<StorageTransport> transports = new Settler<>();
	private volatile List<Path> roots;
	private volatile DriveLimits limits;
	private Future<?> watch;

	/** With no drive open. */
	@Activate
	public Images(@Reference PluginServices plugins, Config config) {
		this(plugins, roots(config), config.threads(), limits(config));
	}

	Images(PluginServices plugins, List<Path> roots, int threads, DriveLimits limits) {
		this.plugins = plugins;
		this.threads = new DiskThreads(threads);
		use(roots, limits);
		plugins.formats().listen(formats);
		plugins.transports().listen(transports);
	}

	private static List<Path> roots(Config config) {
		return Arrays.stream(config.roots()).map(Path::of).toList();
	}

	private static DriveLimits limits(Config config) {
		return DriveLimits.millis(config.inFlight(), config.drain(), config.callDeadline(), config.requestDeadline(),
				GRACE_MILLIS, config.patience());
	}

	private static ThreadFactory named(String name) {
		return task -> {
			Thread thread = new Thread(task, name);
			thread.setDaemon(true);
			return thread;
		};
	}

	/** Another configuration is no reason to close disks. */
	@Modified
	void modified(Config config) {
		threads.size(config.threads());
		use(roots(config), limits(config));
	}

	private synchronized void use(List<Path> nowRoots, DriveLimits nowLimits) {
		roots = nowRoots;
		limits = nowLimits;
		if (watch != null)
			watch.cancel(false);
		long shortest = Math.min(nowLimits.hang(), Math.min(nowLimits.grace(), nowLimits.patience()));
		long period = Math.max(10, Math.min(SLOWEST_WATCH_MILLIS, TimeUnit.NANOSECONDS.toMillis(shortest) / 4));
		watch = timer.scheduleWithFixedDelay(this::watch, period, period, TimeUnit.MILLISECONDS);
	}

	private void watch() {
		long now = System.nanoTime();
		for (GuestDrive drive : drives)
			try {
				drive.watch(now);
			} catch (RuntimeException e) { // or nobody would watch any more
				LOG.error("a mistake in the core", e);
			}
	}

	@Deactivate
	void stop() {
		plugins.formats().forget(formats);
		plugins.transports().forget(transports);
		each(drives, GuestDrive::close);
		timer.shutdownNow();
		threads.stop();
		executor.shutdown();
	}

	// --- for drives

	static String role(String format) {
		return "disk:" + format;
	}

	OpenImages open() {
		return open;
	}

	DriveLimits limits() {
		return limits;
	}

	DiskThreads threads() {
		return threads;
	}

	/** For what takes long, but ends. */
	Executor executor() {
		return executor;
	}

	void closed(GuestDrive drive) {
		drives.remove(drive);
	}

	ImageChain chain(String user, HeldFiles files, ImageChain.Chooser chooser) {
		return new ImageChain(user, files, open, roots, chooser);
	}

	/** Whether all of these are still there. */
	boolean installed(Collection<Plugin<?>> used) {
		return used.stream().allMatch(plugin -> plugins.formats().all().contains(plugin)
				|| plugins.transports().all().contains(plugin));
	}

	/** The best for a role of either contract. */
	Optional<? extends Plugin<?>> best(String role, VersionRange pin, Predicate<Plugin<?>> usable) {
		Optional<Plugin<DiskFormat>> format = best(plugins.formats(), role, pin, usable);
		return format.isPresent() ? format : best(plugins.transports(), role, pin, usable);
	}

	private static <T> Optional<Plugin<T>> best(ServicePool<T> pool, String role, VersionRange pin,
			Predicate<Plugin<?>> usable) {
		return pool.all().stream()
				.filter(p -> p.role().equals(role) && (pin == null || pin.includes(p.version())) && usable.test(p))
				.max(Plugin::compareTo);
	}

	Optional<Plugin<DiskFormat>> format(String format, VersionRange pin, Predicate<Plugin<?>> usable) {
		return best(plugins.formats(), role(format), pin, usable);
	}

	/** The best of each format. */
	List<Plugin<DiskFormat>> formats(Predicate<Plugin<?>> usable) {
		List<Plugin<DiskFormat>> best = new ArrayList<>();
		plugins.formats().all().stream().map(Plugin::role).distinct()
				.forEach(role -> best(plugins.formats(), role, null, usable).ifPresent(best::add));
		return best;
	}

	Plugin<StorageTransport> transport(String scheme, Predicate<Plugin<?>> usable) throws DiskException {
		String role = "transport:" + scheme.toLowerCase(Locale.ROOT);
		return best(plugins.transports(), role, null, usable).orElseThrow(() -> none(role, null));
	}

	static DiskException none(String role, VersionRange pin) {
		return new DiskException(Kind.UNSUPPORTED, "no plug-in for %s%s; install one, or put it into the plugins folder"
				.formatted(role, pin == null ? "" : " in version " + pin));
	}

	// --- what others call

	/**
	 * Opens a drive for a machine.
	 *
	 * @param pin versions of the format's bundle that will do; {@code null} for any
	 * @param owner is told what becomes of the drive
	 * @throws DiskException if there is no such format or image, somebody else has it, or it is not sound; nothing is then
	 *         left open
	 */
	public GuestDrive open(String machine, MachineSpec.Disk disk, VersionRange pin, DriveOwner owner)
			throws DiskException {
		GuestDrive drive = new GuestDrive(this, machine, disk, pin, owner);
		drives.add(drive); // before it opens anything, so that it is told of a bundle that goes meanwhile
		drive.begin();
		return drive;
	}

	/**
	 * Makes an image. It appears under its name when it is complete and on disk; on failure nothing is left of it.
	 *
	 * @param size of the disk in bytes, more than 0
	 * @param options in the words of the format
	 * @throws DiskException of kind {@code FORBIDDEN} if the file exists, {@code UNSUPPORTED} if the format has no such size
	 *         or option or makes no images
	 */
	public void create(Path path, String format, long size, Map<String, String> options) throws DiskException {
		Plugin<DiskFormat> plugin = format(format, null, any -> true).orElseThrow(() -> none(role(format), null));
		if (!(plugin.service() instanceof DiskCreator creator))
			throw new DiskException(Kind.UNSUPPORTED,
					"%s %s makes no images".formatted(plugin.bundle(), plugin.version()));
		if (size <= 0)
			throw new DiskException(Kind.UNSUPPORTED, "a disk of %d bytes".formatted(size));
		Path name = path.toAbsolutePath().normalize();
		if (Files.exists(name) || name.getFileName() == null)
			throw new DiskException(Kind.FORBIDDEN, "%s exists already".formatted(path));
		Path folder;
		try {
			folder = name.getParent().toRealPath();
		} catch (IOException e) {
			throw HostFile.failure(name.getParent(), e);
		}
		Path unfinished = folder.resolve(".%s.new-%08x".formatted(name.getFileName(),
				ThreadLocalRandom.current().nextInt()));
		String user = "whoever makes " + path;
		try (HeldFiles files = new HeldFiles(user, open)) {
			ImageChain chain = chain(user, files, new Newest());
			created.add(chain);
			boolean made = false;
			try {
				make(plugin, creator, chain, unfinished, size, options);
				publish(unfinished, folder.resolve(name.getFileName()));
				made = true;
			} finally {
				created.remove(chain);
				chain.giveUp();
				if (!made)
					chain.created().forEach(Images::delete);
			}
			HostFile.syncFolder(folder);
		}
	}

	private static void make(Plugin<DiskFormat> plugin, DiskCreator creator, ImageChain chain, Path unfinished,
			long size, Map<String, String> options) throws DiskException {
		chain.plugins().add(plugin);
		try (Storage image = chain.create(unfinished)) {
			creator.create(image, size, options);
			image.flush();
		} catch (RuntimeException | LinkageError | StackOverflowError e) {
			throw new DiskException(Kind.IO, "%s %s failed: %s".formatted(plugin.bundle(), plugin.version(), e), e);
		}
	}

	/** Gives the file its name, but not that of another one: a link is refused where a renaming would replace. */
	private static void publish(Path unfinished, Path name) throws DiskException {
		try {
			Files.createLink(name, unfinished);
			delete(unfinished);
		} catch (FileAlreadyExistsException e) {
			throw new DiskException(Kind.FORBIDDEN, "%s exists already".formatted(name), e);
		} catch (IOException | UnsupportedOperationException e) {
			move(unfinished, name); // a file system without links
		}
	}

	private static void move(Path unfinished, Path name) throws DiskException {
		try {
			Files.move(unfinished, name);
		} catch (FileAlreadyExistsException e) {
			throw new DiskException(Kind.FORBIDDEN, "%s exists already".formatted(name), e);
		} catch (IOException e) {
			throw HostFile.failure(name, e);
		}
	}

	private static void delete(Path file) {
		try {
			Files.deleteIfExists(file);
		} catch (IOException e) {
			LOG.warn("{} is left over: {}", file, e.toString());
		}
	}

	/** Chooses the newest of each. */
	private final class Newest implements ImageChain.Chooser {

		@Override
		public Plugin<DiskFormat> format(String format) throws DiskException {
			return Images.this.format(format, null, any -> true).orElseThrow(() -> none(role(format), null));
		}

		@Override
		public Plugin<StorageTransport> transport(String scheme) throws DiskException {
			return Images.this.transport(scheme, any -> true);
		}

		@Override
		public List<Plugin<DiskFormat>> formats() {
			return Images.this.formats(any -> true);
		}
	}

	/** Has all drives look who ought to serve them; at the same time, so that one that takes long delays no other. */
	private final class Settler<T> implements ServicePool.Listener<T> {

		@Override
		public void arrived(Plugin<T> plugin) {
			each(drives, GuestDrive::settle);
		}

		@Override
		public void leaving(Plugin<T> plugin) {
			for (ImageChain chain : created)
				if (chain.plugins().contains(plugin))
					chain.giveUp();
			each(drives, GuestDrive::settle);
		}
	}

	private void each(List<GuestDrive> all, Consumer<GuestDrive> what) {
		CompletableFuture<?>[] calls = all.stream()
				.map(drive -> CompletableFuture.runAsync(() -> what.accept(drive), executor))
				.toArray(CompletableFuture[]::new);
		CompletableFuture.allOf(calls).join(); // each of them ends by its own deadlines
	}
}
