package vmhi.core.vdisk;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;

import vmhi.core.host.Libc;

/**
 * The lock on an open image, which keeps other programs and other hosts of a shared file system out. It belongs to the
 * open file ("open file description locks", fcntl(2)) and ends with its last descriptor, however the process ends.
 * <p>
 * A writer locks the whole file and so shuts out everybody who locks any of it. Readers speak QEMU's language, so that a
 * base image can be shared with its guests: a byte for each thing one does to the image, another for each that nobody else
 * may do, both locked for sharing; who wants something looks whether the opposite byte is locked by somebody else
 * (block/file-posix.c, {@code raw_apply_lock_bytes} and {@code raw_check_lock_bytes}; bits are {@code BLK_PERM_*}).
 */
final class ImageLock {
	private static final int F_OFD_GETLK = 36, F_OFD_SETLK = 37;
	private static final short F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2;

	// struct flock of 64-bit Linux, fcntl.h; l_whence at 2 is SEEK_SET, 0, and l_pid at 24 has to be 0
	private static final int FLOCK_SIZE = 32;
	private static final int L_TYPE = 0; // short
	private static final int L_START = 8; // off_t
	private static final int L_LEN = 16; // off_t, 0 is up to the end, wherever that is

	private static final int DOES = 100, SHARES_NOT = 200; // RAW_LOCK_PERM_BASE, RAW_LOCK_SHARED_BASE
	private static final int READ = 0, WRITE = 1, RESIZE = 3;

	private ImageLock() {}

	/**
	 * Locks.
	 *
	 * @return whether that was possible; if not, somebody else has the image, and no lock that was taken here matters
	 */
	static boolean take(int fd, boolean readOnly) throws LastErrorException {
		try (Memory flock = new Memory(FLOCK_SIZE)) {
			if (!readOnly)
				return set(fd, flock, F_WRLCK, 0, 0);
			return set(fd, flock, F_RDLCK, DOES + READ, 1)
					&& set(fd, flock, F_RDLCK, SHARES_NOT + WRITE, 1)
					&& set(fd, flock, F_RDLCK, SHARES_NOT + RESIZE, 1)
					&& free(fd, flock, SHARES_NOT + READ)
					&& free(fd, flock, DOES + WRITE)
					&& free(fd, flock, DOES + RESIZE);
		}
	}

	private static boolean set(int fd, Memory flock, short type, long start, long length) {
		fill(flock, type, start, length);
		try {
			Libc.fcntl(fd, F_OFD_SETLK, flock);
			return true;
		} catch (LastErrorException e) {
			if (e.getErrorCode() == Libc.EAGAIN || e.getErrorCode() == Libc.EACCES)
				return false;
			throw e;
		}
	}

	private static boolean free(int fd, Memory flock, long at) {
		fill(flock, F_WRLCK, at, 1);
		Libc.fcntl(fd, F_OFD_GETLK, flock);
		return flock.getShort(L_TYPE) == F_UNLCK;
	}

	private static void fill(Memory flock, short type, long start, long length) {
		flock.clear();
		flock.setShort(L_TYPE, type);
		flock.setLong(L_START, start);
		flock.setLong(L_LEN, length);
	}
}
