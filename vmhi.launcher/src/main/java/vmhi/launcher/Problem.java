package vmhi.launcher;

/**
 * Something that is not as it should be, which a user can understand and often do something about. The message is one
 * line, {@code what; what to do}, and is all that he sees.
 */
final class Problem extends Exception {
	private static final long serialVersionUID = 1L;

	Problem(String message) {
		this(message, null);
	}

	Problem(String message, Throwable cause) {
		super(message, cause);
	}

	/** The first line of what an exception's first cause says. */
	static String cause(Throwable failure) {
		return failure.getCause() == null ? line(failure) : cause(failure.getCause());
	}

	/** The first line of what an exception says, or its name if it says nothing. */
	static String line(Throwable failure) {
		String message = failure.getMessage();
		return message == null || message.isBlank()
				? failure.getClass().getSimpleName()
				: message.strip().lines().findFirst().orElseThrow();
	}
}
