package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;

import vmhi.api.device.DriveRequest.Op;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;

/**
 * Carries out requests on a disk. Belongs to one thread.
 * <p>
 * Small buffers that follow each other, such as the pages that a guest's driver gathers, are moved together: a copy costs
 * less than a call for each page does, above all where a format sets space aside call by call. The positions of a
 * request's buffers stay as they are, so that it can be carried out again.
 */
final class Transfer {
	private static final int TOGETHER = 1 << 18;
	private static final int SMALL = 1 << 15;
	/** Of zeros and discards: little enough for a call to end soon even where the host writes zeros. */
	private static final long AT_ONCE = 1 << 28;

	private ByteBuffer gathered;

	/**
	 * Carries out a task.
	 *
	 * @param zeros to write where a disk has nothing better
	 * @param goOn whether to begin another call; asked between the pieces of a long range
	 * @return whether the task is done; if not, it is begun anew some time
	 */
	boolean carryOut(DriveTask task, VirtualDisk disk, ByteBuffer zeros, BooleanSupplier goOn) throws DiskException {
		switch (task.op) {
			case READ, WRITE -> move(task, disk);
			case FLUSH -> {
				call(task);
				disk.flush();
			}
			case DISCARD, WRITE_ZEROES -> {
				for (long done = 0; done < task.length;) {
					if (done > 0 && !goOn.getAsBoolean())
						return false;
					long offset = task.offset + done;
					long length = Math.min(AT_ONCE, task.length - done);
					call(task);
					if (task.op == Op.DISCARD)
						discard(disk, offset, length);
					else if (!zero(disk, offset, length))
						length = writeZeros(disk, offset, length, zeros);
					done += length;
				}
			}
		}
		return true;
	}

	private static void call(DriveTask task) {
		task.calledAt = System.nanoTime();
	}

	private void move(DriveTask task, VirtualDisk disk) throws DiskException {
		List<ByteBuffer> buffers = task.buffers;
		long offset = task.offset;
		for (int i = 0; i < buffers.size();) {
			int total = buffers.get(i).remaining();
			int next = i + 1;
			while (next < buffers.size() && buffers.get(next - 1).remaining() < SMALL
					&& buffers.get(next).remaining() < SMALL && total + buffers.get(next).remaining() <= TOGETHER)
				total += buffers.get(next++).remaining();

			ByteBuffer piece = next == i + 1 ? buffers.get(i).duplicate() : gathered().limit(total);
			boolean together = next > i + 1;
			call(task);
			if (task.op == Op.READ) {
				disk.read(offset, piece);
				refuseRest(piece);
				if (together)
					scatter(piece.flip(), buffers.subList(i, next));
			} else {
				if (together)
					gather(buffers.subList(i, next), piece);
				disk.write(offset, piece);
				refuseRest(piece);
			}
			offset += total;
			i = next;
		}
	}

	/** Silence about bytes that were not moved would be wrong data in the guest. */
	private static void refuseRest(ByteBuffer piece) {
		if (piece.hasRemaining())
			throw new IllegalStateException("came back with %d bytes not moved".formatted(piece.remaining()));
	}

	private ByteBuffer gathered() {
		if (gathered == null)
			gathered = ByteBuffer.allocateDirect(TOGETHER);
		return gathered.clear();
	}

	private static void gather(List<ByteBuffer> buffers, ByteBuffer piece) {
		for (ByteBuffer buffer : buffers)
			piece.put(buffer.duplicate());
		piece.flip();
	}

	private static void scatter(ByteBuffer piece, List<ByteBuffer> buffers) {
		for (ByteBuffer buffer : buffers) {
			int count = buffer.remaining();
			buffer.put(buffer.position(), piece, piece.position(), count);
			piece.position(piece.position() + count);
		}
	}

	/** A discard that a disk cannot do is done: it only ever allowed. */
	private static void discard(VirtualDisk disk, long offset, long length) throws DiskException {
		if (!(disk instanceof Discardable discardable))
			return;
		try {
			discardable.discard(offset, length);
		} catch (DiskException e) {
			if (e.kind() != Kind.UNSUPPORTED)
				throw e;
		}
	}

	private static boolean zero(VirtualDisk disk, long offset, long length) throws DiskException {
		if (!(disk instanceof ZeroWritable writable))
			return false;
		try {
			writable.writeZeroes(offset, length, false);
			return true;
		} catch (DiskException e) {
			if (e.kind() == Kind.UNSUPPORTED)
				return false;
			throw e;
		}
	}

	/** @return how many were written */
	private static int writeZeros(VirtualDisk disk, long offset, long length, ByteBuffer zeros) throws DiskException {
		int count = (int) Math.min(zeros.capacity(), length);
		ByteBuffer piece = zeros.clear().limit(count);
		disk.write(offset, piece);
		refuseRest(piece);
		return count;
	}
}
