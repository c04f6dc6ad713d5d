package vmhi.softcpu.core;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;

/**
 * Blocks as code of the JVM. Shared by all vCPUs; it is installed and given up under the lock of the {@link CodeCache}.
 */
public abstract class Translation {
	/** No {@link Cpu#codeStamp}. */
	private static final int NEVER = -1;

	/**
	 * {@link Cpu#codeStamp} of the first vCPU when something was last known of the pages, and which of them were then
	 * found to be what was translated. The first vCPU has its own here, where it looks anyway, and the others have theirs
	 * in the tables, by their number. No vCPU looks at another's.
	 */
	private int stamp = NEVER;
	private long mapped;
	private int[] stamps;
	private long[] mappeds;

	private Pages pages;
	private List<Block> blocks = List.of();
	/** Whether one of the blocks was written: nobody may enter any more. */
	private volatile boolean dead;

	/**
	 * Entries that follow, by the number of the exit, which {@link #run} leaves in {@link Cpu#exit}: -1 for one that may
	 * go anywhere. An exit with a number leads to one address.
	 */
	protected Entry[] exits;

	/**
	 * Runs from one of its blocks on until control leaves them, or {@link Cpu#attention} is set. {@link Cpu#rip} is then
	 * exact.
	 *
	 * @param number of the block; less than 0 does nothing
	 * @throws Fault with {@link Cpu#rip} at the instruction that raised it, and all registers as before it
	 */
	public abstract void run(Cpu c, int number);

	/** Whether a block may be entered: its code is where it was when it was translated, as this vCPU sees it. */
	final boolean usable(Cpu c, Entry entry) {
		if (c.index == 0 && stamp == c.codeStamp && (entry.needs & ~mapped) == 0)
			return true;
		return check(c, entry.needs);
	}

	private boolean check(Cpu c, long needs) {
		int index = c.index;
		int now = c.codeStamp;
		boolean known = (index == 0 ? stamp : stamps[index]) == now;
		long there = known ? mapped(c) : pages.known(c);
		long missing = needs & ~there;
		if (missing != 0 || !known) {
			there |= pages.mapped(c, missing);
			if (index == 0) {
				mapped = there;
				stamp = now;
			} else {
				mappeds[index] = there;
				stamps[index] = now;
			}
			VarHandle.fullFence(); // another thread is either seen here to have given it up, or sees this stamp
		}
		if (dead)
			forget();
		return !dead && (needs & ~there) == 0;
	}

	private void forget() {
		stamp = NEVER;
		Arrays.fill(stamps, NEVER);
	}

	/** The pages that need no look before code goes on there, a bit each. */
	protected final long mapped(Cpu c) {
		return c.index == 0 ? mapped : mappeds[c.index];
	}

	/** The blocks that are entered here, each by its index. Under the lock of the {@link CodeCache}. */
	final void install(List<Block> entered, int vcpus) {
		blocks = List.copyOf(entered);
		pages = new Pages(entered);
		stamps = new int[vcpus];
		Arrays.fill(stamps, NEVER);
		mappeds = new long[vcpus];
		for (int i = 0; i < entered.size(); i++)
			entered.get(i).enter(new Entry(entered.get(i), this, i, pages.needs(i)));
	}

	/** One of its blocks was written: it is entered no more. Under the lock of the {@link CodeCache}. */
	final void invalidate() {
		dead = true;
		VarHandle.fullFence();
		forget();
		for (Block block : blocks) {
			block.enter(null);
			block.cool();
		}
	}
}
