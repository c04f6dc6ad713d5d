package vmhi.launcher;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import vmhi.api.machine.Events;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineState;

/** Waits for a machine to end. */
final class MachineEnd implements AutoCloseable {
	static final long JOB_MILLIS = 60_000;

	private final Machine machine;
	private final String id;
	private final CountDownLatch ended = new CountDownLatch(1);
	private final Events.Subscription subscription;

	/** To be made before the machine is started. */
	MachineEnd(Events events, Machine machine) {
		this.machine = machine;
		this.id = machine.snapshot().id();
		this.subscription = events.subscribe(events.last(), event -> {
			if (event.machine().equals(id))
				look();
		}, this::look);
	}

	/** Returns the machine as it is when it has stopped or failed. */
	MachineSnapshot await() throws InterruptedException {
		// an event is all it takes; looking now and then is for a listener that fell behind and was closed
		while (!ended.await(1, TimeUnit.SECONDS))
			look();
		return machine.snapshot();
	}

	/** Returns the machine as it is when it has ended, or after a time. */
	MachineSnapshot await(long millis) throws InterruptedException {
		ended.await(millis, TimeUnit.MILLISECONDS);
		return machine.snapshot();
	}

	/** Cuts the power, without waiting. */
	static void cut(Machine machine) {
		try {
			machine.stop();
		} catch (MachineException e) {
			System.err.println("vmhi: " + Problem.line(e));
		}
	}

	@Override
	public void close() {
		subscription.close();
	}

	private void look() {
		MachineState state = machine.snapshot().state();
		if (state == MachineState.STOPPED || state == MachineState.FAILED)
			ended.countDown();
	}
}
