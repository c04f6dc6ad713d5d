package vmhi.device.irqchip;

import java.util.concurrent.Executor;

import vmhi.api.device.DeviceException;
import vmhi.api.device.GuestClock;

/**
 * All local APICs, and the way to them: finds whom a message is for (SDM volume 3, 10.6.2). vCPU i has APIC ID i.
 * <p>
 * Called with the lock of the {@link Irqchip}, but for {@link #signal}.
 */
final class ApicBus {
	/** ID 255 is for all. */
	static final int MOST = 255;

	private static final int ALL = 0xff;
	private static final int ALL_WIDE = -1;

	/** The other chips, as the local APICs need them. */
	interface Chips {

		/** INTA to the 8259 pair: the vector, or -1 if nothing is requested. */
		int acknowledge();

		/** A level-triggered interrupt with this vector has been served. */
		void endOfInterrupt(int vector);

		/** Some local APIC now accepts what it did not accept before. */
		void accepting();
	}

	private final LocalApic[] apics;
	private final Chips chips;
	private boolean requested; // by the 8259 pair
	private int turn; // whose turn it is among equals
	private final Object starts = new Object(); // keeps INIT before STARTUP
	private volatile boolean signalled;
	private volatile boolean starting;

	ApicBus(int count, GuestClock clock, Executor alarms, Chips chips) {
		this.chips = chips;
		apics = new LocalApic[count];
		for (int i = 0; i < count; i++)
			apics[i] = new LocalApic(i, this, clock, alarms);
	}

	LocalApic apic(int index) {
		return apics[index];
	}

	int count() {
		return apics.length;
	}

	Chips chips() {
		return chips;
	}

	void reset() {
		turn = 0;
		requested = false;
		for (LocalApic apic : apics)
			apic.reset();
	}

	void cancel() {
		for (LocalApic apic : apics)
			apic.cancel();
	}

	/** The INTR of the 8259 pair. */
	void fromPics(boolean level) {
		boolean rises = level && !requested;
		requested = level;
		for (LocalApic apic : apics)
			apic.fromPics(rises);
	}

	/** The same after the state was put in, when it is no edge. */
	void settle(boolean level) {
		requested = level;
		for (LocalApic apic : apics)
			apic.fromPics(false);
	}

	/** Whether the 8259 pair requests an interrupt. */
	boolean requestedByPics() {
		return requested;
	}

	/**
	 * Sends a message.
	 *
	 * @param wide whether the destination has 32 bits, as in x2APIC mode, and not 8
	 * @return whether anybody accepted it
	 */
	boolean send(int destination, boolean logical, boolean wide, int mode, int vector, boolean level) {
		boolean all = destination == (wide ? ALL_WIDE : ALL);
		if (mode == Delivery.LOWEST_PRIORITY) {
			LocalApic chosen = leastBusy(destination, logical, all);
			return chosen != null && chosen.receive(mode, vector, level);
		}
		boolean accepted = false;
		for (LocalApic apic : apics)
			if (all ? apic.present() : apic.isMeant(destination, logical))
				accepted |= apic.receive(mode, vector, level);
		return accepted;
	}

	/** Sends a message to all, or to all but one. */
	void sendAll(LocalApic but, int mode, int vector, boolean level) {
		for (LocalApic apic : apics)
			if (apic != but && apic.present())
				apic.receive(mode, vector, level);
	}

	/** The one with the lowest processor priority; among equals they take turns. */
	private LocalApic leastBusy(int destination, boolean logical, boolean all) {
		LocalApic chosen = null;
		for (int i = 0; i < apics.length; i++) {
			LocalApic apic = apics[(turn + i) % apics.length];
			if (apic.accepts() && (all || apic.isMeant(destination, logical))
					&& (chosen == null || apic.processorPriority() < chosen.processorPriority()))
				chosen = apic;
		}
		if (chosen != null)
			turn = (chosen.id() + 1) % apics.length;
		return chosen;
	}

	/** There is something to tell a vCPU by {@link #signal}. */
	void toSignal(boolean start) {
		if (start)
			starting = true;
		signalled = true;
	}

	/**
	 * Tells the vCPUs what came for them. Without the lock of the chips: a vCPU has locks of its own, under which it may
	 * ask its local APIC. Whoever sends INIT and then STARTUP has them told in this order, even if another thread is about
	 * to tell the first.
	 */
	void signal() {
		if (!signalled)
			return;
		signalled = false;
		for (LocalApic apic : apics)
			apic.signals().tell();
		if (starting)
			synchronized (starts) {
				starting = false;
				for (LocalApic apic : apics)
					apic.signals().tellStart();
			}
	}

	void exchange(Fields fields) throws DeviceException {
		turn = fields.number("apicTurn", turn, MOST) % apics.length;
		for (LocalApic apic : apics)
			apic.exchange(fields);
	}
}
