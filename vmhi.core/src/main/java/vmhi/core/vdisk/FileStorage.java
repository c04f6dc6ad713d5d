package vmhi.core.vdisk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Mapped.Extent;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.host.Libc;

/**
 * A local file or block device, by one file descriptor.
 * <p>
 * By system calls and not by {@code FileChannel}, for two reasons: a channel is closed when a thread that uses it is
 * interrupted, which is what a watchdog does to a plug-in that hangs; and locks that belong to an open file ("open file
 * description locks", fcntl(2)), holes and SEEK_DATA want the descriptor. The lock covers the whole file: shared for
 * readers, exclusive for a writer. It keeps out other machines and other programs that lock, such as QEMU's tools.
 * <p>
 * A descriptor that is closed may be given to another file at once, so every use holds {@link #use} for reading.
 */
final class FileStorage implements Storage {
	private static final int O_RDONLY = 0, O_RDWR = 2, O_CLOEXEC = 0x80000;
	private static final int SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4;
	private static final int KEEP_SIZE = 1, PUNCH_HOLE = 2, ZERO_RANGE = 0x10;
	private static final int F_OFD_SETLK = 37;
	private static final short F_RDLCK = 0, F_WRLCK = 1;
	private static final int FLOCK_SIZE = 32; // struct flock: l_type s16, l_whence s16, l_start s64 at 8, l_len s64 at 16
	private static final int CHUNK = 1 << 20;

	/** Which machine has a file open, by the file's identity; for messages alone, the kernel's lock decides. */
	private static final Map<Object, String> USERS = new ConcurrentHashMap<>();

	private final Path path;
	private final boolean readOnly;
	private final ImageChain chain;
	private final Object key;
	private final int fd;
	private final ReadWriteLock use = new ReentrantReadWriteLock();
	private boolean closed;
	private volatile DiskException flushFailed;

	private FileStorage(Path path, boolean readOnly, ImageChain chain, Object key, int fd) {
		this.path = path;
		this.readOnly = readOnly;
		this.chain = chain;
		this.key = key;
		this.fd = fd;
	}

	/**
	 * Opens and locks a file.
	 *
	 * @param chain who opens it, and what was opened on the way here
	 */
	static FileStorage open(Path name, boolean readOnly, ImageChain chain) throws DiskException {
		Path path;
		Object key;
		try {
			path = name.toRealPath();
			BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
			if (attributes.isDirectory())
				throw new DiskException(Kind.FORBIDDEN, "%s is a directory, not an image".formatted(name));
			if (attributes.isOther() && !isBlockDevice(path))
				throw new DiskException(Kind.FORBIDDEN, "%s is neither a file nor a block device".formatted(name));
			key = attributes.fileKey();
		} catch (DiskException e) {
			throw e;
		} catch (IOException e) {
			throw new DiskException(Kind.MISSING, "%s does not exist or cannot be reached".formatted(name), e);
		}
		chain.refuseLoop(key, name);
		int fd;
		try {
			fd = Libc.open(path.toString(), (readOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC, 0);
		} catch (LastErrorException e) {
			throw error("open", path, e);
		}
		FileStorage storage = new FileStorage(path, readOnly, chain.with(key), key, fd);
		storage.lock();
		return storage;
	}

	/** A block device can be measured by seeking; a terminal or {@code /dev/zero} cannot. */
	private static boolean isBlockDevice(Path path) {
		try {
			return ((int) Files.getAttribute(path, "unix:mode") & 0xf000) == 0x6000;
		} catch (IOException | UnsupportedOperationException e) {
			return false;
		}
	}

	private void lock() throws DiskException {
		try (Memory flock = new Memory(FLOCK_SIZE)) {
			flock.clear();
			flock.setShort(0, readOnly ? F_RDLCK : F_WRLCK);
			Libc.fcntl(fd, F_OFD_SETLK, flock);
			USERS.put(key, chain.user());
		} catch (LastErrorException e) {
			Libc.close(fd);
			if (e.getErrorCode() != Libc.EAGAIN && e.getErrorCode() != Libc.EACCES)
				throw error("lock", path, e);
			String user = USERS.get(key);
			throw new DiskException(Kind.LOCKED, "%s is in use by %s; stop that first".formatted(path,
					user == null ? "another program" : "machine " + user), e);
		}
	}

	private static DiskException error(String what, Path path, LastErrorException e) {
		return switch (e.getErrorCode()) {
			case Libc.ENOENT -> new DiskException(Kind.MISSING, "%s does not exist".formatted(path), e);
			case Libc.EACCES, 1 -> new DiskException(Kind.FORBIDDEN,
					"%s: no permission to %s; check its owner and mode".formatted(path, what), e);
			case Libc.EROFS -> new DiskException(Kind.FORBIDDEN,
					"%s is on a read-only file system; open it read-only".formatted(path), e);
			case Libc.ENOSPC, Libc.EDQUOT -> new DiskException(Kind.FULL,
					"%s: no space left on the host for %s".formatted(path, what), e);
			default -> new DiskException(Kind.IO, "%s: %s failed: %s".formatted(path, what, e.getMessage()), e);
		};
	}

	@Override
	public String name() {
		return path.toString();
	}

	@Override
	public boolean readOnly() {
		return readOnly;
	}

	/** A call on the descriptor. */
	private interface Use<T> {
		T with(int fd) throws DiskException;
	}

	private <T> T using(String what, Use<T> call) throws DiskException {
		use.readLock().lock();
		try {
			if (closed)
				throw new DiskException(Kind.IO, "%s is closed".formatted(path));
			while (true) {
				try {
					return call.with(fd);
				} catch (LastErrorException e) {
					if (e.getErrorCode() != Libc.EINTR)
						throw error(what, path, e);
				}
			}
		} finally {
			use.readLock().unlock();
		}
	}

	@Override
	public long length() throws DiskException {
		return using("measure", fd -> Libc.lseek(fd, 0, SEEK_END));
	}

	@Override
	public void length(long length) throws DiskException {
		refuseWrites();
		using("resize", fd -> Libc.ftruncate(fd, length));
	}

	private void refuseWrites() throws DiskException {
		if (readOnly)
			throw new DiskException(Kind.READ_ONLY, "%s is open for reading".formatted(path));
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		if (target.isDirect()) {
			readDirect(offset, target);
			return;
		}
		ByteBuffer chunk = ByteBuffer.allocateDirect(Math.min(CHUNK, Math.max(1, target.remaining())));
		for (long at = offset; target.hasRemaining(); at += chunk.limit()) {
			chunk.clear().limit(Math.min(chunk.capacity(), target.remaining()));
			readDirect(at, chunk);
			target.put(chunk.flip());
		}
	}

	private void readDirect(long offset, ByteBuffer target) throws DiskException {
		int start = target.position();
		while (target.hasRemaining()) {
			long at = offset + target.position() - start;
			ByteBuffer rest = target.slice();
			long count = using("read", fd -> Libc.pread(fd, rest, rest.remaining(), at));
			if (count == 0)
				throw new DiskException(Kind.CORRUPT,
						"%s ends at %d, within a read of %d bytes at %d".formatted(path, at,
								target.limit() - start, offset));
			target.position(target.position() + (int) count);
		}
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		refuseWrites();
		if (source.isDirect()) {
			writeDirect(offset, source);
			return;
		}
		ByteBuffer chunk = ByteBuffer.allocateDirect(Math.min(CHUNK, Math.max(1, source.remaining())));
		for (long at = offset; source.hasRemaining(); at += chunk.limit()) {
			int part = Math.min(chunk.capacity(), source.remaining());
			chunk.clear().put(0, source, source.position(), part).limit(part);
			source.position(source.position() + part);
			writeDirect(at, chunk);
		}
	}

	private void writeDirect(long offset, ByteBuffer source) throws DiskException {
		int start = source.position();
		while (source.hasRemaining()) {
			long at = offset + source.position() - start;
			ByteBuffer rest = source.slice();
			long count = using("write", fd -> Libc.pwrite(fd, rest, rest.remaining(), at));
			source.position(source.position() + (int) count);
		}
	}

	@Override
	public void zero(long offset, long length, boolean keepAllocated) throws DiskException {
		refuseWrites();
		if (length == 0)
			return;
		try {
			int mode = (keepAllocated ? ZERO_RANGE : PUNCH_HOLE) | KEEP_SIZE;
			using("zero", fd -> Libc.fallocate(fd, mode, offset, length));
		} catch (DiskException e) {
			boolean cannot = e.getCause() instanceof LastErrorException cause
					&& (cause.getErrorCode() == Libc.EOPNOTSUPP || cause.getErrorCode() == Libc.EINVAL);
			if (!cannot)
				throw e;
			writeZeros(offset, length);
		}
	}

	private void writeZeros(long offset, long length) throws DiskException {
		ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK, length));
		for (long done = 0; done < length; done += zeros.limit())
			writeDirect(offset + done, zeros.clear().limit((int) Math.min(zeros.capacity(), length - done)));
	}

	@Override
	public Extent extent(long offset, long length) throws DiskException {
		long data = seek(offset, SEEK_DATA);
		if (data > offset)
			return new Extent(offset, Math.min(length, data - offset), vmhi.api.vdisk.Mapped.Kind.HOLE, 0);
		long hole = seek(offset, SEEK_HOLE);
		return new Extent(offset, Math.min(length, hole - offset), vmhi.api.vdisk.Mapped.Kind.DATA, 0);
	}

	/** The next data or hole at or after an offset; a host that cannot tell says data throughout. */
	private long seek(long offset, int whence) throws DiskException {
		try {
			return using("seek", fd -> Libc.lseek(fd, offset, whence));
		} catch (DiskException e) {
			int errno = e.getCause() instanceof LastErrorException cause ? cause.getErrorCode() : 0;
			if (errno == Libc.ENXIO)
				return length(); // no data from here to the end
			if (errno == Libc.EINVAL)
				return whence == SEEK_DATA ? offset : length();
			throw e;
		}
	}

	/** A failed flush stays failed: the kernel may have dropped what it could not write, and says so only once. */
	@Override
	public void flush() throws DiskException {
		DiskException before = flushFailed;
		if (before != null)
			throw new DiskException(Kind.IO,
					"an earlier flush failed; what was written may be lost: " + before.getMessage(),
					before);
		try {
			if (!readOnly)
				using("flush", Libc::fdatasync);
		} catch (DiskException e) {
			flushFailed = e;
			throw e;
		}
	}

	@Override
	public VirtualDisk backing(String name, String format) throws DiskException {
		return chain.backing(path, name, format);
	}

	@Override
	public Storage extent(String name, boolean create) throws DiskException {
		return chain.extent(path, name, create, readOnly);
	}

	@Override
	public void close() {
		use.writeLock().lock();
		try {
			if (closed)
				return;
			closed = true;
			USERS.remove(key, chain.user());
			Libc.close(fd); // and with it the lock
		} finally {
			use.writeLock().unlock();
		}
	}
}
