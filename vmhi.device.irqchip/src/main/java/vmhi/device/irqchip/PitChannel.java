package vmhi.device.irqchip;

import vmhi.api.cpu.ChipState;
import vmhi.api.device.DeviceException;

/**
 * A counter of the 8254 (data sheet 231164). Nothing is counted: count and output follow from the time since the count was
 * loaded, in clocks of 1.193182 MHz. The clock that loads a count is the write itself, and not the next one.
 * <p>
 * Whoever uses it calls {@link #advance} first, with the time it is; each method that is told the time is told the same.
 */
final class PitChannel {
	static final long HERTZ = 1_193_182;

	private static final long SECOND = 1_000_000_000;
	private static final long MOST_ELAPSED = 1L << 61; // nanoseconds
	private static final long MOST_TICKS = 1L << 50;
	private static final int MOST = 0x1_0000, MOST_BCD = 10_000;

	/** Which byte is read or written next, and the access modes likewise. */
	private static final int LOW = 1, HIGH = 2, BOTH = 3, BOTH_HIGH = 4;

	/** No control word was written yet. */
	private static final int UNPROGRAMMED = 0xff;

	// modes
	private static final int TERMINAL_COUNT = 0, ONE_SHOT = 1, RATE = 2, SQUARE = 3, SOFTWARE_STROBE = 4,
			HARDWARE_STROBE = 5;

	private final boolean gateAtStart;
	private int mode;
	private boolean bcd;
	private boolean gate;
	private int access;
	private int readState;
	private int writeState;
	private int writeLatch;
	private int latchedCount;
	private int countLatched; // which byte of it is read next, 0 if there is none
	private boolean statusLatched;
	private int status;
	private int count; // 1 to 65536
	private int next; // the count that is loaded later, 0 for none
	private long switchTick; // when it is, in modes 2 and 3
	private boolean written; // a count since the control word
	private boolean started;
	private long origin; // guest nanoseconds of the load
	private long frozen; // nanoseconds since the load, while the gate has counting stopped
	private long seen; // clocks up to which rising edges have been told
	private long missed; // edges that the last advance told as one with another

	/** @param gateAtStart the level of the gate after power-on */
	PitChannel(boolean gateAtStart) {
		this.gateAtStart = gateAtStart;
		reset();
	}

	void reset() {
		program(UNPROGRAMMED, BOTH, false);
		gate = gateAtStart;
		count = MOST;
	}

	private void program(int nextMode, int nextAccess, boolean nextBcd) {
		mode = nextMode;
		access = nextAccess;
		bcd = nextBcd;
		readState = access;
		writeState = access;
		writeLatch = 0;
		latchedCount = 0;
		countLatched = 0;
		statusLatched = false;
		status = 0;
		next = 0;
		switchTick = 0;
		written = false;
		stop();
	}

	private void stop() {
		started = false;
		origin = 0;
		frozen = 0;
		seen = 0;
	}

	/** A control word that names this counter and is no command to latch. Modes 6 and 7 are 2 and 3. */
	void control(int word) {
		int coded = word >>> 1 & 7;
		program(coded > HARDWARE_STROBE ? coded - 4 : coded, word >>> 4 & 3, (word & 1) != 0);
	}

	/**
	 * Goes to the present.
	 *
	 * @return whether the output has risen since the last time
	 */
	boolean advance(long now) {
		missed = 0;
		if (!started)
			return false;
		long ticks = ticks(now);
		boolean rises = false;
		if (next != 0 && periodic() && ticks >= switchTick) {
			rises = risesUntil(switchTick);
			turnToNext();
			ticks = ticks(now);
		}
		rises |= risesUntil(ticks);
		if (periodic() && count > 1)
			missed = Math.max(0, ticks / count - seen / count - 1);
		seen = Math.max(seen, ticks);
		return rises;
	}

	/** Edges of a periodic output that the last {@link #advance} did not tell one by one. */
	long missed() {
		return missed;
	}

	/** The next count is loaded: in mode 2 at the end of a period, in mode 3 at the end of a half of it. */
	private void turnToNext() {
		boolean low = mode == SQUARE && switchTick % count != 0;
		origin += nanos(switchTick);
		count = next;
		next = 0;
		seen = low ? highTicks() : 0;
		origin -= nanos(seen);
	}

	private boolean risesUntil(long tick) {
		if (tick <= seen)
			return false;
		if (periodic())
			return count > 1 && tick / count > seen / count;
		return seen < riseOnce() && riseOnce() <= tick;
	}

	/** When the output rises in the modes in which it does so once: at the end of the count, or of the strobe then. */
	private long riseOnce() {
		return mode == SOFTWARE_STROBE || mode == HARDWARE_STROBE ? count + 1L : count;
	}

	/** When {@link #advance} has to be called for the next edge, in guest nanoseconds. */
	long due() {
		if (!started || halted())
			return Alarm.NEVER;
		long tick;
		if (!periodic())
			tick = seen < riseOnce() ? riseOnce() : Alarm.NEVER;
		else
			tick = count > 1 ? (seen / count + 1) * count : Alarm.NEVER;
		if (next != 0 && periodic())
			tick = Math.min(tick, switchTick);
		return tick == Alarm.NEVER ? tick : origin + nanos(tick);
	}

	private boolean periodic() {
		return mode == RATE || mode == SQUARE;
	}

	/** Whether the gate has the count stand still. */
	private boolean halted() {
		return !gate && (mode == TERMINAL_COUNT || mode == SOFTWARE_STROBE);
	}

	private long elapsed(long now) {
		if (!started)
			return 0;
		return Math.min(MOST_ELAPSED, Math.max(0, halted() ? frozen : now - origin));
	}

	private long ticks(long now) {
		long elapsed = elapsed(now);
		return elapsed / SECOND * HERTZ + elapsed % SECOND * HERTZ / SECOND;
	}

	/** After how many nanoseconds {@link #ticks} gets to this value. */
	private static long nanos(long ticks) {
		return ticks / HERTZ * SECOND + (ticks % HERTZ * SECOND + HERTZ - 1) / HERTZ;
	}

	/** For how many clocks of a period the output is high in mode 3. */
	private long highTicks() {
		return (count + 1) / 2;
	}

	/** The output. */
	boolean output(long now) {
		if (!started)
			return mode != TERMINAL_COUNT && mode != UNPROGRAMMED;
		long ticks = ticks(now);
		return switch (mode) {
			case TERMINAL_COUNT, ONE_SHOT -> ticks >= count;
			case RATE -> ticks % count != count - 1;
			case SQUARE -> ticks % count < highTicks();
			default -> ticks != count;
		};
	}

	/** What the counting element holds, as it is read. */
	private int value(long now) {
		int range = bcd ? MOST_BCD : MOST;
		long left = count;
		if (started) {
			long ticks = ticks(now);
			left = switch (mode) {
				case RATE -> count - ticks % count;
				case SQUARE -> squareValue(ticks % count);
				default -> count - ticks;
			};
		}
		int value = (int) Math.floorMod(left, (long) range);
		return bcd ? value / 1000 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10 : value;
	}

	/** By two, from an even number, once in each half. */
	private long squareValue(long tick) {
		long inHalf = tick < highTicks() ? tick : tick - highTicks();
		return (count & ~1) - 2 * inHalf;
	}

	/** Latches the count; until it has been read, further commands do nothing. */
	void latchCount(long now) {
		if (countLatched != 0)
			return;
		latchedCount = value(now);
		countLatched = access;
	}

	/** Latches the status likewise. */
	void latchStatus(long now) {
		if (statusLatched)
			return;
		boolean notLoaded = !started || next != 0;
		status = (output(now) ? 0x80 : 0) | (notLoaded ? 0x40 : 0) | access << 4 | (mode & 7) << 1 | (bcd ? 1 : 0);
		statusLatched = true;
	}

	int read(long now) {
		if (statusLatched) {
			statusLatched = false;
			return status;
		}
		if (countLatched != 0) {
			boolean high = countLatched == HIGH || countLatched == BOTH_HIGH;
			countLatched = countLatched == BOTH ? BOTH_HIGH : 0;
			return high ? latchedCount >>> 8 : latchedCount & 0xff;
		}
		int value = value(now);
		boolean high = readState == HIGH || readState == BOTH_HIGH;
		if (access == BOTH)
			readState = high ? BOTH : BOTH_HIGH;
		return high ? value >>> 8 : value & 0xff;
	}

	void write(int value, long now) {
		if (mode == UNPROGRAMMED)
			return;
		switch (writeState) {
			case HIGH -> load(value << 8, now);
			case BOTH -> {
				writeLatch = value;
				writeState = BOTH_HIGH;
				if (mode == TERMINAL_COUNT)
					stop(); // the first byte stops it, and the output is low
			}
			case BOTH_HIGH -> {
				writeState = BOTH;
				load(value << 8 | writeLatch, now);
			}
			default -> load(value, now);
		}
	}

	private void load(int raw, long now) {
		int value = bcd ? (raw >>> 12) * 1000 + (raw >>> 8 & 0xf) * 100 + (raw >>> 4 & 0xf) * 10 + (raw & 0xf) : raw;
		if (value == 0)
			value = bcd ? MOST_BCD : MOST;
		written = true;
		boolean triggered = mode == ONE_SHOT || mode == HARDWARE_STROBE;
		if (started && (periodic() || triggered)) {
			next = value;
			switchTick = periodic() ? nextSwitch(ticks(now)) : 0;
			return;
		}
		count = value;
		if (!triggered && (gate || !periodic()))
			start(now);
	}

	private long nextSwitch(long ticks) {
		long start = ticks - ticks % count;
		if (mode == SQUARE && ticks - start < highTicks() && highTicks() < count)
			return start + highTicks();
		return start + count;
	}

	private void start(long now) {
		if (next != 0)
			count = next;
		next = 0;
		switchTick = 0;
		started = true;
		origin = now;
		frozen = 0;
		seen = 0;
	}

	/** The level of the gate (data sheet, figure 21). */
	void gate(boolean level, long now) {
		if (level == gate)
			return;
		long elapsed = elapsed(now);
		gate = level;
		if (mode == TERMINAL_COUNT || mode == SOFTWARE_STROBE) {
			frozen = started && !level ? elapsed : 0;
			if (started && level)
				origin = now - elapsed;
		} else if (level && written) {
			start(now);
		} else if (periodic() && started) {
			if (next != 0)
				count = next;
			next = 0;
			stop();
		}
	}

	boolean gate() {
		return gate;
	}

	void exchange(String name, Fields fields, long now) throws DeviceException {
		advance(now);
		next = fields.number(name + ".next", next, MOST);
		switchTick = fields.number(name + ".switchTick", switchTick, 0, MOST_TICKS);
		written = fields.flag(name + ".written", written);
		boolean wasStarted = fields.flag(name + ".started", started);
		state(new ChipState.Channel((int) fields.number(name + ".count", count, 1, MOST),
				fields.number(name + ".latchedCount", latchedCount, 0xffff),
				fields.number(name + ".countLatched", countLatched, BOTH_HIGH),
				fields.flag(name + ".statusLatched", statusLatched), fields.octet(name + ".status", status),
				fields.number(name + ".readState", readState, BOTH_HIGH),
				fields.number(name + ".writeState", writeState, BOTH_HIGH),
				fields.octet(name + ".writeLatch", writeLatch), fields.number(name + ".accessMode", access, BOTH),
				fields.octet(name + ".mode", mode), fields.flag(name + ".bcd", bcd),
				fields.flag(name + ".gate", gate),
				fields.number(name + ".elapsed", elapsed(now), 0, MOST_ELAPSED)), wasStarted, now);
	}

	/** A count that waits for the end of a period counts as loaded: this form of the state has only one. */
	ChipState.Channel state(long now) {
		advance(now);
		return new ChipState.Channel(next != 0 ? next : count, latchedCount, countLatched, statusLatched, status,
				readState, writeState, writeLatch, access, mode, bcd, gate, next != 0 ? 0 : elapsed(now));
	}

	/** In this form of the state each counter counts that has a mode. */
	void state(ChipState.Channel state, long now) {
		next = 0;
		switchTick = 0;
		written = true;
		state(state, true, now);
	}

	private void state(ChipState.Channel state, boolean wasStarted, long now) {
		mode = state.mode() > 7 ? UNPROGRAMMED : state.mode() > HARDWARE_STROBE ? state.mode() - 4 : state.mode();
		bcd = state.bcd();
		gate = state.gate();
		access = state.accessMode() & 3;
		readState = state.readState();
		writeState = state.writeState();
		writeLatch = state.writeLatch() & 0xff;
		latchedCount = state.latchedCount() & 0xffff;
		countLatched = state.countLatched();
		statusLatched = state.statusLatched();
		status = state.status() & 0xff;
		count = state.count();
		started = wasStarted && mode != UNPROGRAMMED;
		written &= mode != UNPROGRAMMED;
		long elapsed = started ? Math.min(MOST_ELAPSED, Math.max(0, state.elapsed())) : 0;
		frozen = started && halted() ? elapsed : 0;
		origin = started ? now - elapsed : 0;
		seen = ticks(now);
	}
}
