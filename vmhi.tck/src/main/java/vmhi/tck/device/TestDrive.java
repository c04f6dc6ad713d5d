package vmhi.tck.device;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import vmhi.api.device.Drive;
import vmhi.api.device.DriveRequest;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;

/**
 * A drive on a disk. Requests wait until the test has them carried out, in its order: by {@link TestBoard#run}, or one
 * by one. For any thread.
 */
public final class TestDrive implements Drive {
	private final String name;
	private final VirtualDisk disk;
	private final boolean readOnly;
	private final ArrayDeque<DriveRequest> waiting = new ArrayDeque<>();
	private final Consumer<Runnable> worker;
	private volatile int blockSize = 512;
	private volatile boolean held;
	private volatile DiskException failure;
	private volatile Runnable resized;

	TestDrive(String name, VirtualDisk disk, boolean readOnly, Consumer<Runnable> worker) {
		this.name = name;
		this.disk = disk;
		this.readOnly = readOnly;
		this.worker = worker;
	}

	/** Sets the logical block size: 512, as it is at first, or 4096. */
	public TestDrive blockSize(int bytes) {
		blockSize = bytes;
		return this;
	}

	/** Whether {@link TestBoard#run} leaves the requests waiting. */
	public void hold(boolean hold) {
		held = hold;
	}

	/** Makes every request fail like this, until it is told {@code null}. */
	public void fail(DiskException how) {
		failure = how;
	}

	/** The requests that wait, the oldest first. */
	public synchronized List<DriveRequest> waiting() {
		return new ArrayList<>(waiting);
	}

	/** Carries out one of the requests that wait. */
	public void carryOut(DriveRequest request) {
		synchronized (this) {
			if (!waiting.remove(request))
				throw new IllegalArgumentException("does not wait: " + request);
		}
		end(request);
	}

	/** Tells the device that the size of the disk changed. */
	public void resized() {
		Runnable told = resized;
		if (told != null)
			worker.accept(told);
	}

	/** Whether a device listens for resizing. */
	public boolean listenedTo() {
		return resized != null;
	}

	/** Makes the disk hold what it does there; both have the same size. */
	void copyFrom(TestDrive other) throws DiskException {
		ByteBuffer piece = ByteBuffer.allocate(1 << 16);
		for (long offset = 0; offset < disk.size(); offset += piece.limit()) {
			piece.clear().limit((int) Math.min(piece.capacity(), disk.size() - offset));
			other.disk.read(offset, piece);
			disk.write(offset, piece.flip());
		}
	}

	/** Carries out the oldest request, unless they are held. */
	boolean step() {
		DriveRequest request;
		synchronized (this) {
			request = held ? null : waiting.poll();
		}
		if (request == null)
			return false;
		end(request);
		return true;
	}

	private void end(DriveRequest request) {
		DiskException error = failure;
		if (error == null)
			try {
				perform(request);
			} catch (DiskException e) {
				error = e;
			}
		request.complete(error);
	}

	private void perform(DriveRequest request) throws DiskException {
		long offset = request.offset();
		long length = request.length();
		if (offset < 0 || length < 0 || length > disk.size() - offset)
			throw new DiskException(Kind.IO, "%s: %d+%d of %d".formatted(name, offset, length, disk.size()));
		if (readOnly && request.op() != DriveRequest.Op.READ && request.op() != DriveRequest.Op.FLUSH)
			throw new DiskException(Kind.READ_ONLY, name + " is read-only");
		long inBuffers = request.buffers().stream().mapToLong(ByteBuffer::remaining).sum();
		boolean moves = request.op() == DriveRequest.Op.READ || request.op() == DriveRequest.Op.WRITE;
		if (inBuffers != (moves ? length : 0))
			throw new IllegalArgumentException(
					"%d bytes in buffers of %s of %d".formatted(inBuffers, request.op(), length));

		switch (request.op()) {
			case READ -> {
				for (ByteBuffer buffer : request.buffers()) {
					int some = buffer.remaining();
					disk.read(offset, buffer);
					offset += some;
				}
			}
			case WRITE -> {
				for (ByteBuffer buffer : request.buffers()) {
					int some = buffer.remaining();
					disk.write(offset, buffer);
					offset += some;
				}
			}
			case FLUSH -> disk.flush();
			case DISCARD -> {
				if (disk instanceof Discardable discardable)
					discardable.discard(offset, length);
			}
			case WRITE_ZEROES -> {
				if (disk instanceof ZeroWritable zeroes)
					zeroes.writeZeroes(offset, length, false);
				else
					disk.write(offset, ByteBuffer.allocate(Math.toIntExact(length)));
			}
		}
	}

	@Override
	public String name() {
		return name;
	}

	@Override
	public long size() {
		return disk.size();
	}

	@Override
	public int blockSize() {
		return blockSize;
	}

	@Override
	public boolean readOnly() {
		return readOnly;
	}

	@Override
	public boolean discards() {
		return disk instanceof Discardable;
	}

	@Override
	public synchronized void submit(DriveRequest request) {
		waiting.add(request);
	}

	@Override
	public void onResize(Runnable listener) {
		resized = listener;
	}
}
