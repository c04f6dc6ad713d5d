package vmhi.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.machine.Event;
import vmhi.api.machine.Job;
import vmhi.api.machine.Job.State;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.core.state.Home;

@Timeout(60)
class JobListTest {

	private static final int KEPT = 5;

	@TempDir
	private Path directory;
	private Home home;
	private EventLog events;
	private JobList jobs;
	private final Deque<Runnable> waiting = new ArrayDeque<>();
	private final Executor later = waiting::add;
	private final ExecutorService thread = Executors.newSingleThreadExecutor();

	@BeforeEach
	void open() throws IOException {
		home = new Home(directory);
		events = new EventLog(home, 1000);
		jobs = new JobList(home, events, KEPT);
	}

	@AfterEach
	void close() throws IOException {
		thread.shutdownNow();
		jobs.close();
		events.close();
		home.close();
	}

	@Test
	void goesFromQueuedOverRunningToDone() throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch atWork = new CountDownLatch(1);
		Job job = jobs.submit("machine.start", "m1", "admin", later, control -> {
			control.progress(0.5, "half");
			atWork.countDown();
			go.await();
		});
		assertEquals(State.QUEUED, job.snapshot().state());
		thread.execute(waiting.remove());
		atWork.await();

		Job.Snapshot running = job.snapshot();
		assertEquals("machine.start m1 RUNNING 0.5 half admin", "%s %s %s %s %s %s".formatted(running.kind(),
				running.machine(), running.state(), running.progress(), running.message(), running.principal()));
		assertNull(running.ended());
		assertFalse(job.await(0).over());
		MachineException early = assertThrows(MachineException.class, () -> job.join(1));
		assertEquals(Kind.CONFLICT, early.kind());
		go.countDown();

		job.join(10_000);
		assertEquals(State.DONE, job.snapshot().state());
		assertEquals(1, job.snapshot().progress());
		assertNotNull(job.snapshot().ended());
		assertEquals(List.of("job.queued", "job.started", "job.progress", "job.ended"), types());
		Event ended = events.since(0, 100).get(3);
		assertEquals("m1", ended.machine());
		assertEquals("DONE", ended.data().get("state"));
		assertEquals(job.snapshot().id(), ended.data().get("job"));
	}

	@Test
	void tellsWhyItFailed() throws Exception {
		Job job = submit(control -> {
			throw new MachineException(Kind.MISSING_PLUGIN, "no bundle knows disk format x");
		});
		assertEquals(State.FAILED, job.await(0).state());
		assertEquals("no bundle knows disk format x", job.snapshot().message());
		MachineException failure = assertThrows(MachineException.class, () -> job.join(0));
		assertEquals(Kind.MISSING_PLUGIN, failure.kind());
		assertEquals("no bundle knows disk format x", failure.getMessage());
	}

	@Test
	void aMistakeInTheWorkFailsTheJobAndNothingElse() {
		Job job = submit(control -> {
			throw new IllegalStateException("a test of what our own code may do");
		});
		MachineException failure = assertThrows(MachineException.class, () -> job.join(0));
		assertEquals(Kind.INTERNAL, failure.kind());
		assertEquals("internal error: java.lang.IllegalStateException: a test of what our own code may do",
				failure.getMessage());
	}

	@Test
	void isCancelledAtOnceWhileItWaits() throws Exception {
		Job job = jobs.submit("machine.start", "m1", "admin", later, control -> {
			throw new AssertionError("it must not run");
		});
		job.cancel();
		assertEquals(State.CANCELLED, job.snapshot().state());
		waiting.remove().run();
		assertEquals(State.CANCELLED, job.snapshot().state());
		assertEquals(Kind.CANCELLED, assertThrows(MachineException.class, () -> job.join(0)).kind());
		assertEquals(List.of("job.queued", "job.ended"), types());
	}

	@Test
	void isCancelledWhileItRunsWhenTheWorkLooks() throws Exception {
		CountDownLatch atWork = new CountDownLatch(1);
		Job job = jobs.submit("machine.start", "m1", "admin", thread, control -> {
			atWork.countDown();
			while (!control.cancelled())
				Thread.onSpinWait();
			control.checkCancelled();
		});
		atWork.await();
		job.cancel();
		assertEquals(State.CANCELLED, job.await(10_000).state());
		assertEquals("machine.start was cancelled", job.snapshot().message());
	}

	@Test
	void isDoneThoughCancelledIfItWasPastThatPoint() throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch atWork = new CountDownLatch(1);
		Job job = jobs.submit("machine.start", "m1", "admin", thread, control -> {
			atWork.countDown();
			go.await();
		});
		atWork.await();
		job.cancel();
		go.countDown();
		assertEquals(State.DONE, job.await(10_000).state());
		job.cancel();
		assertEquals(State.DONE, job.snapshot().state());
	}

	@Test
	void failsIfTheExecutorTakesNoMore() {
		Job job = jobs.submit("machine.start", "m1", "admin", work -> {
			throw new RejectedExecutionException();
		}, control -> {});
		assertEquals("FAILED the host is ending", job.snapshot().state() + " " + job.snapshot().message());
	}

	@Test
	void whoHasWaitedForItFindsItsLastEvent() throws Exception {
		for (int i = 0; i < 200; i++) {
			Job job = jobs.submit("machine.start", "m1", "admin", thread, control -> {});
			while (!job.snapshot().over())
				Thread.onSpinWait();
			job.join(0);
			String id = job.snapshot().id();
			assertTrue(events.since(0, 10_000).stream()
					.anyMatch(event -> event.type().equals("job.ended") && event.data().get("job").equals(id)));
		}
	}

	@Test
	void publishesProgressNowAndThenButKeepsTheLatest() {
		Job job = submit(control -> {
			for (int i = 1; i <= 10_000; i++)
				control.progress(i / 10_000.0, "step " + i);
		});
		assertEquals("step 10000", job.snapshot().message());
		long published = types().stream().filter("job.progress"::equals).count();
		assertTrue(published >= 1 && published < 100, published + " events");
	}

	@Test
	void keepsProgressWithinItsBounds() {
		Job job = submit(control -> {
			control.progress(7, "x".repeat(5000));
			control.progress(Double.NaN, null);
			throw new MachineException(Kind.HOST, "y".repeat(5000));
		});
		assertEquals(1, job.snapshot().progress());
		assertEquals(1003, job.snapshot().message().length());
	}

	@Test
	void listsTheNewestFirstAndForgetsTheOldestOfThoseThatAreOver() throws Exception {
		Job waits = jobs.submit("machine.start", "m1", "admin", later, control -> {});
		Job first = submit(control -> {});
		Job last = null;
		for (int i = 0; i < KEPT; i++)
			last = submit(control -> {});

		List<String> ids = jobs.list().stream().map(Job.Snapshot::id).toList();
		assertEquals(KEPT + 1, ids.size());
		assertEquals(last.snapshot().id(), ids.get(0));
		assertEquals(waits.snapshot().id(), ids.get(KEPT), "what goes on isn't forgotten");
		assertEquals(Kind.NOT_FOUND,
				assertThrows(MachineException.class, () -> jobs.get(first.snapshot().id())).kind());
		assertEquals(last.snapshot(), jobs.get(last.snapshot().id()).snapshot());
	}

	@Test
	void knowsItsJobsAfterARestart() throws Exception {
		Job done = submit(control -> {});
		Job failed = submit(control -> {
			throw new MachineException(Kind.CONFLICT, "it runs");
		});
		Job running = jobs.submit("machine.stop", "m2", "eve", later, control -> {});
		reopen();

		assertEquals(done.snapshot(), jobs.get(done.snapshot().id()).snapshot());
		assertEquals(failed.snapshot(), jobs.get(failed.snapshot().id()).snapshot());
		assertEquals(Kind.CONFLICT, assertThrows(MachineException.class,
				() -> jobs.get(failed.snapshot().id()).join(0)).kind());
		Job.Snapshot lost = jobs.get(running.snapshot().id()).snapshot();
		assertEquals("FAILED the host ended meanwhile", lost.state() + " " + lost.message());
		assertNotNull(lost.ended());
		assertEquals(List.of(lost, failed.snapshot(), done.snapshot()), jobs.list());
	}

	@Test
	void leavesOutLinesThatItCannotRead() throws Exception {
		Job done = submit(control -> {});
		jobs.close();
		Path file = directory.resolve("jobs.log");
		Files.writeString(file, "{}\nnonsense\n" + Files.readString(file) + "{\"id\":\"to");
		reopen();

		assertEquals(List.of(done.snapshot()), jobs.list());
	}

	@Test
	void keepsItsJournalShort() throws Exception {
		for (int i = 0; i < 3000; i++)
			submit(control -> {});
		Path file = directory.resolve("jobs.log");
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (Files.readAllLines(file).size() > 2000 && System.nanoTime() < deadline)
			Thread.onSpinWait();
		List<Job.Snapshot> before = jobs.list();
		reopen();

		assertEquals(before, jobs.list());
		assertEquals(KEPT, Files.readAllLines(file).size());
	}

	private Job submit(JobList.Work work) {
		return jobs.submit("machine.start", "m1", "admin", Runnable::run, work);
	}

	private List<String> types() {
		return events.since(0, 100_000).stream().map(Event::type).toList();
	}

	private void reopen() throws IOException {
		jobs.close();
		jobs = new JobList(home, events, KEPT);
	}
}
