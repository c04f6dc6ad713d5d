package vmhi.kvm;

import java.nio.ByteBuffer;

import com.sun.jna.LastErrorException;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;

/** A file descriptor of KVM's, and the ioctls of the control path on it. What fails says which, and why. */
final class KvmFd implements AutoCloseable {
	// struct kvm_enable_cap
	static final int ENABLE_CAP_SIZE = 104;
	static final int CAP = 0; // u32
	static final int ARGS = 8; // u64[4]

	final int number;
	private final String name;
	private boolean closed;

	/** @param name what messages begin with, such as {@code "/dev/kvm"} */
	KvmFd(int number, String name) {
		this.number = number;
		this.name = name;
	}

	int call(KvmRequest request, long argument) throws CpuException {
		try {
			return Kvm.ioctl(number, request.number, argument);
		} catch (LastErrorException e) {
			throw failed(request, e);
		}
	}

	int call(KvmRequest request, ByteBuffer argument) throws CpuException {
		try {
			return Kvm.ioctl(number, request.number, argument);
		} catch (LastErrorException e) {
			throw failed(request, e);
		}
	}

	/** @return 0 where this KVM has never heard of it */
	int extension(KvmCap ability) throws CpuException {
		return call(KvmRequest.CHECK_EXTENSION, ability.number);
	}

	/** Turns on an ability of a VM. */
	void enable(KvmCap ability, long argument) throws CpuException {
		ByteBuffer cap = Kvm.buffer(ENABLE_CAP_SIZE).putInt(CAP, ability.number).putLong(ARGS, argument);
		call(KvmRequest.ENABLE_CAP, cap);
	}

	/** A second call does nothing. */
	@Override
	public void close() {
		if (closed)
			return;
		closed = true;
		Kvm.close(number);
	}

	private CpuException failed(KvmRequest request, LastErrorException e) {
		return new CpuException(Kind.HOST, "%s: %s: %s".formatted(name, request, e.getMessage()), e);
	}
}
