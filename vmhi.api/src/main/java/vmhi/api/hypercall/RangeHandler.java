package vmhi.api.hypercall;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * One range in one machine. Called by the threads of its vCPUs, several at a time; a call should take 50 µs at most, and
 * one that takes seconds is taken from its thread and counts as a fault. An exception is a fault as well: the guest gets
 * {@link Status#INTERNAL}. A handler with too many faults is suspended.
 */
@ConsumerType
public interface RangeHandler extends AutoCloseable {

	/**
	 * Carries out a call. Privilege and function have been checked.
	 *
	 * @param function one of those declared
	 * @return one of {@link Status}
	 */
	int call(int function, Call call);

	/** Ends it. No call is on and none comes after, but for one that the core gave up waiting for. */
	@Override
	void close();
}
