package vmhi.launcher;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

import org.osgi.framework.namespace.IdentityNamespace;

import vmhi.api.cpu.CpuKind;
import vmhi.api.device.DeviceKind;
import vmhi.api.hypercall.HypercallRange;
import vmhi.api.mgmt.Protocol;
import vmhi.api.vdisk.VdiskFormat;
import vmhi.api.vdisk.VdiskTransport;

/** What a composition can name, and the namespace of the capability that stands for it. */
enum Feature {
	BUNDLE(IdentityNamespace.IDENTITY_NAMESPACE), CPU(CpuKind.NAME), DEVICE(DeviceKind.NAME), DISK(
			VdiskFormat.NAME), HYPERCALL(HypercallRange.NAME), MGMT(Protocol.NAME), TRANSPORT(VdiskTransport.NAME);

	private final String namespace;

	Feature(String namespace) {
		this.namespace = namespace;
	}

	/** The namespace, and also the name of the attribute that has the value. */
	String namespace() {
		return namespace;
	}

	/** As it is written in a composition. */
	String word() {
		return name().toLowerCase();
	}

	static Optional<Feature> of(String word) {
		return Arrays.stream(values()).filter(f -> f.word().equals(word)).findFirst();
	}

	static String words() {
		return Arrays.stream(values()).map(Feature::word).collect(Collectors.joining(", "));
	}
}
