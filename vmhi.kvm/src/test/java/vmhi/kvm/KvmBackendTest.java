package vmhi.kvm;

import vmhi.api.cpu.CpuBackend;
import vmhi.tck.cpu.CpuBackendContract;

class KvmBackendTest implements CpuBackendContract {

	@Override
	public CpuBackend backend() {
		return Guest.BACKEND;
	}
}
