package vmhi.kvm;

import java.nio.ByteBuffer;

import vmhi.api.cpu.CpuState.Events;

/**
 * {@code struct kvm_vcpu_events}, asm/kvm.h: what is pending or being delivered.
 * <p>
 * {@code KVM_CAP_EXCEPTION_PAYLOAD} is left off: KVM then puts the address of a page fault into CR2, and the cause of a
 * debug exception into DR6, when it is asked for the events, and an exception has no payload left to carry. It also
 * means that the events are read before these registers are.
 */
final class KvmEvents {
	static final int EXCEPTION_INJECTED = 0; // u8
	static final int EXCEPTION_NR = 1; // u8
	static final int EXCEPTION_HAS_ERROR_CODE = 2; // u8
	static final int EXCEPTION_ERROR_CODE = 4; // u32
	static final int INTERRUPT_INJECTED = 8; // u8
	static final int INTERRUPT_NR = 9; // u8
	static final int INTERRUPT_SOFT = 10; // u8
	static final int INTERRUPT_SHADOW = 11; // u8, the bits of the contract
	static final int NMI_INJECTED = 12; // u8
	static final int NMI_PENDING = 13; // u8
	static final int NMI_MASKED = 14; // u8
	static final int SIPI_VECTOR = 16; // u32
	static final int FLAGS = 20; // u32
	static final int SMI_SMM = 24; // u8
	static final int SIZE = 64;

	// flags that say which parts of the structure are meant
	static final int VALID_NMI_PENDING = 1;
	static final int VALID_SIPI_VECTOR = 2;
	static final int VALID_SHADOW = 4;

	private KvmEvents() {}

	/** Whether the guest is in system management mode, for which the contract has no place. */
	static boolean inSmm(ByteBuffer in) {
		return in.get(SMI_SMM) != 0;
	}

	static Events read(ByteBuffer in) {
		boolean exception = in.get(EXCEPTION_INJECTED) != 0;
		boolean interrupt = in.get(INTERRUPT_INJECTED) != 0;
		// an NMI whose delivery was interrupted waits like any other: KVM has unblocked NMIs for it
		boolean nmi = (in.get(NMI_PENDING) | in.get(NMI_INJECTED)) != 0;
		// a STARTUP message is never left over: to ask for the MP state is to have KVM act on it
		return new Events(exception ? Byte.toUnsignedInt(in.get(EXCEPTION_NR)) : -1,
				exception && in.get(EXCEPTION_HAS_ERROR_CODE) != 0, exception ? in.getInt(EXCEPTION_ERROR_CODE) : 0, 0,
				interrupt ? Byte.toUnsignedInt(in.get(INTERRUPT_NR)) : -1, interrupt && in.get(INTERRUPT_SOFT) != 0,
				in.get(INTERRUPT_SHADOW), nmi, in.get(NMI_MASKED) != 0, -1);
	}

	static ByteBuffer write(Events e) {
		ByteBuffer out = Kvm.buffer(SIZE);
		int flags = VALID_NMI_PENDING | VALID_SHADOW;
		if (e.exception() >= 0) {
			out.put(EXCEPTION_INJECTED, (byte) 1).put(EXCEPTION_NR, (byte) e.exception());
			flag(out, EXCEPTION_HAS_ERROR_CODE, e.exceptionHasError()).putInt(EXCEPTION_ERROR_CODE, e.exceptionError());
		}
		if (e.interrupt() >= 0)
			flag(out.put(INTERRUPT_INJECTED, (byte) 1).put(INTERRUPT_NR, (byte) e.interrupt()), INTERRUPT_SOFT,
					e.softInterrupt());
		out.put(INTERRUPT_SHADOW, (byte) e.interruptShadow());
		flag(out, NMI_PENDING, e.nmiPending());
		flag(out, NMI_MASKED, e.nmiBlocked());
		if (e.startupVector() >= 0) {
			out.putInt(SIPI_VECTOR, e.startupVector());
			flags |= VALID_SIPI_VECTOR;
		}
		return out.putInt(FLAGS, flags);
	}

	private static ByteBuffer flag(ByteBuffer out, int at, boolean value) {
		return out.put(at, (byte) (value ? 1 : 0));
	}
}
