package vmhi.device.rtc;

import java.util.Map;
import java.util.function.LongSupplier;

import vmhi.api.device.DeviceState;
import vmhi.api.device.GuestClock;

/**
 * The MC146818 with 128 bytes of memory. Names of registers and bits are those of its data sheet.
 * <p>
 * Nothing ticks: the time is computed from the host's clock when it is asked for, and the flags in register C are
 * brought up to date by {@link #update}. Belongs to one thread at a time.
 */
final class Chip {
	/** No time at all. */
	static final long NEVER = Long.MAX_VALUE;

	private static final int VERSION = 1;

	private static final int A = 0xa, B = 0xb, C = 0xc, D = 0xd;
	private static final int UIP = 0x80, DIVIDER_RESET = 0x60, RATE = 0x0f; // A; DV2 to DV0 are bits 6 to 4
	private static final int SET = 0x80, PIE = 0x40, AIE = 0x20, UIE = 0x10; // B
	private static final int IRQF = 0x80, PF = PIE, AF = AIE, UF = UIE; // C
	private static final int VALID = 0x80; // D: there was power all the time

	/** Time base of 32.768 kHz, 1024 periodic interrupts a second if they are enabled; BCD, 24 hours. */
	private static final byte A_AT_POWER_ON = 0x26, B_AT_POWER_ON = TimeRegisters.HOURS_24;

	/** The update cycle takes 1984 us, and UIP is set 244 us before. */
	private static final int UPDATE_FROM_MILLIS = 998;

	private static final int CRYSTAL = 32_768;
	private static final long SECOND = 1_000_000_000;

	/** The guest may set the clock wrong, but a state that says more than this is not one of ours. */
	private static final long MOST_OFFSET = 20_000L * 366 * TimeRegisters.DAY_SECONDS * 1000;

	private final GuestClock clock;
	private final LongSupplier hostMillis;
	private final byte[] atPowerOn;

	private final byte[] registers = new byte[CmosMemory.SIZE];
	private int index;
	/** What the guest's time is ahead of the host's, in milliseconds. */
	private long offset;
	private int flags; // of register C, without IRQF
	private long second; // up to which the update and alarm flags are right
	private long period; // up to which the periodic flag is right

	Chip(GuestClock clock, LongSupplier hostMillis, byte[] atPowerOn) {
		this.clock = clock;
		this.hostMillis = hostMillis;
		this.atPowerOn = atPowerOn;
		powerOn();
	}

	/** Also at RESET: what a battery would keep is kept for as long as the machine has power and is not reset. */
	void powerOn() {
		System.arraycopy(atPowerOn, 0, registers, 0, registers.length);
		registers[A] = A_AT_POWER_ON;
		registers[B] = B_AT_POWER_ON;
		index = 0;
		offset = 0;
		flags = 0;
		forget();
	}

	/** The flags count from now on. */
	private void forget() {
		second = seconds();
		period = period(clock.nanos());
	}

	/** The index port. Bit 7 masks NMIs on a PC; there is nothing here that makes any. */
	void select(int value) {
		index = value & 0x7f;
	}

	/** The data port. */
	int read() {
		update();
		switch (index) {
			case A:
				return registers[A] | (running() && Math.floorMod(millis(), 1000) >= UPDATE_FROM_MILLIS ? UIP : 0);
			case C:
				int value = flags | (interrupts() ? IRQF : 0);
				flags = 0;
				return value;
			case D:
				return VALID;
			default:
				if (running() && TimeRegisters.isTime(index))
					TimeRegisters.put(registers, seconds(), registers[B]);
				return registers[index] & 0xff;
		}
	}

	/** The data port. */
	void write(int value) {
		update();
		switch (index) {
			case A -> control(A, value & ~UIP);
			case B -> control(B, (value & SET) != 0 ? value & ~UIE : value);
			case C, D -> {
				// can't be written
			}
			default -> {
				boolean sets = running() && TimeRegisters.isTime(index);
				if (sets)
					TimeRegisters.put(registers, seconds(), registers[B]);
				registers[index] = (byte) value;
				if (sets)
					set(TimeRegisters.get(registers, registers[B]) * 1000 + Math.floorMod(millis(), 1000));
			}
		}
	}

	/** Registers A and B can stop the clock, which may then be set, and have it go on. */
	private void control(int register, int value) {
		boolean ran = running();
		boolean dividerReset = dividerReset();
		if (ran)
			TimeRegisters.put(registers, seconds(), registers[B]);
		registers[register] = (byte) value;
		if (!ran && running()) {
			// the first update comes half a second after the divider is released
			int fraction = dividerReset ? 500 : Math.floorMod(millis(), 1000);
			set(TimeRegisters.get(registers, registers[B]) * 1000 + fraction);
		}
		if (register == A)
			period = period(clock.nanos());
	}

	private void set(long guestMillis) {
		offset = guestMillis - hostMillis.getAsLong();
		second = seconds();
	}

	private boolean dividerReset() {
		return (registers[A] & DIVIDER_RESET) == DIVIDER_RESET;
	}

	private boolean running() {
		return (registers[B] & SET) == 0 && !dividerReset();
	}

	private long millis() {
		return hostMillis.getAsLong() + offset;
	}

	private long seconds() {
		return Math.floorDiv(millis(), 1000L);
	}

	/** Brings the flags up to date. */
	void update() {
		long now = seconds();
		if (running() && now != second) {
			flags |= UF;
			// a host's clock that was set back does not pass the alarm again; one day has all alarms
			long from = Math.max(second, now - TimeRegisters.DAY_SECONDS);
			if (TimeRegisters.nextAlarm(registers, registers[B], from, now, NEVER) != NEVER)
				flags |= AF;
		}
		second = now;
		long nowPeriod = period(clock.nanos());
		if (nowPeriod != period)
			flags |= PF;
		period = nowPeriod;
	}

	/** Whether the interrupt line is asserted. */
	boolean interrupts() {
		return (flags & registers[B] & (PIE | AIE | UIE)) != 0;
	}

	/** In guest nanoseconds, when a flag may be set that interrupts; {@link #NEVER} if none will. */
	long nextWake() {
		int waitsFor = registers[B] & ~flags & (PIE | AIE | UIE);
		long next = NEVER;
		if ((waitsFor & PIE) != 0 && shift() >= 0)
			next = nanos(period + 1 << shift());
		// for the alarm too: the host's clock may be set meanwhile
		if ((waitsFor & (AIE | UIE)) != 0 && running())
			next = Math.min(next, clock.nanos() + (1000 - Math.floorMod(millis(), 1000)) * 1_000_000L);
		return next;
	}

	/** Ticks of the crystal in a period, as a power of two; -1 if there are no periods (data sheet, table 5). */
	private int shift() {
		int rate = registers[A] & RATE;
		if (rate == 0 || dividerReset())
			return -1;
		return rate <= 2 ? rate + 6 : rate - 1;
	}

	private long period(long nanos) {
		if (shift() < 0)
			return 0;
		long ticks = nanos / SECOND * CRYSTAL + nanos % SECOND * CRYSTAL / SECOND;
		return ticks >> shift();
	}

	/** The first nanosecond at which there have been so many ticks. */
	private static long nanos(long ticks) {
		return ticks / CRYSTAL * SECOND + (ticks % CRYSTAL * SECOND + CRYSTAL - 1) / CRYSTAL;
	}

	DeviceState save(String kind) {
		update();
		if (running())
			TimeRegisters.put(registers, 0, registers[B]); // they are made when they are read
		return new DeviceState(kind, VERSION, Map.of("registers", registers.clone(), "index", (long) index, "offset",
				offset, "flags", (long) flags));
	}

	void restore(DeviceState state) {
		byte[] saved = state.bytes("registers");
		if (saved.length == registers.length)
			System.arraycopy(saved, 0, registers, 0, registers.length);
		registers[A] &= (byte) ~UIP;
		index = (int) state.number("index", 0) & 0x7f;
		long ahead = state.number("offset", 0);
		offset = ahead >= -MOST_OFFSET && ahead <= MOST_OFFSET ? ahead : 0;
		flags = (int) state.number("flags", 0) & (PF | AF | UF);
		forget();
	}
}
