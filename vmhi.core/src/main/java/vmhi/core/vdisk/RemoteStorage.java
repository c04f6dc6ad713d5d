package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.StorageTransport.Connection;
import vmhi.api.vdisk.VirtualDisk;

/** An image that a transport reaches: of fixed length, without holes, and without names of further files in it. */
final class RemoteStorage implements Storage {
	private final String name;
	private final boolean readOnly;
	private final Connection connection;
	private final long length;
	private final OpenImages images;
	private final OpenImages.Claim claim;
	private final AtomicBoolean closed = new AtomicBoolean();

	/** Takes over the connection and the claim. */
	RemoteStorage(String name, boolean readOnly, Connection connection, long length, OpenImages images,
			OpenImages.Claim claim) {
		this.name = name;
		this.readOnly = readOnly;
		this.connection = connection;
		this.length = length;
		this.images = images;
		this.claim = claim;
	}

	@Override
	public String name() {
		return name;
	}

	@Override
	public boolean readOnly() {
		return readOnly;
	}

	@Override
	public long length() {
		return length;
	}

	@Override
	public void length(long wanted) throws DiskException {
		refuseWrites();
		if (wanted != length)
			throw new DiskException(Kind.UNSUPPORTED,
					"%s has %d bytes and cannot have %d".formatted(name, length, wanted));
	}

	private void refuseWrites() throws DiskException {
		if (readOnly)
			throw new DiskException(Kind.READ_ONLY, name + " is open for reading");
	}

	private void check(String what, long offset, long count, Kind beyond) throws DiskException {
		if (closed.get())
			throw new DiskException(Kind.IO, name + " is closed");
		if (offset < 0 || count < 0 || count > length - offset)
			throw new DiskException(beyond, "%s ends at %d, before the end of a %s of %d bytes at %d"
					.formatted(name, length, what, count, offset));
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		check("read", offset, target.remaining(), Kind.CORRUPT);
		connection.read(offset, target);
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		refuseWrites();
		check("write", offset, source.remaining(), Kind.FULL);
		connection.write(offset, source);
	}

	@Override
	public void zero(long offset, long count, boolean keepAllocated) throws DiskException {
		refuseWrites();
		check("write of zeros", offset, count, Kind.CORRUPT);
		ByteBuffer zeros = images.zeros();
		for (long done = 0; done < count; done += zeros.limit()) {
			zeros.clear().limit((int) Math.min(zeros.capacity(), count - done));
			connection.write(offset + done, zeros);
		}
	}

	@Override
	public Mapped.Extent extent(long offset, long count) throws DiskException {
		if (offset < 0 || count < 1 || offset >= length)
			throw new DiskException(Kind.CORRUPT,
					"%s ends at %d: no extent of %d bytes at %d".formatted(name, length, count, offset));
		return new Mapped.Extent(offset, Math.min(count, length - offset), Mapped.Kind.DATA, 0);
	}

	@Override
	public void flush() throws DiskException {
		check("flush", 0, 0, Kind.CORRUPT);
		if (!readOnly)
			connection.flush();
	}

	@Override
	public VirtualDisk backing(String backing, String format) throws DiskException {
		throw new DiskException(Kind.FORBIDDEN,
				"%s names \"%s\"; an image that is not a file may not".formatted(name, backing));
	}

	@Override
	public Storage extent(String extent, boolean create) throws DiskException {
		throw new DiskException(Kind.FORBIDDEN,
				"%s names \"%s\"; an image that is not a file may not".formatted(name, extent));
	}

	@Override
	public void close() {
		if (!closed.compareAndSet(false, true))
			return;
		try {
			connection.close();
		} finally {
			images.release(claim);
		}
	}
}
