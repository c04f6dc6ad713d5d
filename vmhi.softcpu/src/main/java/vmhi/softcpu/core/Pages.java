package vmhi.softcpu.core;

import java.util.ArrayList;
import java.util.List;

/** The pages that some blocks lie in, with a number each, and which of them each block needs. */
public final class Pages {
	/** Pages that can be told apart. */
	public static final int MOST = 64;

	/** By the number of the page. Vectors, for a vCPU looks at them each time that a translation is new to it. */
	private final long[] addresses;
	private final CodePage[] pages;
	private final long[] needs;

	/** @param blocks that lie in {@link #MOST} pages or less */
	public Pages(List<Block> blocks) {
		List<Long> addresses = new ArrayList<>();
		List<CodePage> pages = new ArrayList<>();
		needs = new long[blocks.size()];
		for (int i = 0; i < needs.length; i++) {
			Block block = blocks.get(i);
			needs[i] = bit(block.linear & -4096, block.page, addresses, pages);
			if (block.second != null)
				needs[i] |= bit(block.linear + 4095 & -4096, block.second, addresses, pages);
		}
		this.addresses = addresses.stream().mapToLong(Long::longValue).toArray();
		this.pages = pages.toArray(new CodePage[0]);
	}

	private static long bit(long address, CodePage page, List<Long> addresses, List<CodePage> pages) {
		int number = addresses.indexOf(address);
		if (number < 0) {
			number = pages.size();
			addresses.add(address);
			pages.add(page);
		}
		return 1L << number;
	}

	/** The pages that a block needs, a bit each. */
	public long needs(int block) {
		return needs[block];
	}

	/** Whether there is more than one. */
	public boolean several() {
		return pages.length > 1;
	}

	/** Those of some pages, a bit each, that are where they were, as a vCPU sees it now. */
	long mapped(Cpu c, long asked) {
		long mapped = 0;
		for (long left = asked; left != 0; left &= left - 1) {
			int number = Long.numberOfTrailingZeros(left);
			if (c.paging.maps(addresses[number], pages[number]))
				mapped |= 1L << number;
		}
		return mapped;
	}

	/** Those that are known to be so without a look at page tables. */
	long known(Cpu c) {
		long known = 0;
		for (int i = 0; i < pages.length; i++)
			if (c.paging.knows(addresses[i], pages[i]))
				known |= 1L << i;
		return known;
	}
}
