package vmhi.softcpu;

import vmhi.api.cpu.CpuBackend;
import vmhi.tck.cpu.CpuBackendContract;

class SoftBackendTest implements CpuBackendContract {

	@Override
	public CpuBackend backend() {
		return new SoftBackend();
	}
}
