package vmhi.vdisk.raw;

import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.nio.ByteBuffer;
import java.util.Map;

import vmhi.api.vdisk.Described;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Resizable;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;

/**
 * A disk that is its file. The only thing to look after is its last sector, which the file may hold in part.
 * <p>
 * Called from any thread. {@link #length} is what is shared: it grows once, under the lock, by the first write to that
 * sector, and changes otherwise only in {@link #resize}, when nothing else is called. A read that sees the shorter
 * length takes for zeros what no write that had returned can have written.
 */
final class RawDisk implements VirtualDisk, Discardable, ZeroWritable, Resizable, Mapped, Described {
	private static final int SECTOR = 512;
	private static final byte[] ZEROS = new byte[SECTOR];

	private final Storage image;
	private volatile long length; // of the file; the disk has up to 511 bytes more
	private boolean closed; // guarded by this

	RawDisk(Storage image) throws DiskException {
		this.image = image;
		length = checked(image.length());
	}

	private static long checked(long length) throws DiskException {
		if (length < 0 || length > Long.MAX_VALUE - SECTOR)
			throw new DiskException(UNSUPPORTED, "a raw disk of " + length + " bytes");
		return length;
	}

	@Override
	public long size() {
		return (length + SECTOR - 1) & -SECTOR;
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		long inside = length - offset;
		if (target.remaining() <= inside) {
			image.read(offset, target);
			return;
		}
		if (inside > 0) {
			int limit = target.limit();
			target.limit(target.position() + (int) inside);
			image.read(offset, target);
			target.limit(limit);
		}
		target.put(ZEROS, 0, target.remaining());
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		if (source.remaining() > length - offset)
			completeLastSector();
		image.write(offset, source);
	}

	private synchronized void completeLastSector() throws DiskException {
		if (length != size())
			image.length(size());
		length = size();
	}

	@Override
	public void flush() throws DiskException {
		image.flush();
	}

	@Override
	public void discard(long offset, long count) throws DiskException {
		zero(offset, count, false);
	}

	@Override
	public void writeZeroes(long offset, long count, boolean mayFree) throws DiskException {
		zero(offset, count, !mayFree);
	}

	/** What the file lacks of its last sector is zero already. */
	private void zero(long offset, long count, boolean keepAllocated) throws DiskException {
		long inside = Math.min(count, length - offset);
		if (inside > 0)
			image.zero(offset, inside, keepAllocated);
	}

	/** Makes the file this long; as anywhere, the disk then ends with a whole sector. */
	@Override
	public void resize(long size) throws DiskException {
		image.length(checked(size));
		length = size;
	}

	@Override
	public Extent extent(long offset, long count) throws DiskException {
		long inside = Math.min(count, length - offset);
		return inside > 0 ? image.extent(offset, inside) : new Extent(offset, count, Kind.HOLE, 0);
	}

	@Override
	public int blockSize() {
		return SECTOR;
	}

	@Override
	public Map<String, String> particulars() {
		return Map.of("file_length", Long.toString(length));
	}

	@Override
	public synchronized void close() throws DiskException {
		if (closed)
			return;
		closed = true;
		try (image) {
			if (!image.readOnly())
				image.flush();
		}
	}
}
