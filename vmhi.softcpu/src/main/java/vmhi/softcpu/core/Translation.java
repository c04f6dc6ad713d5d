package vmhi.softcpu.core;

import java.util.Arrays;
import java.util.List;

/**
 * Blocks as code of the JVM. Shared by all vCPUs; it is installed and given up under the lock of the {@link CodeCache}.
 */
public abstract class Translation {
	private List<Block> blocks = List.of();
	private Pages pages;
	/**
	 * {@link Cpu#codeGeneration} when something was last known of the pages, and which of them were then found to be what
	 * was translated: for each vCPU and privilege its own, which no other looks at.
	 */
	private int[] checked;
	private long[] mapped;

	/**
	 * Runs from one of its blocks on until control leaves them, or {@link Cpu#attention} is set. {@link Cpu#rip} is then
	 * exact.
	 *
	 * @param entry {@link Block#entry} of the first; less than 0 does nothing
	 * @throws Fault with {@link Cpu#rip} at the instruction that raised it, and all registers as before it
	 */
	public abstract void run(Cpu c, int entry);

	/**
	 * Blocks that follow, by the number of the exit, which {@link #run} leaves in {@link Cpu#exit}: -1 for one that may
	 * go anywhere.
	 */
	protected Block[] exits;

	/** Whether the code of one of its blocks is where it was when it was translated, as this vCPU sees it. */
	final boolean usable(Cpu c, Block block) {
		int context = c.codeContext;
		return checked[context] == c.codeGeneration && (block.needs & ~mapped[context]) == 0 || check(c, block);
	}

	private boolean check(Cpu c, Block block) {
		int context = c.codeContext;
		if (checked[context] != c.codeGeneration)
			mapped[context] = pages.known(c);
		checked[context] = c.codeGeneration;
		long missing = block.needs & ~mapped[context];
		long found = missing == 0 ? 0 : pages.mapped(c, missing);
		mapped[context] |= found;
		return found == missing;
	}

	/** The pages that need no look before code goes on there, a bit each. */
	protected final long mapped(Cpu c) {
		return mapped[c.codeContext];
	}

	/** The blocks that are entered here, each by its index. Under the lock of the {@link CodeCache}. */
	final void install(List<Block> entered, int vcpus) {
		blocks = List.copyOf(entered);
		pages = new Pages(entered);
		checked = new int[2 * vcpus];
		Arrays.fill(checked, -1);
		mapped = new long[2 * vcpus];
		for (int i = 0; i < entered.size(); i++) {
			entered.get(i).entry = i;
			entered.get(i).needs = pages.needs(i);
			entered.get(i).translation = this;
		}
	}

	/** One of its blocks was written: it is entered no more. Under the lock of the {@link CodeCache}. */
	final void invalidate() {
		for (Block block : blocks)
			if (block.translation == this) {
				block.translation = null;
				block.cool();
			}
	}
}
