package vmhi.api.device;

/** A device could not be made, attached, saved or restored. The message says what is wrong with which. */
public final class DeviceException extends Exception {
	private static final long serialVersionUID = 1L;

	/** What went wrong, in the few ways a caller can act on. More may be added. */
	public enum Kind {
		/** The specification says something of the device that cannot be. */
		SETTINGS,
		/** A port, address or name that the device wants is taken. */
		TAKEN,
		/** Something that the device needs is not on the board. */
		MISSING,
		/** A state that is not one of such a device. */
		STATE,
		/** The host failed. */
		HOST
	}

	private final Kind kind;

	/** With a message alone. */
	public DeviceException(Kind kind, String message) {
		this(kind, message, null);
	}

	/** With the cause kept. */
	public DeviceException(Kind kind, String message, Throwable cause) {
		super(message, cause);
		this.kind = kind;
	}

	/** What to decide by. */
	public Kind kind() {
		return kind;
	}
}
