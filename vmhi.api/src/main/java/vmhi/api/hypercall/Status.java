package vmhi.api.hypercall;

/** What a call ends with, as the guest gets it in RAX. Values are defined where the status is not negative. */
public final class Status {
	/** Done. */
	public static final int OK = 0;
	/** Done in part; the first value says how much. */
	public static final int PARTIAL = 1;
	/** Goes on without the guest; the first value is a token. */
	public static final int PENDING = 2;
	/** Call again now, to go on at the index in the first value. */
	public static final int AGAIN = 3;
	/** The caller may not. */
	public static final int DENIED = -1;
	/** The range has no such function. */
	public static final int NO_FUNCTION = -2;
	/** An argument or reserved bit is wrong. */
	public static final int INVALID = -3;
	/** An address is not RAM. */
	public static final int BAD_ADDRESS = -4;
	/** No such range in this machine. */
	public static final int NO_RANGE = -5;
	/** The range's bundle is being exchanged; the first value says in how many milliseconds to try again. */
	public static final int NOT_AVAILABLE = -6;
	/** What earlier calls set up is gone; start from the opening call. */
	public static final int RESTARTED = -7;
	/** Something is in use. */
	public static final int BUSY = -8;
	/** Too many calls; the first value says in how many microseconds to try again. */
	public static final int LIMITED = -9;
	/** The host has no memory for it. */
	public static final int NO_MEMORY = -10;
	/** A length is over the limit. */
	public static final int TOO_BIG = -11;
	/** The handler did not come back in time. */
	public static final int TIMEOUT = -12;
	/** The handler failed. */
	public static final int INTERNAL = -13;
	/** Was cancelled. */
	public static final int CANCELLED = -14;
	/** Not in the version of the range that this machine is bound to. */
	public static final int VERSION = -15;

	private Status() {}
}
