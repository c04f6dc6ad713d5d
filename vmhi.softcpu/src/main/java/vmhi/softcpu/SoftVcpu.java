package vmhi.softcpu;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.TimeStampedVcpu;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.CpuidModel;
import vmhi.softcpu.core.Machine;
import vmhi.softcpu.core.StateTransfer;

/** One vCPU as the core knows it. Requests come from any thread; the rest belongs to the vCPU's. */
final class SoftVcpu implements InterruptibleVcpu, TimeStampedVcpu {
	private final Machine machine;
	private final Cpu cpu;
	private final StateTransfer state;

	SoftVcpu(Machine machine, Cpu cpu) {
		this.machine = machine;
		this.cpu = cpu;
		state = new StateTransfer(cpu);
	}

	@Override
	public RunEnd run() throws CpuException {
		return cpu.interpreter.run();
	}

	@Override
	public void stop() {
		cpu.requests.stop();
	}

	@Override
	public CpuState save() {
		return state.save();
	}

	@Override
	public void restore(CpuState from) throws CpuException {
		state.restore(from);
	}

	@Override
	public void connect(InterruptSource source) {
		cpu.requests.connect(source);
	}

	@Override
	public void interruptPending() {
		cpu.requests.interrupt();
	}

	@Override
	public void nmi() {
		cpu.requests.nmi();
	}

	@Override
	public void init() {
		cpu.requests.init();
	}

	@Override
	public void startup(int vector) {
		cpu.requests.startup(vector);
	}

	@Override
	public long timeStamp() {
		return machine.timeStamp() + cpu.msrs.tscOffset;
	}

	@Override
	public int timeStampKhz() {
		return CpuidModel.TIME_STAMP_KHZ;
	}
}
