package vmhi.softcpu;

import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.ClockedProcessor;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.Vcpu;
import vmhi.api.memory.DirtySource;
import vmhi.api.memory.DirtyTracker.PageVisitor;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Machine;
import vmhi.softcpu.jit.RegionTranslator;

/** The vCPUs of one machine. For any thread. */
final class SoftProcessor implements Processor, DirtySource, ClockedProcessor {
	private final Machine machine;
	private final List<SoftVcpu> vcpus = new ArrayList<>();
	private boolean closed;

	SoftProcessor(CpuSetup setup, CpuHost host) {
		machine = new Machine(setup, host);
		machine.code
				.translator(new RegionTranslator(setup.machine(), machine.code, machine.cpus[0], setup.vcpus() > 1));
		for (Cpu cpu : machine.cpus) {
			cpu.delivery.reset();
			if (cpu.index != 0)
				cpu.activity = Cpu.UNINITIALIZED;
			vcpus.add(new SoftVcpu(machine, cpu));
		}
	}

	@Override
	public Vcpu vcpu(int index) {
		return vcpus.get(index);
	}

	@Override
	public void trackDirty(boolean on) {
		machine.trackDirty(on);
	}

	@Override
	public void collectDirty(PageVisitor visitor) {
		machine.collectDirty(visitor);
	}

	@Override
	public long guestNanos() {
		return machine.timeStamp();
	}

	/** The time-stamp counters go with it: they stand still while the machine does. */
	@Override
	public void guestNanos(long value) {
		machine.timeStamp(value);
	}

	@Override
	public synchronized void close() {
		if (closed)
			return;
		closed = true;
		machine.close();
	}
}
