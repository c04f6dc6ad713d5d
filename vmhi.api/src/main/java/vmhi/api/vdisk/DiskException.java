package vmhi.api.vdisk;

import java.io.IOException;

/** A disk or its storage could not do what was asked. The message says what, with name and number. */
public final class DiskException extends IOException {
	private static final long serialVersionUID = 1L;

	/** What went wrong, in the few ways a caller can act on. More may be added. */
	public enum Kind {
		/** The image contradicts itself or its format. */
		CORRUPT,
		/** The image is sound but uses something this format bundle does not do. */
		UNSUPPORTED,
		/** A write to an image that was opened for reading. */
		READ_ONLY,
		/** There is no such image. */
		MISSING,
		/** Somebody else has the image open. */
		LOCKED,
		/** A name points where images may not be, or the host does not let us. */
		FORBIDDEN,
		/** No space left on the host. */
		FULL,
		/** Somebody asked the operation to end. */
		CANCELLED,
		/** The host failed to read or write. */
		IO
	}

	private final Kind kind;

	/** With a message alone. */
	public DiskException(Kind kind, String message) {
		this(kind, message, null);
	}

	/** With the cause kept. */
	public DiskException(Kind kind, String message, Throwable cause) {
		super(message, cause);
		this.kind = kind;
	}

	/** What to decide by. */
	public Kind kind() {
		return kind;
	}
}
