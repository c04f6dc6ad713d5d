package vmhi.api.device;

import org.osgi.annotation.versioning.ProviderType;

/** The time of one machine: the host's steady clock, less the time the machine stood still. For any thread. */
@ProviderType
public interface GuestClock {

	/** Guest nanoseconds since the machine was started. */
	long nanos();

	/**
	 * Makes a timer, not set yet.
	 *
	 * @param alarm called on a thread of the core's, briefly; not while the machine stands still
	 */
	Timer timer(Runnable alarm);

	/** Goes off once each time it is set. For any thread. */
	@ProviderType
	interface Timer {

		/** Sets it, in place of what was set before, to {@link GuestClock#nanos()} of this value; at once if that is past. */
		void at(long guestNanos);

		/** Clears it. An alarm that goes off at this moment may still be called. */
		void cancel();
	}
}
