package vmhi.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.machine.Event;
import vmhi.api.machine.Events.Subscription;
import vmhi.core.state.Home;

@Timeout(60)
class EventLogTest {

	private static final int KEPT = 100;
	private static final Runnable NEVER = () -> {
		throw new AssertionError("nothing is lost here");
	};

	@TempDir
	private Path directory;
	private Home home;
	private EventLog log;
	private final BlockingQueue<Long> heard = new LinkedBlockingQueue<>();

	@BeforeEach
	void open() throws IOException {
		home = new Home(directory);
		log = new EventLog(home, KEPT);
	}

	@AfterEach
	void close() throws IOException {
		log.close();
		home.close();
	}

	@Test
	void numbersEventsFromOneOn() {
		assertEquals(0, log.last());
		assertEquals(1, log.first());
		assertEquals(1, publish());
		assertEquals(2, log.publish("id", "machine.state", Map.of("state", "RUNNING")));
		assertEquals(2, log.last());
		Event event = log.since(1, 10).get(0);
		assertEquals("id machine.state {state=RUNNING}", event.machine() + " " + event.type() + " " + event.data());
	}

	@Test
	void shortensTextsThatSomebodyMadeLong() {
		log.publish("", "guest.log", Map.of("text", "x".repeat(1 << 20), "level", "info"));
		assertEquals(Map.of("text", "x".repeat(4000) + "...", "level", "info"), log.since(0, 1).get(0).data());
	}

	@Test
	void keepsTheNewest() {
		publish(KEPT + 5);

		assertEquals(6, log.first());
		assertEquals(numbers(6, KEPT + 5), log.since(0, 1000).stream().map(Event::number).toList());
		assertEquals(numbers(51, 53), log.since(50, 3).stream().map(Event::number).toList());
		assertEquals(List.of(), log.since(KEPT + 5, 10));
	}

	@Test
	void goesOnWhereItEndedInAnOrderlyWay() throws IOException {
		publish(7);
		reopen(true);

		assertEquals(7, log.last());
		assertEquals(8, log.first());
		assertEquals(List.of(), log.since(0, 10));
		assertEquals(8, publish());
	}

	@Test
	void neverRepeatsANumberAfterACrash() throws IOException {
		long before = 0;
		for (int i = 0; i < 5; i++) {
			publish(3);
			assertTrue(log.last() > before + 2);
			before = log.last();
			reopen(false);
		}
	}

	@Test
	void neverRepeatsANumberThoughABlockWasUsedUp() throws Exception {
		publish((int) (2 * EventNumbers.BLOCK));
		waitForReservation();
		long before = log.last();
		reopen(false);

		assertTrue(publish() > before);
	}

	/** The next block is reserved in the background. */
	private void waitForReservation() throws Exception {
		while (Long.parseLong(Files.readString(directory.resolve("events.number"))) <= 2 * EventNumbers.BLOCK)
			Thread.onSpinWait(); // until the deadline of the test
	}

	@Test
	void startsFarBeyondAllNumbersIfItsFileIsSpoiled() throws IOException {
		Files.writeString(directory.resolve("events.number"), "many");
		reopen(false);

		assertTrue(publish() > 1_000_000_000_000L);
		assertTrue(Files.exists(directory.resolve("events.number.broken")));
	}

	@Test
	void tellsAListenerWhatIsKeptAndThenWhatComes() throws InterruptedException {
		publish(3);
		subscribe(1);
		assertEquals(numbers(2, 3), hear(2));
		publish(2);
		assertEquals(numbers(4, 5), hear(2));
	}

	@Test
	void tellsEachListenerEverythingInOrderWhileManyPublish() throws InterruptedException {
		subscribe(0);
		List<Thread> publishers = new ArrayList<>();
		for (int i = 0; i < 4; i++)
			publishers.add(new Thread(() -> publish(20)));
		publishers.forEach(Thread::start);
		for (Thread thread : publishers)
			thread.join();

		assertEquals(numbers(1, 80), hear(80));
	}

	@Test
	void doesNotWaitForAListenerAndTellsOneThatFellBehind() throws InterruptedException {
		CountDownLatch atWork = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch lost = new CountDownLatch(1);
		log.subscribe(0, event -> {
			heard.add(event.number());
			atWork.countDown();
			awaitQuietly(go);
		}, lost::countDown);
		publish();
		assertTrue(atWork.await(10, TimeUnit.SECONDS));
		publish(10 * KEPT);
		go.countDown();

		assertTrue(lost.await(10, TimeUnit.SECONDS));
		List<Long> all = new ArrayList<>(heard);
		assertEquals(numbers(1, all.size()), all, "no gap in what it heard");
	}

	@Test
	void tellsAtOnceThatWhatIsAskedForIsGone() throws InterruptedException {
		publish(KEPT + 10);
		CountDownLatch lost = new CountDownLatch(1);
		log.subscribe(5, event -> heard.add(event.number()), lost::countDown);

		assertTrue(lost.await(10, TimeUnit.SECONDS));
		assertTrue(heard.isEmpty());
	}

	@Test
	void fromZeroMeansFromTheOldestThatIsKept() throws InterruptedException {
		publish(KEPT + 10);
		subscribe(0);
		assertEquals(numbers(11, KEPT + 10), hear(KEPT));
	}

	@Test
	void closingWaitsForTheCallThatIsAtWork() throws InterruptedException {
		CountDownLatch atWork = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		Subscription subscription = log.subscribe(0, event -> {
			atWork.countDown();
			awaitQuietly(go);
			heard.add(event.number());
		}, NEVER);
		publish(2);
		assertTrue(atWork.await(10, TimeUnit.SECONDS));
		Thread closer = new Thread(subscription::close);
		closer.start();
		while (closer.getState() != Thread.State.WAITING)
			Thread.onSpinWait();
		assertTrue(heard.isEmpty());
		go.countDown();
		closer.join();

		assertEquals(List.of(1L), new ArrayList<>(heard), "the second isn't delivered any more");
	}

	@Test
	void aListenerMayCloseItself() throws InterruptedException {
		AtomicReference<Subscription> self = new AtomicReference<>();
		CountDownLatch known = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		self.set(log.subscribe(0, event -> {
			heard.add(event.number());
			awaitQuietly(known);
			self.get().close();
			closed.countDown();
		}, NEVER));
		known.countDown();
		publish(3);

		assertTrue(closed.await(10, TimeUnit.SECONDS));
		self.get().close();
		assertEquals(List.of(1L), new ArrayList<>(heard));
	}

	@Test
	void aListenerThatThrowsHearsTheNextEventToo() throws InterruptedException {
		log.subscribe(0, event -> {
			heard.add(event.number());
			throw new IllegalStateException("a test of what a plug-in may do");
		}, NEVER);
		publish(2);
		assertEquals(numbers(1, 2), hear(2));
	}

	@Test
	void leavesNoThreadBehind() throws Exception {
		EventLog.Listening one = log.subscribe(0, event -> {}, NEVER);
		log.subscribe(0, event -> {}, NEVER);
		one.close();
		assertTrue(one.over());
		log.close();
		while (Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals("vmhi-event-listener")))
			Thread.onSpinWait(); // until the deadline of the test
		assertFalse(Thread.interrupted());
	}

	private void subscribe(long after) {
		log.subscribe(after, event -> heard.add(event.number()), NEVER);
	}

	private List<Long> hear(int count) throws InterruptedException {
		List<Long> numbers = new ArrayList<>();
		for (int i = 0; i < count; i++)
			numbers.add(heard.poll(10, TimeUnit.SECONDS));
		assertEquals(Collections.emptyList(), new ArrayList<>(heard));
		return numbers;
	}

	private long publish() {
		return log.publish("", "test", Map.of());
	}

	private void publish(int count) {
		for (int i = 0; i < count; i++)
			publish();
	}

	private void reopen(boolean orderly) throws IOException {
		if (orderly)
			log.close();
		log = new EventLog(home, KEPT);
	}

	private static List<Long> numbers(long first, long last) {
		return LongStream.rangeClosed(first, last).boxed().toList();
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
