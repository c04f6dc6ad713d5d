package vmhi.launcher;

import java.util.Set;

import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;

/**
 * A home and the platform that runs in it. Both are given up in an orderly way when this is closed or the process is
 * told to end, whichever comes first.
 */
final class Host implements AutoCloseable {
	private final Home home;
	private final Thread atEnd;
	private Platform platform; // guarded by this, as is what follows
	private Runnable first = () -> {};
	private boolean closed;

	private Host(Home home, Runnable afterSignal) {
		this.home = home;
		this.atEnd = new Thread(() -> {
			giveUp();
			afterSignal.run();
		}, "vmhi-end");
	}

	/**
	 * Starts the platform.
	 *
	 * @param plan its home becomes this host's, also if it does not start
	 * @param afterSignal runs last if the process was told to end
	 */
	static Host start(Platform.Plan plan, Runnable afterSignal) throws Problem {
		Host host = new Host(plan.home(), afterSignal);
		Runtime.getRuntime().addShutdownHook(host.atEnd);
		try {
			host.has(Platform.start(plan));
			return host;
		} catch (Problem | RuntimeException e) {
			host.close();
			throw e;
		}
	}

	/** Has something done before the platform is stopped, whatever stops it. */
	synchronized void beforeEnd(Runnable task) {
		if (closed)
			task.run();
		else
			first = task;
	}

	Home home() {
		return home;
	}

	synchronized Platform platform() {
		return platform;
	}

	/** The host as whoever sits at the terminal sees it: it is his process. */
	Hypervisor local() throws Problem {
		return platform().open(new Principal(System.getProperty("user.name"), "terminal", Set.of(Role.ADMIN)));
	}

	@Override
	public void close() {
		try {
			Runtime.getRuntime().removeShutdownHook(atEnd);
		} catch (IllegalStateException e) {
			// the process is ending, and the two of us meet below
		}
		giveUp();
	}

	private synchronized void has(Platform started) throws Problem {
		platform = started;
		if (!closed)
			return;
		started.close();
		throw new Problem("told to end while starting");
	}

	private synchronized void giveUp() {
		if (closed)
			return;
		closed = true;
		first.run();
		if (platform != null)
			platform.close();
		home.close();
		CompileQueue.awaitEmpty(); // no guest runs any more, so that little is added to it
	}
}
