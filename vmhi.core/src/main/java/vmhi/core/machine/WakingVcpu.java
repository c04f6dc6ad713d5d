package vmhi.core.machine;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.RunEnd;

/** A vCPU as the interrupt controller of the board has it: what concerns a halted vCPU wakes its thread, too. */
record WakingVcpu(InterruptibleVcpu vcpu, VcpuThread thread) implements InterruptibleVcpu {

	@Override
	public void connect(InterruptSource source) {
		vcpu.connect(source);
	}

	@Override
	public void interruptPending() {
		vcpu.interruptPending();
		thread.wake();
	}

	@Override
	public void nmi() {
		vcpu.nmi();
		thread.wake();
	}

	@Override
	public void init() {
		vcpu.init();
		thread.wake();
	}

	@Override
	public void startup(int vector) {
		vcpu.startup(vector);
		thread.wake();
	}

	@Override
	public RunEnd run() throws CpuException {
		return vcpu.run();
	}

	@Override
	public void stop() {
		vcpu.stop();
	}

	@Override
	public CpuState save() throws CpuException {
		return vcpu.save();
	}

	@Override
	public void restore(CpuState state) throws CpuException {
		vcpu.restore(state);
	}
}
