package vmhi.core.vdisk;

import java.util.concurrent.Callable;

import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.Described;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.plugin.Plugin;
import vmhi.core.vdisk.PluginCall.Patience;

/**
 * A disk of a machine that is open.
 *
 * @param path of its image
 * @param chain what it was opened from
 * @param by whose format it is
 */
record OpenDisk(VirtualDisk disk, String path, ImageChain chain, Plugin<DiskFormat> by, long size, int blockSize) {
	static final int USUAL_BLOCK = 512;

	/** Opens it. On failure the chain is not given up. */
	static OpenDisk open(MachineSpec.Disk spec, ImageChain chain, Plugin<DiskFormat> by, Patience patience)
			throws DiskException {
		OpenDisk open = PluginCall.make(calling("opening", spec.path(), by), patience, () -> {
			VirtualDisk disk = chain.open(spec.path(), spec.readOnly(), by);
			return new OpenDisk(disk, spec.path(), chain, by, disk.size(),
					disk instanceof Described described ? described.blockSize() : USUAL_BLOCK);
		});
		if (open.size >= 0 && (open.blockSize == USUAL_BLOCK || open.blockSize == 4096))
			return open;
		open.close(patience);
		throw new DiskException(Kind.UNSUPPORTED,
				"%s has %d bytes in blocks of %d".formatted(spec.path(), open.size, open.blockSize));
	}

	private static String calling(String what, String path, Plugin<?> by) {
		return "%s of %s by %s %s".formatted(what, path, by.bundle(), by.version());
	}

	void flush(Patience patience) throws DiskException {
		PluginCall.make(calling("flush", path, by), patience, (Callable<Void>) () -> {
			disk.flush();
			return null;
		});
	}

	void close(Patience patience) throws DiskException {
		PluginCall.make(calling("close", path, by), patience, (Callable<Void>) () -> {
			disk.close();
			return null;
		});
	}

	/** Whose it is, for people. */
	String server() {
		return by.bundle() + " " + by.version();
	}
}
