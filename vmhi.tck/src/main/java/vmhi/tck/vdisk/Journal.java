package vmhi.tck.vdisk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What was done to the files of an image, in order; and what a power cut after any step of it might have left. A change
 * is safe once its file was flushed after it. Of the others each may be there or not, in any combination, and the last
 * write that is there may be there in part: caches of hosts and disks do all of this.
 * <p>
 * For any thread.
 */
public final class Journal {
	private static final int SECTOR = 512;

	/** A change, or a flush where {@code apply} is {@code null}. */
	private record Step(String file, Apply apply, int sectors) {}

	private interface Apply {

		/** @param sectors of a write that arrive before the power goes */
		void to(SparseBytes bytes, int sectors);
	}

	private final Map<String, SparseBytes> before;
	private final List<Step> steps = new ArrayList<>();

	Journal(Map<String, SparseBytes> before) {
		this.before = before;
	}

	/** How many steps were recorded so far. */
	public synchronized int size() {
		return steps.size();
	}

	synchronized void write(String file, long offset, byte[] data) {
		int whole = (data.length + SECTOR - 1) / SECTOR;
		steps.add(new Step(file, (bytes, sectors) -> {
			int arrived = (int) Math.min(data.length, (long) sectors * SECTOR);
			bytes.write(offset, ByteBuffer.wrap(data, 0, arrived));
		}, whole));
	}

	synchronized void zero(String file, long offset, long length) {
		// the range lay before the end, but what made the file so long may have been lost
		steps.add(new Step(file, (bytes, sectors) -> {
			long inside = Math.min(length, bytes.length() - offset);
			if (inside > 0)
				bytes.zero(offset, inside, false);
		}, 1));
	}

	synchronized void length(String file, long length) {
		steps.add(new Step(file, (bytes, sectors) -> bytes.length(length), 1));
	}

	synchronized void flush(String file) {
		steps.add(new Step(file, null, 0));
	}

	/**
	 * The files after a power cut, as a new image.
	 *
	 * @param count steps that had been taken
	 * @param seed 0: all of them arrived; 1: only those that are safe; others: what chance would have it
	 */
	public synchronized InMemoryStorage cut(int count, long seed) {
		Map<String, Integer> safe = new HashMap<>();
		for (int i = 0; i < count; i++)
			if (steps.get(i).apply() == null)
				safe.put(steps.get(i).file(), i);

		Map<String, SparseBytes> files = new TreeMap<>();
		before.forEach((name, bytes) -> files.put(name, bytes.copy()));
		SplittableRandom chance = new SplittableRandom(seed);
		boolean last = true;
		List<Runnable> arrived = new ArrayList<>();
		for (int i = count; i-- > 0;) {
			Step step = steps.get(i);
			boolean isSafe = i < safe.getOrDefault(step.file(), -1);
			if (step.apply() == null || !isSafe && seed != 0 && (seed == 1 || chance.nextBoolean()))
				continue;
			boolean torn = last && !isSafe && seed > 1;
			int sectors = torn ? chance.nextInt(step.sectors()) + 1 : step.sectors();
			last = false;
			arrived.add(0, () -> step.apply().to(files.computeIfAbsent(step.file(), f -> new SparseBytes()), sectors));
		}
		arrived.forEach(Runnable::run);
		return new InMemoryStorage(files);
	}
}
