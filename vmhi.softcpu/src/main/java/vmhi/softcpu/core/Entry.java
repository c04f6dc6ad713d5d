package vmhi.softcpu.core;

/**
 * Where a block is entered in translated code. What a way from one translation to the next has to look at is together
 * here, for it is memory that is not in the host's caches that such a way takes its time for.
 */
public final class Entry {
	/** Offset of the block in the code segment, its linear address, and the width of its code. */
	final long rip, linear;
	final int mode;
	/** The translation, the number of the block there, and which of its pages the block needs, a bit each. */
	final Translation translation;
	final int number;
	final long needs;

	Entry(Block block, Translation translation, int number, long needs) {
		rip = block.rip;
		linear = block.linear;
		mode = block.mode;
		this.translation = translation;
		this.number = number;
		this.needs = needs;
	}
}
