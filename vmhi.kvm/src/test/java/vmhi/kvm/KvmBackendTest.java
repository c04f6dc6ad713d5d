package vmhi.kvm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.tck.cpu.CpuBackendContract;

class KvmBackendTest implements CpuBackendContract {

	@Override
	public CpuBackend backend() {
		return Guest.BACKEND;
	}

	/** At CPL 3 kvm_pvm is asked only where the processor can make CPUID fault; elsewhere that answers by itself. */
	@Override
	@Test
	public void cpuidAnswersFromTheTable() throws Exception {
		assumeTrue(
				backend().probe().fitness() != Fitness.LIMITED
						|| Files.readString(Path.of("/proc/cpuinfo")).contains("cpuid_fault"),
				"this KVM does not see CPUID at CPL 3");
		CpuBackendContract.super.cpuidAnswersFromTheTable();
	}
}
