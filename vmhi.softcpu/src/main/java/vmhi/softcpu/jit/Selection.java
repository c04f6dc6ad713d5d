package vmhi.softcpu.jit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

import vmhi.softcpu.core.Block;
import vmhi.softcpu.core.CodePage;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Pages;

/**
 * Blocks that are worth translating together: from a hot one along the ways that were taken, the hottest first.
 *
 * @param blocks in the order of their addresses
 * @param insns the instructions of each, as they were when they were chosen
 */
record Selection(List<Block> blocks, List<Insn[]> insns, Map<Long, Integer> byRip, Pages pages) {

	/** Chooses. The first block is always among them. */
	static Selection around(Block first, int mostInsns, int hot) {
		List<Block> chosen = new ArrayList<>();
		Set<Long> addresses = new HashSet<>();
		Set<CodePage> pages = new LinkedHashSet<>();
		Set<Long> places = new HashSet<>();
		PriorityQueue<Block> reached = new PriorityQueue<>(Comparator.comparingInt((Block b) -> -b.heat()));
		reached.add(first);
		int total = 0;
		boolean followed = false;
		while (true) {
			if (reached.isEmpty()) {
				if (followed)
					break;
				followed = true; // then what else is hot in these pages
				List<Block> others = new ArrayList<>();
				pages.forEach(page -> page.hot(hot, others));
				reached.addAll(others);
				continue;
			}
			Block block = reached.remove();
			boolean fits = block == first || fits(block, first) && total + block.insns.length <= mostInsns;
			if (!fits || block.heat() < (followed ? hot : hot / 16) && block != first || !addresses.add(block.rip))
				continue;
			if (places.size() + 2 > Pages.MOST)
				break;
			places.add(block.linear & -4096);
			places.add(block.linear + block.length() - 1 & -4096);
			chosen.add(block);
			pages.add(block.page);
			total += block.insns.length;
			if (followed || !goesOn(block))
				continue;
			if (block.after() != null)
				reached.add(block.after());
			if (block.afterElse() != null)
				reached.add(block.afterElse());
		}
		chosen.sort(Comparator.comparingLong(b -> b.rip));
		List<Insn[]> insns = new ArrayList<>();
		Map<Long, Integer> byRip = new HashMap<>();
		for (Block block : chosen) {
			byRip.put(block.rip, insns.size());
			insns.add(block.insns.clone());
		}
		return new Selection(chosen, insns, byRip, new Pages(chosen));
	}

	/** Whether translated code itself may go on behind a block: not at what may change privilege, and with it the pages. */
	private static boolean goesOn(Block block) {
		Insn last = block.insns[block.insns.length - 1];
		return !last.ends() || last.rep != 0 || Knowledge.knows(last, false);
	}

	private static boolean fits(Block block, Block first) {
		boolean sameBase = block.linear - block.rip == first.linear - first.rip; // of the code segment: byRip is by offset
		return block.valid && block.mode == first.mode && sameBase && !block.translated() && !block.claimed;
	}
}
