package vmhi.core.vdisk;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The requests of a drive that are not done, in the order in which they came. Those that touch the same bytes, one of them
 * writing, become ready one after the other; all others at once, so that a request behind one that has to wait need not
 * wait too. Adding and removing look at each of the others; a device's queue bounds how many these are.
 * <p>
 * Guarded by the drive's lock.
 */
final class DriveQueue {
	private final ArrayDeque<DriveTask> ready = new ArrayDeque<>();
	private DriveTask first;
	private DriveTask last;

	void add(DriveTask task) {
		for (DriveTask other = first; other != null; other = other.after)
			if (other.conflicts(task))
				task.blockers++;
		task.before = last;
		if (last == null)
			first = task;
		else
			last.after = task;
		last = task;
		if (task.blockers == 0)
			ready.add(task);
	}

	/** The next to carry out, or {@code null}. It stays in the queue until it is {@linkplain #remove removed}. */
	DriveTask next() {
		return ready.poll();
	}

	/** One that was begun is to be carried out again, before the others. */
	void again(DriveTask task) {
		ready.addFirst(task);
	}

	/** Puts a new attempt in the place of one that was begun. */
	void replace(DriveTask old, DriveTask anew) {
		anew.before = old.before;
		anew.after = old.after;
		if (old.before == null)
			first = anew;
		else
			old.before.after = anew;
		if (old.after == null)
			last = anew;
		else
			old.after.before = anew;
		ready.addFirst(anew);
	}

	/** Takes one out that was begun; what waited for it alone becomes ready. */
	void remove(DriveTask task) {
		for (DriveTask other = task.after; other != null; other = other.after)
			if (task.conflicts(other) && --other.blockers == 0)
				ready.add(other);
		if (task.before == null)
			first = task.after;
		else
			task.before.after = task.after;
		if (task.after == null)
			last = task.before;
		else
			task.after.before = task.before;
	}

	/** Takes all out. */
	List<DriveTask> clear() {
		List<DriveTask> all = new ArrayList<>();
		for (DriveTask task = first; task != null; task = task.after)
			all.add(task);
		first = null;
		last = null;
		ready.clear();
		return all;
	}

	/** How many could be carried out now. */
	int ready() {
		return ready.size();
	}

	boolean isEmpty() {
		return first == null;
	}

	/** The one that came first, or {@code null}. */
	DriveTask oldest() {
		return first;
	}
}
