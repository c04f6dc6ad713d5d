package vmhi.core.vdisk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.sun.jna.LastErrorException;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Mapped.Extent;
import vmhi.core.host.Libc;

/**
 * A file or block device of the host, open and locked by one file descriptor.
 * <p>
 * By system calls and not by {@code FileChannel}: a channel is closed when a thread that uses it is interrupted, which is
 * what the watch does to a plug-in that hangs, and it would take the disk from under a guest. Locks that belong to an open
 * file, holes, and a failed fsync that is told once to each open file want the one descriptor besides.
 * <p>
 * For any thread. References are counted, so that the descriptor cannot be closed, and given to another file, under a
 * call that still uses it: whoever calls anything here holds a reference meanwhile.
 */
final class HostFile {
	private static final Logger LOG = LoggerFactory.getLogger(HostFile.class);

	// the same numbers on x86-64 and arm64; not so O_NOFOLLOW, which is why links are looked for otherwise
	private static final int O_RDONLY = 0, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_NONBLOCK = 0x800;
	private static final int O_CLOEXEC = 0x80000;
	private static final int SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4;
	private static final int FALLOC_FL_KEEP_SIZE = 1, FALLOC_FL_PUNCH_HOLE = 2, FALLOC_FL_ZERO_RANGE = 0x10;
	private static final int S_IFMT = 0xf000, S_IFBLK = 0x6000, S_IFREG = 0x8000, S_IFDIR = 0x4000;
	private static final int OWNER_ONLY = 0600;
	/** More than any buffer, and no overflow when a length is added. */
	private static final long FARTHEST = Long.MAX_VALUE - Integer.MAX_VALUE;

	/** Tells files apart, whatever their names: device and inode, or the number of a block device. */
	record Key(long device, long number) {
		private static final long BLOCK_DEVICE = -1;
	}

	private final Path path;
	private final Key key;
	private final boolean readOnly;
	private final int fd;
	private final OpenImages images;
	private final OpenImages.Claim claim;
	private final AtomicInteger references = new AtomicInteger(1);
	private final Object flushing = new Object();
	private volatile int cannot; // modes of fallocate that the file system lacks
	private volatile DiskException flushFailed; // written with flushing held

	private HostFile(Path path, Key key, boolean readOnly, int fd, OpenImages images, OpenImages.Claim claim) {
		this.path = path;
		this.key = key;
		this.readOnly = readOnly;
		this.fd = fd;
		this.images = images;
		this.claim = claim;
	}

	/** What tells the file at a path from others. */
	static Key key(Path path) throws DiskException {
		return key(path, path);
	}

	private static Key key(Path where, Path path) throws DiskException {
		try {
			Map<String, Object> of = Files.readAttributes(where, "unix:mode,dev,ino,rdev");
			return switch ((int) of.get("mode") & S_IFMT) {
				case S_IFREG -> new Key((long) of.get("dev"), (long) of.get("ino"));
				case S_IFBLK -> new Key(Key.BLOCK_DEVICE, (long) of.get("rdev"));
				case S_IFDIR -> throw new DiskException(Kind.FORBIDDEN, path + " is a directory, not an image");
				default -> throw new DiskException(Kind.FORBIDDEN, path + " is neither a file nor a block device");
			};
		} catch (DiskException e) {
			throw e;
		} catch (IOException e) {
			throw failure(path, e);
		}
	}

	/**
	 * Opens and locks.
	 *
	 * @param path without links in it
	 * @param create whether to make it; it must not be there then
	 * @param user who does, for others to be told
	 * @return with one reference
	 */
	static HostFile open(Path path, boolean readOnly, boolean create, String user, OpenImages images)
			throws DiskException {
		int flags = (readOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK;
		if (create)
			flags |= O_CREAT | O_EXCL;
		else if (key(path).device() == Key.BLOCK_DEVICE && !readOnly)
			flags |= O_EXCL; // fails if the host has it mounted
		int fd;
		try {
			fd = Libc.open(path.toString(), flags, OWNER_ONLY);
		} catch (LastErrorException e) {
			throw failure(path, "open", e);
		}
		OpenImages.Claim claim = null;
		try {
			Key key = key(descriptor(fd), path); // of what was opened, not of what the path means by now
			claim = images.claim(key, path.toString(), user, readOnly);
			lock(fd, path, readOnly);
			if (create)
				syncFolder(path.getParent());
			return new HostFile(path, key, readOnly, fd, images, claim);
		} catch (DiskException e) {
			Libc.close(fd);
			if (claim != null)
				images.release(claim);
			throw e;
		}
	}

	private static Path descriptor(int fd) {
		return Path.of("/proc/self/fd", Integer.toString(fd));
	}

	private static void lock(int fd, Path path, boolean readOnly) throws DiskException {
		try {
			if (!ImageLock.take(fd, readOnly))
				throw new DiskException(Kind.LOCKED,
						"%s is in use by another machine or program; stop that one first".formatted(path));
		} catch (LastErrorException e) {
			switch (e.getErrorCode()) {
				case Libc.ENOLCK, Libc.EOPNOTSUPP, Libc.ENOSYS, Libc.EINVAL -> LOG
						.warn("{} is on a file system without locks: other programs are not kept from it", path);
				default -> throw failure(path, "lock", e);
			}
		}
	}

	/** Makes lasting what is in a folder: names that came or went. */
	static void syncFolder(Path folder) throws DiskException {
		int fd;
		try {
			fd = Libc.open(folder.toString(), O_RDONLY | O_CLOEXEC, 0);
		} catch (LastErrorException e) {
			throw failure(folder, "open", e);
		}
		try {
			Libc.fsync(fd);
		} catch (LastErrorException e) {
			if (e.getErrorCode() != Libc.EINVAL) // a file system that has nothing to sync
				throw failure(folder, "flush", e);
		} finally {
			Libc.close(fd);
		}
	}

	private static DiskException failure(Path path, String what, LastErrorException e) {
		return switch (e.getErrorCode()) {
			case Libc.ENOENT -> new DiskException(Kind.MISSING, "%s does not exist".formatted(path), e);
			case Libc.EEXIST -> new DiskException(Kind.FORBIDDEN, "%s exists already".formatted(path), e);
			case Libc.EACCES, Libc.EPERM -> new DiskException(Kind.FORBIDDEN,
					"%s: no permission for %s; look at its owner and mode".formatted(path, what), e);
			case Libc.EROFS -> new DiskException(Kind.FORBIDDEN,
					"%s is on a read-only file system; use it read-only".formatted(path), e);
			case Libc.EBUSY, Libc.ETXTBSY -> new DiskException(Kind.LOCKED,
					"%s is in use by the host; unmount it first".formatted(path), e);
			case Libc.ENOSPC, Libc.EDQUOT -> new DiskException(Kind.FULL,
					"%s: no space left on the host for %s".formatted(path, what), e);
			case Libc.EFBIG -> new DiskException(Kind.FULL,
					"%s: %s makes it longer than the host's file system can have".formatted(path, what), e);
			default -> new DiskException(Kind.IO, "%s: %s failed: %s".formatted(path, what, e.getMessage()), e);
		};
	}

	/** A failure in the words of {@code java.nio.file}. */
	static DiskException failure(Path path, IOException e) {
		if (e instanceof NoSuchFileException || e instanceof NotDirectoryException)
			return new DiskException(Kind.MISSING, "%s does not exist".formatted(path), e);
		if (e instanceof AccessDeniedException)
			return new DiskException(Kind.FORBIDDEN,
					"%s: no permission; look at its owner and mode, and its folder's".formatted(path), e);
		String reason = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.toString();
		return new DiskException(Kind.IO, "%s cannot be reached: %s".formatted(path, reason), e);
	}

	Path path() {
		return path;
	}

	Key key() {
		return key;
	}

	boolean readOnly() {
		return readOnly;
	}

	/** Where the file that was opened is now, links resolved; after a deletion its name has {@code (deleted)} behind it. */
	Path where() throws DiskException {
		try {
			return Files.readSymbolicLink(descriptor(fd));
		} catch (IOException e) {
			throw failure(path, e);
		}
	}

	/** Takes another reference; the caller holds one. */
	HostFile retain() {
		references.incrementAndGet();
		return this;
	}

	/** Gives up a reference; with the last, the lock and the descriptor. */
	void release() {
		if (references.decrementAndGet() > 0)
			return;
		try {
			Libc.close(fd);
		} catch (LastErrorException e) {
			LOG.warn("{}: close: {}", path, e.getMessage()); // what was flushed is safe; the descriptor is gone anyway
		}
		images.release(claim);
	}

	long length() throws DiskException {
		return seek(0, SEEK_END);
	}

	void length(long length) throws DiskException {
		if (key.device() == Key.BLOCK_DEVICE) {
			if (length != length())
				throw new DiskException(Kind.UNSUPPORTED, "%s has %d bytes and cannot have %d; it is a block device"
						.formatted(path, length(), length));
			return;
		}
		if (length < 0)
			throw new DiskException(Kind.CORRUPT, "%s: a length of %d".formatted(path, length));
		try {
			Libc.ftruncate(fd, length);
		} catch (LastErrorException e) {
			throw failure(path, "a length of " + length, e);
		}
	}

	void read(long offset, ByteBuffer target) throws DiskException {
		check("read", offset, target.remaining());
		if (target.isDirect()) {
			readDirect(offset, target);
			return;
		}
		for (long at = offset; target.hasRemaining();) {
			ByteBuffer piece = images.scratch();
			piece.limit(Math.min(piece.capacity(), target.remaining()));
			readDirect(at, piece);
			at += piece.limit();
			target.put(piece.flip());
		}
	}

	private void check(String what, long offset, long length) throws DiskException {
		if (offset < 0 || length < 0 || offset > FARTHEST || length > Long.MAX_VALUE - offset)
			throw new DiskException(Kind.CORRUPT, "%s: %s of %d bytes at %d".formatted(path, what, length, offset));
	}

	private void readDirect(long offset, ByteBuffer target) throws DiskException {
		long at = offset;
		while (target.hasRemaining()) {
			long count;
			try {
				count = Libc.pread(fd, target, target.remaining(), at);
			} catch (LastErrorException e) {
				if (e.getErrorCode() == Libc.EINTR)
					continue;
				throw failure(path, "a read of %d bytes at %d".formatted(target.remaining(), at), e);
			}
			if (count <= 0)
				throw new DiskException(Kind.CORRUPT, "%s ends at %d, before the end of a read of %d bytes at %d"
						.formatted(path, at, at - offset + target.remaining(), offset));
			target.position(target.position() + (int) count);
			at += count;
		}
	}

	void write(long offset, ByteBuffer source) throws DiskException {
		check("write", offset, source.remaining());
		if (source.isDirect()) {
			writeDirect(offset, source);
			return;
		}
		for (long at = offset; source.hasRemaining();) {
			ByteBuffer piece = images.scratch();
			int count = Math.min(piece.capacity(), source.remaining());
			piece.put(0, source, source.position(), count).limit(count);
			writeDirect(at, piece);
			source.position(source.position() + count);
			at += count;
		}
	}

	private void writeDirect(long offset, ByteBuffer source) throws DiskException {
		long at = offset;
		while (source.hasRemaining()) {
			long count;
			try {
				count = Libc.pwrite(fd, source, source.remaining(), at);
			} catch (LastErrorException e) {
				if (e.getErrorCode() == Libc.EINTR)
					continue;
				throw failure(path, "a write of %d bytes at %d".formatted(source.remaining(), at), e);
			}
			source.position(source.position() + (int) count);
			at += count;
		}
	}

	void zero(long offset, long length, boolean keepAllocated) throws DiskException {
		check("zeros", offset, length);
		if (offset + length > length())
			throw new DiskException(Kind.CORRUPT, "%s ends at %d, before the end of zeros of %d bytes at %d"
					.formatted(path, length(), length, offset));
		if (length == 0)
			return;
		int mode = keepAllocated ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;
		if ((cannot & mode) != 0 || !allocate(mode, offset, length))
			writeZeros(offset, length);
	}

	/** @return whether the file system can do that, here */
	private boolean allocate(int mode, long offset, long length) throws DiskException {
		while (true)
			try {
				Libc.fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, offset, length);
				return true;
			} catch (LastErrorException e) {
				switch (e.getErrorCode()) {
					case Libc.EINTR -> {
						continue;
					}
					case Libc.EOPNOTSUPP, Libc.ENOSYS -> cannot |= mode; // losing another's bit costs it one more try
					case Libc.EINVAL -> LOG.debug("{}: fallocate {} of {} bytes at {}: {}", path, mode, length, offset,
							e.getMessage()); // a block device, of an odd range
					default -> throw failure(path, "zeros of %d bytes at %d".formatted(length, offset), e);
				}
				return false;
			}
	}

	private void writeZeros(long offset, long length) throws DiskException {
		ByteBuffer zeros = images.zeros();
		for (long done = 0; done < length; done += zeros.limit()) {
			zeros.clear().limit((int) Math.min(zeros.capacity(), length - done));
			writeDirect(offset + done, zeros);
		}
	}

	/** The run of bytes from {@code offset} on that are alike, as far as the host knows. */
	Extent extent(long offset, long length) throws DiskException {
		long end = length();
		if (offset < 0 || length < 1 || offset >= end)
			throw new DiskException(Kind.CORRUPT,
					"%s ends at %d: no extent of %d bytes at %d".formatted(path, end, length, offset));
		long most = Math.min(length, end - offset);
		long data = next(SEEK_DATA, offset, end);
		if (data > offset)
			return new Extent(offset, Math.min(most, data - offset), Mapped.Kind.HOLE, 0);
		long hole = next(SEEK_HOLE, offset, end);
		// a hole that was punched just now may be here already; as data it is read, and is zeros
		return new Extent(offset, hole > offset ? Math.min(most, hole - offset) : most, Mapped.Kind.DATA, 0);
	}

	/** The next data or hole at or after an offset. A host that cannot tell says data throughout. */
	private long next(int whence, long offset, long end) throws DiskException {
		try {
			return Libc.lseek(fd, offset, whence);
		} catch (LastErrorException e) {
			return switch (e.getErrorCode()) {
				case Libc.ENXIO -> end; // nothing but a hole up to the end
				case Libc.EINVAL, Libc.EOPNOTSUPP -> whence == SEEK_DATA ? offset : end;
				default -> throw failure(path, "a look for holes at " + offset, e);
			};
		}
	}

	private long seek(long offset, int whence) throws DiskException {
		try {
			return Libc.lseek(fd, offset, whence);
		} catch (LastErrorException e) {
			throw failure(path, "a look at its length", e);
		}
	}

	/**
	 * Makes lasting what was written, and the length. Once that failed it stays failed: the kernel drops what it could not
	 * write and says so only once, so a later success would tell nothing. One at a time, so that nobody is told of a
	 * success between the failure and its being noted.
	 */
	void flush() throws DiskException {
		synchronized (flushing) {
			DiskException before = flushFailed;
			if (before != null)
				throw new DiskException(before.kind(),
						"an earlier flush failed, what was written before may be lost: " + before.getMessage(), before);
			while (true)
				try {
					Libc.fdatasync(fd);
					return;
				} catch (LastErrorException e) {
					if (e.getErrorCode() == Libc.EINTR)
						continue;
					flushFailed = failure(path, "flush", e);
					throw flushFailed;
				}
		}
	}
}
