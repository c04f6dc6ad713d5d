package vmhi.core.vdisk;

import java.nio.ByteBuffer;

import vmhi.api.device.DriveRequest;
import vmhi.api.device.DriveRequest.Op;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;

/**
 * A request on its way. It may be carried out more than once, if a plug-in did not finish it: so the buffers' positions
 * stay as they are. Which thread is at it is guarded by this.
 */
final class DriveTask {
	private static final int CHUNK = 1 << 18;

	private final DriveRequest request;
	private Thread thread; // this and the next guarded by this
	private long began;

	DriveTask(DriveRequest request) {
		this.request = request;
	}

	DriveRequest request() {
		return request;
	}

	/** Whether the order of the two matters: one of them writes what the other touches. */
	boolean conflicts(DriveTask other) {
		DriveRequest a = request;
		DriveRequest b = other.request;
		boolean writes = writes(a.op()) || writes(b.op());
		return writes && a.offset() < b.offset() + b.length() && b.offset() < a.offset() + a.length();
	}

	private static boolean writes(Op op) {
		return op == Op.WRITE || op == Op.DISCARD || op == Op.WRITE_ZEROES;
	}

	/** The calling thread is at it from now on. */
	synchronized void begin() {
		began = System.nanoTime();
		thread = Thread.currentThread();
	}

	/** It is over; an interrupt that was meant for it is forgotten, and none comes later. */
	synchronized void end() {
		thread = null;
		Thread.interrupted();
	}

	/** How long a thread has been at it; 0 if none is. */
	synchronized long millis() {
		return thread == null ? 0 : (System.nanoTime() - began) / 1_000_000;
	}

	synchronized void interrupt() {
		if (thread != null)
			thread.interrupt();
	}

	void carryOut(VirtualDisk disk) throws DiskException {
		switch (request.op()) {
			case READ -> {
				long at = request.offset();
				for (ByteBuffer buffer : request.buffers()) {
					disk.read(at, buffer.duplicate());
					at += buffer.remaining();
				}
			}
			case WRITE -> {
				long at = request.offset();
				for (ByteBuffer buffer : request.buffers()) {
					disk.write(at, buffer.duplicate());
					at += buffer.remaining();
				}
			}
			case FLUSH -> disk.flush();
			case DISCARD -> {
				if (disk instanceof Discardable discardable)
					discardable.discard(request.offset(), request.length());
			}
			case WRITE_ZEROES -> zero(disk);
		}
	}

	private void zero(VirtualDisk disk) throws DiskException {
		if (disk instanceof ZeroWritable writable) {
			writable.writeZeroes(request.offset(), request.length(), false);
			return;
		}
		ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK, request.length()));
		for (long done = 0; done < request.length(); done += zeros.limit())
			disk.write(request.offset() + done,
					zeros.clear().limit((int) Math.min(zeros.capacity(), request.length() - done)));
	}
}
