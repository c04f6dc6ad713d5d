package vmhi.core.vdisk;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.core.plugin.PluginServices;

/** Images for tests of other packages. */
public final class TestImages {
	private TestImages() {}

	/** Drives of which wait a millisecond for their format before the machine has to stand. */
	public static Images of(PluginServices plugins) {
		return new Images(plugins, List.of(), new DriveTimes(30_000, 1, 10_000, 5_000));
	}

	public static void stop(Images images) {
		images.stop();
	}

	/** A format that is the bytes of the file. */
	public static DiskFormat raw() {
		return new ScriptedFormat();
	}

	/** Fails if somebody has the file. */
	public static void assertFree(Path file) throws DiskException {
		FileStorage.open(file, false, new ImageChain(null, "test", List.of(), Set.of())).close();
	}
}
