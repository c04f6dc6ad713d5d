package vmhi.device.irqchip;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntBinaryOperator;

import vmhi.api.cpu.InterruptibleVcpu;

/**
 * What a vCPU is to be told, between the local APIC, which notes it with the lock of the {@link Irqchip}, and the thread
 * that tells it after it has left that lock. While there is no vCPU, nothing is kept.
 */
final class VcpuSignals {
	private static final int INTERRUPT = 1, NMI = 2;
	private static final int INIT = 1, STARTUP = 2, VECTOR_SHIFT = 8;

	private static final IntBinaryOperator ADD = (signals, more) -> signals | more;

	/** INIT makes forget what was before; of several STARTUP the last counts. */
	private static final IntBinaryOperator START = (signals, next) -> (next & INIT) != 0 ? next : signals & INIT | next;

	private final AtomicInteger signals = new AtomicInteger();
	private final AtomicInteger starts = new AtomicInteger();
	private volatile InterruptibleVcpu vcpu;

	void connect(InterruptibleVcpu next) {
		vcpu = next;
	}

	void forget() {
		signals.set(0);
		starts.set(0);
	}

	void interrupt() {
		signals.accumulateAndGet(INTERRUPT, ADD);
	}

	void nmi() {
		signals.accumulateAndGet(NMI, ADD);
	}

	void init() {
		starts.accumulateAndGet(INIT, START);
	}

	void startup(int vector) {
		starts.accumulateAndGet(STARTUP | vector << VECTOR_SHIFT, START);
	}

	/** Tells of interrupts. Without the lock. */
	void tell() {
		int what = signals.get() == 0 ? 0 : signals.getAndSet(0);
		InterruptibleVcpu target = vcpu;
		if (what == 0 || target == null)
			return;
		if ((what & NMI) != 0)
			target.nmi();
		if ((what & INTERRUPT) != 0)
			target.interruptPending();
	}

	/** Tells of INIT and STARTUP. Without the lock, but one thread at a time. */
	void tellStart() {
		int what = starts.getAndSet(0);
		InterruptibleVcpu target = vcpu;
		if (what == 0 || target == null)
			return;
		if ((what & INIT) != 0)
			target.init();
		if ((what & STARTUP) != 0)
			target.startup(what >>> VECTOR_SHIFT);
	}
}
