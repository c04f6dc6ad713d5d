package vmhi.device.irqchip;

import java.util.List;
import java.util.concurrent.Executor;

import vmhi.api.cpu.ChipState;
import vmhi.api.device.DeviceException;
import vmhi.api.device.GuestClock;

/**
 * The chips and the wires between them. The lines of the machine reach them as on a PC: 0 to 15 go to the 8259 pair and
 * to the I/O APIC, the rest to the I/O APIC alone, each to the pin of its number. Only line 0, which is the timer's, is on
 * pin 2 of the I/O APIC, as firmware tables of PCs say in an interrupt source override; pin 0 has the INTR of the 8259
 * pair, which is also LINT0 of all local APICs.
 * <p>
 * Called with the lock of the {@link Irqchip}.
 */
final class Chipset {
	static final int LINES = IoApic.PINS;
	private static final int ISA_LINES = 16;
	private static final int TIMER_LINE = 0;
	private static final int TIMER_PIN = 2;
	private static final int PICS_PIN = 0;

	final ApicBus bus;
	final IoApic ioApic;
	final PicPair pics;
	final Pit pit;
	private int lines; // their levels

	/** @param alarms runs with the lock what an alarm is for */
	Chipset(GuestClock clock, int vcpus, Executor alarms) {
		bus = new ApicBus(vcpus, clock, alarms, new ApicBus.Chips() {
			@Override
			public int acknowledge() {
				return pics.acknowledge();
			}

			@Override
			public void endOfInterrupt(int vector) {
				ioApic.endOfInterrupt(vector);
			}

			@Override
			public void accepting() {
				ioApic.retry();
			}
		});
		ioApic = new IoApic(bus);
		pics = new PicPair(this::fromPics);
		pit = new Pit(clock, alarms, this::timer);
	}

	/** State after power-on. */
	void reset() {
		lines = 0;
		bus.reset();
		ioApic.reset();
		pics.reset();
		pit.reset();
	}

	void cancel() {
		bus.cancel();
		pit.cancel();
	}

	/** A line that does not exist is ignored. */
	void line(int gsi, boolean level) {
		if (gsi < 0 || gsi >= LINES)
			return;
		lines = level ? lines | 1 << gsi : lines & ~(1 << gsi);
		if (gsi < ISA_LINES)
			pics.line(gsi, level);
		if (gsi == TIMER_LINE || gsi == TIMER_PIN)
			ioApic.pin(TIMER_PIN, timerPin());
		else
			ioApic.pin(gsi, level);
	}

	private boolean timerPin() {
		return (lines & (1 << TIMER_LINE | 1 << TIMER_PIN)) != 0;
	}

	/**
	 * The output of the timer rises. It is low again before anybody looks: the inputs are triggered by edges, and nobody
	 * has to find out when it falls.
	 */
	private void timer() {
		pics.line(TIMER_LINE, true);
		pics.line(TIMER_LINE, (lines & 1 << TIMER_LINE) != 0);
		ioApic.pin(TIMER_PIN, true);
		ioApic.pin(TIMER_PIN, timerPin());
	}

	private void fromPics(boolean level) {
		bus.fromPics(level);
		ioApic.pin(PICS_PIN, level);
	}

	void exchange(Fields fields) throws DeviceException {
		lines = fields.number("lines", lines, (1 << LINES) - 1);
		pics.exchange(fields);
		ioApic.exchange(fields);
		pit.exchange(fields);
		bus.exchange(fields);
		settle();
	}

	/** Brings the wires up to the chips that were put in. What an edge did then is in their state, too. */
	private void settle() {
		pics.settle();
		ioApic.settle(PICS_PIN, pics.output());
		bus.settle(pics.output());
		ioApic.retry();
	}

	ChipState state() {
		Boolean[] levels = new Boolean[LINES];
		for (int gsi = 0; gsi < LINES; gsi++)
			levels[gsi] = (lines >>> gsi & 1) != 0;
		return new ChipState(ioApic.state(), pics.primary().state(), pics.secondary().state(), pit.state(),
				List.of(levels));
	}

	/** @param state checked by {@link ChipStates} */
	void state(ChipState state) {
		lines = 0;
		for (int gsi = 0; gsi < Math.min(LINES, state.lines().size()); gsi++)
			if (state.lines().get(gsi))
				lines |= 1 << gsi;
		if (state.primaryPic() != null)
			pics.primary().state(state.primaryPic());
		if (state.secondaryPic() != null)
			pics.secondary().state(state.secondaryPic());
		if (state.ioApic() != null)
			ioApic.state(state.ioApic());
		if (state.pit() != null)
			pit.state(state.pit());
		settle();
	}
}
