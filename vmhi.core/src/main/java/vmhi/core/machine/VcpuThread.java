package vmhi.core.machine;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;

/**
 * Runs one vCPU. All that is done to the vCPU is done on its thread: it runs the guest while nobody holds it, and does
 * what it is {@linkplain #call told} while somebody does. Holds add up; the guest goes on when the last is released.
 * <p>
 * If a plug-in keeps the thread, {@link #replace} goes on with another one.
 */
final class VcpuThread {

	/** Is told what happened, on the vCPU's thread; brief. */
	interface Listener {

		/** The run ended by itself. The thread is held once when this is called. */
		void shutdown(int vcpu);

		/** The run failed. The thread is held once when this is called. */
		void failed(int vcpu, Throwable cause);
	}

	private static final Logger LOG = LoggerFactory.getLogger(VcpuThread.class);
	private static final long CALL_SECONDS = 10;

	private final String name;
	private final int index;
	private final Listener listener;

	// guarded by this
	private Vcpu vcpu;
	private int holds = 1;
	private boolean down; // held from inside: the run ended by itself
	private boolean ended;
	private boolean idle; // the thread is held and has nothing to do
	private boolean woken;
	private FutureTask<?> task;
	private Thread thread;

	/** Held once and not started. */
	VcpuThread(String machine, int index, Listener listener) {
		name = "vcpu-%d %s".formatted(index, machine);
		this.index = index;
		this.listener = listener;
	}

	/** Starts the thread. */
	synchronized void start() {
		thread = new Thread(this::work, name);
		thread.setDaemon(true);
		thread.start();
	}

	/** Another backend's vCPU takes the place; {@code null} for none for now. Only while held. */
	synchronized void vcpu(Vcpu next) {
		vcpu = next;
	}

	private void work() {
		Vcpu next;
		while ((next = awaitTurn()) != null) {
			try {
				RunEnd end = next.run();
				switch (end) {
					case HALTED, WAITING -> awaitWakeUp();
					case SHUTDOWN -> {
						holdFromInside();
						listener.shutdown(index);
					}
					case STOPPED -> {
					}
				}
			} catch (AbandonedRun e) {
				return; // another thread has the vCPU
			} catch (CpuException | RuntimeException | Error e) { // else nobody would know that it is over
				holdFromInside();
				listener.failed(index, e);
			}
		}
	}

	/**
	 * Does what it is told while held.
	 *
	 * @return what to run, or {@code null} at the end
	 */
	private synchronized Vcpu awaitTurn() {
		while (!ended && mine() && (holds > 0 || vcpu == null)) {
			if (task != null) {
				FutureTask<?> now = task;
				task = null;
				now.run(); // with the monitor held: nobody but call() waits for it
				continue;
			}
			idle = true;
			notifyAll();
			try {
				wait();
			} catch (InterruptedException e) {
				// meant for a plug-in that has come back meanwhile
			}
		}
		idle = false;
		return ended || !mine() ? null : vcpu;
	}

	private boolean mine() {
		return Thread.currentThread() == thread;
	}

	private synchronized void awaitWakeUp() {
		while (!woken && holds == 0 && !ended) {
			try {
				wait();
			} catch (InterruptedException e) {
				return; // a run more than needed does no harm
			}
		}
		woken = false;
	}

	/** A halted vCPU goes on: there is an interrupt for it. */
	synchronized void wake() {
		woken = true;
		notifyAll();
	}

	private synchronized void holdFromInside() {
		if (!down)
			holds++;
		down = true;
	}

	/** Takes back the hold from inside, if there is one: the vCPU was reset. Only while held otherwise. */
	synchronized void up() {
		if (down)
			holds--;
		down = false;
	}

	/** Asks the thread to stop running the guest; {@link #awaitHeld} tells when it has. */
	void hold() {
		Vcpu now;
		synchronized (this) {
			holds++;
			notifyAll();
			now = vcpu;
		}
		stop(now);
	}

	private void stop(Vcpu running) {
		try {
			if (running != null)
				running.stop();
		} catch (RuntimeException | LinkageError e) {
			LOG.warn("{}: stopping fails", name, e); // who waits for it to be held finds that out
		}
	}

	/** Takes one hold back. */
	synchronized void release() {
		holds--;
		notifyAll();
	}

	/**
	 * Waits until the thread is held.
	 *
	 * @return whether it was by the deadline, a value of {@link System#nanoTime}
	 */
	synchronized boolean awaitHeld(long deadline) throws InterruptedException {
		while (!idle && thread != null && thread.isAlive()) {
			long left = (deadline - System.nanoTime()) / 1_000_000;
			if (left <= 0)
				return false;
			wait(left);
		}
		return true;
	}

	/** Does something to the vCPU on its thread, which is held. */
	<T> T call(Callable<T> what) throws CpuException, InterruptedException {
		FutureTask<T> next = new FutureTask<>(what);
		synchronized (this) {
			task = next;
			notifyAll();
		}
		try {
			return next.get(CALL_SECONDS, TimeUnit.SECONDS);
		} catch (ExecutionException e) {
			if (e.getCause() instanceof CpuException cause)
				throw cause;
			throw new CpuException(CpuException.Kind.HOST, name + ": " + e.getCause(), e.getCause());
		} catch (TimeoutException e) {
			throw new CpuException(CpuException.Kind.HOST, name + " does not come to a stand", e);
		} finally {
			next.cancel(false); // one that is not waited for any more is not carried out later
		}
	}

	/** Interrupts what a plug-in may be waiting for on this thread. */
	synchronized void interrupt() {
		if (thread != null)
			thread.interrupt();
	}

	/** Goes on with another thread: a plug-in keeps this one. */
	synchronized void replace() {
		idle = false;
		start();
	}

	/**
	 * Ends the thread.
	 *
	 * @return whether it has ended by the deadline
	 */
	boolean end(long deadline) throws InterruptedException {
		Vcpu now;
		Thread running;
		synchronized (this) {
			ended = true;
			notifyAll();
			now = vcpu;
			running = thread;
		}
		stop(now);
		if (running == null || running == Thread.currentThread())
			return true;
		running.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
		return !running.isAlive();
	}
}
