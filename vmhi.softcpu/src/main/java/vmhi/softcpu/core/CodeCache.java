package vmhi.softcpu.core;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

import vmhi.api.memory.WriteListener;

/**
 * The decoded code of a machine, by page of RAM. Blocks are added and dropped under the lock of this object, by vCPUs
 * that are outside meanwhile ({@link Machine}).
 * <p>
 * A page with code is <em>armed</em>: no vCPU has a translation to write to it, so that every store comes by
 * {@link #stored}, and what others write by {@link #written}. A page is armed, and its lines are noted, before its bytes
 * are read, and whoever stores looks at both after the store: one of the two sees what the other did.
 */
public final class CodeCache implements WriteListener {
	/** Most bytes of an instruction. */
	private static final int LONGEST_INSN = 15;
	/** Most instructions in a block. */
	private static final int LONGEST_BLOCK = 64;
	/** Stores beside the code of a page until its code is dropped, to make stores fast again. */
	private static final int PATIENCE = 128;

	private final Machine machine;
	/** Without the lock: a vCPU that is inside looks here, and must not wait for one that waits for it. */
	private final AtomicReferenceArray<CodePage> pages;
	// for decoding, under the lock
	private final Decoder decoder = new Decoder();
	private final List<Insn> insns = new ArrayList<>();
	private volatile Translator translator;

	CodeCache(Machine machine, int pages) {
		this.machine = machine;
		this.pages = new AtomicReferenceArray<>(pages);
	}

	/** Has hot blocks be translated from now on. */
	public void translator(Translator next) {
		translator = next;
	}

	/** The registers of the first vCPU. */
	public long[] registers() {
		return machine.cpus[0].r;
	}

	void close() {
		Translator now = translator;
		if (now != null)
			now.close();
	}

	/** A block was interpreted often. */
	void hot(Block block) {
		Translator now = translator;
		if (now != null && (block.mode & Block.STEP) == 0)
			now.submit(block);
	}

	/**
	 * Has blocks be run by their translation from now on.
	 *
	 * @return {@code false} if one of them has changed meanwhile: the translation is of no use
	 */
	public synchronized boolean install(Translation translation, List<Block> blocks) {
		for (Block block : blocks)
			if (!block.valid || block.translated())
				return false;
		translation.install(blocks, machine.cpus.length);
		return true;
	}

	/** The page of RAM with this number if it is armed, otherwise {@code null}. */
	CodePage page(int number) {
		CodePage page = pages.get(number);
		return page != null && page.armed ? page : null;
	}

	/** The page that holds a guest-physical address; outside RAM a new one each time, whose bytes read as all ones. */
	CodePage obtain(long gpa) {
		int number = machine.page(gpa);
		if (number < 0)
			return new CodePage(-1, 0);
		CodePage page = pages.get(number);
		if (page != null)
			return page;
		CodePage fresh = new CodePage(number, machine.host(gpa & -4096));
		page = pages.compareAndExchange(number, null, fresh);
		return page == null ? fresh : page;
	}

	/**
	 * Decodes a block.
	 *
	 * @param second the page after it, where an instruction may go on; {@code null} if it is not known
	 * @return {@code null} if the first instruction goes on in the second page and that is {@code null}
	 */
	Block decode(Cpu c, long rip, long linear, int mode, CodePage page, CodePage second) {
		c.presence.leave();
		try {
			synchronized (this) {
				Block there = page.find(rip, linear, mode);
				if (there != null)
					return there;
				arm(c, page);
				if (second != null)
					arm(c, second);
				return decodeArmed(c, rip, linear, mode, page, second);
			}
		} finally {
			c.presence.enter();
		}
	}

	private void arm(Cpu c, CodePage page) {
		page.misses = 0;
		if (page.armed || page.number < 0)
			return;
		page.armed = true;
		c.paging.forgetWritesTo(page.host);
		if (machine.cpus.length > 1)
			machine.forgetWrites(c);
	}

	private Block decodeArmed(Cpu c, long rip, long linear, int mode, CodePage page, CodePage second) {
		insns.clear();
		if (second != null)
			second.cover(0, LONGEST_INSN);
		int most = (mode & Block.STEP) != 0 ? 1 : LONGEST_BLOCK;
		int codeBits = mode & 0xff;
		long limit = codeBits == 64 ? -1 : c.limit[Cpu.CS] & 0xffff_ffffL;
		boolean crossed = false;
		long at = rip;
		int position = (int) linear & 4095;
		while (insns.size() < most && position < 4096 && !crossed) {
			Insn insn;
			page.cover(position, Math.min(position + LONGEST_INSN, 4096));
			try {
				insn = decoder.decode(codeBits, at, position, page.host,
						insns.isEmpty() && second != null ? second.host : -1);
			} catch (Decoder.EndOfPage e) {
				break;
			}
			if (codeBits != 64 && (insn.next - 1 & 0xffff_ffffL) > limit) {
				if (!insns.isEmpty())
					break;
				insn = decoder.finish(new BranchInsns.Raise(Fault.GP), Op.OTHER, 0);
			}
			crossed = decoder.crossed();
			insns.add(insn);
			position += (int) (insn.next - at) & 0xf;
			at = insn.next;
			if (insn.ends())
				break;
		}
		if (insns.isEmpty())
			return null;
		Block block = new Block(rip, linear, mode, insns.toArray(Insn[]::new), page, crossed ? second : null);
		page.add(block);
		if (crossed)
			second.addEnding(block);
		return block;
	}

	/**
	 * A store to a page that has code. After the store.
	 *
	 * @param c the vCPU that stored
	 */
	void stored(Cpu c, CodePage page, int offset, int size) {
		VarHandle.fullFence();
		long lines = CodePage.lines(offset, size);
		if (page.misses < PATIENCE && (page.lines & lines) == 0) {
			page.misses++;
			return;
		}
		c.presence.leave();
		try {
			rewritten(page, lines, c);
		} finally {
			c.presence.enter();
		}
	}

	/** A device wrote to RAM, or another who is no vCPU. */
	@Override
	public void written(long gpa, long length) {
		VarHandle.fullFence();
		for (long at = gpa, end = gpa + length, next; at < end; at = next) {
			next = Math.min(end, (at & -4096) + 4096);
			CodePage page = page(machine.page(at));
			long lines = CodePage.lines((int) at & 4095, (int) (next - at));
			if (page != null && (page.lines & lines) != 0)
				rewritten(page, lines, null);
		}
	}

	/** Drops the code of some lines; of the whole page if they have none. */
	private void rewritten(CodePage page, long lines, Cpu by) {
		synchronized (this) {
			long hit = page.lines & lines;
			if (hit == 0)
				drop(page);
			else {
				page.rewritten++;
				page.clear(hit);
			}
		}
		for (Cpu other : machine.cpus)
			if (other != by)
				other.attention = 1;
	}

	private static void drop(CodePage page) {
		page.clear();
		page.armed = false;
		page.misses = 0;
	}

	/** Makes a block end, wherever it is being run. */
	static void invalidate(Block block) {
		block.valid = false;
		Insn[] insns = block.insns;
		for (int i = 0; i < insns.length; i++)
			insns[i] = new BranchInsns.Resume(insns[i]);
		Entry entry = block.entry();
		if (entry != null)
			entry.translation.invalidate();
	}
}
