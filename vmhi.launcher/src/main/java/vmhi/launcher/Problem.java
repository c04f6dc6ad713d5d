package vmhi.launcher;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

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
		if (failure instanceof NoSuchFileException)
			return "there is no such file";
		if (failure instanceof AccessDeniedException)
			return "permission denied";
		String message = failure instanceof FileSystemException file && file.getReason() != null
				? file.getReason()
				: failure.getMessage();
		return message == null || message.isBlank()
				? failure.getClass().getSimpleName()
				: message.strip().lines().findFirst().orElseThrow();
	}
}
