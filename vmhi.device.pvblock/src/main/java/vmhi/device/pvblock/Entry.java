package vmhi.device.pvblock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import vmhi.api.memory.GuestMemory;

/**
 * A private copy of a ring entry: the guest may change its own while the request is looked at. Fields are those of the
 * package description. Belongs to the device's worker.
 */
final class Entry {
	static final int SIZE = 64;

	// offsets in the entry
	static final int STATUS = 32; // u32
	private static final int OP = 0; // u8
	private static final int FLAGS = 2; // u16
	private static final int LENGTH = 4; // u32
	private static final int OFFSET = 8; // u64
	private static final int DATA = 16; // u64

	// values of OP
	static final int READ = 0;
	static final int WRITE = 1;
	static final int FLUSH = 2;
	static final int DISCARD = 3;
	static final int WRITE_ZEROES = 4;

	// values of STATUS
	static final int DONE = 0;
	static final int IO_ERROR = 1;
	static final int INVALID = 2;
	static final int READ_ONLY = 3;
	static final int UNSUPPORTED = 4;

	private final ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);

	/** Copies the entry, all at once. {@code false} if it is not in RAM. */
	boolean copy(GuestMemory memory, long gpa) {
		return memory.read(gpa, bytes.clear());
	}

	int op() {
		return bytes.get(OP) & 0xff;
	}

	int flags() {
		return bytes.getShort(FLAGS) & 0xffff;
	}

	long length() {
		return Integer.toUnsignedLong(bytes.getInt(LENGTH));
	}

	/** Unsigned. */
	long offset() {
		return bytes.getLong(OFFSET);
	}

	long data() {
		return bytes.getLong(DATA);
	}
}
