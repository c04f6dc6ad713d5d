package vmhi.launcher;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * What the JVM's compilers still have to do.
 * <p>
 * A JVM that makes an archive of its classes when it ends writes each method with its flags, and "is queued for
 * compilation" is one of them. A JVM that uses the archive takes it at its word and never queues the method again: hot
 * methods of a CPU in software then stay interpreted for good. So a JVM that makes an archive ends with an empty queue.
 * (JDK 17 is known to do that; nothing but time is lost where it is not so.)
 */
final class CompileQueue {
	/** The script's word for a JVM that makes an archive. */
	private static final boolean MATTERS = "making".equals(System.getProperty("vmhi.archive"));

	private static final long MOST_MILLIS = 10_000, LOOK_MILLIS = 20;

	/** What jcmd's Compiler.queue prints when there is nothing: no compilation in progress and two empty queues. */
	private static final Pattern EMPTY = Pattern
			.compile("Current compiles:\\s*(C[12] compile queue:\\s*Empty\\s*)+");

	private CompileQueue() {}

	/** Waits until nothing is queued or being compiled, if that matters, and at most 10 s. */
	static void awaitEmpty() {
		if (!MATTERS)
			return;
		long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOST_MILLIS);
		try {
			while (!isEmpty(now()) && System.nanoTime() - deadline < 0)
				TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
		} catch (JMException | RuntimeException e) {
			System.err.println("vmhi: the archive of classes may be a slow one: " + Problem.line(e));
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	/** Reads what {@link #now} says. */
	static boolean isEmpty(String queues) {
		return EMPTY.matcher(queues.strip()).matches();
	}

	/** The queues, as {@code jcmd PID Compiler.queue} prints them. */
	static String now() throws JMException {
		MBeanServer server = ManagementFactory.getPlatformMBeanServer();
		return (String) server.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "compilerQueue",
				null, null);
	}
}
