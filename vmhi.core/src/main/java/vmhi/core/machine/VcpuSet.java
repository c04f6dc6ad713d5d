package vmhi.core.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.ClockedProcessor;
import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.Vcpu;
import vmhi.core.plugin.Deadline;
import vmhi.core.plugin.Plugin;

/**
 * The vCPUs of a machine: their threads, which last as long as the machine has power, and the processor that a backend
 * made, which may be exchanged meanwhile. Changed by one thread at a time; see {@link PoweredMachine}.
 */
final class VcpuSet {
	private static final Logger LOG = LoggerFactory.getLogger(VcpuSet.class);

	/** All state of the vCPUs and what belongs to them, out of any backend. */
	record Saved(List<CpuState> vcpus, ChipState chips, Long nanos) {}

	private static final int TIME_STAMP = 0x10; // IA32_TIME_STAMP_COUNTER

	private final CpuSetup setup;
	private final CpuHost host;
	private final VcpuThread[] threads;
	private volatile Plugin<CpuBackend> plugin;
	private volatile Processor processor;
	private Long halted; // what the processor's own clock was when the machine came to a stand; null if it has none

	VcpuSet(CpuSetup setup, CpuHost host, VcpuThread.Listener listener) {
		this.setup = setup;
		this.host = host;
		threads = new VcpuThread[setup.vcpus()];
		Arrays.setAll(threads, i -> new VcpuThread(setup.machine(), i, listener));
	}

	void start() {
		for (VcpuThread thread : threads)
			thread.start();
	}

	VcpuThread thread(int index) {
		return threads[index];
	}

	/** {@code null} while the backend is being exchanged. */
	Processor processor() {
		return processor;
	}

	/** Whose processor it is. */
	Plugin<CpuBackend> plugin() {
		return plugin;
	}

	/** Has a backend make a processor; it is not in use yet. */
	Processor create(Plugin<CpuBackend> from) throws CpuException {
		try {
			return from.service().create(setup, host);
		} catch (RuntimeException | LinkageError e) {
			throw new CpuException(CpuException.Kind.HOST, "%s %s failed: %s".formatted(from.role(), from.version(), e),
					e);
		}
	}

	/** Uses a processor from now on. All threads are held. */
	void use(Plugin<CpuBackend> from, Processor next) {
		plugin = from;
		processor = next;
		for (int i = 0; i < threads.length; i++)
			threads[i].vcpu(next == null ? null : next.vcpu(i));
	}

	void holdAll() {
		for (VcpuThread thread : threads)
			thread.hold();
	}

	void releaseAll() {
		for (VcpuThread thread : threads)
			thread.release();
	}

	/** Waits until all threads are held. */
	boolean awaitHeld(long millis) throws InterruptedException {
		long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		boolean held = true;
		for (VcpuThread thread : threads)
			held &= thread.awaitHeld(deadline);
		return held;
	}

	/**
	 * Notes the time of the processor's own clock, which goes on while no vCPU runs. All threads are held, until after
	 * {@link #clockGoes}.
	 */
	void clockHalts() {
		halted = null;
		if (processor instanceof ClockedProcessor clock)
			try {
				halted = clock.guestNanos();
			} catch (CpuException | RuntimeException | LinkageError e) {
				LOG.warn("machine {}: {} does not tell its guest's time", setup.machine(), plugin.role(), e);
			}
	}

	/** Sets that clock to the time it had, so that the guest does not see that it stood. */
	void clockGoes() {
		clockBack();
		halted = null;
	}

	/** The same while it still stands, for who is about to look at it. */
	void clockBack() {
		Long nanos = halted;
		if (nanos != null && processor instanceof ClockedProcessor clock)
			try {
				clock.guestNanos(nanos);
			} catch (CpuException | RuntimeException | LinkageError e) {
				LOG.warn("machine {}: {} does not take its guest's time", setup.machine(), plugin.role(), e);
			}
	}

	/** Takes the state out, as of when the machine came to a stand. All threads are held. */
	Saved save() throws CpuException, InterruptedException {
		Processor now = processor;
		clockBack();
		List<CpuState> states = new ArrayList<>();
		for (int i = 0; i < threads.length; i++) {
			Vcpu vcpu = now.vcpu(i);
			states.add(threads[i].call(vcpu::save));
		}
		try {
			ChipState chips = now instanceof InterruptController controller ? controller.saveChips() : null;
			if (halted == null && now instanceof ClockedProcessor clock)
				halted = clock.guestNanos();
			return new Saved(states, chips, halted);
		} catch (RuntimeException | LinkageError e) {
			throw new CpuException(CpuException.Kind.HOST, "%s fails to save: %s".formatted(plugin.role(), e), e);
		}
	}

	/** Puts the state into a processor that is not in use yet. All threads are held. */
	void restore(Processor next, Saved saved) throws CpuException, InterruptedException {
		if (saved.chips != null && next instanceof InterruptController controller)
			controller.restoreChips(saved.chips);
		for (int i = 0; i < threads.length; i++)
			restore(next, i, saved.vcpus.get(i));
		if (saved.nanos != null && next instanceof ClockedProcessor clock)
			restoreClocks(next, clock, saved);
	}

	/**
	 * The clock goes on while all this is done, and time-stamp counters may be kept as differences from it. So these
	 * come last, by themselves and quickly. What still passes meanwhile counts, so that no counter goes back.
	 */
	private void restoreClocks(Processor next, ClockedProcessor clock, Saved saved)
			throws CpuException, InterruptedException {
		for (int i = 0; i < threads.length; i++) {
			List<CpuState.Msr> counter = saved.vcpus.get(i).msrs().stream().filter(msr -> msr.index() == TIME_STAMP)
					.toList();
			clock.guestNanos(saved.nanos);
			restore(next, i, new CpuState(null, null, null, counter, null, null, null, null, null));
		}
		halted = clock.guestNanos();
	}

	/** Sets some of the state of one vCPU, on its thread, which is held. */
	void restore(Processor target, int index, CpuState state) throws CpuException, InterruptedException {
		Vcpu vcpu = target.vcpu(index);
		threads[index].call(() -> {
			vcpu.restore(state);
			return null;
		});
	}

	/**
	 * Ends all threads.
	 *
	 * @return the indices of those that did not end in time
	 */
	List<Integer> end(long millis) throws InterruptedException {
		long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		List<Integer> lost = new ArrayList<>();
		for (int i = 0; i < threads.length; i++)
			if (!threads[i].end(deadline))
				lost.add(i);
		return lost;
	}

	/**
	 * Gives the processor back. Nothing runs on it.
	 *
	 * @return {@code false} if the backend does not come back from that
	 */
	boolean close(Processor old) throws InterruptedException {
		try {
			Deadline.call("close the processor of " + setup.machine(), Deadline.MILLIS, () -> {
				old.close();
				return null;
			});
			return true;
		} catch (ExecutionException e) {
			LOG.warn("machine {}: the old processor fails to close", setup.machine(), e.getCause());
			return true;
		} catch (Deadline.MissedException e) {
			LOG.warn("machine {}: {}", setup.machine(), e.getMessage());
			return false;
		}
	}

	/** The vCPUs were reset: those that had ended by themselves run again once they are released. */
	void up() {
		for (VcpuThread thread : threads)
			thread.up();
	}
}
