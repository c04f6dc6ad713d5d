package vmhi.softcpu.core;

/**
 * Instructions that follow each other up to the first that may go elsewhere. Shared by all vCPUs; what changes after it
 * is made is guarded by the {@link CodeCache} or may be seen late.
 */
public final class Block {
	/** Set in {@link #mode} for blocks of one instruction. */
	static final int STEP = 0x100;

	/** Stores to code of a page beyond which more of them do not matter. */
	private static final int MOST_REWRITTEN = 100;

	/** Offset in the code segment, and linear address, of the first instruction. */
	public final long rip, linear;
	/** Width of the code, and {@link #STEP}. */
	public final int mode;
	public final Insn[] insns;
	/** Where it goes on if the last instruction does not say so. */
	public final long end;
	/** Whether the last instruction says where it goes on. */
	public final boolean ends;
	/** The page it begins in, and the one it ends in if that is another, otherwise {@code null}. */
	public final CodePage page, second;
	/** The next in the table of its page. */
	Block nextInPage;

	/** Cleared when a byte of it was written. */
	public volatile boolean valid = true;
	/** Blocks that came after it. They are looked at before they are believed. */
	Block after, afterElse;
	/** Times it was interpreted, from what {@link #cool} sets it to; it is translated at {@link Interpreter#HOT}. */
	int heat;
	/** Whether it is being translated. Belongs to the translator. */
	public boolean claimed;
	/** Where to enter translated code that has it, or {@code null}. */
	private volatile Entry entry;

	Block(long rip, long linear, int mode, Insn[] insns, CodePage page, CodePage second) {
		this.rip = rip;
		this.linear = linear;
		this.mode = mode;
		this.insns = insns;
		this.page = page;
		this.second = second;
		Insn last = insns[insns.length - 1];
		end = last.next;
		ends = last.ends();
		cool();
	}

	/** About how often it was interpreted; less than 0 where its page is written at times. */
	public int heat() {
		return heat;
	}

	/** Has it be hot again only after a while, and a longer one the more often its page was written. */
	public void cool() {
		heat = -Interpreter.HOT * Math.min(page.rewritten, MOST_REWRITTEN);
	}

	/** Where to enter translated code that has it, or {@code null}. */
	Entry entry() {
		return entry;
	}

	public boolean translated() {
		return entry != null;
	}

	/** It is entered there from now on; or, {@code null}, no more. Under the lock of the {@link CodeCache}. */
	void enter(Entry now) {
		entry = now;
	}

	/** The one that came after it last, and the one before that; either may be {@code null}. */
	public Block after() {
		return after;
	}

	public Block afterElse() {
		return afterElse;
	}

	/** Bytes from the first instruction to the end of the last. */
	public int length() {
		return (int) (end - rip) & 0xffff;
	}
}
