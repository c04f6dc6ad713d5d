package vmhi.softcpu;

import java.util.List;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuKind;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.TimeStampRate;
import vmhi.api.memory.MemoryRegion;
import vmhi.softcpu.core.CpuidModel;
import vmhi.softcpu.core.Memory;

/** Executes guests in Java, on any host: an x86-64 by interpretation and translation to bytecode. */
@Component
@CpuKind("soft")
public final class SoftBackend implements CpuBackend, TimeStampRate {
	private static final int MOST_VCPUS = 64;
	/** Guest-physical addresses have 40 bits. */
	private static final long MEMORY_END = 1L << 40;
	private static final long PAGE = 4096;

	@Activate
	public SoftBackend() {
		// has nothing to configure
	}

	@Override
	public HostVerdict probe() {
		try {
			if (Memory.UNSAFE.pageSize() > 0)
				return new HostVerdict(Fitness.SLOW,
						"guests are executed in Java, at a small part of the processor's speed", MOST_VCPUS,
						List.of("JVM: %s %s".formatted(System.getProperty("java.vm.name"),
								System.getProperty("java.vm.version"))));
		} catch (LinkageError e) {
			// said below
		}
		return new HostVerdict(Fitness.UNAVAILABLE, "this JVM has no sun.misc.Unsafe to access guest RAM with", 0,
				List.of());
	}

	@Override
	public int timeStampKhz() {
		return CpuidModel.TIME_STAMP_KHZ;
	}

	@Override
	public CpuidTable supportedCpuid() {
		return CpuidModel.table();
	}

	@Override
	public Processor create(CpuSetup setup, CpuHost host) throws CpuException {
		if (setup.vcpus() > MOST_VCPUS)
			throw new CpuException(Kind.UNSUPPORTED, "%d vCPUs, not 1..%d".formatted(setup.vcpus(), MOST_VCPUS));
		for (MemoryRegion region : setup.memory().regions())
			check(region);
		return new SoftProcessor(setup, host);
	}

	private static void check(MemoryRegion region) throws CpuException {
		if (((region.gpa() | region.size() | region.hostAddress()) & PAGE - 1) != 0 || region.hostAddress() == 0)
			throw new CpuException(Kind.UNSUPPORTED, "RAM does not begin and end on pages: " + region);
		if (region.gpa() < 0 || region.end() > MEMORY_END)
			throw new CpuException(Kind.UNSUPPORTED, "RAM ends above 1 TiB: " + region);
	}
}
