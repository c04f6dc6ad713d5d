package vmhi.api.hypercall;

import java.util.List;
import java.util.UUID;

/**
 * What a range is: the core checks each call against it before the handler sees it.
 *
 * @param uuid identity of the range in its major version; another major version has another one
 * @param name for people
 * @param owner number the range has by standard; or -1 to be given a dynamic one in each machine
 * @param major of the range's version, 0 to 65535
 * @param minor likewise; a higher one only adds
 * @param callsPerSecond most calls that one machine may make; 0 for no limit
 * @param functions in ascending order of number
 */
public record RangeInfo(UUID uuid, String name, int owner, int major, int minor, int callsPerSecond,
		List<Function> functions) {

	/** The list is kept as it is now. */
	public RangeInfo {
		functions = List.copyOf(functions);
	}

	/**
	 * One call.
	 *
	 * @param number 0 to 0xfeff
	 * @param name for people
	 * @param arguments how many are used, 0 to 5; the others are not looked at
	 * @param maxPrivilege highest CPL that may call: 0, or 3 for calls open to user programs
	 * @param effect what calling it twice does
	 */
	public record Function(int number, String name, int arguments, int maxPrivilege, Effect effect) {}

	/** What calling a function twice does; it decides what happens to a call that is caught by an exchange of bundles. */
	public enum Effect {
		/** Changes nothing. */
		PURE,
		/** Leaves things as once does. */
		IDEMPOTENT,
		/** Counts each time. */
		STATEFUL
	}
}
