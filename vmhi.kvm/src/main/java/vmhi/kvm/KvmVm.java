package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.StampedLock;

import vmhi.api.cpu.CpuException;

/**
 * The file descriptor of one VM, what its vCPUs are made with, and who may still use it.
 * <p>
 * Devices raise interrupts, and the core stops vCPUs, from threads of their own, perhaps just as the machine is closed.
 * A number of a file descriptor that was closed may by then belong to another machine, so such calls go through
 * {@link #enter} and {@link #leave}: they do nothing once closing has begun, and closing waits for those under way.
 * Neither blocks nor allocates. All else is for whoever keeps the machine open.
 */
final class KvmVm implements AutoCloseable {
	final KvmFd fd;

	/** What messages call it. */
	final String machine;

	/** Bytes to map of each vCPU. */
	final int runSize;

	/** Those that make up the state of a vCPU. */
	final int[] msrs;
	final KvmKick kick;

	/** Held for reading by calls under way; taken for writing, and kept, by {@link #shut}. */
	private final StampedLock calls = new StampedLock();

	KvmVm(KvmFd fd, String machine, int runSize, int[] msrs, KvmKick kick) {
		this.fd = fd;
		this.machine = machine;
		this.runSize = runSize;
		this.msrs = msrs;
		this.kick = kick;
		Kvm.acquire();
	}

	/** @return what {@link #leave} takes, or 0 if the machine is closed */
	long enter() {
		return calls.tryReadLock();
	}

	void leave(long entered) {
		calls.unlockRead(entered);
	}

	/** An ioctl that may come late. What KVM thinks of it is left to the guest. */
	void post(KvmRequest request, long argument) {
		long entered = enter();
		if (entered == 0)
			return;
		try {
			Kvm.request(fd.number, request, argument);
		} finally {
			leave(entered);
		}
	}

	/** Likewise, with a structure. */
	void post(KvmRequest request, ByteBuffer argument) {
		long entered = enter();
		if (entered == 0)
			return;
		try {
			Kvm.request(fd.number, request, argument);
		} finally {
			leave(entered);
		}
	}

	/** Ends {@link #enter}. To be called before anything is unmapped or closed that is used behind it. */
	void shut() {
		if (!calls.isWriteLocked())
			calls.writeLock();
	}

	@Override
	public void close() {
		fd.close();
		Kvm.release();
	}
}
