package vmhi.api.machine;

/** A machine could not do what was asked. The message is one line that says what and what to do about it. */
public final class MachineException extends Exception {
	private static final long serialVersionUID = 1L;

	/** What went wrong, in the few ways a caller can act on. More may be added. */
	public enum Kind {
		/** The specification or another argument is wrong. */
		INVALID,
		/** There is no such machine, job or plug-in. */
		NOT_FOUND,
		/** Its state does not allow it now. */
		CONFLICT,
		/** A plug-in that it needs is not installed. */
		MISSING_PLUGIN,
		/** A file or device of the host cannot be used. */
		HOST,
		/** Somebody asked for it to end. */
		CANCELLED,
		/** The core or a plug-in failed. */
		INTERNAL
	}

	private final Kind kind;

	/** With a message alone. */
	public MachineException(Kind kind, String message) {
		this(kind, message, null);
	}

	/** With the cause kept. */
	public MachineException(Kind kind, String message, Throwable cause) {
		super(message, cause);
		this.kind = kind;
	}

	/** What to decide by. */
	public Kind kind() {
		return kind;
	}
}
