package vmhi.device.irqchip;

import static vmhi.device.irqchip.ApicRegister.LVT_ERROR;
import static vmhi.device.irqchip.ApicRegister.LVT_LINT0;
import static vmhi.device.irqchip.ApicRegister.LVT_LINT1;
import static vmhi.device.irqchip.ApicRegister.LVT_TIMER;

import java.util.concurrent.Executor;

import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.TimeStampedVcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.DeviceException;
import vmhi.api.device.GuestClock;

/**
 * The local APIC of one vCPU, in xAPIC and x2APIC mode (SDM volume 3, chapter 10). Version 0x14, six LVT entries, no
 * suppression of EOI broadcasts. It stays at its address: IA32_APIC_BASE takes no other.
 * <p>
 * Called with the lock of the {@link Irqchip}, except where a method says otherwise: the volatile fields are read by the
 * vCPU at any time.
 */
final class LocalApic {
	/** Where its registers are, in its own vCPU's view. */
	static final long BASE = 0xfee0_0000L;
	static final int SIZE = 4096;

	/** IA32_APIC_BASE. */
	static final long BASE_BSP = 1 << 8, BASE_X2APIC = 1 << 10, BASE_ENABLED = 1 << 11;

	private static final int VERSION = 0x14 | ApicRegister.LVTS - 1 << 16;
	private static final int ENABLED = 1 << 8; // SVR
	private static final int MASKED = 1 << 16; // LVT
	private static final int TIMER_MODE_SHIFT = 17;
	private static final int DEADLINE_MODE = ApicTimer.DEADLINE << TIMER_MODE_SHIFT;
	private static final int FLAT = 0xf; // model in DFR

	// ICR
	private static final int LOGICAL = 1 << 11, ASSERT = 1 << 14, LEVEL = 1 << 15;
	private static final int ICR_BITS = 0xc_cfff; // without the delivery status: messages are there at once

	// ESR (SDM volume 3, figure 10-9)
	private static final int SEND_ILLEGAL = 1 << 5, RECEIVE_ILLEGAL = 1 << 6, ILLEGAL_REGISTER = 1 << 7;
	private static final int ERRORS = SEND_ILLEGAL | RECEIVE_ILLEGAL | ILLEGAL_REGISTER;

	private final int id;
	private final ApicBus bus;
	private final ApicTimer timer;
	private final VcpuSignals signals = new VcpuSignals();
	private final Vectors requests = new Vectors(); // IRR
	private final Vectors inService = new Vectors(); // ISR
	private final Vectors levels = new Vectors(); // TMR
	private final int[] lvt = new int[ApicRegister.LVTS];
	private int ldr;
	private int dfr;
	private int svr;
	private int icrLow;
	private int icrHigh;
	private int errors; // since ESR was written
	private int esr;
	private boolean external; // a message asks to take a vector from the 8259 pair

	private volatile long base;
	private volatile int tpr;
	private volatile boolean pending;

	LocalApic(int id, ApicBus bus, GuestClock clock, Executor alarms) {
		this.id = id;
		this.bus = bus;
		Runnable alarm = this::alarm;
		timer = new ApicTimer(clock, new Alarm(clock.timer(() -> alarms.execute(alarm))));
		reset();
	}

	int id() {
		return id;
	}

	/**
	 * The state after power-on, and after firmware has run where there is none: LINT0 of the first processor takes what
	 * the 8259 pair requests, and LINT1 is NMI ("virtual wire", MP specification 1.4, 3.6.2.2). SVR is as after power-on,
	 * which on a real chip would mask both; KVM, too, lets LINT0 through in this state, and who starts a kernel on it
	 * without firmware sets just these two registers.
	 */
	void reset() {
		base = BASE | BASE_ENABLED | (id == 0 ? BASE_BSP : 0);
		timer.cancel();
		clear();
		if (id == 0) {
			lvt[LVT_LINT0] = Delivery.EXTERNAL << 8;
			lvt[LVT_LINT1] = Delivery.NMI << 8;
		}
		signals.forget();
		update();
	}

	/** SDM volume 3, 10.4.7.1 and 10.4.7.3. */
	private void clear() {
		requests.clear();
		inService.clear();
		levels.clear();
		timer.reset();
		for (int i = 0; i < lvt.length; i++)
			lvt[i] = MASKED;
		tpr = 0;
		ldr = 0;
		dfr = -1;
		svr = 0xff;
		icrLow = 0;
		icrHigh = 0;
		errors = 0;
		esr = 0;
		external = false;
		update();
	}

	void cancel() {
		timer.cancel();
	}

	/** Serves this vCPU from now on. */
	void connect(InterruptibleVcpu next) {
		signals.connect(next);
		timer.connect(next instanceof TimeStampedVcpu stamps ? stamps : null);
		catchUp();
		if (pending)
			tellInterrupt();
	}

	// for the vCPU

	/** Whether the vCPU has something to {@link #accept}. For any thread, without the lock. */
	boolean pending() {
		return pending;
	}

	/**
	 * Accepts what waits: what the 8259 pair requests, which does not care for priorities here, or else the vector of the
	 * highest priority.
	 *
	 * @return the vector, or -1 if it went away
	 */
	int accept() {
		int vector = externalPending() ? acknowledge() : -1;
		if (vector < 0) {
			vector = deliverable();
			if (vector >= 0) {
				requests.set(vector, false);
				inService.set(vector, true);
			}
		}
		update();
		if (pending)
			tellInterrupt(); // there is another one
		return vector;
	}

	private int acknowledge() {
		external = false;
		return bus.chips().acknowledge();
	}

	/** CR8. For any thread, without the lock. */
	int taskPriority() {
		return tpr >>> 4;
	}

	void taskPriority(int value) {
		tpr = (value & 0xf) << 4;
		update();
	}

	/** IA32_APIC_BASE. For any thread, without the lock. */
	long base() {
		return base;
	}

	/** {@code false} for values that raise #GP (SDM volume 3, 10.4.4 and 10.12.5). */
	boolean base(long value) {
		if ((value & ~(BASE_BSP | BASE_X2APIC | BASE_ENABLED)) != BASE)
			return false;
		boolean enabled = (value & BASE_ENABLED) != 0;
		boolean extended = (value & BASE_X2APIC) != 0;
		if (extended && (!enabled || !present()) || enabled && !extended && extended())
			return false;
		boolean disabled = present() && !enabled;
		boolean extending = extended && !extended();
		base = value;
		if (disabled)
			clear();
		if (extending)
			icrHigh = 0;
		update();
		return true;
	}

	/** Not disabled by IA32_APIC_BASE. */
	boolean present() {
		return (base & BASE_ENABLED) != 0;
	}

	private boolean extended() {
		return (base & BASE_X2APIC) != 0;
	}

	// messages

	/** Whether it takes interrupts with vectors. */
	boolean accepts() {
		return present() && (svr & ENABLED) != 0;
	}

	/** Whether a message to this destination, which is not the one for all, is for this one. */
	boolean isMeant(int destination, boolean logical) {
		if (!present())
			return false;
		if (!logical)
			return destination == id;
		if (extended())
			return destination >>> 16 == logicalId() >>> 16 && (destination & logicalId() & 0xffff) != 0;
		int mine = ldr >>> 24;
		if (destination >>> 8 != 0)
			return false;
		if (dfr >>> 28 == FLAT)
			return (destination & mine) != 0;
		return destination >>> 4 == mine >>> 4 && (destination & mine & 0xf) != 0;
	}

	/** LDR in x2APIC mode (SDM volume 3, 10.12.10.2). */
	private int logicalId() {
		return id >>> 4 << 16 | 1 << (id & 0xf);
	}

	/**
	 * A message for this one, from wherever.
	 *
	 * @return whether it was accepted
	 */
	boolean receive(int mode, int vector, boolean level) {
		switch (mode) {
			case Delivery.FIXED, Delivery.LOWEST_PRIORITY -> {
				return accepts() && request(vector, level);
			}
			case Delivery.NMI -> {
				signals.nmi();
				bus.toSignal(false);
			}
			case Delivery.INIT -> {
				clear();
				signals.init();
				bus.toSignal(true);
			}
			case Delivery.STARTUP -> {
				signals.startup(vector);
				bus.toSignal(true);
			}
			case Delivery.EXTERNAL -> {
				external = true;
				update();
			}
			default -> {
				// SMI, for which there is no code; the rest is reserved
			}
		}
		return true;
	}

	private boolean request(int vector, boolean level) {
		if (vector < Vectors.FIRST) {
			error(RECEIVE_ILLEGAL);
			return false;
		}
		requests.set(vector, true);
		levels.set(vector, level);
		update();
		return true;
	}

	/** The error interrupt comes with the first error of a sort; one with an illegal vector is no further error. */
	private void error(int which) {
		if ((errors & which) != 0)
			return;
		errors |= which;
		int vector = lvt[LVT_ERROR] & 0xff;
		if ((lvt[LVT_ERROR] & MASKED) == 0)
			if (vector >= Vectors.FIRST)
				request(vector, false);
			else
				errors |= RECEIVE_ILLEGAL;
	}

	/** Something at an entry of the LVT. */
	private void local(int entry) {
		if ((lvt[entry] & MASKED) != 0)
			return;
		int mode = entry == LVT_TIMER ? Delivery.FIXED : Delivery.of(lvt[entry]);
		if (mode == Delivery.FIXED)
			request(lvt[entry] & 0xff, false);
		else if (mode == Delivery.NMI || mode == Delivery.INIT)
			receive(mode, 0, false);
	}

	/** The INTR of the 8259 pair, which is LINT0, has changed or may have. */
	void fromPics(boolean rises) {
		if (!bus.requestedByPics())
			external = false;
		if (rises && present())
			local(LVT_LINT0); // if it is set to something else than to take the vector from there
		update();
	}

	private boolean externalPending() {
		if (!bus.requestedByPics())
			return false;
		if (!present())
			return id == 0; // LINT0 is INTR then (SDM volume 3, 10.4.3)
		return external || (lvt[LVT_LINT0] & MASKED) == 0 && Delivery.of(lvt[LVT_LINT0]) == Delivery.EXTERNAL;
	}

	/** The vector to be delivered, or -1. What was requested before it was disabled by SVR still is (10.4.7.2). */
	private int deliverable() {
		int vector = present() ? requests.highest() : -1;
		return vector >= 0 && vector >>> 4 > processorPriority() >>> 4 ? vector : -1;
	}

	/** SDM volume 3, 10.8.3.1. */
	int processorPriority() {
		int serving = Math.max(0, inService.highest());
		return tpr >>> 4 >= serving >>> 4 ? tpr : serving & 0xf0;
	}

	private void update() {
		boolean now = externalPending() || deliverable() >= 0;
		boolean before = pending;
		pending = now;
		if (now && !before)
			tellInterrupt();
	}

	private void alarm() {
		timer.rang();
		catchUp();
	}

	/** Has happen what the clock says has happened. */
	void catchUp() {
		if (timer.expired())
			local(LVT_TIMER);
	}

	private void tellInterrupt() {
		signals.interrupt();
		bus.toSignal(false);
	}

	/** What is to be told to the vCPU. */
	VcpuSignals signals() {
		return signals;
	}

	// registers

	/** A load from the page. In x2APIC mode and when disabled there is none. */
	long load(int offset, int size) {
		if (!present() || extended())
			return -1;
		catchUp();
		if ((offset & 0xf) + size > Integer.BYTES)
			return 0; // not defined (SDM volume 3, 10.4.1)
		return (read(offset >>> 4) & 0xffff_ffffL) >>> 8 * (offset & 3);
	}

	/** A store to the page: 32 bits on a boundary of 16 bytes, others are not defined. */
	void store(int offset, int size, long value) {
		if (!present() || extended() || (offset & 0xf) != 0 || size != Integer.BYTES)
			return;
		catchUp();
		write(offset >>> 4, (int) value);
	}

	/** RDMSR of 0x800 and {@code register}. {@code false} is #GP. */
	boolean readMsr(int register, VcpuContext context) {
		if (!extended() || !ApicRegister.readableMsr(register))
			return false;
		catchUp();
		long value = read(register) & 0xffff_ffffL;
		context.msrValue(register == ApicRegister.ICR_LOW ? (long) icrHigh << 32 | value : value);
		return true;
	}

	/** WRMSR of 0x800 and {@code register}. {@code false} is #GP. */
	boolean writeMsr(int register, long value) {
		long bits = ApicRegister.writableMsr(register);
		if (!extended() || bits == -1 || (value & ~bits) != 0)
			return false;
		catchUp();
		if (register == ApicRegister.ICR_LOW)
			icrHigh = (int) (value >>> 32);
		if (register == ApicRegister.SELF_IPI)
			sendSelf((int) value);
		else
			write(register, (int) value);
		return true;
	}

	/** RDMSR of IA32_TSC_DEADLINE. {@code false} is #GP. */
	boolean readDeadline(VcpuContext context) {
		if (!timer.knowsDeadlines())
			return false;
		catchUp();
		context.msrValue(timer.deadline());
		return true;
	}

	/** WRMSR of IA32_TSC_DEADLINE. {@code false} is #GP. */
	boolean writeDeadline(long value) {
		if (!timer.knowsDeadlines())
			return false;
		catchUp();
		timer.deadline(value);
		catchUp();
		return true;
	}

	private int read(int register) {
		switch (register) {
			case ApicRegister.ID:
				return extended() ? id : id << 24;
			case ApicRegister.VERSION:
				return VERSION;
			case ApicRegister.TPR:
				return tpr;
			case ApicRegister.PPR:
				return processorPriority();
			case ApicRegister.EOI, ApicRegister.APR, ApicRegister.RRD:
				return 0; // written only; and two that newer processors do not have
			case ApicRegister.LDR:
				return extended() ? logicalId() : ldr;
			case ApicRegister.DFR:
				return dfr;
			case ApicRegister.SVR:
				return svr;
			case ApicRegister.ESR:
				return esr;
			case ApicRegister.ICR_LOW:
				return icrLow;
			case ApicRegister.ICR_HIGH:
				return icrHigh;
			case ApicRegister.INITIAL_COUNT:
				return timer.initial();
			case ApicRegister.CURRENT_COUNT:
				return timer.current();
			case ApicRegister.DIVIDE:
				return timer.divide();
			default:
				return readArray(register);
		}
	}

	private int readArray(int register) {
		if (register >= ApicRegister.ISR && register < ApicRegister.TMR)
			return inService.word(register - ApicRegister.ISR);
		if (register >= ApicRegister.TMR && register < ApicRegister.IRR)
			return levels.word(register - ApicRegister.TMR);
		if (register >= ApicRegister.IRR && register < ApicRegister.ESR)
			return requests.word(register - ApicRegister.IRR);
		if (register >= ApicRegister.LVT && register < ApicRegister.LVT + lvt.length)
			return lvt[register - ApicRegister.LVT];
		error(ILLEGAL_REGISTER);
		return 0;
	}

	private void write(int register, int value) {
		switch (register) {
			case ApicRegister.TPR -> {
				tpr = value & 0xff;
				update();
			}
			case ApicRegister.EOI -> endOfInterrupt();
			case ApicRegister.LDR -> {
				ldr = value & 0xff00_0000;
				bus.chips().accepting();
			}
			case ApicRegister.DFR -> {
				dfr = value | 0x0fff_ffff;
				bus.chips().accepting();
			}
			case ApicRegister.SVR -> spurious(value & 0x3ff);
			case ApicRegister.ESR -> {
				esr = errors;
				errors = 0;
			}
			case ApicRegister.ICR_LOW -> {
				icrLow = value & ICR_BITS;
				sendCommand();
			}
			case ApicRegister.ICR_HIGH -> icrHigh = value & 0xff00_0000;
			case ApicRegister.INITIAL_COUNT -> timer.initial(value);
			case ApicRegister.DIVIDE -> timer.divide(value);
			default -> writeLvt(register, value);
		}
	}

	private void writeLvt(int register, int value) {
		int entry = register - ApicRegister.LVT;
		if (entry >= 0 && entry < lvt.length) {
			int bits = ApicRegister.writableLvt(entry);
			if (entry == LVT_TIMER && !timer.knowsDeadlines())
				bits &= ~DEADLINE_MODE;
			lvt[entry] = value & bits | (softwareEnabled() ? 0 : MASKED);
			if (entry == LVT_TIMER)
				timer.mode(timerMode());
			update();
		} else if (!isReadOnly(register)) {
			error(ILLEGAL_REGISTER);
		}
	}

	private static boolean isReadOnly(int register) {
		return switch (register) {
			case ApicRegister.ID, ApicRegister.VERSION, ApicRegister.APR, ApicRegister.PPR, ApicRegister.RRD,
					ApicRegister.CURRENT_COUNT -> true;
			default -> register >= ApicRegister.ISR && register < ApicRegister.ESR;
		};
	}

	private int timerMode() {
		return lvt[LVT_TIMER] >>> TIMER_MODE_SHIFT & 3;
	}

	private boolean softwareEnabled() {
		return (svr & ENABLED) != 0;
	}

	/** Disabling it masks the LVT (SDM volume 3, 10.4.7.2). */
	private void spurious(int value) {
		boolean before = softwareEnabled();
		svr = value;
		if (!softwareEnabled())
			for (int i = 0; i < lvt.length; i++)
				lvt[i] |= MASKED;
		update();
		if (softwareEnabled() && !before)
			bus.chips().accepting();
	}

	private void endOfInterrupt() {
		int vector = inService.highest();
		if (vector < 0)
			return;
		inService.set(vector, false);
		update();
		if (levels.get(vector))
			bus.chips().endOfInterrupt(vector);
	}

	/** Sends what the ICR says (SDM volume 3, 10.6.1). */
	private void sendCommand() {
		int mode = Delivery.of(icrLow);
		int vector = icrLow & 0xff;
		boolean level = (icrLow & LEVEL) != 0;
		if (Delivery.hasVector(mode) && vector < Vectors.FIRST) {
			error(SEND_ILLEGAL);
			return;
		}
		if (mode == Delivery.EXTERNAL || mode == 3 || mode == Delivery.INIT && level && (icrLow & ASSERT) == 0)
			return; // reserved; and the de-assert of INIT, which newer processors do not have
		boolean levelTriggered = level && Delivery.hasVector(mode);
		switch (icrLow >>> 18 & 3) {
			case 0 -> bus.send(extended() ? icrHigh : icrHigh >>> 24, (icrLow & LOGICAL) != 0, extended(), mode, vector,
					levelTriggered);
			case 1 -> receive(mode, vector, levelTriggered);
			case 2 -> bus.sendAll(null, mode, vector, levelTriggered);
			default -> bus.sendAll(this, mode, vector, levelTriggered);
		}
	}

	private void sendSelf(int vector) {
		if (vector < Vectors.FIRST)
			error(SEND_ILLEGAL);
		else
			receive(Delivery.FIXED, vector, false);
	}

	// state

	void exchange(Fields fields) throws DeviceException {
		String apic = "apic" + id + ".";
		base = fields.number(apic + "base", base, 0, Long.MAX_VALUE);
		if ((base & ~(BASE_BSP | BASE_X2APIC | BASE_ENABLED)) != BASE || extended() && !present())
			throw new DeviceException(DeviceException.Kind.STATE, "%sbase is %#x".formatted(apic, base));
		byte[] mine = page();
		byte[] page = fields.bytes(apic + "page", mine, ApicPage.LEAST, SIZE);
		if (page != mine)
			page(new ApicPage(page));
		errors = fields.octet(apic + "errors", errors) & ERRORS;
		external = fields.flag(apic + "external", external);
		timer.exchange(apic, fields);
		update();
	}

	/** The registers as {@link vmhi.api.cpu.CpuState#localApic} has them. */
	private byte[] page() {
		ApicPage page = new ApicPage(new byte[SIZE]);
		for (int register = 0; register < ApicRegister.SELF_IPI; register++)
			if (ApicRegister.readableMsr(register) || register == ApicRegister.DFR || register == ApicRegister.ICR_HIGH)
				page.put(register, read(register));
		return page.bytes();
	}

	private void page(ApicPage page) {
		for (int i = 0; i < Vectors.WORDS; i++) {
			inService.word(i, page.get(ApicRegister.ISR + i));
			levels.word(i, page.get(ApicRegister.TMR + i));
			requests.word(i, page.get(ApicRegister.IRR + i));
		}
		for (int i = 0; i < lvt.length; i++)
			lvt[i] = page.get(ApicRegister.LVT + i) & ApicRegister.writableLvt(i);
		tpr = page.get(ApicRegister.TPR) & 0xff;
		ldr = extended() ? 0 : page.get(ApicRegister.LDR) & 0xff00_0000;
		dfr = page.get(ApicRegister.DFR) | 0x0fff_ffff;
		svr = page.get(ApicRegister.SVR) & 0x3ff;
		esr = page.get(ApicRegister.ESR) & ERRORS;
		icrLow = page.get(ApicRegister.ICR_LOW) & ICR_BITS;
		icrHigh = page.get(ApicRegister.ICR_HIGH);
		timer.registers(timerMode(), page.get(ApicRegister.INITIAL_COUNT), page.get(ApicRegister.DIVIDE));
	}
}
