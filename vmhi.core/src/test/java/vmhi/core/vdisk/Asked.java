package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest;
import vmhi.api.vdisk.DiskException;

/** A request of a test. */
class Asked extends DriveRequest {
	private final CountDownLatch done = new CountDownLatch(1);
	private int answers; // guarded by this
	private volatile DiskException error;

	private Asked(Op op, long offset, long length, List<ByteBuffer> buffers) {
		ask(op, offset, length, buffers);
	}

	static Asked read(long offset, ByteBuffer... buffers) {
		return new Asked(Op.READ, offset, length(buffers), List.of(buffers));
	}

	static Asked write(long offset, ByteBuffer... buffers) {
		return new Asked(Op.WRITE, offset, length(buffers), List.of(buffers));
	}

	static Asked write(long offset, byte[] bytes) {
		return write(offset, ByteBuffer.wrap(bytes));
	}

	static Asked range(Op op, long offset, long length) {
		return new Asked(op, offset, length, List.of());
	}

	static Asked flush() {
		return new Asked(Op.FLUSH, 0, 0, List.of());
	}

	private static long length(ByteBuffer[] buffers) {
		long length = 0;
		for (ByteBuffer buffer : buffers)
			length += buffer.remaining();
		return length;
	}

	Asked of(Drive drive) {
		drive.submit(this);
		return this;
	}

	@Override
	protected void done(DiskException how) {
		synchronized (this) {
			answers++;
		}
		error = how;
		done.countDown();
	}

	boolean isDone() {
		return done.getCount() == 0;
	}

	synchronized int answers() {
		return answers;
	}

	/** Waits for success. */
	void ok() throws Exception {
		assertTrue(done.await(20, TimeUnit.SECONDS), () -> op() + " is not done");
		if (error != null)
			throw error;
	}

	/** Waits for a failure. */
	DiskException failure() throws Exception {
		assertTrue(done.await(20, TimeUnit.SECONDS), () -> op() + " is not done");
		assertNotNull(error);
		return error;
	}

	/** What is on a drive. */
	static byte[] bytes(Drive drive, long offset, int length) throws Exception {
		byte[] bytes = new byte[length];
		read(offset, ByteBuffer.wrap(bytes)).of(drive).ok();
		return bytes;
	}
}
