package vmhi.kvm;

import java.nio.ByteBuffer;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;

/**
 * The signal that gets a thread out of KVM_RUN, and does nothing else.
 * <p>
 * A signal that is ignored does not interrupt a system call, so there has to be a handler. It is the C library's {@code
 * abs}: it takes an int and touches nothing. No callback into Java would do, since it may come at any moment; and it
 * has to be there for as long as the process, because a signal may still be on its way when the bundle that sent it is
 * gone. So it is never taken away. A later bundle, or one in another class loader, finds it and uses the same signal.
 * Without SA_RESTART, or KVM_RUN would just be entered again. The thread is signalled only while it is in KVM_RUN or a
 * few instructions away; there the signal may at worst make a system call of the JVM's return EINTR, which the JVM
 * expects of all of them.
 */
final class KvmKick {
	// real-time signals that neither a C library (up to 34) nor the JDK's channels (62) use for themselves
	private static final int FIRST = 40, LAST = 58;

	// struct sigaction of the C library on x86-64
	static final int SA_HANDLER = 0; // pointer
	static final int SA_MASK = 8; // sigset_t
	static final int SIGACTION_SIZE = 152;
	static final int SIGSET_SIZE = 128;

	private static final long SIG_DFL = 0;

	final int signal;
	private final ByteBuffer set = Kvm.buffer(SIGSET_SIZE);

	private KvmKick(int signal) {
		this.signal = signal;
		set.putLong(0, 1L << signal - 1);
	}

	/** Finds the signal, and puts the handler in place if nobody has yet. */
	static KvmKick install() throws CpuException {
		long handler = Pointer.nativeValue(NativeLibrary.getProcess().getGlobalVariableAddress("abs"));
		ByteBuffer action = Kvm.buffer(SIGACTION_SIZE);
		try {
			for (int signal = FIRST; signal <= LAST; signal++) {
				Kvm.sigaction(signal, null, action);
				long present = action.getLong(SA_HANDLER);
				if (present == SIG_DFL)
					Kvm.sigaction(signal, Kvm.buffer(SIGACTION_SIZE).putLong(SA_HANDLER, handler), null);
				if (present == SIG_DFL || present == handler)
					return new KvmKick(signal);
			}
		} catch (LastErrorException e) {
			throw new CpuException(Kind.HOST, "sigaction: " + e.getMessage(), e);
		}
		throw new CpuException(Kind.HOST, "all real-time signals from %d to %d are in use in this process, and a vCPU "
				.formatted(FIRST, LAST) + "needs one to be stopped");
	}

	/** Lets the calling thread be signalled, whatever mask it inherited. @return its number */
	int adoptThread() {
		Kvm.pthread_sigmask(Kvm.SIG_UNBLOCK, set, null);
		return Kvm.thread();
	}

	void signal(int thread) {
		Kvm.signal(thread, signal);
	}
}
