package vmhi.device.acpi;

import java.util.Map;

import vmhi.api.device.DeviceState;
import vmhi.api.device.GuestClock;

/**
 * The fixed hardware of ACPI: PM1a event and control registers and the PM timer (ACPI 6.5, 4.8.3). Belongs to one thread
 * at a time.
 */
final class PowerManagement {
	/** Ports of all registers. */
	static final int BASE = 0x600, PORTS = 16;

	/** The system control interrupt, a level. */
	static final int SCI = 9;

	// offsets from BASE
	static final int STATUS = 0, ENABLE = 2, CONTROL = 4, TIMER = 8;

	/** SLP_TYP of S5, as \_S5 tells it. */
	static final int SLEEP_TYPE_OFF = 5;

	/** No time at all. */
	static final long NEVER = Long.MAX_VALUE;

	private static final int VERSION = 1;

	// status and enable
	private static final int TIMER_CARRY = 1, GLOBAL_LOCK = 1 << 5, POWER_BUTTON = 1 << 8, CLOCK = 1 << 10;
	/** The clock's alarm never sets its status, but Linux insists on enabling it whatever FADT.FIX_RTC says. */
	private static final int ENABLES = TIMER_CARRY | GLOBAL_LOCK | POWER_BUTTON | CLOCK;

	// control
	private static final int SCI_EN = 1, BM_RLD = 2;
	private static final int SLP_TYP_SHIFT = 10, SLP_TYP = 7, SLP_EN = 1 << 13;

	/** Ticks of the PM timer in a second. */
	private static final long FREQUENCY = 3_579_545;
	private static final long SECOND = 1_000_000_000;

	/** The timer has 32 bits and tells when the highest changes. */
	private static final int HALF = 31;

	private final GuestClock clock;
	private int status;
	private int enable;
	private int control;
	private long half; // how often the timer's highest bit has changed, up to which the status is right

	PowerManagement(GuestClock clock) {
		this.clock = clock;
		powerOn();
	}

	void powerOn() {
		status = 0;
		enable = 0;
		control = 0;
		half = ticks() >> HALF;
	}

	/** Reads any bytes of the registers. */
	long read(int offset, int size) {
		update();
		long timer = ticks();
		long value = 0;
		for (int i = 0; i < size; i++)
			value |= (long) read(offset + i, timer) << 8 * i;
		return value;
	}

	private int read(int offset, long timer) {
		int shift = 8 * (offset & 1);
		return 0xff & switch (offset & ~1) {
			case STATUS -> status >> shift;
			case ENABLE -> enable >> shift;
			case CONTROL -> (control | SCI_EN) >> shift; // there is no other mode: FADT.SMI_CMD is 0
			case TIMER, TIMER + 2 -> (int) (timer >> 8 * (offset - TIMER));
			default -> 0;
		};
	}

	/**
	 * Writes any bytes of the registers.
	 *
	 * @return whether the machine is to be powered off
	 */
	boolean write(int offset, int size, long value) {
		update();
		boolean off = false;
		for (int i = 0; i < size; i++)
			off |= write(offset + i, (int) (value >>> 8 * i) & 0xff);
		return off;
	}

	private boolean write(int offset, int value) {
		int shift = 8 * (offset & 1);
		int shifted = value << shift;
		int others = ~(0xff << shift);
		switch (offset & ~1) {
			case STATUS -> status &= ~shifted; // a 1 clears
			case ENABLE -> enable = (enable & others | shifted) & ENABLES;
			case CONTROL -> {
				control = (control & others | shifted) & (BM_RLD | SLP_TYP << SLP_TYP_SHIFT);
				return (shifted & SLP_EN) != 0 && (shifted >> SLP_TYP_SHIFT & SLP_TYP) == SLEEP_TYPE_OFF;
			}
			default -> {
				// the timer can't be written
			}
		}
		return false;
	}

	/** Somebody pressed it; the guest is told if it wants to know. */
	void pressPowerButton() {
		status |= POWER_BUTTON;
	}

	/** Brings the status up to date. */
	void update() {
		long now = ticks() >> HALF;
		if (now != half)
			status |= TIMER_CARRY;
		half = now;
	}

	/** Whether the system control interrupt is asserted. */
	boolean interrupts() {
		return (status & enable) != 0;
	}

	/** In guest nanoseconds, when the timer interrupts; {@link #NEVER} if it doesn't. */
	long nextWake() {
		if ((enable & ~status & TIMER_CARRY) == 0)
			return NEVER;
		long ticks = half + 1 << HALF;
		return ticks / FREQUENCY * SECOND + (ticks % FREQUENCY * SECOND + FREQUENCY - 1) / FREQUENCY;
	}

	private long ticks() {
		long nanos = clock.nanos();
		return nanos / SECOND * FREQUENCY + nanos % SECOND * FREQUENCY / SECOND;
	}

	DeviceState save(String kind) {
		update();
		return new DeviceState(kind, VERSION,
				Map.of("status", (long) status, "enable", (long) enable, "control", (long) control));
	}

	void restore(DeviceState state) {
		powerOn();
		status = (int) state.number("status", 0) & ENABLES;
		enable = (int) state.number("enable", 0) & ENABLES;
		control = (int) state.number("control", 0) & (BM_RLD | SLP_TYP << SLP_TYP_SHIFT);
	}
}
