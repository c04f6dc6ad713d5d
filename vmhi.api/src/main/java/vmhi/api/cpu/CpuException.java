package vmhi.api.cpu;

/** A backend or the host could not do what was asked. The message says what, and what to do where something helps. */
public final class CpuException extends Exception {
	private static final long serialVersionUID = 1L;

	/** What went wrong, in the few ways a caller can act on. More may be added. */
	public enum Kind {
		/** This host cannot run machines with this backend. */
		UNAVAILABLE,
		/** The setup or model asks for something that the backend does not do. */
		UNSUPPORTED,
		/** A state that does not fit this backend, host or model. */
		STATE,
		/** The guest did something the backend cannot execute. */
		GUEST,
		/** The host failed. */
		HOST
	}

	private final Kind kind;

	/** With a message alone. */
	public CpuException(Kind kind, String message) {
		this(kind, message, null);
	}

	/** With the cause kept. */
	public CpuException(Kind kind, String message, Throwable cause) {
		super(message, cause);
		this.kind = kind;
	}

	/** What to decide by. */
	public Kind kind() {
		return kind;
	}
}
