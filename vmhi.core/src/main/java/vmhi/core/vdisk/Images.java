package vmhi.core.vdisk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;

import org.osgi.framework.VersionRange;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.DiskCreator;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.StorageTransport;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.plugin.Deadline;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.core.plugin.ServicePool;

/**
 * Opens disk images, by the format that is configured, never by guessing; and has the drives of running machines
 * follow when a format's bundle comes or goes.
 */
@Component(service = Images.class)
@Designate(ocd = Images.Config.class)
public final class Images implements ServicePool.Listener<DiskFormat> {

	@ObjectClassDefinition(name = "Disk images")
	@interface Config {
		@AttributeDefinition(description = "Folders, beside an image's own, that a backing file may lie in")
		String[] roots() default {};

		@AttributeDefinition(description = "Milliseconds that a request may take before its format counts as hung",
				min = "100")
		int requestDeadline() default 30_000;

		@AttributeDefinition(description = "Milliseconds that a drive waits for its format before the machine pauses",
				min = "0")
		int patience() default 30_000;
	}

	private static final long DRAIN_MILLIS = 5_000;

	private final PluginServices plugins;
	private final List<Path> roots;
	private final DriveTimes times;
	private final List<GuestDrive> drives = new CopyOnWriteArrayList<>();
	private final ExecutorService pool = Executors.newCachedThreadPool(threads("disk"));
	private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(threads("disk watch"));

	/** With no drive open. */
	@Activate
	public Images(@Reference PluginServices plugins, Config config) {
		this(plugins, Arrays.stream(config.roots()).map(Path::of).toList(),
				new DriveTimes(config.requestDeadline(), config.patience(), Deadline.MILLIS, DRAIN_MILLIS));
	}

	Images(PluginServices plugins, List<Path> roots, DriveTimes times) {
		this.plugins = plugins;
		this.roots = roots.stream().map(Images::real).toList();
		this.times = times;
		plugins.formats().listen(this);
	}

	/** As names in images are compared with it: without links. */
	private static Path real(Path root) {
		try {
			return root.toRealPath();
		} catch (IOException e) {
			return root.toAbsolutePath().normalize();
		}
	}

	private static ThreadFactory threads(String name) {
		return task -> {
			Thread thread = new Thread(task, "vmhi " + name);
			thread.setDaemon(true);
			return thread;
		};
	}

	@Deactivate
	void stop() {
		plugins.formats().forget(this);
		drives.forEach(GuestDrive::close);
		timers.shutdownNow();
		pool.shutdown();
	}

	/**
	 * Opens a drive for a machine.
	 *
	 * @param pin versions of the format's bundle that will do; {@code null} for any
	 * @throws DiskException if there is no such format or image, saying which; nothing is then left open
	 */
	public GuestDrive open(String machine, MachineSpec.Disk disk, VersionRange pin, DriveOwner owner)
			throws DiskException {
		Plugin<DiskFormat> format = best(disk.format(), pin);
		GuestDrive drive = new GuestDrive(this, machine, disk, pin, owner, times, pool, timers);
		drive.open(format);
		drives.add(drive);
		if (!plugins.formats().all().contains(format))
			drive.leaving(format); // it went while the drive was not in the list yet
		return drive;
	}

	void closed(GuestDrive drive) {
		drives.remove(drive);
	}

	/** The bundle to open a format with. */
	Plugin<DiskFormat> best(String format, VersionRange pin) throws DiskException {
		return plugins.formats().best("disk:" + format, pin).orElseThrow(() -> new DiskException(Kind.UNSUPPORTED,
				"no plug-in for disk format %s%s; install one, or put it into the plugins folder".formatted(format,
						pin == null ? "" : " in version " + pin)));
	}

	/** Opens what an image is stored in. */
	Storage storage(String machine, MachineSpec.Disk disk) throws DiskException {
		return storage(machine, disk.path(), disk.readOnly());
	}

	/** Opens an image with a format; on failure the storage is closed. */
	static VirtualDisk opened(Storage storage, DiskFormat format) throws DiskException {
		try {
			return format.open(storage);
		} catch (DiskException | RuntimeException | LinkageError e) {
			storage.close();
			throw e instanceof DiskException disk
					? disk
					: new DiskException(Kind.IO, "%s: the format's plug-in failed: %s".formatted(storage.name(), e), e);
		}
	}

	private Storage storage(String machine, String name, boolean readOnly) throws DiskException {
		int colon = name.indexOf("://");
		if (colon > 0 && !name.startsWith("file:"))
			return remote(name, name.substring(0, colon), readOnly);
		try {
			Path path = name.startsWith("file:") ? Path.of(URI.create(name)) : Path.of(name);
			return FileStorage.open(path, readOnly, new ImageChain(this, machine, roots, Set.of()));
		} catch (InvalidPathException e) {
			throw new DiskException(Kind.MISSING, "\"%s\" is not a file name".formatted(name), e);
		} catch (IllegalArgumentException e) {
			throw new DiskException(Kind.MISSING, "\"%s\" is not the URI of a file".formatted(name), e);
		}
	}

	private Storage remote(String name, String scheme, boolean readOnly) throws DiskException {
		Plugin<StorageTransport> transport = plugins.transports().best("transport:" + scheme, null)
				.orElseThrow(() -> new DiskException(Kind.UNSUPPORTED,
						"%s: no plug-in for the transport %s; install one".formatted(name, scheme)));
		try {
			return new RemoteStorage(name, readOnly, transport.service().connect(URI.create(name), readOnly));
		} catch (IllegalArgumentException e) {
			throw new DiskException(Kind.MISSING, "\"%s\" is not a URI".formatted(name), e);
		}
	}

	/** Opens a backing file. One without a declared format is opened only if exactly one format's signature is there. */
	VirtualDisk openBacking(Storage storage, String format) throws DiskException {
		try {
			if (!format.isEmpty())
				return opened(storage, best(format, null).service());
			List<Plugin<DiskFormat>> known = new ArrayList<>();
			for (Plugin<DiskFormat> plugin : plugins.formats().all())
				if (!plugin.role().equals("disk:raw") && recognises(plugin, storage))
					known.add(plugin);
			if (known.size() != 1)
				throw new DiskException(Kind.UNSUPPORTED,
						"%s is named as a backing file without its format; say which, raw is not guessed"
								.formatted(storage.name()));
			return opened(storage, known.get(0).service());
		} catch (DiskException e) {
			storage.close();
			throw e;
		}
	}

	private static boolean recognises(Plugin<DiskFormat> plugin, Storage storage) throws DiskException {
		try {
			return plugin.service().recognises(storage);
		} catch (RuntimeException | LinkageError e) {
			throw new DiskException(Kind.IO, "%s: %s failed: %s".formatted(storage.name(), plugin.role(), e), e);
		}
	}

	/**
	 * Makes an image. It appears under its name when it is complete and on disk; on failure nothing is left.
	 *
	 * @param options in the words of the format
	 */
	public void create(Path path, String format, long size, Map<String, String> options) throws DiskException {
		Plugin<DiskFormat> plugin = best(format, null);
		if (!(plugin.service() instanceof DiskCreator creator))
			throw new DiskException(Kind.UNSUPPORTED, "%s cannot make images".formatted(plugin.role()));
		if (size <= 0)
			throw new DiskException(Kind.UNSUPPORTED,
					"%s: a disk of %d bytes; it needs more than 0".formatted(path, size));
		Path absolute = path.toAbsolutePath();
		if (Files.exists(absolute))
			throw new DiskException(Kind.FORBIDDEN, "%s exists already; it is not overwritten".formatted(path));
		Path unfinished = absolute.resolveSibling("." + absolute.getFileName() + ".new");
		try {
			Files.createFile(unfinished);
			try (Storage storage = FileStorage.open(unfinished, false,
					new ImageChain(this, "create", roots, Set.of()))) {
				creator.create(storage, size, options);
				storage.flush();
			}
			Files.move(unfinished, absolute, StandardCopyOption.ATOMIC_MOVE);
			try (FileChannel folder = FileChannel.open(absolute.getParent())) {
				folder.force(true);
			}
		} catch (DiskException e) {
			deleteQuietly(unfinished);
			throw e;
		} catch (RuntimeException | LinkageError e) {
			deleteQuietly(unfinished);
			throw new DiskException(Kind.IO, "%s: %s failed: %s".formatted(path, plugin.role(), e), e);
		} catch (FileAlreadyExistsException e) {
			throw new DiskException(Kind.LOCKED,
					"%s is being made by somebody else; if not, delete it".formatted(unfinished), e);
		} catch (IOException e) {
			deleteQuietly(unfinished);
			throw new DiskException(Kind.IO, "%s cannot be made: %s".formatted(path, e.getMessage()), e);
		}
	}

	private static void deleteQuietly(Path file) {
		try {
			Files.deleteIfExists(file);
		} catch (IOException e) {
			// what made creation fail is what is told
		}
	}

	@Override
	public void arrived(Plugin<DiskFormat> plugin) {
		drives.parallelStream().forEach(drive -> drive.arrived(plugin));
	}

	@Override
	public void leaving(Plugin<DiskFormat> plugin) {
		drives.parallelStream().forEach(drive -> drive.leaving(plugin));
	}
}
