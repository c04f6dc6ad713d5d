package vmhi.core.vdisk;

import static vmhi.api.vdisk.DiskException.Kind.CORRUPT;
import static vmhi.api.vdisk.DiskException.Kind.READ_ONLY;

import java.nio.ByteBuffer;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.VirtualDisk;

/**
 * A disk below another one, of a format that may be another bundle's: the bounds are checked between the two, and nothing
 * is written. Where the inner one has no map, all of it is data, as the contract says.
 */
final class BackingDisk implements VirtualDisk, Mapped {
	private final VirtualDisk inner;
	private final String name;

	BackingDisk(VirtualDisk inner, String name) {
		this.inner = inner;
		this.name = name;
	}

	@Override
	public long size() {
		return inner.size();
	}

	private void check(long offset, long length) throws DiskException {
		if (offset < 0 || length > inner.size() - offset)
			throw new DiskException(CORRUPT,
					"%d bytes at %d of backing file %s, which has %d".formatted(length, offset, name, inner.size()));
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		check(offset, target.remaining());
		inner.read(offset, target);
	}

	@Override
	public Extent extent(long offset, long length) throws DiskException {
		check(offset, 1);
		long most = Math.min(length, inner.size() - offset);
		return inner instanceof Mapped mapped
				? mapped.extent(offset, most)
				: new Extent(offset, most, Kind.DATA, 0);
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		throw new DiskException(READ_ONLY, "backing file %s is open for reading".formatted(name));
	}

	@Override
	public void flush() throws DiskException {
		inner.flush();
	}

	@Override
	public void close() throws DiskException {
		inner.close();
	}
}
