package vmhi.device.irqchip;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

import vmhi.api.cpu.ChipState;
import vmhi.api.device.DeviceException;
import vmhi.api.device.GuestClock;

/**
 * The 8254 and port 0x61, which has the gate and the output of its counter 2. Counter 0 is the timer interrupt; counter 1,
 * once for the refresh of memory, has nothing at its output. There is no speaker.
 * <p>
 * Called with the lock of the {@link Irqchip}.
 */
final class Pit {
	static final int CHANNELS = 3;

	private static final int CONTROL = 3; // offset of the control word
	private static final int READ_BACK = 3; // in place of a counter in the control word
	private static final int NOT_COUNT = 0x20, NOT_STATUS = 0x10; // in a read-back command

	// port 0x61
	private static final int GATE = 1, SPEAKER = 2, REFRESH = 0x10, OUTPUT = 0x20;
	private static final long MOST_OWED = 1000, OWED_GAP = 200_000; // nanoseconds from one tick made up for to the next
	private static final int REFRESH_SHIFT = 14; // toggles about every 15 us

	private final GuestClock clock;
	private final Alarm alarm;
	private final Runnable tick;
	private final PitChannel[] channels = { new PitChannel(true), new PitChannel(true), new PitChannel(false) };
	private boolean speaker;
	/** Ticks that the host was too late for. They are made up for, since guests count them; and when the next one is due. */
	private long owed, owedAt;

	/**
	 * @param alarms runs with the lock what an alarm is for
	 * @param tick is told that the output of counter 0 rises
	 */
	Pit(GuestClock clock, Executor alarms, Runnable tick) {
		this.clock = clock;
		this.tick = tick;
		Runnable action = this::alarm;
		alarm = new Alarm(clock.timer(() -> alarms.execute(action)));
	}

	void reset() {
		alarm.cancel();
		speaker = false;
		owed = 0;
		for (PitChannel channel : channels)
			channel.reset();
	}

	void cancel() {
		alarm.cancel();
	}

	private void alarm() {
		alarm.rang(clock.nanos());
		catchUp();
	}

	/** Has happen what the clock says has happened. */
	void catchUp() {
		long due = channels[0].due();
		if (due != Alarm.NEVER)
			catchUp(clock.nanos());
	}

	private void catchUp(long now) {
		boolean rises = channels[0].advance(now);
		owed = Math.min(MOST_OWED, owed + channels[0].missed());
		if (rises) {
			tick.run();
			owedAt = now + OWED_GAP;
		} else if (owed > 0 && now >= owedAt) {
			owed--;
			tick.run();
			owedAt = now + OWED_GAP;
		}
		schedule(now);
	}

	private void schedule(long now) {
		long due = channels[0].due();
		if (due == Alarm.NEVER)
			owed = 0; // nobody counts any more
		alarm.at(owed > 0 ? Math.min(due, owedAt) : due, now);
	}

	/** Ports 0x40 to 0x43. */
	Registers counters() {
		return new Registers.Bytes(this::read, this::write);
	}

	private int read(int offset) {
		if (offset == CONTROL)
			return 0;
		long now = clock.nanos();
		catchUp(now);
		channels[offset].advance(now);
		return channels[offset].read(now);
	}

	private void write(int offset, int value) {
		long now = clock.nanos();
		catchUp(now);
		if (offset == CONTROL) {
			control(value, now);
		} else {
			channels[offset].advance(now);
			channels[offset].write(value, now);
		}
		catchUp(now);
	}

	private void control(int word, long now) {
		int counter = word >>> 6;
		for (int i = 0; i < CHANNELS; i++) {
			channels[i].advance(now);
			if (counter == READ_BACK && (word >>> 1 + i & 1) != 0) {
				if ((word & NOT_COUNT) == 0)
					channels[i].latchCount(now);
				if ((word & NOT_STATUS) == 0)
					channels[i].latchStatus(now);
			} else if (counter == i && (word >>> 4 & 3) == 0) {
				channels[i].latchCount(now);
			} else if (counter == i) {
				if (i == 0)
					owed = 0;
				channels[i].control(word);
			}
		}
	}

	/** Port 0x61. */
	Registers port() {
		return new Registers.Bytes(offset -> readPort(), (offset, value) -> writePort(value));
	}

	private int readPort() {
		long now = clock.nanos();
		channels[2].advance(now);
		return (channels[2].gate() ? GATE : 0) | (speaker ? SPEAKER : 0)
				| ((now >>> REFRESH_SHIFT & 1) != 0 ? REFRESH : 0) | (channels[2].output(now) ? OUTPUT : 0);
	}

	private void writePort(int value) {
		long now = clock.nanos();
		channels[2].advance(now);
		channels[2].gate((value & GATE) != 0, now);
		speaker = (value & SPEAKER) != 0;
	}

	void exchange(Fields fields) throws DeviceException {
		long now = clock.nanos();
		speaker = fields.flag("pit.speaker", speaker);
		for (int i = 0; i < CHANNELS; i++)
			channels[i].exchange("pit" + i, fields, now);
		owed = 0; // the host's debt, and no state of the chip
		schedule(now);
	}

	ChipState.Pit state() {
		long now = clock.nanos();
		List<ChipState.Channel> states = new ArrayList<>();
		for (PitChannel channel : channels)
			states.add(channel.state(now));
		return new ChipState.Pit(states, (channels[2].gate() ? GATE : 0) | (speaker ? SPEAKER : 0));
	}

	void state(ChipState.Pit state) {
		long now = clock.nanos();
		for (int i = 0; i < CHANNELS; i++)
			channels[i].state(state.channels().get(i), now);
		speaker = (state.speaker() & SPEAKER) != 0;
		owed = 0;
		schedule(now);
	}
}
