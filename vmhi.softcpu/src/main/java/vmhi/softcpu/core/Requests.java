package vmhi.softcpu.core;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.cpu.InterruptSource;

/**
 * What others ask of a vCPU: to stop, to take an interrupt, to begin anew. Each leaves it here and then sets
 * {@link Cpu#attention}, from any thread; the vCPU's thread clears that in {@link #look} and then looks at everything, so
 * that nothing is lost.
 */
public final class Requests {
	// in messages: INIT, and after that STARTUP with its vector in bits 15:8
	private static final int INIT = 1, STARTUP = 2, STARTUP_MASK = STARTUP | 0xff00;
	private static final long APIC_BASE_BSP = 1 << 8;

	private final Cpu c;
	private final AtomicBoolean stop = new AtomicBoolean();
	private final AtomicBoolean nmi = new AtomicBoolean();
	private final AtomicInteger messages = new AtomicInteger();

	/** The local APIC; {@code null} before it is connected. */
	private volatile InterruptSource source;

	Requests(Cpu c) {
		this.c = c;
	}

	// --- from any thread

	/** Ends the run in progress, or the next one. */
	public void stop() {
		stop.set(true);
		c.attention = 1;
	}

	/** The local APIC may have an interrupt. */
	public void interrupt() {
		c.attention = 1;
	}

	/** A non-maskable interrupt. */
	public void nmi() {
		nmi.set(true);
		c.attention = 1;
	}

	/** INIT: whatever STARTUP came before is void. */
	public void init() {
		messages.set(INIT);
		c.attention = 1;
	}

	/** STARTUP. */
	public void startup(int vector) {
		messages.updateAndGet(m -> m & ~STARTUP_MASK | STARTUP | (vector & 0xff) << 8);
		c.attention = 1;
	}

	// --- the vCPU's thread

	/** Connects the local APIC. */
	public void connect(InterruptSource to) {
		source = to;
		c.attention = 1;
	}

	/**
	 * Acts on what was asked for, between two instructions.
	 *
	 * @return whether the run is to end because somebody wants that
	 */
	public boolean look() {
		c.attention = 0;
		if (stop.get()) {
			stop.set(false);
			c.attention = 1; // the next run looks at the rest
			return true;
		}
		settle();
		if (c.activity == Cpu.RUNNING || c.activity == Cpu.HALTED)
			deliver();
		return false;
	}

	/** Acts on INIT and STARTUP. */
	void settle() {
		if (messages.get() == 0)
			return;
		int taken = messages.getAndSet(0);
		if ((taken & INIT) != 0) {
			c.delivery.init();
			nmi.set(false);
			if ((apicBase() & APIC_BASE_BSP) == 0)
				c.activity = Cpu.WAIT_FOR_SIPI;
		}
		if ((taken & STARTUP) != 0 && c.activity == Cpu.WAIT_FOR_SIPI)
			c.delivery.startup(taken >>> 8);
	}

	/** Whether an interrupt waits and may be taken, but for the shadow of an instruction. */
	private boolean maskable() {
		InterruptSource now = source;
		return now != null && (c.flags & Flags.IF) != 0 && now.pending();
	}

	/** One event at most: the next comes before the first instruction of the handler of this one. It ends a HLT. */
	private void deliver() {
		if (c.injectException >= 0 || c.injectInterrupt >= 0) {
			c.attention = 1;
			injected();
		} else if (c.interruptShadow == 0 || c.activity == Cpu.HALTED) {
			fromOutside();
		} // else the interpreter looks here again after the next instruction
	}

	private void fromOutside() {
		if (!c.nmiBlocked && nmi.get()) {
			nmi.set(false);
			c.attention = 1;
			c.delivery.nmi();
		} else if (maskable()) {
			int vector = source.accept();
			if (vector >= 0) {
				c.attention = 1;
				c.delivery.interrupt(vector & 0xff);
			}
		}
	}

	/** What was under way when the state of this vCPU was taken elsewhere. */
	private void injected() {
		int exception = c.injectException;
		int interrupt = c.injectInterrupt;
		c.injectException = c.injectInterrupt = -1;
		c.activity = Cpu.RUNNING;
		if (exception >= 0) {
			c.fault(exception);
			c.faultHasError = c.injectHasError;
			c.faultError = c.injectError;
			c.faultPayload = c.injectPayload != 0 ? c.injectPayload : payloadTaken(exception);
			c.delivery.exception();
		} else {
			c.delivery.interrupt(interrupt);
		}
	}

	/** What CR2 and DR6 say already of an exception whose payload was put there. */
	private long payloadTaken(int exception) {
		return switch (exception) {
			case Fault.PF -> c.cr2;
			case Fault.DB -> c.dr6 & 0xf;
			default -> 0;
		};
	}

	// --- the local APIC's registers

	int taskPriority() {
		InterruptSource now = source;
		return now == null ? c.taskPriority : now.taskPriority() & 0xf;
	}

	void taskPriority(int value) {
		c.taskPriority = value;
		InterruptSource now = source;
		if (now != null)
			now.taskPriority(value);
	}

	long apicBase() {
		InterruptSource now = source;
		return now == null ? c.msrs.apicBase : now.apicBase();
	}

	/** @return {@code false} if it may not have this value */
	boolean apicBase(long value) {
		InterruptSource now = source;
		if (now != null)
			return now.apicBase(value);
		c.msrs.apicBase = value;
		return true;
	}

	// --- for the state

	boolean nmiPending() {
		return nmi.get();
	}

	void restoreNmi(boolean pending) {
		nmi.set(pending);
	}

	/** A STARTUP that came before the state was taken, or -1 for none. */
	void restoreStartup(int vector) {
		messages.set(vector < 0 ? 0 : STARTUP | (vector & 0xff) << 8);
	}
}
