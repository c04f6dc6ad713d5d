package vmhi.core.vdisk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.core.plugin.PluginServices;

/** Images for tests of other packages. */
public final class TestImages {
	private TestImages() {}

	/** Whose drives wait a millisecond for their format before the machine has to stand. */
	public static Images of(PluginServices plugins) {
		return new Images(plugins, List.of(), 4, DriveLimits.millis(4, 5_000, 10_000, 30_000, 2_000, 1));
	}

	public static void stop(Images images) {
		images.stop();
	}

	/** A format that is the bytes of the file. */
	public static DiskFormat raw() {
		return new PlainFormat();
	}

	/** Fails if somebody has the file. */
	public static void assertFree(Path file) throws DiskException, IOException {
		HostFile.open(file.toRealPath(), false, false, "a test", new OpenImages()).release();
	}
}
