package vmhi.core.host;

import java.nio.ByteBuffer;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * The system calls that the core makes, and no more: the whole of its trust in C. Each fails with the errno the kernel
 * gave. {@code open} and {@code fcntl} are variadic in C; on x86-64 and arm64 Linux an integer or a pointer is passed the
 * same way either way. {@code size_t} and {@code off_t} are taken to have 64 bits.
 * <p>
 * Registered once for each class loader, so an updated bundle registers its own. It is never unregistered: a bundle may
 * be started again with the same class loader, and a call may still be on its way.
 */
public final class Libc {
	/** Not permitted. */
	public static final int EPERM = 1;
	/** No such file. */
	public static final int ENOENT = 2;
	/** A signal came first. */
	public static final int EINTR = 4;
	/** No data beyond this offset. */
	public static final int ENXIO = 6;
	/** Would have to wait, for a lock. */
	public static final int EAGAIN = 11;
	/** No permission. */
	public static final int EACCES = 13;
	/** Somebody else has the device. */
	public static final int EBUSY = 16;
	/** It is there already. */
	public static final int EEXIST = 17;
	/** Not for this kind of file. */
	public static final int EINVAL = 22;
	/** A program that runs. */
	public static final int ETXTBSY = 26;
	/** Longer than the file system's files can be. */
	public static final int EFBIG = 27;
	/** No space left. */
	public static final int ENOSPC = 28;
	/** Read-only file system. */
	public static final int EROFS = 30;
	/** The file system has no locks. */
	public static final int ENOLCK = 37;
	/** The kernel has no such call. */
	public static final int ENOSYS = 38;
	/** The file system cannot do that. */
	public static final int EOPNOTSUPP = 95;
	/** Over the quota. */
	public static final int EDQUOT = 122;

	static {
		Native.register(Libc.class, "c");
	}

	private Libc() {}

	/** mmap(2). */
	public static native Pointer mmap(Pointer at, long length, int protection, int flags, int fd, long offset)
			throws LastErrorException;

	/** munmap(2). */
	public static native int munmap(Pointer at, long length) throws LastErrorException;

	/** madvise(2). */
	public static native int madvise(Pointer at, long length, int advice) throws LastErrorException;

	/** open(2). */
	public static native int open(String path, int flags, int mode) throws LastErrorException;

	/** close(2). */
	public static native int close(int fd) throws LastErrorException;

	/** pread(2). {@code buffer} is direct, and is filled from its position on; the position stays. */
	public static native long pread(int fd, ByteBuffer buffer, long count, long offset) throws LastErrorException;

	/** pwrite(2). {@code buffer} is direct, and is written from its position on; the position stays. */
	public static native long pwrite(int fd, ByteBuffer buffer, long count, long offset) throws LastErrorException;

	/** lseek(2). */
	public static native long lseek(int fd, long offset, int whence) throws LastErrorException;

	/** ftruncate(2). */
	public static native int ftruncate(int fd, long length) throws LastErrorException;

	/** fallocate(2). */
	public static native int fallocate(int fd, int mode, long offset, long length) throws LastErrorException;

	/** fsync(2). */
	public static native int fsync(int fd) throws LastErrorException;

	/** fdatasync(2). */
	public static native int fdatasync(int fd) throws LastErrorException;

	/** fcntl(2), with a pointer. */
	public static native int fcntl(int fd, int command, Pointer argument) throws LastErrorException;
}
