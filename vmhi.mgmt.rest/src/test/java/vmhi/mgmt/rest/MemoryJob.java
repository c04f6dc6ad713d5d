package vmhi.mgmt.rest;

import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;

/** A job that is over when a test says so. */
final class MemoryJob implements Job {
	private final CountDownLatch over = new CountDownLatch(1);
	private volatile Snapshot now;
	private volatile MachineException failure;

	MemoryJob(String id, String kind, String machine, String principal) {
		now = new Snapshot(id, kind, machine, State.RUNNING, 0.5, "at it", principal,
				Instant.parse("2026-01-02T03:04:05Z"), null);
	}

	MemoryJob done() {
		end(State.DONE, "");
		return this;
	}

	MemoryJob failed(MachineException e) {
		failure = e;
		end(State.FAILED, e.getMessage());
		return this;
	}

	private void end(State state, String message) {
		now = new Snapshot(now.id(), now.kind(), now.machine(), state, 1, message, now.principal(), now.started(),
				now.started().plusSeconds(1));
		over.countDown();
	}

	@Override
	public Snapshot snapshot() {
		return now;
	}

	@Override
	public void cancel() {
		failure = new MachineException(MachineException.Kind.CANCELLED, "cancelled");
		end(State.CANCELLED, "cancelled");
	}

	@Override
	public Snapshot await(long millis) throws InterruptedException {
		over.await(millis, TimeUnit.MILLISECONDS);
		return now;
	}

	@Override
	public void join(long millis) throws MachineException, InterruptedException {
		if (!await(millis).over())
			throw new MachineException(MachineException.Kind.CONFLICT, "not over");
		if (failure != null)
			throw failure;
	}
}
