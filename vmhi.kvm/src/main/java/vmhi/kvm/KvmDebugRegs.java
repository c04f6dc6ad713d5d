package vmhi.kvm;

import java.nio.ByteBuffer;

import vmhi.api.cpu.CpuState.Debug;

/** {@code struct kvm_debugregs}, asm/kvm.h. */
final class KvmDebugRegs {
	static final int DB = 0; // u64[4]
	static final int DR6 = 32; // u64
	static final int DR7 = 40; // u64
	static final int SIZE = 128;

	static final int COUNT = 4;

	private KvmDebugRegs() {}

	static Debug read(ByteBuffer in) {
		long[] addresses = new long[COUNT];
		for (int i = 0; i < COUNT; i++)
			addresses[i] = in.getLong(DB + 8 * i);
		return new Debug(addresses, in.getLong(DR6), in.getLong(DR7));
	}

	static ByteBuffer write(Debug debug) {
		ByteBuffer out = Kvm.buffer(SIZE);
		for (int i = 0; i < COUNT; i++)
			out.putLong(DB + 8 * i, debug.dr0to3()[i]);
		return out.putLong(DR6, debug.dr6()).putLong(DR7, debug.dr7());
	}
}
