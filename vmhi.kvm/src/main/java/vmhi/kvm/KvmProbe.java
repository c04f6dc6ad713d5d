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

	/** Instructions a second; 0 as long as nobody knows. */
	private double speed;

	/** 0 as long as nobody knows. */
	private int timeStampKhz;

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
			List<String> lines = e.getMessage().lines().toList(); // registers follow where a guest could not go on
			details.addAll(lines.subList(1, lines.size()));
			return new HostVerdict(Fitness.UNAVAILABLE, lines.get(0), 0, details);
		}
	}

	static String summary(String path, double speed) {
		if (speed >= KvmCalibration.FAST)
			return path + " runs guests at the speed of the processor";
		if (speed == 0)
			return path + " does not get through a loop of a few thousand instructions of supervisor code: "
					+ "only guests that are known to run will";
		return "%s interprets supervisor code (about %.1f million instructions a second; kvm_pvm kind): ".formatted(
				path,
				speed / 1e6) + "small guests run, Linux does not";
	}

	private synchronized double speed(KvmDevice device) throws CpuException {
		if (speed == 0)
			speed = KvmCalibration.measure(device, device.supportedCpuid());
		return speed;
	}

	/** Counts of the guests' time-stamp counter in a millisecond; 0 if KVM does not tell. Asked of a vCPU, once. */
	synchronized int timeStampKhz() {
		if (timeStampKhz != 0)
			return timeStampKhz;
		try (KvmDevice device = KvmDevice.open(path); KvmVm vm = device.createVm("calibration")) {
			if (vm.fd.extension(KvmCap.GET_TSC_KHZ) == 0)
				return 0;
			try (KvmVcpu vcpu = new KvmVcpu(vm, 0, device.supportedCpuid(), null, false)) {
				timeStampKhz = Math.max(0, vcpu.fd.call(KvmRequest.GET_TSC_KHZ, 0));
			}
			return timeStampKhz;
		} catch (CpuException e) {
			return 0; // who makes a machine next is told why
		}
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
