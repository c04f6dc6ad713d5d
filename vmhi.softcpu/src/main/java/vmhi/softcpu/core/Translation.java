package vmhi.softcpu.core;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Blocks as code of the JVM. Shared by all vCPUs; it is installed and given up under the lock of the {@link CodeCache}.
 */
public abstract class Translation {
	private List<Block> blocks = List.of();
	/** The linear addresses of the pages it was translated from, and what was there. */
	private long[] addresses;
	private CodePage[] pages;
	/** {@link Cpu#codeGeneration} when that was last found to be so: for each vCPU its own, which no other looks at. */
	private int[] checked;

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

	/** Whether its code is where it was when it was translated, as this vCPU sees it. */
	final boolean usable(Cpu c) {
		int generation = c.codeGeneration;
		return checked[c.index] == generation || check(c, generation);
	}

	private boolean check(Cpu c, int generation) {
		for (int i = 0; i < pages.length; i++)
			if (!c.paging.maps(addresses[i], pages[i]))
				return false;
		checked[c.index] = generation;
		return true;
	}

	/** The blocks that are entered here, each by its index. Under the lock of the {@link CodeCache}. */
	final void install(List<Block> entered, int vcpus) {
		blocks = List.copyOf(entered);
		checked = new int[vcpus];
		Arrays.fill(checked, -1);
		Map<Long, CodePage> all = new LinkedHashMap<>();
		for (Block block : entered) {
			all.put(block.linear & -4096, block.page);
			if (block.second != null)
				all.put(block.linear + 4095 & -4096, block.second);
		}
		addresses = all.keySet().stream().mapToLong(Long::longValue).toArray();
		pages = all.values().toArray(CodePage[]::new);
		for (int i = 0; i < entered.size(); i++) {
			entered.get(i).entry = i;
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
