package vmhi.guest.asm;

/** A mistake in a source file. The message reads {@code file:line: what is wrong}. */
public final class AssemblyException extends Exception {

	private static final long serialVersionUID = 1L;

	AssemblyException(Location where, String message) {
		super(where + ": " + message);
	}
}
