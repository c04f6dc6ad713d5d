package vmhi.softcpu.core;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.MsrRange;
import vmhi.api.memory.DirtyTracker;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;

/**
 * What the vCPUs of one machine share: RAM, code, the clock, and the host. For any thread.
 * <p>
 * A vCPU is <em>inside</em> while it may write to RAM by its own translations, and outside while it waits for a lock or
 * calls the host. Whoever has to know that nobody writes to a page unseen has all vCPUs forget their translations for
 * writing, and waits until each has, or is outside: it then forgets before it is inside again.
 */
public final class Machine {
	/** Bytes of a page. */
	private static final long PAGE = 4096;

	public final CpuHost host;
	public final CodeCache code;
	public final Cpu[] cpus;
	private final GuestMemory memory; // keeps the RAM mapped for as long as this can be reached
	private final List<CpuidTable> cpuid;
	private final List<MsrRange> trapped;

	// the regions of RAM: first and last guest-physical address, address in the host, number of the first page
	private final long[] first, last, address;
	private final int[] number;
	private final int pages;

	/** Host nanoseconds of {@link System#nanoTime} when the guest's clock was 0. */
	private volatile long clockStart = System.nanoTime();
	/** A bit for each page written since, or {@code null} while nobody wants to know. */
	private volatile AtomicLongArray dirty;

	public Machine(CpuSetup setup, CpuHost host) {
		memory = setup.memory();
		this.host = host;
		cpuid = setup.cpuid();
		trapped = setup.trappedMsrs();
		List<MemoryRegion> regions = memory.regions();
		int count = regions.size();
		first = new long[count];
		last = new long[count];
		address = new long[count];
		number = new int[count];
		int total = 0;
		for (int i = 0; i < count; i++) {
			MemoryRegion region = regions.get(i);
			first[i] = region.gpa();
			last[i] = region.end() - 1;
			address[i] = region.hostAddress();
			number[i] = total;
			total = Math.addExact(total, Math.toIntExact(region.size() / PAGE));
		}
		pages = total;
		code = new CodeCache(this, total);
		cpus = new Cpu[setup.vcpus()];
		for (int i = 0; i < cpus.length; i++)
			cpus[i] = new Cpu(this, i);
		memory.addWriteListener(code);
	}

	/** Ends what works in the background. No vCPU runs, or will. */
	public void close() {
		memory.removeWriteListener(code);
		code.close();
	}

	/** RAM, for who reads it by GPA. */
	public GuestMemory memory() {
		return memory;
	}

	/** The CPUID table of a vCPU. */
	public CpuidTable cpuid(int index) {
		return cpuid.get(index);
	}

	/** Whether reads and writes of an MSR go to the host though it is known here. */
	public boolean trapped(int msr) {
		for (MsrRange range : trapped)
			if (range.contains(msr))
				return true;
		return false;
	}

	// --- RAM

	/** Address in the host of a guest-physical address; 0 if that is not RAM. */
	public long host(long gpa) {
		for (int i = 0; i < first.length; i++)
			if (gpa >= first[i] && gpa <= last[i])
				return address[i] + gpa - first[i];
		return 0;
	}

	/** Number of a page of RAM, counted through all regions; -1 if it is not RAM. */
	int page(long gpa) {
		for (int i = 0; i < first.length; i++)
			if (gpa >= first[i] && gpa <= last[i])
				return number[i] + (int) (gpa - first[i] >>> 12);
		return -1;
	}

	private long gpa(int page) {
		int i = number.length - 1;
		while (number[i] > page)
			i--;
		return first[i] + (long) (page - number[i]) * PAGE;
	}

	// --- the clock

	/** Guest nanoseconds, which are the counts of the time-stamp counter as well. */
	public long timeStamp() {
		return System.nanoTime() - clockStart;
	}

	/** Sets the clock. */
	public void timeStamp(long nanos) {
		clockStart = System.nanoTime() - nanos;
	}

	// --- who writes where

	/** A page is going to be written by translations that stay. */
	void writing(int page) {
		AtomicLongArray bits = dirty;
		if (bits == null)
			return;
		long bit = 1L << page;
		for (long word = bits.get(page >> 6); (word & bit) == 0; word = bits.get(page >> 6))
			if (bits.compareAndSet(page >> 6, word, word | bit))
				break;
	}

	/** Turns dirty tracking on or off. */
	public void trackDirty(boolean on) {
		dirty = on ? new AtomicLongArray((pages + 63) / 64) : null;
		forgetWrites(null);
	}

	/** Hands over the pages written, and forgets them. */
	public void collectDirty(DirtyTracker.PageVisitor visitor) {
		AtomicLongArray bits = dirty;
		if (bits == null)
			return;
		dirty = new AtomicLongArray(bits.length());
		forgetWrites(null); // what was written by older translations is in the old bits
		int run = -1;
		for (int page = 0; page <= pages; page++) {
			boolean set = page < pages && (bits.get(page >> 6) >>> page & 1) != 0;
			if (run >= 0 && (!set || gpa(page) != gpa(page - 1) + PAGE)) {
				visitor.dirty(gpa(run), (long) (page - run) * PAGE);
				run = -1;
			}
			if (set && run < 0)
				run = page;
		}
	}

	/**
	 * Has every vCPU forget its translations for writing, and waits until it has or is outside. This sets
	 * {@link Presence#forgetWrites} and then looks at {@link Presence#inside}; {@link Presence#enter} does it the other
	 * way round, so one of the two sees what the other has set.
	 *
	 * @param self the vCPU whose thread this is, which is outside; {@code null} for another thread
	 */
	void forgetWrites(Cpu self) {
		for (Cpu cpu : cpus)
			if (cpu != self) {
				cpu.presence.forgetWrites = true;
				cpu.attention = 1;
			}
		for (Cpu cpu : cpus)
			if (cpu != self)
				while (cpu.presence.forgetWrites && cpu.presence.inside)
					Thread.onSpinWait();
	}
}
