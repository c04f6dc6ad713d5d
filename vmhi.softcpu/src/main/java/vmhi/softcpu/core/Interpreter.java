package vmhi.softcpu.core;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.RunEnd;

/**
 * The loop: finds blocks, interprets them or enters their translation, delivers exceptions, and looks at what comes from
 * outside between blocks. Belongs to the vCPU's thread.
 */
public final class Interpreter {
	/** In the place of a vector: the instruction is to be done again, alone. */
	static final int AGAIN = -1;
	/** Times a block is interpreted before it is translated; set by a property in tests of the translator. */
	public static final int HOT = Integer.getInteger("vmhi.softcpu.hot", 1000);
	/** Blocks remembered by address; a power of two. */
	private static final int CACHE = 8192;

	/** Ends a block in the middle. {@link Cpu#rip} is exact. */
	static final class BlockEnd extends RuntimeException {
		private static final long serialVersionUID = 1L;
		static final BlockEnd INSTANCE = new BlockEnd();

		private BlockEnd() {
			super(null, null, false, false);
		}
	}

	private final Cpu c;
	private final Block[] cache = new Block[CACHE];
	/** By the offset in the code segment, where code that is translated is entered from anywhere. */
	private final Entry[] entries = new Entry[CACHE];
	/** The instruction that raised a fault. */
	private Insn faulted;

	Interpreter(Cpu c) {
		this.c = c;
	}

	/** Runs the guest until the run ends. */
	public RunEnd run() throws CpuException {
		c.presence.enter();
		boolean mine = true;
		try {
			c.translated = false;
			c.attention = 1;
			if (c.mmio.abandoned())
				resume();
			while (true) {
				if (c.attention != 0) {
					c.presence.look();
					if (c.requests.look())
						return RunEnd.STOPPED;
				}
				switch (c.activity) {
					case Cpu.RUNNING -> go();
					case Cpu.HALTED -> {
						return RunEnd.HALTED;
					}
					case Cpu.SHUTDOWN -> {
						return RunEnd.SHUTDOWN;
					}
					default -> {
						return RunEnd.WAITING;
					}
				}
			}
		} catch (AbandonedRun e) {
			mine = false; // another thread has this vCPU, and may be inside by now
			throw e;
		} finally {
			if (mine)
				c.presence.leave();
		}
	}

	/** Goes on until something else is to be looked at. */
	private void go() {
		try {
			if (special())
				step();
			else
				blocks();
		} catch (Fault fault) {
			deliver();
		}
	}

	/** Whether instructions are to be done one at a time. */
	private boolean special() {
		return c.interruptShadow != 0 || (c.flags & (Flags.TF | Flags.RF)) != 0 || (c.dr7 & 0xff) != 0;
	}

	private void deliver() {
		c.translated = false;
		while (c.faultVector == AGAIN)
			try {
				alone(find(c.codeBits | Block.STEP));
				return;
			} catch (Fault fault) {
				// the instruction's own, or that of its page
			}
		stackSegment();
		try {
			c.delivery.exception();
		} catch (Fault fault) {
			throw new IllegalStateException("delivery of an exception raises another", fault);
		}
	}

	/** What is no address in the stack segment is #SS, not #GP. */
	private void stackSegment() {
		if (c.faultVector == Fault.GP && c.faultPayload == 1) {
			c.faultPayload = 0;
			if (faulted != null && faulted.segment == Cpu.SS)
				c.faultVector = Fault.SS;
		}
		faulted = null;
	}

	private void blocks() {
		Block block = find(c.codeBits);
		while (true) {
			Entry entry = block.entry();
			if (entry != null && entry.translation.usable(c, entry)) {
				block = translated(entry);
				if (block == null)
					return;
			}
			if (++block.heat == HOT)
				c.machine.code.hot(block);
			interpret(block);
			if (c.attention != 0 || c.interruptShadow != 0)
				return;
			block = next(block);
		}
	}

	/**
	 * Runs translated code, from translation to translation.
	 *
	 * @return the block that follows and is not translated; {@code null} if something else is to be looked at
	 */
	private Block translated(Entry entry) {
		c.translated = true;
		while (true) {
			Translation translation = entry.translation;
			translation.run(c, entry.number);
			if (c.attention != 0 || c.interruptShadow != 0) {
				c.translated = false;
				return null;
			}
			int exit = c.exit;
			Entry next = exit >= 0 ? translation.exits[exit] : entries[slot(c.rip)];
			if (next == null || exit < 0 && !here(next) || !next.translation.usable(c, next)) {
				c.translated = false;
				Block block = find(c.codeBits);
				next = block.entry();
				if (next == null || !next.translation.usable(c, next))
					return block;
				if (exit >= 0)
					translation.exits[exit] = next;
				else
					entries[slot(c.rip)] = next;
				c.translated = true;
			}
			entry = next;
		}
	}

	/** Whether control is where that is entered. */
	private boolean here(Entry entry) {
		int bits = c.codeBits;
		return entry.rip == c.rip && entry.mode == bits
				&& (bits == 64 || entry.linear == (c.base[Cpu.CS] + c.rip & 0xffff_ffffL));
	}

	private static int slot(long linear) {
		return (int) (linear ^ linear >>> 13) & CACHE - 1;
	}

	/** The block that follows. */
	private Block next(Block block) {
		long rip = c.rip;
		Block next = block.after;
		if (next == null || next.rip != rip || !follows(block, next)) {
			next = block.afterElse;
			if (next == null || next.rip != rip || !follows(block, next)) {
				next = find(c.codeBits);
				block.afterElse = block.after;
				block.after = next;
			}
		}
		return next;
	}

	/** Whether a block is there, after another one that is; in the same page little has to be looked at. */
	private boolean follows(Block block, Block next) {
		return next.mode == 64 && next.page == block.page && block.mode == 64
				&& (next.linear ^ block.linear) >>> 12 == 0
				&& next.second == null && c.codeGeneration == c.codeKnownAt && next.valid && c.codeBits == 64
				|| usable(next, c.codeBits);
	}

	private boolean usable(Block block, int mode) {
		long linear = c.codeBits == 64 ? block.rip : c.base[Cpu.CS] + block.rip & 0xffff_ffffL;
		if (!block.valid || block.mode != mode || block.linear != linear || c.paging.codePage(linear) != block.page
				|| block.second != null && c.paging.codePage(linear + 4095 & -4096) != block.second)
			return false;
		c.codeKnownAt = c.codeGeneration;
		return true;
	}

	/** The block at {@link Cpu#rip}; it is decoded if need be. */
	private Block find(int mode) {
		long rip = c.rip;
		long linear = c.codeBits == 64 ? rip : c.base[Cpu.CS] + rip & 0xffff_ffffL;
		int slot = slot(linear);
		Block block = cache[slot];
		if (block == null || block.rip != rip || !usable(block, mode)) {
			block = lookUp(rip, linear, mode);
			cache[slot] = block;
		}
		return block;
	}

	private Block lookUp(long rip, long linear, int mode) {
		if (c.codeBits != 64 && Long.compareUnsigned(rip, c.limit[Cpu.CS] & 0xffff_ffffL) > 0)
			throw c.protection();
		CodePage page = c.paging.codePage(linear);
		Block block = page.find(rip, linear, mode);
		if (block != null && usable(block, mode))
			return block;
		block = c.machine.code.decode(c, rip, linear, mode, page, null);
		if (block == null || !usable(block, mode))
			block = c.machine.code.decode(c, rip, linear, mode, page, c.paging.codePage(linear + 4095 & -4096));
		return block;
	}

	/** Translated code raised a fault in this instruction, before which all registers are. */
	public void faulted(Insn insn) {
		faulted = insn;
		c.rip = insn.rip;
	}

	private void interpret(Block block) {
		Insn[] insns = block.insns;
		int i = 0;
		try {
			for (; i < insns.length; i++)
				insns[i].exec(c);
			if (!block.ends)
				c.rip = block.end;
		} catch (Fault fault) {
			faulted = insns[i];
			c.rip = faulted.rip;
			throw fault;
		} catch (BlockEnd end) {
			// rip is exact
		}
	}

	/**
	 * One instruction, with the traps of single steps and breakpoints. After a load of SS there is no trap of a single
	 * step, and none of a breakpoint on the next instruction; that of data waits until after that one, for which it may
	 * have entered the kernel (SDM volume 3, 6.8.3). If it raises an exception instead, the trap is lost, as 26.6.3 has it.
	 */
	private void step() {
		int shadow = c.interruptShadow;
		if ((c.flags & Flags.RF) == 0 && (c.dr7 & 0xff) != 0 && shadow != 1)
			codeBreakpoints();
		boolean trap = (c.flags & Flags.TF) != 0;
		c.entered = false;
		c.interruptShadow = 0;
		c.watchHits = 0;
		long rf = c.flags & Flags.RF;
		c.flags ^= rf; // it is for one instruction, which may set it for the next: IRET
		try {
			Block block = find(c.codeBits | Block.STEP);
			alone(block);
		} catch (Fault fault) {
			c.watchHits = c.heldHits = 0;
			c.interruptShadow = shadow;
			c.flags |= rf;
			throw fault;
		}
		if (shadow != 0)
			c.attention = 1;
		long hits = c.watchHits | c.heldHits;
		c.watchHits = c.heldHits = 0;
		if (c.interruptShadow == 1) {
			c.heldHits = hits;
			return;
		}
		if (trap && !c.entered)
			hits |= 0x4000; // DR6.BS
		if (hits != 0) {
			c.attention = 1;
			c.delivery.debug(hits);
		}
	}

	/** Breakpoints on the instruction at hand (SDM volume 3, 17.3.1.1). */
	private void codeBreakpoints() {
		long linear = c.codeBits == 64 ? c.rip : c.base[Cpu.CS] + c.rip & 0xffff_ffffL;
		long hits = 0;
		for (int i = 0; i < 4; i++)
			if ((c.dr7 >>> 2 * i & 3) != 0 && (c.dr7 >>> 16 + 4 * i & 3) == 0 && c.dr[i] == linear)
				hits |= 1L << i;
		if (hits != 0) {
			Fault fault = c.fault(Fault.DB);
			c.faultPayload = hits;
			throw fault;
		}
	}

	/** A block of one instruction, which may access what is not RAM. */
	private void alone(Block block) {
		c.mmio.begin();
		try {
			interpret(block);
		} catch (Fault | BlockEnd end) {
			c.mmio.end();
			throw end;
		}
		c.mmio.end();
	}

	/** Another thread was given up in the middle of an instruction; this one completes it. */
	private void resume() {
		try {
			interpret(find(c.codeBits | Block.STEP));
		} catch (Fault fault) {
			deliver();
		}
		c.mmio.end();
	}
}
