package vmhi.core.vdisk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;

import org.osgi.framework.VersionRange;

import vmhi.api.device.Drive;
import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.StorageTransport;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.core.plugin.Pools;
import vmhi.core.plugin.ServicePool;

/** Drives without a machine or a framework, and with deadlines that a test can wait for. */
final class Bench implements AutoCloseable {
	static final long DRAIN = 1_000, CALL = 3_000, HANG = 400, GRACE = 200, PATIENCE = 300; // milliseconds

	final Path folder;
	final PluginServices plugins = new PluginServices();
	final TestOwner owner = new TestOwner();
	final Images images;

	Bench(Path folder, Path... roots) {
		this(folder, 4, DriveLimits.millis(4, DRAIN, CALL, HANG, GRACE, PATIENCE), roots);
	}

	Bench(Path folder, int threads, DriveLimits limits, Path... roots) {
		this.folder = folder;
		images = new Images(plugins, List.of(roots), threads, limits);
	}

	/** Installs the format {@code plain}. */
	Bench add(String version, DiskFormat service) {
		add("plain", version, service);
		return this;
	}

	void add(String format, String version, DiskFormat service) {
		add(plugins.formats(), Images.role(format), version, service);
	}

	<T> void add(ServicePool<T> pool, String role, String version, T service) {
		Pools.add(pool, role, version, service);
	}

	void remove(DiskFormat service) {
		remove(plugins.formats(), service);
	}

	void remove(StorageTransport service) {
		remove(plugins.transports(), service);
	}

	private static <T> void remove(ServicePool<T> pool, T service) {
		for (Plugin<T> plugin : pool.all())
			if (plugin.service() == service)
				Pools.remove(pool, plugin);
	}

	/** A file of zeros. */
	Path image(String name, long length) throws IOException {
		Path image = folder.resolve(name);
		try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
			file.setLength(length);
		}
		return image;
	}

	GuestDrive open(Path image) throws DiskException {
		return open("web", image, "plain", false, null);
	}

	GuestDrive open(String machine, Path image, String format, boolean readOnly, VersionRange pin)
			throws DiskException {
		return images.open(machine, new MachineSpec.Disk("root", image.toString(), format, readOnly), pin, owner);
	}

	static Drive view(GuestDrive drive) {
		return drive.drive(Runnable::run);
	}

	@Override
	public void close() {
		images.stop();
	}
}
