package vmhi.launcher;

import org.apache.felix.framework.Logger;

/** The framework's log, to standard error: standard output is the guest's console. */
final class StderrLogger extends Logger {
	private final boolean debug;

	StderrLogger(boolean debug) {
		this.debug = debug;
		setLogLevel(debug ? LOG_WARNING : LOG_ERROR);
	}

	@Override
	protected void doLogOut(int level, String message, Throwable failure) {
		System.err.println("vmhi: framework: " + message + (failure == null ? "" : ": " + Problem.line(failure)));
		if (debug && failure != null)
			failure.printStackTrace();
	}
}
