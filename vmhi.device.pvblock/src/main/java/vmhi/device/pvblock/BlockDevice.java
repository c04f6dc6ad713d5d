package vmhi.device.pvblock;

import static vmhi.api.device.DeviceException.Kind.HOST;
import static vmhi.api.device.DeviceException.Kind.STATE;

import java.util.ArrayDeque;
import java.util.Map;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest.Op;
import vmhi.api.device.InterruptLine;
import vmhi.api.device.IoHandler;
import vmhi.api.device.Stateful;
import vmhi.api.vdisk.DiskException;

/**
 * The disk of the package description.
 * <p>
 * vCPUs write registers, the worker takes requests off the ring, the drive ends them on threads of its own. What they
 * share is guarded by this object's lock, which nobody holds for longer than a few stores; the drive is called without
 * it. {@link #entry} is the worker's own.
 */
final class BlockDevice implements Device, Stateful, IoHandler {
	static final String KIND = "pvblock";
	static final long PAGE = 4096;

	private static final int MAGIC = 0x4b4c4256;
	private static final int VERSION = 1;
	private static final int MOST_ENTRIES = 256;
	private static final int UNDER_WAY = -1; // a status that no guest sees

	private final String driveName;
	private final long address;
	private final int irq;
	private final Entry entry = new Entry();
	private final ArrayDeque<Request> spare = new ArrayDeque<>();
	private final Runnable fetching = this::fetch;
	private Board board;
	private Drive drive;
	private InterruptLine line;

	private long ring;
	private int entries;
	private boolean running;
	private boolean broken;
	private boolean reported; // that it broke; told once, since a guest can do it all day
	private int available;
	private int fetched;
	private int completed;
	private boolean interruptStatus;
	private boolean interruptEnabled;
	private boolean scheduled; // the worker is about to fetch
	private int start; // counts the starts of the ring, to tell requests of an earlier one
	private int current; // requests under way
	private int stale; // and those of earlier starts; until they have ended, no further one is taken

	BlockDevice(String driveName, long address, int irq) {
		this.driveName = driveName;
		this.address = address;
		this.irq = irq;
	}

	@Override
	public void attach(Board newBoard) throws DeviceException {
		board = newBoard;
		drive = board.drive(driveName);
		line = board.interrupt(irq);
		board.claimMmio(address, PAGE, this);
	}

	@Override
	public synchronized long read(VcpuContext vcpu, long offset, int size) {
		int shift = (int) (offset & 7) * 8;
		long value = registers(offset & -8) >>> shift;
		if (shift + size * 8 > Long.SIZE)
			value |= registers((offset & -8) + 8) << Long.SIZE - shift;
		return value;
	}

	/** The 8 bytes of registers from here on. */
	private long registers(long offset) {
		return switch ((int) offset) {
			case 0x00 -> pair(MAGIC, VERSION);
			case 0x08 -> drive.size();
			case 0x10 -> pair(drive.blockSize(), features());
			case 0x18 -> ring;
			case 0x20 -> pair(entries, available);
			case 0x28 -> pair(completed, interruptStatus ? 1 : 0);
			case 0x30 -> pair(interruptEnabled ? 1 : 0, status());
			default -> 0;
		};
	}

	private static long pair(int low, int high) {
		return Integer.toUnsignedLong(low) | (long) high << 32;
	}

	private int features() {
		if (drive.readOnly())
			return 1 << 0 | 1 << 1;
		return 1 << 1 | (drive.discards() ? 1 << 2 : 0) | 1 << 3;
	}

	private int status() {
		boolean ready = running || current + stale > 0;
		return (ready ? 1 << 0 : 0) | (broken ? 1 << 1 : 0);
	}

	@Override
	public synchronized void write(VcpuContext vcpu, long offset, int size, long value) {
		if (size == 8 && offset == 0x18)
			startRing(value);
		if (size != 4)
			return;
		switch ((int) offset) {
			case 0x18 -> ring = ring & -1L << 32 | value;
			case 0x1c -> startRing(ring & 0xffff_ffffL | value << 32);
			case 0x20 -> {
				if (!running)
					entries = (int) value;
			}
			case 0x24 -> makeAvailable((int) value);
			case 0x2c -> interrupt(interruptStatus && (value & 1) == 0, interruptEnabled);
			case 0x30 -> interrupt(interruptStatus, (value & 1) != 0);
			default -> {
				// read-only, or not there
			}
		}
	}

	private void startRing(long gpa) {
		start++;
		stale += current;
		current = 0;
		available = fetched = completed = 0;
		broken = false;
		interrupt(false, interruptEnabled);
		ring = gpa;
		running = gpa != 0 && ringFits();
		if (gpa != 0 && !running)
			breakDown("ring of %d entries at %#x", entries, gpa);
	}

	private boolean ringFits() {
		return entries > 0 && entries <= MOST_ENTRIES && Integer.bitCount(entries) == 1
				&& ring % Entry.SIZE == 0 && board.memory().contains(ring, (long) entries * Entry.SIZE);
	}

	private void makeAvailable(int count) {
		int ahead = count - available;
		if (!running || ahead <= 0 && ahead >= -entries) // an old count that another vCPU has overtaken
			return;
		if (Integer.compareUnsigned(count - completed, entries) > 0) {
			breakDown("%d requests available, %d completed", count, Integer.toUnsignedLong(completed));
			return;
		}
		available = count;
		schedule();
	}

	/** @param why takes an int, which is unsigned, and another number */
	private void breakDown(String why, int number, long other) {
		broken = true;
		running = false;
		if (!reported)
			board.report("broken", Map.of("drive", driveName, "reason",
					why.formatted(Integer.toUnsignedLong(number), other)));
		reported = true;
	}

	private void interrupt(boolean status, boolean enabled) {
		boolean was = interruptStatus && interruptEnabled;
		interruptStatus = status;
		interruptEnabled = enabled;
		if (was != (status && enabled))
			line.set(!was);
	}

	private void schedule() {
		if (!scheduled)
			board.work(fetching);
		scheduled = true;
	}

	/** On the worker. */
	private void fetch() {
		for (Request request = next(); request != null; request = next()) {
			int status = prepare(request);
			if (status == UNDER_WAY)
				drive.submit(request);
			else
				finish(request, status);
		}
	}

	/** The next request that is to be carried out, or {@code null}. */
	private synchronized Request next() {
		scheduled = false;
		if (!running || stale > 0 || fetched == available)
			return null;
		Request request = spare.isEmpty() ? new Request(this) : spare.pop();
		request.begin(start, ring + (long) (fetched++ & entries - 1) * Entry.SIZE);
		current++;
		return request;
	}

	/** Makes what the guest asks for a request to the drive. A status other than {@link #UNDER_WAY} is the answer. */
	private int prepare(Request request) {
		if (!entry.copy(board.memory(), request.entry()) || entry.flags() != 0)
			return Entry.INVALID;
		if (entry.op() == Entry.FLUSH) {
			request.plain(Op.FLUSH, 0, 0);
			return UNDER_WAY;
		}
		if (entry.op() > Entry.WRITE_ZEROES || entry.op() == Entry.DISCARD && !drive.discards())
			return Entry.UNSUPPORTED;
		if (entry.op() != Entry.READ && drive.readOnly())
			return Entry.READ_ONLY;
		long offset = entry.offset();
		long length = entry.length();
		if (length == 0 || (offset | length) % drive.blockSize() != 0 || offset < 0 || offset > drive.size() - length)
			return Entry.INVALID;
		switch (entry.op()) {
			case Entry.DISCARD -> request.plain(Op.DISCARD, offset, length);
			case Entry.WRITE_ZEROES -> request.plain(Op.WRITE_ZEROES, offset, length);
			default -> {
				Op op = entry.op() == Entry.READ ? Op.READ : Op.WRITE;
				if (!request.moving(op, offset, length, board.memory(), entry.data()))
					return Entry.INVALID;
			}
		}
		return UNDER_WAY;
	}

	/** On a thread of the drive's. */
	void ended(Request request, DiskException error) {
		request.markWritten(board.memory());
		finish(request, error == null ? Entry.DONE : switch (error.kind()) {
			case READ_ONLY -> Entry.READ_ONLY;
			case UNSUPPORTED -> Entry.UNSUPPORTED;
			default -> Entry.IO_ERROR;
		});
	}

	private synchronized void finish(Request request, int status) {
		if (request.start() == start) {
			board.memory().putIntRelease(request.entry() + Entry.STATUS, status);
			completed++;
			current--;
			interrupt(true, interruptEnabled);
		} else if (--stale == 0 && fetched != available) {
			schedule();
		}
		request.forget();
		spare.push(request);
		if (current + stale == 0)
			notifyAll();
	}

	@Override
	public synchronized void reset() {
		startRing(0);
		entries = 0;
		interrupt(false, false);
		reported = false;
		try {
			while (stale > 0)
				wait();
		} catch (InterruptedException e) {
			// they still end as those of an earlier ring
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public synchronized DeviceState save() throws DeviceException {
		try {
			while (current + stale > 0)
				wait();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new DeviceException(HOST, "drive %s: %d requests under way".formatted(driveName, current + stale), e);
		}
		return new DeviceState(KIND, 1, Map.of(
				"ring", ring,
				"entries", Integer.toUnsignedLong(entries),
				"running", running,
				"broken", broken,
				"available", Integer.toUnsignedLong(available),
				"completed", Integer.toUnsignedLong(completed),
				"interruptStatus", interruptStatus,
				"interruptEnabled", interruptEnabled));
	}

	@Override
	public synchronized void restore(DeviceState state) throws DeviceException {
		if (!state.kind().equals(KIND))
			throw new DeviceException(STATE, "the state is of kind " + state.kind() + ", not " + KIND);
		ring = state.number("ring", 0);
		entries = (int) state.number("entries", 0);
		running = state.flag("running", false);
		broken = state.flag("broken", false);
		available = (int) state.number("available", 0);
		completed = (int) state.number("completed", 0);
		if (running && (!ringFits() || Integer.compareUnsigned(available - completed, entries) > 0))
			throw new DeviceException(STATE,
					"drive %s: no ring of %d entries at %#x, %d of %d requests completed".formatted(driveName, entries,
							ring,
							completed, available));
		fetched = completed;
		interrupt(state.flag("interruptStatus", false), state.flag("interruptEnabled", false));
		if (running && fetched != available)
			schedule();
	}

	@Override
	public synchronized void close() {
		if (line == null)
			return;
		running = false;
		interrupt(interruptStatus, false);
	}
}
