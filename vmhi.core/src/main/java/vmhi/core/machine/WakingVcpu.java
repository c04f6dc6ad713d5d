package vmhi.core.machine;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.TimeStampedVcpu;

/** A vCPU as the interrupt controller of the board has it: what concerns a halted vCPU wakes its thread, too. */
class WakingVcpu implements InterruptibleVcpu {
	private final InterruptibleVcpu vcpu;
	private final VcpuThread thread;

	private WakingVcpu(InterruptibleVcpu vcpu, VcpuThread thread) {
		this.vcpu = vcpu;
		this.thread = thread;
	}

	/** With the abilities that the vCPU itself has. */
	static WakingVcpu of(InterruptibleVcpu vcpu, VcpuThread thread) {
		return vcpu instanceof TimeStampedVcpu stamped
				? new TimeStamped(vcpu, stamped, thread)
				: new WakingVcpu(vcpu, thread);
	}

	private static final class TimeStamped extends WakingVcpu implements TimeStampedVcpu {
		private final TimeStampedVcpu stamped;

		TimeStamped(InterruptibleVcpu vcpu, TimeStampedVcpu stamped, VcpuThread thread) {
			super(vcpu, thread);
			this.stamped = stamped;
		}

		@Override
		public long timeStamp() {
			return stamped.timeStamp();
		}

		@Override
		public int timeStampKhz() {
			return stamped.timeStampKhz();
		}
	}

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
