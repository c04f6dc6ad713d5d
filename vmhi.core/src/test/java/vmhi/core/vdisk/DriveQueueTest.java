package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import vmhi.api.device.DriveRequest.Op;

class DriveQueueTest {
	private final DriveQueue queue = new DriveQueue();

	private DriveTask add(Asked request) {
		DriveTask task = new DriveTask(request);
		queue.add(task);
		return task;
	}

	private static Asked write(long offset, int length) {
		return Asked.write(offset, new byte[length]);
	}

	private static Asked read(long offset, int length) {
		return Asked.read(offset, ByteBuffer.allocate(length));
	}

	@Test
	void whatOverlapsAWriteWaitsForItAndNothingElseDoes() {
		DriveTask write = add(write(0, 1000));
		DriveTask overlapping = add(read(999, 10));
		DriveTask behind = add(read(1000, 10));
		DriveTask flush = add(Asked.flush());

		assertSame(write, queue.next());
		assertSame(behind, queue.next());
		assertSame(flush, queue.next());
		assertNull(queue.next());
		queue.remove(write);
		assertSame(overlapping, queue.next());
	}

	@Test
	void readsOfTheSameBytesRunTogether() {
		add(read(0, 10));
		add(read(0, 10));
		assertEquals(2, queue.ready());
		add(Asked.range(Op.DISCARD, 5, 1));
		assertEquals(2, queue.ready());
	}

	@Test
	void whatIsTriedAnewKeepsItsPlace() {
		DriveTask first = add(write(0, 10));
		DriveTask second = add(write(0, 10));
		queue.next();
		DriveTask anew = first.anew();

		queue.replace(first, anew);

		assertSame(anew, queue.oldest());
		assertSame(anew, queue.next());
		assertNull(queue.next());
		queue.remove(anew);
		assertSame(second, queue.next());
		queue.remove(second);
		assertNull(queue.oldest());
	}

	/** Against the plainest model: begin whatever conflicts with nothing before it. */
	@Test
	void noTaskOvertakesOneThatItConflictsWith() {
		Random random = new Random(7);
		List<DriveTask> all = new ArrayList<>(); // in order, those not done
		List<DriveTask> begun = new ArrayList<>();
		for (int i = 0; i < 20_000; i++) {
			if (all.size() < 40 && random.nextInt(3) > 0) {
				int offset = random.nextInt(100);
				int length = random.nextInt(12);
				all.add(add(random.nextBoolean() ? write(offset, length) : read(offset, length)));
			} else if (random.nextBoolean()) {
				DriveTask next = queue.next();
				assertEquals(next == null, all.stream().noneMatch(task -> !begun.contains(task) && free(all, task)));
				if (next != null) {
					assertFalse(begun.contains(next));
					assertEquals(true, free(all, next));
					begun.add(next);
				}
			} else if (!begun.isEmpty()) {
				DriveTask task = begun.get(random.nextInt(begun.size()));
				switch (random.nextInt(6)) {
					case 0 -> {
						begun.remove(task);
						queue.again(task);
					}
					case 1 -> {
						begun.remove(task);
						DriveTask anew = task.anew();
						all.set(all.indexOf(task), anew);
						queue.replace(task, anew);
					}
					default -> {
						begun.remove(task);
						all.remove(task);
						queue.remove(task);
					}
				}
			}
			assertSame(all.isEmpty() ? null : all.get(0), queue.oldest());
		}
		assertEquals(all, queue.clear());
	}

	private static boolean free(List<DriveTask> all, DriveTask task) {
		for (DriveTask before : all) {
			if (before == task)
				return true;
			if (before.conflicts(task))
				return false;
		}
		throw new AssertionError("not there");
	}
}
