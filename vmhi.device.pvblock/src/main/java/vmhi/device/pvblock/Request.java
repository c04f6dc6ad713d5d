package vmhi.device.pvblock;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.device.DriveRequest;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;
import vmhi.api.vdisk.DiskException;

/**
 * A request on its way to the drive and back, used again and again. While it is under way it belongs to the drive;
 * before and after, to whom {@link BlockDevice} gives it.
 */
final class Request extends DriveRequest {
	private static final long GIB = 1L << 30;

	private final BlockDevice device;
	private final List<ByteBuffer> data = new ArrayList<>();
	private int start; // of the ring, to which it belongs
	private long entry;
	private long dataGpa;

	Request(BlockDevice device) {
		this.device = device;
	}

	/** @param entryGpa where its status goes */
	void begin(int ofStart, long entryGpa) {
		start = ofStart;
		entry = entryGpa;
	}

	int start() {
		return start;
	}

	long entry() {
		return entry;
	}

	/** Asks for something without data. */
	void plain(Op op, long offset, long length) {
		ask(op, offset, length, List.of());
	}

	/**
	 * Asks for data to go straight from the drive to RAM or back.
	 *
	 * @return {@code false} if it is not all RAM
	 */
	boolean moving(Op op, long offset, long length, GuestMemory memory, long gpa) {
		data.clear();
		if (!memory.contains(gpa, length))
			return false;
		for (long at = gpa, end = gpa + length; at < end;) {
			int some = (int) (Math.min(end, border(memory, at)) - at);
			ByteBuffer piece = memory.slice(at, some);
			if (piece == null)
				return false;
			data.add(piece);
			at += some;
		}
		dataGpa = gpa;
		ask(op, offset, length, data);
		return true;
	}

	/** The next place where RAM may not be in one piece on the host; see {@link GuestMemory#slice}. */
	private static long border(GuestMemory memory, long gpa) {
		for (MemoryRegion region : memory.regions())
			if (region.contains(gpa, 1))
				return Math.min(region.end(), (gpa & -GIB) + GIB);
		return gpa;
	}

	@Override
	protected void done(DiskException error) {
		device.ended(this, error);
	}

	/** Notes that RAM was written, even if it was not all of it. */
	void markWritten(GuestMemory memory) {
		if (op() == Op.READ)
			memory.markDirty(dataGpa, length());
	}

	/** Lets go of RAM. */
	void forget() {
		data.clear();
	}
}
