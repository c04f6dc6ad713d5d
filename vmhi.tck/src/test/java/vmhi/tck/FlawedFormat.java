package vmhi.tck;

import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.nio.ByteBuffer;
import java.util.Map;

import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskCreator;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/** The plainest of formats, with one thing wrong with it or none. */
final class FlawedFormat implements DiskFormat, DiskCreator {

	enum Flaw {
		NONE, FLUSHES_NOTHING, WRITES_SECTORS, DISCARDS_NOTHING, CALLS_DATA_A_HOLE, TRUSTS_ITS_IMAGE, KEEPS_IMAGE
	}

	private final Flaw flaw;

	FlawedFormat(Flaw flaw) {
		this.flaw = flaw;
	}

	@Override
	public boolean recognises(Storage image) {
		return true;
	}

	@Override
	public VirtualDisk open(Storage image) throws DiskException {
		long size = image.length();
		if (flaw == Flaw.TRUSTS_ITS_IMAGE && size > 0) {
			ByteBuffer first = ByteBuffer.allocate(1);
			image.read(0, first);
			if (first.get(0) < 0)
				throw new ArrayIndexOutOfBoundsException(first.get(0));
		}
		return new Disk(image, size);
	}

	@Override
	public void create(Storage image, long size, Map<String, String> options) throws DiskException {
		if (!options.isEmpty())
			throw new DiskException(UNSUPPORTED, "no options " + options);
		image.length(size);
	}

	private final class Disk implements VirtualDisk, Discardable, Mapped {
		private final Storage image;
		private final long size;
		private boolean closed;

		Disk(Storage image, long size) {
			this.image = image;
			this.size = size;
		}

		@Override
		public long size() {
			return size;
		}

		@Override
		public void read(long offset, ByteBuffer target) throws DiskException {
			image.read(offset, target);
		}

		@Override
		public void write(long offset, ByteBuffer source) throws DiskException {
			int odd = (int) (offset + source.remaining()) & 511;
			image.write(offset, source);
			if (flaw == Flaw.WRITES_SECTORS && odd != 0)
				image.write(offset + source.position() & -512 | odd, ByteBuffer.allocate(512 - odd));
		}

		@Override
		public void discard(long offset, long length) throws DiskException {
			if (flaw != Flaw.DISCARDS_NOTHING)
				image.zero(offset, length, false);
		}

		@Override
		public Extent extent(long offset, long length) throws DiskException {
			return flaw == Flaw.CALLS_DATA_A_HOLE ? new Extent(offset, length, Kind.HOLE, 0)
					: image.extent(offset, length);
		}

		@Override
		public void flush() throws DiskException {
			if (flaw == Flaw.FLUSHES_NOTHING)
				image.length();
			else
				image.flush();
		}

		@Override
		public synchronized void close() throws DiskException {
			if (closed)
				return;
			closed = true;
			if (flaw == Flaw.KEEPS_IMAGE) {
				flush();
				image.close();
			} else
				try (image) {
					flush();
				}
		}
	}
}
