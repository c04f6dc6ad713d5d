package vmhi.kvm;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuKind;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.TimeStampRate;

/** Executes guests on the Linux kernel's KVM. */
@Component
@CpuKind("kvm")
@Designate(ocd = KvmBackend.Config.class)
public final class KvmBackend implements CpuBackend, TimeStampRate {

	@ObjectClassDefinition(name = "KVM")
	@interface Config {
		@AttributeDefinition(description = "KVM's device")
		String device() default "/dev/kvm";
	}

	private final String path;
	private final KvmProbe probe;

	@Activate
	public KvmBackend(Config config) {
		path = config.device();
		probe = new KvmProbe(path);
	}

	@Override
	public HostVerdict probe() {
		return probe.verdict();
	}

	@Override
	public int timeStampKhz() {
		return probe.timeStampKhz();
	}

	@Override
	public CpuidTable supportedCpuid() throws CpuException {
		try (KvmDevice device = KvmDevice.open(path)) {
			return device.supportedCpuid();
		}
	}

	@Override
	public Processor create(CpuSetup setup, CpuHost host) throws CpuException {
		try (KvmDevice device = KvmDevice.open(path)) {
			return KvmProcessor.create(device, setup, host);
		}
	}
}
