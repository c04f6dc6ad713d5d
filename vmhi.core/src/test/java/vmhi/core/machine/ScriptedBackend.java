package vmhi.core.machine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.ClockedProcessor;
import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.tck.device.TestVcpu;

/**
 * A backend whose guest is the test: vCPUs execute the steps that are put into a {@link Program}, and count them in RIP.
 * The program is the guest's memory, so to speak: it stays when the backend is exchanged.
 */
class ScriptedBackend implements CpuBackend {

	/** An instruction. */
	interface Step {
		/** @return why the run ends, or {@code null} if it goes on */
		RunEnd run(VcpuContext vcpu, CpuHost host) throws CpuException;
	}

	/** The steps that are still to be executed, by whichever vCPU comes first. */
	static final class Program {
		private final Queue<Step> steps = new ArrayDeque<>();

		synchronized void add(Step step) {
			steps.add(step);
			notifyAll();
		}

		private synchronized Step next(ScriptedVcpu vcpu) {
			while (!vcpu.stopped && steps.isEmpty())
				try {
					wait();
				} catch (InterruptedException e) {
					// meant for a plug-in
				}
			if (vcpu.stopped)
				return null;
			return steps.remove();
		}

		private synchronized void stop(ScriptedVcpu vcpu) {
			vcpu.stopped = true;
			notifyAll();
		}
	}

	final Program program;
	volatile CpuException refusal;
	volatile boolean restoreFails;
	volatile boolean saveFails;
	volatile boolean clockFails;
	final List<ScriptedProcessor> processors = new ArrayList<>();

	ScriptedBackend(Program program) {
		this.program = program;
	}

	@Override
	public HostVerdict probe() {
		return new HostVerdict(HostVerdict.Fitness.FAST, "scripted", 64, List.of());
	}

	@Override
	public CpuidTable supportedCpuid() {
		return new CpuidTable(List.of(new CpuidTable.Leaf(0, 0, false, 1, 0, 0, 0),
				new CpuidTable.Leaf(1, 0, false, 0, 0, 0, 0)));
	}

	@Override
	public Processor create(CpuSetup setup, CpuHost host) throws CpuException {
		if (refusal != null)
			throw refusal;
		ScriptedProcessor processor = new ScriptedProcessor(setup, host);
		synchronized (processors) {
			processors.add(processor);
		}
		return processor;
	}

	ScriptedProcessor processor() {
		synchronized (processors) {
			return processors.get(processors.size() - 1);
		}
	}

	final class ScriptedProcessor implements Processor, InterruptController, ClockedProcessor {
		final CpuSetup setup;
		private final CpuHost host;
		private final List<ScriptedVcpu> vcpus = new ArrayList<>();
		volatile boolean closed;
		final List<String> interrupts = new ArrayList<>();
		/** Its own clock, which passes when the test says so. */
		volatile long nanos;

		ScriptedProcessor(CpuSetup setup, CpuHost host) {
			this.setup = setup;
			this.host = host;
			for (int i = 0; i < setup.vcpus(); i++)
				vcpus.add(new ScriptedVcpu(this, i));
		}

		@Override
		public ScriptedVcpu vcpu(int index) {
			return vcpus.get(index);
		}

		@Override
		public void close() {
			closed = true;
		}

		@Override
		public synchronized void line(int gsi, boolean asserted) {
			interrupts.add((closed ? "closed " : "") + gsi + (asserted ? " up" : " down"));
		}

		@Override
		public synchronized void message(long address, int data) {
			interrupts.add((closed ? "closed " : "") + "message " + data);
		}

		@Override
		public ChipState saveChips() {
			return new ChipState(null, null, null, null, List.of());
		}

		@Override
		public void restoreChips(ChipState state) {
			// it has none
		}

		@Override
		public long guestNanos() throws CpuException {
			if (clockFails)
				throw new CpuException(CpuException.Kind.HOST, "the clock is broken");
			return nanos;
		}

		@Override
		public void guestNanos(long value) {
			nanos = value;
		}
	}

	final class ScriptedVcpu implements InterruptibleVcpu {
		private final ScriptedProcessor processor;
		private final TestVcpu context;
		private boolean stopped; // guarded by the program
		volatile long executed;
		volatile Thread thread;
		volatile InterruptSource source;

		ScriptedVcpu(ScriptedProcessor processor, int index) {
			this.processor = processor;
			context = new TestVcpu(index);
		}

		@Override
		public void connect(InterruptSource next) {
			source = next;
		}

		@Override
		public void interruptPending() {
			// takes none
		}

		@Override
		public void nmi() {
			// takes none
		}

		@Override
		public void init() {
			// runs anyway
		}

		@Override
		public void startup(int vector) {
			// runs anyway
		}

		@Override
		public RunEnd run() throws CpuException {
			thread = Thread.currentThread();
			while (true) {
				Step step = program.next(this);
				if (step == null) {
					synchronized (program) {
						stopped = false;
					}
					return RunEnd.STOPPED;
				}
				if (processor.closed)
					throw new CpuException(CpuException.Kind.HOST, "runs on a closed processor");
				executed++;
				RunEnd end = step.run(context, processor.host);
				if (end != null)
					return end;
			}
		}

		@Override
		public void stop() {
			program.stop(this);
		}

		@Override
		public CpuState save() throws CpuException {
			if (saveFails)
				throw new CpuException(CpuException.Kind.HOST, "cannot save");
			return state(executed);
		}

		@Override
		public void restore(CpuState state) throws CpuException {
			if (restoreFails)
				throw new CpuException(CpuException.Kind.STATE, "cannot take that");
			if (state.general() != null) // else it is a part that this has no place for
				executed = state.system() == null ? state.general().rip() : 0; // that of the boot protocol counts as 0
		}
	}

	private static CpuState state(long executed) {
		return new CpuState(new CpuState.General(new long[16], executed, 2), null, null, List.of(), List.of(), null,
				null, null, CpuState.MpState.RUNNABLE);
	}
}
