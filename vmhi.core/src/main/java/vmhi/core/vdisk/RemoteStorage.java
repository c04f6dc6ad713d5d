package vmhi.core.vdisk;

import java.nio.ByteBuffer;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.StorageTransport.Connection;
import vmhi.api.vdisk.VirtualDisk;

/** An image that a transport reaches: of fixed length, without holes, and without names of further files in it. */
final class RemoteStorage implements Storage {
	private static final int CHUNK = 1 << 20;

	private final String name;
	private final boolean readOnly;
	private final Connection connection;
	private final long length;

	RemoteStorage(String name, boolean readOnly, Connection connection) throws DiskException {
		this.name = name;
		this.readOnly = readOnly;
		this.connection = connection;
		try {
			length = connection.length();
		} catch (DiskException e) {
			connection.close();
			throw e;
		}
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
		if (wanted != length)
			throw new DiskException(Kind.UNSUPPORTED,
					"%s has %d bytes and cannot have %d".formatted(name, length, wanted));
	}

	private void check(long offset, long count, boolean write) throws DiskException {
		if (write && readOnly)
			throw new DiskException(Kind.READ_ONLY, "%s is open for reading".formatted(name));
		if (offset < 0 || count > length - offset)
			throw new DiskException(write ? Kind.UNSUPPORTED : Kind.CORRUPT,
					"%s ends at %d, within %d bytes at %d".formatted(name, length, count, offset));
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		check(offset, target.remaining(), false);
		connection.read(offset, target);
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		check(offset, source.remaining(), true);
		connection.write(offset, source);
	}

	@Override
	public void zero(long offset, long count, boolean keepAllocated) throws DiskException {
		check(offset, count, true);
		ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(CHUNK, count));
		for (long done = 0; done < count; done += zeros.limit())
			connection.write(offset + done, zeros.clear().limit((int) Math.min(zeros.capacity(), count - done)));
	}

	@Override
	public Mapped.Extent extent(long offset, long count) {
		return new Mapped.Extent(offset, Math.min(count, length - offset), Mapped.Kind.DATA, 0);
	}

	@Override
	public void flush() throws DiskException {
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
		connection.close();
	}
}
