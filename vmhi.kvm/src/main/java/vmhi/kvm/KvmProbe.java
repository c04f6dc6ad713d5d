package vmhi.kvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;

/**
 * Looks at the host. What may change between two looks is looked at each time; how fast it is, once.
 * <p>
 * Used from any thread.
 */
final class KvmProbe {
	private static final List<String> MODULES = List.of("kvm_intel", "kvm_amd", "kvm_pvm");

	private final String path;

	/** Instructions a second; negative as long as nobody knows. */
	private double speed = -1;

	KvmProbe(String path) {
		this.path = path;
	}

	HostVerdict verdict() {
		List<String> details = new ArrayList<>();
		try (KvmDevice device = KvmDevice.open(path)) {
			details.add("abilities: " + device.abilities());
			modules(details);
			double speed = speed(device);
			details.add("supervisor code: %.1f million instructions a second".formatted(speed / 1e6));
			return new HostVerdict(speed >= KvmCalibration.FAST ? Fitness.FAST : Fitness.LIMITED, summary(path, speed),
					device.maxVcpus(), details);
		} catch (CpuException e) {
			return new HostVerdict(Fitness.UNAVAILABLE, e.getMessage(), 0, details);
		}
	}

	static String summary(String path, double speed) {
		if (speed >= KvmCalibration.FAST)
			return path + " runs guests at the speed of the processor";
		if (speed == 0)
			return path + " does not get through a loop of a few thousand instructions of supervisor code: "
					+ "use cpu=soft for all but guests that are known to run";
		return "%s interprets supervisor code (about %.1f million instructions a second; kvm_pvm kind): ".formatted(
				path,
				speed / 1e6) + "small guests run, Linux does not; use cpu=soft for it";
	}

	private synchronized double speed(KvmDevice device) throws CpuException {
		if (speed < 0)
			speed = KvmCalibration.measure(device, device.supportedCpuid());
		return speed;
	}

	private static void modules(List<String> details) {
		for (String module : MODULES) {
			Path folder = Path.of("/sys/module", module);
			if (!Files.isDirectory(folder))
				continue;
			String nested = "";
			try {
				nested = ", nested=" + Files.readString(folder.resolve("parameters/nested")).strip();
			} catch (IOException e) {
				// not one that could
			}
			details.add("module " + module + nested);
		}
	}
}
