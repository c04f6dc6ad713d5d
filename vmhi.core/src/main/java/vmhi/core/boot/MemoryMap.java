package vmhi.core.boot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import vmhi.api.device.BootMap;
import vmhi.api.device.DeviceException;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;

/** The memory map that the guest is given (e820): RAM, less what devices keep. Belongs to the thread that boots. */
public final class MemoryMap implements BootMap {
	/** Type of a range that is free for the guest. */
	static final int RAM = 1;
	private static final int RESERVED = 2;

	/** A range of the map. */
	record Range(long gpa, long length, int type) {
		long end() {
			return gpa + length;
		}

		boolean overlaps(long start, long end) {
			return gpa < end && start < end();
		}
	}

	/** The PC's low hole. Devices may keep parts of it for themselves. */
	private static final Range HOLE = new Range(BootLayout.LOW_END, BootLayout.HIGH_START - BootLayout.LOW_END,
			RESERVED);

	private final GuestMemory memory;
	private final List<Range> kept = new ArrayList<>();
	/** What the kernel takes: free memory to the guest, but not to what is placed beside it. */
	private final List<Range> taken = new ArrayList<>();
	private long acpiRootPointer;

	/** All of RAM is free, but for the PC's low hole. */
	public MemoryMap(GuestMemory memory) {
		this.memory = memory;
		kept.add(HOLE);
	}

	@Override
	public void reserve(long gpa, long length, int type) throws DeviceException {
		if (length <= 0 || !memory.contains(gpa, length))
			throw new DeviceException(DeviceException.Kind.MISSING,
					"%#x bytes at %#x are not RAM".formatted(length, gpa));
		for (Range range : kept)
			if (range != HOLE && range.overlaps(gpa, gpa + length))
				throw new DeviceException(DeviceException.Kind.TAKEN, "%#x is kept already".formatted(range.gpa));
		kept.add(new Range(gpa, length, type));
	}

	@Override
	public long place(long length, long alignment, long below, int type) throws DeviceException {
		boolean sound = length > 0 && Long.bitCount(alignment) == 1;
		long gpa = sound ? free(length, alignment, below, BootLayout.HIGH_START) : -1;
		if (gpa < 0)
			throw new DeviceException(DeviceException.Kind.MISSING,
					"no room for %#x bytes below %#x".formatted(length, below));
		kept.add(new Range(gpa, length, type));
		return gpa;
	}

	/** The highest free place, or -1. {@code above} is the lowest address it may have. */
	long free(long length, long alignment, long below, long above) {
		long best = -1;
		for (MemoryRegion region : memory.regions()) {
			long at = Math.min(below, region.end()) - length & -alignment;
			for (boolean moved = true; moved;) {
				moved = false;
				for (Range range : concat(kept, taken))
					if (range.overlaps(at, at + length)) {
						at = range.gpa - length & -alignment;
						moved = true;
					}
			}
			if (at >= Math.max(region.gpa(), above) && at + length <= Math.min(below, region.end()))
				best = Math.max(best, at);
		}
		return best;
	}

	private static List<Range> concat(List<Range> some, List<Range> others) {
		List<Range> all = new ArrayList<>(some);
		all.addAll(others);
		return all;
	}

	/** Notes where the kernel is, so that nothing is placed over it. */
	void take(long gpa, long length) {
		taken.add(new Range(gpa, length, RAM));
	}

	/** Whether the range is RAM that nobody keeps. */
	boolean isFree(long gpa, long length) {
		return memory.contains(gpa, length) && kept.stream().noneMatch(range -> range.overlaps(gpa, gpa + length));
	}

	@Override
	public void acpiRootPointer(long gpa) {
		acpiRootPointer = gpa;
	}

	/** 0 if there is none. */
	long acpiRootPointer() {
		return acpiRootPointer;
	}

	/** The map as the guest gets it: ascending, without overlap. */
	List<Range> ranges() {
		List<Range> ranges = new ArrayList<>();
		List<Range> apart = apart();
		for (MemoryRegion region : memory.regions()) {
			long at = region.gpa();
			for (Range range : apart) {
				if (!range.overlaps(region.gpa(), region.end()))
					continue;
				if (range.gpa > at)
					ranges.add(new Range(at, range.gpa - at, RAM));
				ranges.add(range);
				at = Math.max(at, range.end());
			}
			if (at < region.end())
				ranges.add(new Range(at, region.end() - at, RAM));
		}
		return ranges;
	}

	/** What is kept, ascending and without overlap: of the hole, what devices did not keep of it. */
	private List<Range> apart() {
		List<Range> apart = new ArrayList<>(kept.subList(1, kept.size())); // the first is the hole
		apart.sort(Comparator.comparingLong(Range::gpa));
		List<Range> rest = new ArrayList<>();
		long at = HOLE.gpa;
		for (Range range : apart)
			if (range.overlaps(HOLE.gpa, HOLE.end())) {
				if (range.gpa > at)
					rest.add(new Range(at, range.gpa - at, RESERVED));
				at = Math.max(at, range.end());
			}
		if (at < HOLE.end())
			rest.add(new Range(at, HOLE.end() - at, RESERVED));
		apart.addAll(rest);
		apart.sort(Comparator.comparingLong(Range::gpa));
		return apart;
	}
}
