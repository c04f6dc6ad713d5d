package vmhi.softcpu.jit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

import vmhi.softcpu.core.Block;
import vmhi.softcpu.core.Insn;

/**
 * Blocks that are worth translating together: from a hot one along the ways that were taken, the hottest first.
 *
 * @param blocks in the order of their addresses
 * @param insns the instructions of each, as they were when they were chosen
 */
record Selection(List<Block> blocks, List<Insn[]> insns, Map<Long, Integer> byRip) {

	/** Chooses. The first block is always among them. */
	static Selection around(Block first, int mostInsns, int leastHeat) {
		List<Block> chosen = new ArrayList<>();
		PriorityQueue<Block> reached = new PriorityQueue<>(Comparator.comparingInt((Block b) -> -b.heat()));
		reached.add(first);
		int total = 0;
		while (!reached.isEmpty()) {
			Block block = reached.remove();
			if (chosen.contains(block) || !block.valid || block.mode != first.mode)
				continue;
			if (block != first && (block.translation != null || block.heat() < leastHeat
					|| chosen.stream().anyMatch(other -> other.rip == block.rip)))
				continue;
			if (block != first && total + block.insns.length > mostInsns)
				continue;
			chosen.add(block);
			total += block.insns.length;
			Block after = block.after(), other = block.afterElse();
			if (after != null)
				reached.add(after);
			if (other != null)
				reached.add(other);
		}
		chosen.sort(Comparator.comparingLong(b -> b.rip));
		List<Insn[]> insns = new ArrayList<>();
		Map<Long, Integer> byRip = new HashMap<>();
		for (Block block : chosen) {
			byRip.put(block.rip, insns.size());
			insns.add(block.insns.clone());
		}
		return new Selection(chosen, insns, byRip);
	}
}
