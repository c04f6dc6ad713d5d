package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.List;

import vmhi.api.device.DriveRequest;
import vmhi.api.device.DriveRequest.Op;

/**
 * One attempt to carry out a request. What the request asks for is kept here, since its owner may use it again as soon as
 * it is answered.
 * <p>
 * Guarded by its drive's lock, except what is final, and {@link #calledAt}, which its thread writes and the watch reads.
 */
final class DriveTask {
	final DriveRequest request;
	final Op op;
	final long offset;
	final long length;
	final List<ByteBuffer> buffers;

	/** When the call into the plug-in that it is in began. */
	volatile long calledAt;

	// of the queue
	DriveTask before;
	DriveTask after;
	int blockers; // tasks before it that it must not overtake

	// while it runs
	DiskThreads.Worker worker;
	boolean interrupted;
	long interruptedAt;
	int hangs; // times that it was ended by an interrupt

	/** Nobody waits for it any more: it is tried again as another task, or was answered. */
	boolean abandoned;

	DriveTask(DriveRequest request) {
		this(request, request.op(), request.op() == Op.FLUSH ? 0 : request.offset(),
				request.op() == Op.FLUSH ? 0 : request.length(), request.buffers());
	}

	private DriveTask(DriveRequest request, Op op, long offset, long length, List<ByteBuffer> buffers) {
		this.request = request;
		this.op = op;
		this.offset = offset;
		this.length = length;
		this.buffers = buffers;
	}

	/** The same once more, from its beginning. */
	DriveTask anew() {
		return new DriveTask(request, op, offset, length, buffers);
	}

	boolean writes() {
		return op == Op.WRITE || op == Op.DISCARD || op == Op.WRITE_ZEROES;
	}

	/** Whether the order of the two matters: they touch the same bytes and one of them writes. */
	boolean conflicts(DriveTask other) {
		return offset < other.offset + other.length && other.offset < offset + length && (writes() || other.writes());
	}
}
