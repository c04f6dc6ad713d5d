package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

import java.lang.ref.Cleaner;
import java.util.Arrays;

/**
 * From linear addresses to the host's: page tables, the tables of translations that {@link Cpu} looks into, and the
 * slow way for all that is not in these: MMIO, pages with code, accesses across pages (SDM volume 3, chapter 4).
 * <p>
 * There is a pair of tables, for reads and for writes, for each context: supervisor, user, and supervisor with AC set
 * where SMAP makes a difference. An entry for writing exists only for a page that is dirty already, has no code, and is
 * noted where somebody tracks dirty pages.
 */
@SuppressWarnings("removal")
public final class Paging {
	private static final Cleaner CLEANER = Cleaner.create();

	/** Not the address of a page: no access finds such an entry. */
	private static final long EMPTY = 1;
	private static final int SUPERVISOR = 0, USER = 1, SUPERVISOR_AC = 2, CONTEXTS = 3;
	private static final int ENTRIES = Cpu.TLB_ENTRIES;
	private static final int CODE_ENTRIES = 256, CODE_SEEN = 4096;

	// bits of a page fault's error code
	private static final int PRESENT = 1, WRITE = 2, BY_USER = 4, RESERVED = 8, FETCH = 0x10;

	private static final long PTE_P = 1, PTE_W = 2, PTE_U = 4, PTE_A = 0x20, PTE_D = 0x40, PTE_PS = 0x80, PTE_G = 0x100,
			PTE_NX = 1L << 63;
	/** Address bits of an entry: 40 bits of physical address are offered. */
	private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
	static final int PHYSICAL_BITS = 40;
	private static final long PHYSICAL_RESERVED = 0x000f_ffff_ffff_ffffL & -(1L << PHYSICAL_BITS);

	/** Of the four entries at the top in PAE paging (SDM volume 3, table 4-8). */
	private static final long PDPTE_RESERVED = 0x1e6 | PHYSICAL_RESERVED | 0xfff0_0000_0000_0000L;

	/** No part of a large page is in the tables. */
	private static final long NO_LARGE = 1;

	private static final int READ = 0, STORE = 1, CODE = 2;

	private final Cpu c;
	private final Machine machine;
	/** The tables: for each context one for reads, one for writes; and one more that stays empty. */
	private final long tables;
	private final long emptyTable;
	/** Entries that a load of CR3 takes away: numbers of entries within all tables. */
	private final int[] local = new int[ENTRIES * CONTEXTS];
	private int locals;
	/** Parts of large pages may be in the tables where an address is equal to this one in the bits of the mask. */
	private long large, largeMask = NO_LARGE;
	private int context;

	private final long[] codeTag = new long[CODE_ENTRIES];
	private final CodePage[] codePages = new CodePage[CODE_ENTRIES];
	private final boolean[] codeGlobal = new boolean[CODE_ENTRIES];
	/** A bit for each linear page, by its lower bits, that code was looked for in since the generation began. */
	private final long[] codeSeen = new long[CODE_SEEN / 64];
	/** The physical address that was translated last. */
	private long gpa;
	// what the last walk found: a page that a load of CR3 leaves, and the size of the page as a power of two
	private boolean global;
	private int pageShift;

	Paging(Cpu c) {
		this.c = c;
		machine = c.machine;
		long memory = UNSAFE.allocateMemory((CONTEXTS * 2 + 1) * (long) Cpu.TLB_BYTES);
		CLEANER.register(this, () -> UNSAFE.freeMemory(memory));
		tables = memory;
		emptyTable = memory + CONTEXTS * 2L * Cpu.TLB_BYTES;
		for (int i = 0; i < (CONTEXTS * 2 + 1) * ENTRIES; i++)
			UNSAFE.putLong(memory + (long) i * Cpu.TLB_ENTRY, EMPTY);
		Arrays.fill(codeTag, EMPTY);
		select();
	}

	private long readTable(int context) {
		return tables + 2L * context * Cpu.TLB_BYTES;
	}

	private long writeTable(int context) {
		return tables + (2L * context + 1) * Cpu.TLB_BYTES;
	}

	// --- which tables are in use

	/** The privilege, AC, SMAP, alignment checks or breakpoints have changed: other tables are to be used. */
	public void contextChanged() {
		select();
	}

	private void select() {
		boolean smap = (c.cr4 & Cpu.CR4_SMAP) != 0;
		stampCode();
		context = user() ? USER : smap && (c.flags & Flags.AC) != 0 ? SUPERVISOR_AC : SUPERVISOR;
		boolean watched = c.dataBreakpoints() || alignmentChecked();
		c.readTlb = watched ? emptyTable : readTable(context);
		c.writeTlb = watched ? emptyTable : writeTable(context);
	}

	private void nextGeneration() {
		c.codeGeneration++;
		stampCode();
	}

	private void stampCode() {
		int stamp = (c.codeGeneration << 1 | (user() ? 1 : 0)) & Integer.MAX_VALUE;
		if (c.codeStamp != stamp)
			c.codeKnownAt = -1;
		c.codeStamp = stamp;
	}

	private boolean alignmentChecked() {
		return c.cpl == 3 && (c.flags & Flags.AC) != 0 && (c.cr0 & Cpu.CR0_AM) != 0;
	}

	// --- forgetting

	/** Forgets all translations. */
	public void flushAll() {
		for (int i = 0; i < CONTEXTS * 2 * ENTRIES; i++)
			UNSAFE.putLong(tables + (long) i * Cpu.TLB_ENTRY, EMPTY);
		locals = 0;
		large = 0;
		largeMask = NO_LARGE;
		Arrays.fill(codeTag, EMPTY);
		Arrays.fill(codeSeen, 0);
		nextGeneration();
	}

	/** Forgets all translations but those of global pages. */
	public void flushNonGlobal() {
		if (locals == local.length) {
			flushAll();
			return;
		}
		for (int i = 0; i < locals; i++) {
			long entry = tables + (long) local[i] * Cpu.TLB_ENTRY;
			UNSAFE.putLong(entry, EMPTY);
			UNSAFE.putLong(entry + Cpu.TLB_BYTES, EMPTY);
		}
		locals = 0;
		for (int i = 0; i < CODE_ENTRIES; i++)
			if (!codeGlobal[i])
				codeTag[i] = EMPTY;
		nextGeneration();
	}

	/** INVLPG: forgets the translation of one address, and of all its page. */
	public void invalidate(long linear) {
		if (((linear ^ large) & largeMask) == 0 && largeMask != NO_LARGE) {
			flushAll();
			return;
		}
		long offset = linear >>> 8 & Cpu.TLB_MASK;
		for (int i = 0; i < CONTEXTS * 2; i++)
			UNSAFE.putLong(tables + (long) i * Cpu.TLB_BYTES + offset, EMPTY);
		int page = (int) (linear >>> 12);
		codeTag[page & CODE_ENTRIES - 1] = EMPTY;
		if ((codeSeen[(page & CODE_SEEN - 1) >> 6] >>> page & 1) != 0)
			nextGeneration();
	}

	/** Forgets all translations for writing. */
	void forgetWrites() {
		for (int context = 0; context < CONTEXTS; context++)
			for (int i = 0; i < ENTRIES; i++)
				UNSAFE.putLong(writeTable(context) + (long) i * Cpu.TLB_ENTRY, EMPTY);
	}

	/** Forgets the translations for writing to one page, given by its address in the host. */
	void forgetWritesTo(long host) {
		for (int context = 0; context < CONTEXTS; context++)
			for (int i = 0; i < ENTRIES; i++) {
				long entry = writeTable(context) + (long) i * Cpu.TLB_ENTRY;
				if (UNSAFE.getLong(entry) + UNSAFE.getLong(entry + 8) == host)
					UNSAFE.putLong(entry, EMPTY);
			}
	}

	// --- page tables

	private Fault pageFault(long linear, int error) {
		Fault fault = c.fault(Fault.PF, error);
		c.faultPayload = linear;
		return fault;
	}

	/**
	 * The physical address of a linear one, after all checks; what else is known of the page is in the fields.
	 *
	 * @param system whether the processor itself accesses one of its tables, and no instruction an operand
	 */
	private long walk(long linear, int access, boolean system) {
		pageShift = 12;
		if ((c.cr0 & Cpu.CR0_PG) == 0) {
			global = true;
			return linear & 0xffff_ffffL;
		}
		if (c.longMode()) {
			if (!Segmentation.canonical(linear))
				throw c.notCanonical();
			return walkWide(linear, c.cr3 & ADDRESS, 39, access, system);
		}
		if ((c.cr4 & Cpu.CR4_PAE) != 0)
			return walkPae(linear & 0xffff_ffffL, access, system);
		return walk32(linear & 0xffff_ffffL, access, system);
	}

	/** Page tables with entries of eight bytes: those of 4-level paging, and the lower two of PAE. */
	private long walkWide(long linear, long table, int shift, int access, boolean system) {
		boolean mayWrite = true, mayUser = true, noExecute = false;
		boolean nxe = (c.efer & Cpu.EFER_NXE) != 0;
		long reserved = PHYSICAL_RESERVED | (nxe ? 0 : PTE_NX);
		for (;; shift -= 9) {
			long place = table + (linear >>> shift - 3 & 0xff8);
			long entry = readEntry(place, 8);
			if ((entry & PTE_P) == 0)
				throw pageFault(linear, error(0, access, system));
			boolean last = shift == 12 || shift <= 30 && (entry & PTE_PS) != 0;
			long bad = reserved;
			if (shift == 39)
				bad |= PTE_PS;
			else if (last && shift > 12)
				bad |= (1L << shift) - 1 & ~0x1fffL;
			if ((entry & bad) != 0)
				throw pageFault(linear, error(PRESENT | RESERVED, access, system));
			mayWrite &= (entry & PTE_W) != 0;
			mayUser &= (entry & PTE_U) != 0;
			noExecute |= (entry & PTE_NX) != 0;
			if (!last) {
				mark(place, entry, PTE_A, 8);
				table = entry & ADDRESS;
				continue;
			}
			check(linear, access, system, mayWrite, mayUser, noExecute);
			mark(place, entry, access == STORE ? PTE_A | PTE_D : PTE_A, 8);
			global = (entry & PTE_G) != 0 && (c.cr4 & Cpu.CR4_PGE) != 0;
			pageShift = shift;
			long mask = (1L << shift) - 1;
			return entry & ADDRESS & ~mask | linear & mask;
		}
	}

	/** Whether the four entries that CR3 points to may be used in PAE paging (SDM volume 3, 4.4.1). */
	boolean allowsPae(long cr3) {
		for (int i = 0; i < 4; i++) {
			long entry = readEntry((cr3 & 0xffff_ffe0L) + 8 * i, 8);
			if ((entry & PTE_P) != 0 && (entry & PDPTE_RESERVED) != 0)
				return false;
		}
		return true;
	}

	private long walkPae(long linear, int access, boolean system) {
		long entry = readEntry((c.cr3 & 0xffff_ffe0L) + (linear >>> 27 & 0x18), 8);
		if ((entry & PTE_P) == 0)
			throw pageFault(linear, error(0, access, system));
		if ((entry & PDPTE_RESERVED) != 0)
			throw pageFault(linear, error(PRESENT | RESERVED, access, system));
		return walkWide(linear, entry & ADDRESS, 21, access, system);
	}

	private long walk32(long linear, int access, boolean system) {
		long place = (c.cr3 & 0xffff_f000L) + (linear >>> 20 & 0xffc);
		long entry = readEntry(place, 4);
		if ((entry & PTE_P) == 0)
			throw pageFault(linear, error(0, access, system));
		boolean mayWrite = (entry & PTE_W) != 0, mayUser = (entry & PTE_U) != 0;
		boolean four = (entry & PTE_PS) != 0 && (c.cr4 & Cpu.CR4_PSE) != 0;
		if (!four) {
			mark(place, entry, PTE_A, 4);
			place = (entry & 0xffff_f000L) + (linear >>> 10 & 0xffc);
			entry = readEntry(place, 4);
			if ((entry & PTE_P) == 0)
				throw pageFault(linear, error(0, access, system));
			mayWrite &= (entry & PTE_W) != 0;
			mayUser &= (entry & PTE_U) != 0;
		} else if ((entry & 1 << 21) != 0) {
			throw pageFault(linear, error(PRESENT | RESERVED, access, system));
		}
		check(linear, access, system, mayWrite, mayUser, false);
		mark(place, entry, access == STORE ? PTE_A | PTE_D : PTE_A, 4);
		global = (entry & PTE_G) != 0 && (c.cr4 & Cpu.CR4_PGE) != 0;
		pageShift = four ? 22 : 12;
		if (!four)
			return entry & 0xffff_f000L | linear & 0xfff;
		// PSE-36: bits 20:13 are bits 39:32 of the address
		return entry & 0xffc0_0000L | (entry & 0x1f_e000L) << 19 | linear & 0x3f_ffff;
	}

	private int error(int found, int access, boolean system) {
		boolean user = !system && user();
		boolean fetch = access == CODE
				&& ((c.efer & Cpu.EFER_NXE) != 0 && (c.cr4 & Cpu.CR4_PAE) != 0 || (c.cr4 & Cpu.CR4_SMEP) != 0);
		return found | (access == STORE ? WRITE : 0) | (user ? BY_USER : 0) | (fetch ? FETCH : 0);
	}

	/** Access rights (SDM volume 3, 4.6). */
	private void check(long linear, int access, boolean system, boolean mayWrite, boolean mayUser,
			boolean noExecute) {
		boolean user = !system && user();
		boolean allowed;
		if (user)
			allowed = mayUser && (access != STORE || mayWrite) && (access != CODE || !noExecute);
		else if (access == CODE)
			allowed = !noExecute && !(mayUser && (c.cr4 & Cpu.CR4_SMEP) != 0);
		else {
			// AC suspends SMAP for what instructions access, not for what the processor looks up on its own
			boolean smap = mayUser && (c.cr4 & Cpu.CR4_SMAP) != 0 && (system || (c.flags & Flags.AC) == 0);
			allowed = (access != STORE || mayWrite || (c.cr0 & Cpu.CR0_WP) == 0) && !smap;
		}
		if (!allowed)
			throw pageFault(linear, error(PRESENT, access, system));
	}

	private long readEntry(long gpa, int size) {
		long host = machine.host(gpa);
		if (host == 0)
			return -1L >>> 64 - 8 * size; // nobody answers
		return size == 8 ? UNSAFE.getLong(host) : UNSAFE.getInt(host) & 0xffff_ffffL;
	}

	/** Sets accessed and dirty bits, unless the entry has changed meanwhile: then somebody else takes care. */
	private void mark(long gpa, long entry, long bits, int size) {
		if ((entry & bits) == bits)
			return;
		long host = machine.host(gpa);
		int page = host == 0 ? -1 : machine.page(gpa);
		if (page < 0)
			return;
		if (size == 8)
			UNSAFE.compareAndSwapLong(null, host, entry, entry | bits);
		else
			UNSAFE.compareAndSwapInt(null, host, (int) entry, (int) (entry | bits));
		machine.writing(page);
		CodePage code = machine.code.page(page);
		if (code != null)
			machine.code.stored(c, code, (int) gpa & 4095, size);
	}

	// --- filling the tables

	/** Puts a translation into the tables of the context. */
	private void fill(long linear, long host, int page, boolean store, boolean system) {
		int where = system && context == USER ? SUPERVISOR : context;
		long table = readTable(where);
		long page0 = linear & -4096;
		long entry = table + (linear >>> 8 & Cpu.TLB_MASK);
		boolean watched = c.readTlb == emptyTable;
		if (watched)
			return;
		if (UNSAFE.getLong(entry) != page0) {
			UNSAFE.putLong(entry, page0);
			UNSAFE.putLong(entry + 8, (host & -4096) - page0);
			// one that was there for writing is of another page
			if (UNSAFE.getLong(entry + Cpu.TLB_BYTES) != page0)
				UNSAFE.putLong(entry + Cpu.TLB_BYTES, EMPTY);
		}
		if (store) {
			machine.writing(page);
			UNSAFE.putLong(entry + Cpu.TLB_BYTES, page0);
			UNSAFE.putLong(entry + Cpu.TLB_BYTES + 8, (host & -4096) - page0);
		}
		noteLarge(linear);
		if (!global && locals < local.length)
			local[locals++] = (int) (entry - tables) / Cpu.TLB_ENTRY;
	}

	/** Part of the page that was found last is about to be in the tables. */
	private void noteLarge(long linear) {
		if (pageShift == 12)
			return;
		long mask = -1L << pageShift;
		if (largeMask == NO_LARGE) {
			largeMask = mask;
			large = linear;
			return;
		}
		mask &= largeMask;
		while (((linear ^ large) & mask) != 0)
			mask <<= 1;
		largeMask = mask;
	}

	/** The address in the host for an access within a page; 0 if it is not RAM, whose address is then in {@link #gpa}. */
	private long translate(long linear, int access, boolean system) {
		gpa = walk(linear, access, system);
		long host = machine.host(gpa);
		if (host == 0)
			return 0;
		int page = machine.page(gpa);
		boolean store = access == STORE && machine.code.page(page) == null;
		fill(linear, host, page, store, system);
		if (access == STORE)
			machine.writing(page);
		return host;
	}

	private boolean user() {
		return c.cpl == 3;
	}

	static boolean crosses(long linear, int size) {
		return (linear & 4095) + size > 4096;
	}

	// --- the slow way

	/**
	 * What comes before translation where an instruction accesses memory: addresses that are none, then breakpoints and
	 * alignment, which is what processors do first also where the page is not there.
	 */
	private void begin(long linear, int size, boolean store) {
		if (c.longMode() && !(Segmentation.canonical(linear) && Segmentation.canonical(linear + size - 1)))
			throw c.notCanonical();
		c.watch(linear, size, store);
	}

	/** #AC, or an address that is none, for an operand whose accesses are not aligned in the way that it is. */
	void checkAlignment(long linear, int alignment) {
		if (c.longMode() && !Segmentation.canonical(linear))
			throw c.notCanonical();
		if (alignmentChecked() && (linear & alignment - 1) != 0)
			throw c.fault(Fault.AC, 0);
	}

	/** A load that is not in the table. */
	public long slowLoad(long linear, int size) {
		if (!c.longMode())
			linear &= 0xffff_ffffL;
		begin(linear, size, false);
		return load(linear, size, false);
	}

	private long load(long linear, int size, boolean system) {
		if (crosses(linear, size)) {
			int low = 4096 - (int) (linear & 4095);
			walk(linear, READ, system);
			walk(linear + low, READ, system);
			long value = 0;
			for (int i = 0; i < size; i++)
				value |= part(linear + i, system) << 8 * i;
			return value;
		}
		long host = translate(linear, READ, system);
		if (host == 0)
			return c.mmio.read(gpa, size);
		return switch (size) {
			case 1 -> UNSAFE.getByte(host) & 0xff;
			case 2 -> UNSAFE.getShort(host) & 0xffff;
			case 4 -> UNSAFE.getInt(host) & 0xffff_ffffL;
			default -> UNSAFE.getLong(host);
		};
	}

	private long part(long linear, boolean system) {
		long host = translate(linear, READ, system);
		return host == 0 ? c.mmio.read(gpa, 1) : UNSAFE.getByte(host) & 0xff;
	}

	/** A store that is not in the table. */
	public void slowStore(long linear, int size, long value) {
		if (!c.longMode())
			linear &= 0xffff_ffffL;
		begin(linear, size, true);
		store(linear, size, value, false);
	}

	private void store(long linear, int size, long value, boolean system) {
		if (crosses(linear, size)) {
			int low = 4096 - (int) (linear & 4095);
			checkCode(linear, low, system);
			checkCode(linear + low, size - low, system);
			for (int i = 0; i < size; i++)
				storePart(linear + i, 1, value >>> 8 * i, system);
			return;
		}
		storePart(linear, size, value, system);
	}

	private void storePart(long linear, int size, long value, boolean system) {
		long host = translate(linear, STORE, system);
		if (host == 0) {
			c.mmio.write(gpa, size, value);
			return;
		}
		CodePage page = machine.code.page(machine.page(gpa));
		if (page != null)
			refuseInTranslation(page, (int) linear & 4095, size);
		switch (size) {
			case 1 -> UNSAFE.putByte(host, (byte) value);
			case 2 -> UNSAFE.putShort(host, (short) value);
			case 4 -> UNSAFE.putInt(host, (int) value);
			default -> UNSAFE.putLong(host, value);
		}
		if (page != null)
			machine.code.stored(c, page, (int) linear & 4095, size);
	}

	/** Checks a store in one page; where it would change code that may be running, it is put off to the interpreter. */
	private void checkCode(long linear, int size, boolean system) {
		long physical = walk(linear, STORE, system);
		int number = machine.page(physical);
		CodePage page = number < 0 ? null : machine.code.page(number);
		if (page != null)
			refuseInTranslation(page, (int) linear & 4095, size);
	}

	private void refuseInTranslation(CodePage page, int offset, int size) {
		if (c.translated && (page.lines & CodePage.lines(offset, size)) != 0)
			throw c.again();
	}

	/** Faults as a store would. */
	public void checkStore(long linear, int size) {
		if (!c.longMode())
			linear &= 0xffff_ffffL;
		begin(linear, size, true);
		if (crosses(linear, size)) {
			int low = 4096 - (int) (linear & 4095);
			checkCode(linear, low, false);
			checkCode(linear + low, size - low, false);
		} else if (translate(linear, STORE, false) != 0) {
			checkCode(linear, size, false);
		} else {
			c.mmio.reach();
		}
	}

	/**
	 * The address in the host of memory that is going to be stored to; 0 if it is not RAM in one page. If the page has
	 * code, {@link #storedTo} is to be called after the store.
	 */
	long hostForStore(long linear, int size) {
		if (!c.longMode())
			linear &= 0xffff_ffffL;
		checkStore(linear, size);
		return crosses(linear, size) ? 0 : translate(linear, STORE, false);
	}

	/** Something was stored by an address of {@link #hostForStore}. */
	void storedTo(long linear, int size) {
		long entry = c.writeTlb + (linear >>> 8 & Cpu.TLB_MASK);
		if (UNSAFE.getLong(entry) == (linear & -4096))
			return;
		int number = machine.page(walk(c.longMode() ? linear : linear & 0xffff_ffffL, STORE, false));
		if (number < 0)
			return;
		machine.writing(number);
		CodePage page = machine.code.page(number);
		if (page != null)
			machine.code.stored(c, page, (int) linear & 4095, size);
	}

	/** A load by the processor itself, from a descriptor table or task segment: with supervisor's rights. */
	public long systemLoad(long linear, int size) {
		return load(c.longMode() ? linear : linear & 0xffff_ffffL, size, true);
	}

	/** A store by the processor itself. */
	public void systemStore(long linear, int size, long value) {
		store(c.longMode() ? linear : linear & 0xffff_ffffL, size, value, true);
	}

	// --- code

	/**
	 * The page that holds the code at a linear address.
	 *
	 * @throws Fault where it may not be executed
	 */
	CodePage codePage(long linear) {
		int slot = (int) (linear >>> 12) & CODE_ENTRIES - 1;
		if (codeTag[slot] == (linear & -4096 | (user() ? 2 : 0)))
			return codePages[slot];
		return findCode(linear, slot);
	}

	private CodePage findCode(long linear, int slot) {
		long physical = walk(linear, CODE, false);
		boolean stays = global;
		noteLarge(linear);
		int number = (int) (linear >>> 12) & CODE_SEEN - 1;
		codeSeen[number >> 6] |= 1L << number;
		CodePage page = machine.code.obtain(physical);
		codeTag[slot] = linear & -4096 | (user() ? 2 : 0);
		codePages[slot] = page;
		codeGlobal[slot] = stays;
		return page;
	}

	/** Whether that page is known to be there, for code that is executed now, without a look at page tables. */
	boolean knows(long linear, CodePage page) {
		int slot = (int) (linear >>> 12) & CODE_ENTRIES - 1;
		return codeTag[slot] == (linear & -4096 | (user() ? 2 : 0)) && codePages[slot] == page;
	}

	/** Whether that page is there, for code that is executed now. */
	boolean maps(long linear, CodePage page) {
		try {
			return codePage(linear) == page;
		} catch (Fault fault) {
			return false;
		}
	}
}
