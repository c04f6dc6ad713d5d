package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.memory.DirtyTracker.PageVisitor;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;

/**
 * Guest RAM as KVM maps it, a slot for each region, and KVM's log of the pages that the guest writes.
 * <p>
 * The log is read and cleared in one step. KVM could also be had to clear it page by page
 * (KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2), which spreads the cost of protecting large memory again; it would also give a
 * first answer with pages nobody wrote.
 * <p>
 * Belongs to one thread at a time.
 */
final class KvmMemory {
	// struct kvm_userspace_memory_region
	static final int SLOT = 0; // u32
	static final int FLAGS = 4; // u32
	static final int GUEST_PHYS_ADDR = 8; // u64
	static final int MEMORY_SIZE = 16; // u64
	static final int USERSPACE_ADDR = 24; // u64
	static final int REGION_SIZE = 32;

	// struct kvm_dirty_log
	static final int DIRTY_SLOT = 0; // u32
	static final int DIRTY_BITMAP = 8; // pointer
	static final int DIRTY_LOG_SIZE = 16;

	static final int LOG_DIRTY_PAGES = 1; // a flag of a slot

	private final KvmFd vm;
	private final List<MemoryRegion> regions;

	/** The bits of each region, while they are logged; else empty. */
	private final List<ByteBuffer> bitmaps = new ArrayList<>();

	KvmMemory(KvmFd vm, List<MemoryRegion> regions) throws CpuException {
		int slots = vm.extension(KvmCap.NR_MEMSLOTS);
		if (regions.size() > slots)
			throw new CpuException(Kind.UNSUPPORTED,
					"RAM has %d regions, KVM takes %d".formatted(regions.size(), slots));
		this.vm = vm;
		this.regions = List.copyOf(regions);
		map(0);
	}

	void trackDirty(boolean on) {
		try {
			map(on ? LOG_DIRTY_PAGES : 0);
		} catch (CpuException e) {
			throw new IllegalStateException("dirty pages can't be logged: " + e.getMessage(), e);
		}
		bitmaps.clear();
		if (on)
			for (MemoryRegion region : regions)
				bitmaps.add(Kvm.buffer(Math.toIntExact(words(region) * Long.BYTES)));
	}

	void collectDirty(PageVisitor visitor) {
		for (int slot = 0; slot < bitmaps.size(); slot++) {
			ByteBuffer bits = bitmaps.get(slot);
			ByteBuffer log = Kvm.buffer(DIRTY_LOG_SIZE).putInt(DIRTY_SLOT, slot);
			log.putLong(DIRTY_BITMAP, Kvm.address(bits));
			try {
				vm.call(KvmRequest.GET_DIRTY_LOG, log);
			} catch (CpuException e) {
				throw new IllegalStateException("dirty pages are lost: " + e.getMessage(), e);
			}
			visit(regions.get(slot), bits, visitor);
		}
	}

	/** Hands over the runs of ones. */
	static void visit(MemoryRegion region, ByteBuffer bits, PageVisitor visitor) {
		long pages = region.size() / GuestMemory.PAGE_SIZE;
		long start = -1;
		for (long page = 0; page < pages; page++) {
			long word = bits.getLong((int) (page / Long.SIZE) * Long.BYTES);
			if (word == 0 && start < 0) {
				page |= Long.SIZE - 1; // the usual case: nothing here
				continue;
			}
			boolean dirty = (word >>> page & 1) != 0;
			if (dirty && start < 0)
				start = page;
			if (!dirty && start >= 0) {
				run(region, start, page, visitor);
				start = -1;
			}
		}
		if (start >= 0)
			run(region, start, pages, visitor);
	}

	private static void run(MemoryRegion region, long from, long to, PageVisitor visitor) {
		visitor.dirty(region.gpa() + from * GuestMemory.PAGE_SIZE, (to - from) * GuestMemory.PAGE_SIZE);
	}

	private static long words(MemoryRegion region) {
		return (region.size() / GuestMemory.PAGE_SIZE + Long.SIZE - 1) / Long.SIZE;
	}

	private void map(int flags) throws CpuException {
		for (int slot = 0; slot < regions.size(); slot++)
			map(vm, slot, regions.get(slot), flags);
	}

	static void map(KvmFd vm, int slot, MemoryRegion region, int flags) throws CpuException {
		vm.call(KvmRequest.SET_USER_MEMORY_REGION, Kvm.buffer(REGION_SIZE).putInt(SLOT, slot).putInt(FLAGS, flags)
				.putLong(GUEST_PHYS_ADDR, region.gpa()).putLong(MEMORY_SIZE, region.size())
				.putLong(USERSPACE_ADDR, region.hostAddress()));
	}
}
