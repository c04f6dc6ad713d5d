package vmhi.vdisk.raw;

import static vmhi.api.vdisk.DiskException.Kind.CORRUPT;
import static vmhi.api.vdisk.DiskException.Kind.IO;
import static vmhi.api.vdisk.DiskException.Kind.MISSING;
import static vmhi.api.vdisk.DiskException.Kind.READ_ONLY;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/** A real file, as plainly as Java has it: without holes. */
final class FileStorage implements Storage {
	private final Path path;
	private final boolean readOnly;
	private final FileChannel file;

	FileStorage(Path path, boolean readOnly) throws IOException {
		this.path = path;
		this.readOnly = readOnly;
		file = readOnly ? FileChannel.open(path, StandardOpenOption.READ)
				: FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
	}

	private interface Work<T> {
		T on(FileChannel file) throws IOException;
	}

	private <T> T with(Work<T> work) throws DiskException {
		try {
			return work.on(file);
		} catch (NonWritableChannelException e) {
			throw new DiskException(READ_ONLY, path + " is open for reading", e);
		} catch (DiskException e) {
			throw e;
		} catch (IOException e) {
			throw new DiskException(IO, path.toString(), e);
		}
	}

	@Override
	public String name() {
		return path.toString();
	}

	@Override
	public boolean readOnly() {
		return readOnly;
	}

	@Override
	public long length() throws DiskException {
		return with(FileChannel::size);
	}

	@Override
	public void length(long length) throws DiskException {
		with(f -> f.size() < length ? f.write(ByteBuffer.allocate(1), length - 1) : f.truncate(length));
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		for (long at = offset; target.hasRemaining();) {
			long place = at;
			int some = with(f -> f.read(target, place));
			if (some < 0)
				throw new DiskException(CORRUPT, path + " ends before " + at);
			at += some;
		}
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		for (long at = offset; source.hasRemaining();) {
			long place = at;
			at += with(f -> f.write(source, place));
		}
	}

	@Override
	public void zero(long offset, long length, boolean keepAllocated) throws DiskException {
		write(offset, ByteBuffer.allocate(Math.toIntExact(length)));
	}

	@Override
	public Mapped.Extent extent(long offset, long length) throws DiskException {
		return new Mapped.Extent(offset, Math.min(length, length() - offset), Mapped.Kind.DATA, 0);
	}

	@Override
	public void flush() throws DiskException {
		with(f -> {
			f.force(false);
			return null;
		});
	}

	@Override
	public VirtualDisk backing(String name, String format) throws DiskException {
		throw new DiskException(MISSING, "no backing file " + name);
	}

	@Override
	public Storage extent(String name, boolean create) throws DiskException {
		throw new DiskException(MISSING, "no extent " + name);
	}

	@Override
	public void close() throws DiskException {
		with(f -> {
			f.close();
			return null;
		});
	}
}
