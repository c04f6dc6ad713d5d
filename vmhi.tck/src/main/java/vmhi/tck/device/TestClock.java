package vmhi.tck.device;

import java.util.ArrayList;
import java.util.List;

import vmhi.api.device.GuestClock;

/** Guest time that passes when the test says so. For any thread; alarms go off on the one that lets time pass. */
public final class TestClock implements GuestClock {
	private final List<TestTimer> timers = new ArrayList<>();
	private long now;

	@Override
	public synchronized long nanos() {
		return now;
	}

	@Override
	public synchronized Timer timer(Runnable alarm) {
		TestTimer timer = new TestTimer(alarm);
		timers.add(timer);
		return timer;
	}

	/** Lets time pass, and has go off what is due, in its order. */
	public void advance(long nanos) {
		long until = nanos() + nanos;
		for (TestTimer due = due(until); due != null; due = due(until))
			due.alarm.run();
	}

	/** How many timers are set. */
	public synchronized int armed() {
		int armed = 0;
		for (int i = 0; i < timers.size(); i++)
			armed += timers.get(i).set ? 1 : 0;
		return armed;
	}

	private synchronized TestTimer due(long until) {
		TestTimer first = null;
		for (int i = 0; i < timers.size(); i++) {
			TestTimer timer = timers.get(i);
			if (timer.set && timer.at <= until && (first == null || timer.at < first.at))
				first = timer;
		}
		if (first == null) {
			now = Math.max(now, until);
			return null;
		}
		first.set = false;
		now = Math.max(now, first.at);
		return first;
	}

	private final class TestTimer implements Timer {
		final Runnable alarm;
		boolean set; // this and the next guarded by the clock
		long at;

		TestTimer(Runnable alarm) {
			this.alarm = alarm;
		}

		@Override
		public void at(long guestNanos) {
			synchronized (TestClock.this) {
				at = guestNanos;
				set = true;
			}
		}

		@Override
		public void cancel() {
			synchronized (TestClock.this) {
				set = false;
			}
		}
	}
}
