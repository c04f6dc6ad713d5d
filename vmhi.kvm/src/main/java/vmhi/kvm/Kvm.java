package vmhi.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * The system calls this bundle makes, and no more: the whole of our trust in C. Buffers are direct ones and are passed
 * from their first byte, whatever their position.
 * <p>
 * Those that may throw do so with the errno the kernel gave, in words. What is called while a guest runs, and answers
 * with EINTR every day, goes through {@link #run} and {@link #request}, which give the errno and allocate nothing.
 */
final class Kvm {
	static final int EINTR = 4, EAGAIN = 11, EFAULT = 14;

	static final int O_RDWR = 0x2, O_CLOEXEC = 0x8_0000;
	static final int PROT_READ = 1, PROT_WRITE = 2;
	static final int MAP_SHARED = 0x1, MAP_PRIVATE = 0x2, MAP_ANONYMOUS = 0x20;

	static final int EFD_CLOEXEC = O_CLOEXEC, EFD_NONBLOCK = 0x800;
	static final int EPOLL_CLOEXEC = O_CLOEXEC;
	static final int EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2;
	static final int EPOLLIN = 1;

	static final int SIG_UNBLOCK = 1;

	// numbers of system calls on x86-64
	static final long SYS_IOCTL = 16;
	static final long SYS_GETPID = 39;
	static final long SYS_GETTID = 186;
	static final long SYS_TGKILL = 234;

	private static int users;

	private Kvm() {}

	/**
	 * Binds the methods below. Whoever calls this calls {@link #release} when he needs them no more; after the last one
	 * JNA keeps nothing of this class, so that the class loader of a bundle that was updated can go.
	 *
	 * @throws LinkageError if JNA does not work here
	 */
	static synchronized void acquire() {
		if (users == 0)
			Native.register(Kvm.class, NativeLibrary.getProcess()); // the C library is part of the process
		users++;
	}

	static synchronized void release() {
		if (--users > 0)
			return;
		Native.unregister(Kvm.class);
		// what unregister forgets: a table that has the class as a weak key, and strongly in the value
		Native.getLibraryOptions(Kvm.class).clear();
	}

	/** Zeroed memory that the kernel can be pointed at. */
	static ByteBuffer buffer(int size) {
		return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
	}

	/** Where a buffer is, for structures that point at it. It has to be held on to until the kernel is done with it. */
	static long address(ByteBuffer buffer) {
		return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
	}

	/** Enters the guest. @return 0, or the errno */
	static int run(int vcpu) {
		return request(vcpu, KvmRequest.RUN, 0);
	}

	/** An ioctl that hands over a number or an address. @return 0, or the errno */
	static int request(int fd, KvmRequest request, long argument) {
		return syscall(SYS_IOCTL, fd, request.number, argument) < 0 ? Native.getLastError() : 0;
	}

	/** An ioctl that hands over a structure. @return 0, or the errno */
	static int request(int fd, KvmRequest request, ByteBuffer argument) {
		return syscall(SYS_IOCTL, fd, request.number, argument) < 0 ? Native.getLastError() : 0;
	}

	/** What the kernel calls the calling thread. */
	static int thread() {
		return (int) syscall(SYS_GETTID, 0, 0, 0);
	}

	/** Signals a thread of this process. One that has ended is no error. */
	static void signal(int thread, int signal) {
		syscall(SYS_TGKILL, syscall(SYS_GETPID, 0, 0, 0), thread, signal);
	}

	static native int open(String path, int flags) throws LastErrorException;

	static native int close(int fd) throws LastErrorException;

	static native int ioctl(int fd, long request, long argument) throws LastErrorException;

	static native int ioctl(int fd, long request, ByteBuffer argument) throws LastErrorException;

	static native Pointer mmap(Pointer at, long length, int protection, int flags, int fd, long offset)
			throws LastErrorException;

	static native int munmap(Pointer at, long length) throws LastErrorException;

	static native int eventfd(int count, int flags) throws LastErrorException;

	static native int epoll_create1(int flags) throws LastErrorException;

	static native int epoll_ctl(int epoll, int operation, int fd, ByteBuffer event) throws LastErrorException;

	/** @return -1 on failure */
	static native int epoll_wait(int epoll, ByteBuffer events, int most, int timeout);

	/** @return -1 on failure */
	static native long read(int fd, ByteBuffer target, long length);

	static native long write(int fd, ByteBuffer source, long length) throws LastErrorException;

	static native int sigaction(int signal, ByteBuffer action, ByteBuffer previous) throws LastErrorException;

	/** @return 0, or the errno */
	static native int pthread_sigmask(int how, ByteBuffer set, Pointer previous);

	/** By number, because the C library has had names for those we use only since 2019. @return -1 on failure */
	private static native long syscall(long number, long a, long b, long c);

	private static native long syscall(long number, long a, long b, ByteBuffer c);
}
