package vmhi.device.pvblock;

import java.util.Map;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;
import vmhi.tck.device.TestDisk;
import vmhi.tck.device.TestDrive;
import vmhi.tck.memory.TestMemory;

/** A driver in a guest: offsets and numbers are those of the package description. */
final class Driver {
	static final int IRQ = 10;
	static final int READ = 0, WRITE = 1, FLUSH = 2, DISCARD = 3, WRITE_ZEROES = 4;
	static final int DONE = 0, IO_ERROR = 1, INVALID = 2, READ_ONLY = 3, UNSUPPORTED = 4, PENDING = -1;
	static final int READY = 1, BROKEN = 2;
	static final int CAPACITY = 0x08, BLOCK = 0x10, FEATURES = 0x14, RING = 0x18, ENTRIES = 0x20, DOORBELL = 0x24,
			COMPLETED = 0x28, INTERRUPT = 0x2c, ENABLE = 0x30, STATUS = 0x34;

	/** Where the ring is, unless a test puts it elsewhere, and how many entries it has. */
	static final long HOME = 0x4000;
	static final int SIZE = 8;
	/** RAM for data. */
	static final long DATA = 0x1_0000;
	/** Where two regions of RAM touch: there is no slice across this. */
	static final int BORDER = 1 << 19;

	private static final long BASE = 0xd000_0000L;

	final TestDisk disk;
	final TestBoard board;
	final TestMemory memory;
	final TestDrive drive;
	final Device device;
	/** How many requests were filled in since the ring was started. */
	int made;

	/** On a board of its own. */
	Driver() throws DeviceException {
		this(new TestMemory(new TestMemory.Range(0, BORDER), new TestMemory.Range(BORDER, BORDER)),
				new TestDisk(1 << 20), false);
		start(SIZE, HOME);
	}

	/** On a further board with this RAM and disk; the ring is not started. */
	Driver(TestMemory memory, TestDisk disk, boolean readOnly) throws DeviceException {
		this.memory = memory;
		this.disk = disk;
		board = new TestBoard(memory);
		drive = board.addDrive("disk0", disk, readOnly);
		device = new BlockFactory().create(new MapSettings("disk0", Map.of()));
		device.attach(board);
	}

	void start(int entries, long address) {
		board.store(BASE + RING, 8, 0);
		out(ENTRIES, entries);
		board.store(BASE + RING, 8, address);
		made = 0;
	}

	/** Fills an entry of the ring that runs. */
	void fill(int number, int op, long offset, long length, long data) {
		long entry = entry(number);
		memory.putInt(entry, op);
		memory.putInt(entry + 4, (int) length);
		memory.putLong(entry + 8, offset);
		memory.putLong(entry + 16, data);
		memory.putLong(entry + 24, number);
		memory.putInt(entry + 32, PENDING);
	}

	/** Fills the next entry and tells the device. */
	void make(int op, long offset, long length, long data) {
		fill(made++, op, offset, length, data);
		ring(made);
	}

	/** Has something done. Returns its status. */
	int carryOut(int op, long offset, long length, long data) {
		make(op, offset, length, data);
		board.run();
		return status(made - 1);
	}

	void ring(int count) {
		out(DOORBELL, count);
	}

	int status(int number) {
		return memory.getInt(entry(number) + 32);
	}

	long entry(int number) {
		return wide(RING) + (number & in(ENTRIES) - 1) * 64L;
	}

	int in(int register) {
		return (int) read(register, 4);
	}

	long wide(int register) {
		return read(register, 8);
	}

	long read(int offset, int size) {
		return board.load(BASE + offset, size);
	}

	void out(int register, int value) {
		write(register, 4, value);
	}

	void write(int offset, int size, long value) {
		board.store(BASE + offset, size, value);
	}
}
