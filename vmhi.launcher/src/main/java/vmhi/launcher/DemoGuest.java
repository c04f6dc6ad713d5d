package vmhi.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the demo's guest says of itself; {@code vmhi.guest/guests/demo.asm} has the form of its lines. Lines come on one
 * thread and are asked about on another.
 */
final class DemoGuest {
	private static final Pattern SUM = Pattern.compile("demo: sha256 ([0-9a-f]{64}) of ([0-9]+) bytes");
	private static final Pattern NUMBER = Pattern.compile("([a-z]+) ([0-9]+)");

	/** Bytes that the guest reads at a time; of a disk that is smaller, none. */
	private static final int CHUNK = 64 << 10;

	/** Particulars of the disk's beginning. */
	record Sum(String sha256, long bytes) {}

	private final Semaphore progress = new Semaphore(0);
	private final CountDownLatch summed = new CountDownLatch(1);
	private final Map<String, Long> numbers = new ConcurrentHashMap<>();
	private volatile Sum sum;
	private volatile boolean ended;

	/** A line from its console. */
	void line(String line) {
		Matcher matcher = SUM.matcher(line);
		if (matcher.matches()) {
			sum = new Sum(matcher.group(1), Long.parseLong(matcher.group(2)));
			summed.countDown();
		} else if (line.startsWith("demo: turn ")) {
			progress.release();
		} else if (line.startsWith("calls ") || line.startsWith("demo: turns ")) {
			for (Matcher number = NUMBER.matcher(line); number.find();)
				numbers.put(number.group(1), Long.parseLong(number.group(2)));
			if (line.startsWith("demo: turns ")) {
				ended = true;
				progress.release();
			}
		}
	}

	/** Waits until the guest has summed the disk; {@code null} if it has not. */
	Sum awaitSum(long millis) throws InterruptedException {
		return summed.await(millis, TimeUnit.MILLISECONDS) ? sum : null;
	}

	/**
	 * Waits for the guest's next sign of life; those that came unasked don't count.
	 *
	 * @return {@code false} if there was none, or if it was the last
	 */
	boolean awaitProgress(long millis) throws InterruptedException {
		progress.drainPermits();
		return !ended && progress.tryAcquire(millis, TimeUnit.MILLISECONDS) && !ended;
	}

	/** What is wrong with its final account; empty if nothing is. */
	List<String> complaints() {
		if (!numbers.keySet().containsAll(List.of("calls", "lost", "other", "turns", "chunks", "errors")))
			return List.of("the guest gave no account of what it did");
		List<String> complaints = new ArrayList<>();
		for (String count : List.of("calls", "chunks", "turns"))
			if (number(count) <= 0 && !(count.equals("chunks") && sum != null && sum.bytes() < CHUNK))
				complaints.add("the guest accounts for no " + count);
		for (String count : List.of("lost", "other", "errors"))
			if (number(count) != 0)
				complaints.add("the guest accounts for %d %s".formatted(number(count), count));
		return complaints;
	}

	/** A number of its final account; -1 if it isn't in there. */
	long number(String name) {
		return numbers.getOrDefault(name, -1L);
	}
}
