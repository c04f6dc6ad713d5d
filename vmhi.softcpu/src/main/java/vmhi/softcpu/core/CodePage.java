package vmhi.softcpu.core;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A page of RAM that has code: its blocks, and which of its bytes they were decoded from. Guarded by the {@link CodeCache}, but
 * for what says otherwise.
 */
public final class CodePage {
	private static final int LINE = 64;

	/** Number of the page in RAM, or -1 for what is not RAM. */
	final int number;
	/** Address in the host, 0 where it is not RAM. */
	final long host;
	/** By offset in the page, with links from block to block; the length is a power of two. Read without the lock. */
	volatile Block[] table = new Block[16];
	private int blocks;
	/** Blocks of the page before that end in this one. Each is in the table of its own page alone, by its one link. */
	private final List<Block> ending = new ArrayList<>();
	/** Whether stores to it are told. Read without the lock. */
	volatile boolean armed;
	/** A bit for each 64 bytes that have decoded code. Read without the lock. */
	volatile long lines;
	/** Stores to the page beside its code since something was last decoded here. Counted without the lock: about right. */
	int misses;
	/** How often a store has hit its code. Read without the lock. */
	int rewritten;

	CodePage(int number, long host) {
		this.number = number;
		this.host = host;
	}

	static int slot(int offset, int length) {
		return (offset ^ offset >>> 5) & length - 1;
	}

	/** The block that begins there, if it has been decoded. Without the lock: it may miss one that is being added. */
	Block find(long rip, long linear, int mode) {
		Block[] blocks = table;
		Block block = blocks[slot((int) linear & 4095, blocks.length)];
		while (block != null && (block.linear != linear || block.rip != rip || block.mode != mode || !block.valid))
			block = block.nextInPage;
		return block;
	}

	/** Adds to a list the blocks that were interpreted that often. Without the lock. */
	public void hot(int least, List<Block> to) {
		for (Block chain : table)
			for (Block block = chain; block != null; block = block.nextInPage)
				if (block.valid && block.heat >= least && block.page == this)
					to.add(block);
	}

	void add(Block block) {
		Block[] now = table;
		if (++blocks > now.length)
			now = rebuilt(now);
		link(now, block);
		table = now;
	}

	/** The table without blocks that were written in another page, and larger if that does not make room. */
	private Block[] rebuilt(Block[] now) {
		int count = 0;
		for (Block chain : now)
			for (Block each = chain; each != null; each = each.nextInPage)
				if (each.valid)
					count++;
		Block[] next = new Block[2 * count > now.length ? now.length * 4 : now.length];
		for (Block chain : now)
			for (Block each = chain, after; each != null; each = after) {
				after = each.nextInPage;
				if (each.valid)
					link(next, each);
			}
		blocks = count + 1;
		return next;
	}

	/** Adds a block of the page before. */
	void addEnding(Block block) {
		ending.removeIf(each -> !each.valid);
		ending.add(block);
	}

	private static void link(Block[] table, Block block) {
		int slot = slot((int) block.linear & 4095, table.length);
		block.nextInPage = table[slot];
		table[slot] = block;
	}

	/** Notes that bytes of the page are about to be decoded. */
	void cover(int from, int to) {
		long now = lines;
		long next = now | between(from, to);
		if (next != now) {
			lines = next;
			VarHandle.fullFence();
		}
	}

	/** Lines that a store touches. */
	static long lines(int offset, int size) {
		return between(offset, offset + size);
	}

	/** Drops all blocks. */
	void clear() {
		for (Block chain : table)
			for (Block block = chain; block != null; block = block.nextInPage)
				CodeCache.invalidate(block);
		table = new Block[16];
		blocks = 0;
		ending.forEach(CodeCache::invalidate);
		ending.clear();
		lines = 0;
	}

	/** Drops the blocks of which a byte lies in the lines given. */
	void clear(long written) {
		Block[] now = table;
		Block[] left = new Block[now.length];
		int count = 0;
		for (Block chain : now)
			for (Block block = chain, next; block != null; block = next) {
				next = block.nextInPage;
				if (block.valid && (covered(block) & written) != 0)
					CodeCache.invalidate(block);
				if (block.valid) {
					link(left, block);
					count++;
				}
			}
		table = left;
		blocks = count;
		for (Block block : ending)
			if (block.valid && (coveredByEnd(block) & written) != 0)
				CodeCache.invalidate(block);
		lines &= ~written;
	}

	/** Lines of this page, in which it begins, that a block has. */
	private static long covered(Block block) {
		int from = (int) block.linear & 4095;
		return between(from, Math.min(from + block.length(), 4096));
	}

	/** Lines of this page, in which it ends, that a block of the page before has. */
	private static long coveredByEnd(Block block) {
		return between(0, ((int) block.linear & 4095) + block.length() - 4096);
	}

	private static long between(int from, int to) {
		return -1L << from / LINE & -1L >>> 63 - (to - 1) / LINE;
	}
}
