package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest;
import vmhi.api.vdisk.DiskException;

/** A request that a test waits for. */
final class TestRequest extends DriveRequest {
	private static final String OK = "ok";

	private final CompletableFuture<String> over = new CompletableFuture<>();
	private final ByteBuffer buffer;

	TestRequest(Op op, long offset, long length, ByteBuffer buffer) {
		this.buffer = buffer;
		ask(op, offset, length, buffer == null ? List.of() : List.of(buffer));
	}

	static TestRequest read(Drive drive, long offset, int length) {
		return new TestRequest(Op.READ, offset, length, ByteBuffer.allocateDirect(length)).submit(drive);
	}

	static TestRequest write(Drive drive, long offset, byte... bytes) {
		return new TestRequest(Op.WRITE, offset, bytes.length, ByteBuffer.wrap(bytes)).submit(drive);
	}

	static TestRequest op(Drive drive, Op op, long offset, long length) {
		return new TestRequest(op, offset, length, null).submit(drive);
	}

	private TestRequest submit(Drive drive) {
		drive.submit(this);
		return this;
	}

	@Override
	protected void done(DiskException error) {
		if (!over.complete(error == null ? OK : error.kind() + " " + error.getMessage()))
			throw new IllegalStateException("done twice");
	}

	boolean isDone() {
		return over.isDone();
	}

	/** {@code ok}, or kind and message of the error. */
	String result() throws Exception {
		return over.get(30, TimeUnit.SECONDS);
	}

	/** What was read. */
	byte[] bytes() {
		byte[] bytes = new byte[buffer.capacity()];
		buffer.get(0, bytes);
		return bytes;
	}
}
