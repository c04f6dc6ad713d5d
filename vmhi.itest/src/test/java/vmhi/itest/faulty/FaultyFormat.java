package vmhi.itest.faulty;

import java.nio.ByteBuffer;
import java.util.Hashtable;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/** A disk format that is raw, but for its first version, whose reads throw. */
public final class FaultyFormat implements BundleActivator, DiskFormat {
	private boolean good;

	@Override
	public void start(BundleContext context) {
		good = context.getBundle().getVersion().getMajor() > 1;
		Hashtable<String, Object> properties = new Hashtable<>();
		properties.put("vmhi.vdisk.format", "faulty");
		context.registerService(DiskFormat.class, this, properties);
	}

	@Override
	public void stop(BundleContext context) {
		// the framework takes the service back
	}

	@Override
	public boolean recognises(Storage image) {
		throw new IllegalStateException("a format that throws");
	}

	@Override
	public VirtualDisk open(Storage image) throws DiskException {
		return new Faulty(image, image.length(), good);
	}

	private record Faulty(Storage image, long size, boolean good) implements VirtualDisk {
		@Override
		public void read(long offset, ByteBuffer target) throws DiskException {
			if (!good)
				throw new IllegalStateException("a format that throws");
			image.read(offset, target);
		}

		@Override
		public void write(long offset, ByteBuffer source) throws DiskException {
			image.write(offset, source);
		}

		@Override
		public void flush() throws DiskException {
			image.flush();
		}

		@Override
		public void close() throws DiskException {
			image.close();
			if (!good)
				throw new IllegalStateException("a format that throws");
		}
	}
}
