package vmhi.api.device;

import java.nio.ByteBuffer;
import java.util.List;

import org.osgi.annotation.versioning.ConsumerType;

import vmhi.api.vdisk.DiskException;

/**
 * A request to a {@link Drive}. A device extends it by what it has to remember, and may use an object again once it is
 * {@linkplain #done done}.
 */
@ConsumerType
public abstract class DriveRequest {

	/** What to do. */
	public enum Op {
		/** Fill the buffers. */
		READ,
		/** Write what is in the buffers. */
		WRITE,
		/** Make lasting what was written. */
		FLUSH,
		/** Make the range read as zeros and free its space where possible. */
		DISCARD,
		/** Make the range read as zeros, space being kept. */
		WRITE_ZEROES
	}

	private Op op = Op.FLUSH;
	private long offset;
	private long length;
	private List<ByteBuffer> buffers = List.of();

	/**
	 * Says what to do.
	 *
	 * @param offset in bytes; 0 for a flush
	 * @param length in bytes; 0 for a flush. A range that is not within the drive is refused by it.
	 * @param buffers together {@code length} bytes from position to limit for reads and writes, empty for the others.
	 *        They may be {@linkplain vmhi.api.memory.GuestMemory#slice slices} of guest RAM. The drive has them until the
	 *        request is done.
	 */
	protected final void ask(Op op, long offset, long length, List<ByteBuffer> buffers) {
		this.op = op;
		this.offset = offset;
		this.length = length;
		this.buffers = buffers;
	}

	/** What to do. */
	public final Op op() {
		return op;
	}

	/** Where on the drive, in bytes. */
	public final long offset() {
		return offset;
	}

	/** How much, in bytes. */
	public final long length() {
		return length;
	}

	/** From where or to where. */
	public final List<ByteBuffer> buffers() {
		return buffers;
	}

	/**
	 * Is called once, on a thread of the core's, when the request has ended. Brief.
	 *
	 * @param error {@code null} if all of it was done
	 */
	protected abstract void done(DiskException error);

	/** The drive's way to end the request. */
	public final void complete(DiskException error) {
		done(error);
	}
}
