package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.device.DriveRequest.Op;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/** The raw format, but that it first does what the test says. */
class ScriptedFormat implements DiskFormat {

	/** What happens before an operation. */
	interface Script {
		void before(Op op, long offset) throws Exception;
	}

	volatile Script script = (op, offset) -> {};
	volatile Script opening = (op, offset) -> {};
	volatile Script closing = (op, offset) -> {};
	final AtomicInteger open = new AtomicInteger();
	final AtomicInteger calls = new AtomicInteger();
	final AtomicInteger afterClose = new AtomicInteger();

	@Override
	public boolean recognises(Storage image) {
		return true;
	}

	@Override
	public VirtualDisk open(Storage image) throws DiskException {
		play(opening, null, 0);
		long size = image.length();
		open.incrementAndGet();
		return new Disk(image, size);
	}

	private static void play(Script script, Op op, long offset) throws DiskException {
		try {
			script.before(op, offset);
		} catch (DiskException | RuntimeException e) {
			throw e;
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
	}

	private final class Disk implements VirtualDisk, Discardable {
		private final Storage image;
		private final long size;
		private volatile boolean closed;

		Disk(Storage image, long size) {
			this.image = image;
			this.size = size;
		}

		private void before(Op op, long offset) throws DiskException {
			calls.incrementAndGet();
			if (closed)
				afterClose.incrementAndGet();
			play(script, op, offset);
		}

		@Override
		public long size() {
			return size;
		}

		@Override
		public void read(long offset, ByteBuffer target) throws DiskException {
			before(Op.READ, offset);
			image.read(offset, target);
		}

		@Override
		public void write(long offset, ByteBuffer source) throws DiskException {
			before(Op.WRITE, offset);
			image.write(offset, source);
		}

		@Override
		public void flush() throws DiskException {
			before(Op.FLUSH, 0);
			image.flush();
		}

		@Override
		public void discard(long offset, long length) throws DiskException {
			before(Op.DISCARD, offset);
			image.zero(offset, length, false);
		}

		@Override
		public void close() throws DiskException {
			play(closing, null, 0);
			if (!closed)
				open.decrementAndGet();
			closed = true;
			image.close();
		}
	}
}
