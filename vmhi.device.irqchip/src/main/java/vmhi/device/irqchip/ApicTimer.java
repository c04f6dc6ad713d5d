package vmhi.device.irqchip;

import vmhi.api.cpu.TimeStampedVcpu;
import vmhi.api.device.DeviceException;
import vmhi.api.device.GuestClock;

/**
 * The timer of a local APIC (SDM volume 3, 10.5.4). Its clock, before it is divided, has 1 GHz: a count a nanosecond of
 * guest time, which is the bus clock that KVM gives its guests, too. Nothing is counted: the current count is what is left
 * until the time at which the timer goes off.
 */
final class ApicTimer {
	static final int ONE_SHOT = 0;
	static final int PERIODIC = 1;
	static final int DEADLINE = 2;

	private static final long FAR = 1L << 60; // nanoseconds: later than any machine lasts
	private static final long MOST_LEFT = 0xffff_ffffL << 7;
	private static final int NONE = -1;

	private final GuestClock clock;
	private final Alarm alarm;
	private TimeStampedVcpu stamps; // null if the vCPU tells no time stamps
	private int mode;
	private int initial;
	private int divide;
	private long expiry = Alarm.NEVER; // guest nanoseconds
	private long deadline; // a time stamp; 0 for none

	ApicTimer(GuestClock clock, Alarm alarm) {
		this.clock = clock;
		this.alarm = alarm;
	}

	void reset() {
		mode = ONE_SHOT;
		divide = 0;
		stop();
	}

	private void stop() {
		initial = 0;
		expiry = Alarm.NEVER;
		deadline = 0;
	}

	/** Another vCPU is served; its time-stamp counter says when the deadline is. */
	void connect(TimeStampedVcpu vcpu) {
		stamps = vcpu;
		deadline(deadline);
	}

	/** Whether there is a time-stamp counter to have deadlines. */
	boolean knowsDeadlines() {
		return stamps != null;
	}

	/** The mode in the LVT. To and from deadlines it stops; between the others it goes on. */
	void mode(int next) {
		if (mode != next && (mode == DEADLINE || next == DEADLINE))
			stop();
		mode = next;
	}

	int initial() {
		return initial;
	}

	/** Starts, or stops if the count is 0. */
	void initial(int count) {
		if (mode == DEADLINE)
			return;
		initial = count;
		set(count == 0 ? Alarm.NEVER : clock.nanos() + period());
	}

	private void set(long at) {
		expiry = at;
		alarm.at(at, clock.nanos());
	}

	private long period() {
		return Integer.toUnsignedLong(initial) << shift();
	}

	/** The divisor as a power of two: bits 3, 1, 0 are 000 for 2, 110 for 128, 111 for 1. */
	private int shift() {
		return ((divide >>> 1 & 4 | divide & 3) + 1) & 7;
	}

	int current() {
		if (expiry == Alarm.NEVER || mode == DEADLINE)
			return 0;
		long left = Math.max(0, expiry - clock.nanos());
		return (int) Math.min(Integer.toUnsignedLong(initial), left + (1L << shift()) - 1 >>> shift());
	}

	int divide() {
		return divide;
	}

	/** What is left to count stays, and is counted at the new rate. */
	void divide(int value) {
		int left = current();
		divide = value & 0xb;
		if (expiry != Alarm.NEVER && mode != DEADLINE)
			set(clock.nanos() + (Integer.toUnsignedLong(left) << shift()));
	}

	/** IA32_TSC_DEADLINE: 0 once it has gone off. */
	long deadline() {
		return mode == DEADLINE ? deadline : 0;
	}

	/**
	 * Sets or, with 0, clears it. In other modes nothing happens (SDM volume 3, 10.5.4.1). {@link #expired} is called next
	 * and finds out how long that is from now.
	 */
	void deadline(long timeStamp) {
		if (mode != DEADLINE)
			return;
		deadline = timeStamp;
		expiry = timeStamp == 0 ? Alarm.NEVER : clock.nanos();
	}

	/** Whether it goes off: it was due, and was not told so before. */
	boolean expired() {
		if (expiry == Alarm.NEVER)
			return false;
		long now = clock.nanos();
		if (now < expiry) {
			alarm.at(expiry, now);
			return false;
		}
		if (mode == DEADLINE)
			return deadlineReached(now);
		long period = period();
		set(mode == PERIODIC && period > 0 ? expiry + ((now - expiry) / period + 1) * period : Alarm.NEVER);
		return true;
	}

	private boolean deadlineReached(long now) {
		if (stamps == null) {
			expiry = Alarm.NEVER; // until there is a vCPU that tells
			return false;
		}
		long stamp = stamps.timeStamp();
		if (Long.compareUnsigned(deadline, stamp) > 0) {
			set(now + Math.max(1, nanos(deadline - stamp, stamps.timeStampKhz())));
			return false;
		}
		deadline = 0;
		expiry = Alarm.NEVER;
		return true;
	}

	/** How long so many counts last, rounded up. */
	private static long nanos(long counts, int khz) {
		long rate = Math.max(1, khz);
		long millis = Long.divideUnsigned(counts, rate);
		if (Long.compareUnsigned(millis, FAR / 1_000_000) >= 0)
			return FAR;
		long rest = Long.remainderUnsigned(counts, rate);
		return millis * 1_000_000 + (rest * 1_000_000 + rate - 1) / rate;
	}

	/** The alarm has gone off. */
	void rang() {
		alarm.rang(clock.nanos());
	}

	void cancel() {
		alarm.cancel();
	}

	/** What the page of registers does not hold. The mode and the divisor are put in before. */
	void exchange(String apic, Fields fields) throws DeviceException {
		long now = clock.nanos();
		long left = expiry == Alarm.NEVER || mode == DEADLINE ? NONE : Math.min(MOST_LEFT, Math.max(0, expiry - now));
		left = fields.number(apic + "timerLeft", left, NONE, MOST_LEFT);
		deadline = fields.number(apic + "deadline", deadline, Long.MIN_VALUE, Long.MAX_VALUE);
		if (mode == DEADLINE)
			set(deadline == 0 ? Alarm.NEVER : now);
		else
			set(left == NONE ? Alarm.NEVER : now + left);
	}

	/** Puts in registers; {@link #exchange} says whether it counts. */
	void registers(int lvtMode, int count, int divisor) {
		reset();
		mode = lvtMode;
		initial = count;
		divide = divisor & 0xb;
	}
}
