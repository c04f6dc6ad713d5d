package vmhi.kvm;

import java.nio.ByteBuffer;

import vmhi.api.cpu.CpuState.General;

/** {@code struct kvm_regs}, asm/kvm.h: the general registers, in KVM's order. All are u64. */
final class KvmRegs {
	static final int RAX = 0;
	static final int RBX = 8;
	static final int RCX = 16;
	static final int RDX = 24;
	static final int RSI = 32;
	static final int RDI = 40;
	static final int RSP = 48;
	static final int RBP = 56;
	static final int R8 = 64; // and up to R15
	static final int RIP = 128;
	static final int RFLAGS = 136;
	static final int SIZE = 144;

	/** Where the register is that instructions give this number. */
	private static final int[] AT = { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R8 + 8, R8 + 16, R8 + 24, R8 + 32,
			R8 + 40, R8 + 48, R8 + 56 };

	static final int COUNT = AT.length;

	private KvmRegs() {}

	static long register(ByteBuffer in, int base, int number) {
		return in.getLong(base + AT[number]);
	}

	static void register(ByteBuffer in, int base, int number, long value) {
		in.putLong(base + AT[number], value);
	}

	static General read(ByteBuffer in) {
		long[] registers = new long[COUNT];
		for (int i = 0; i < COUNT; i++)
			registers[i] = register(in, 0, i);
		return new General(registers, in.getLong(RIP), in.getLong(RFLAGS));
	}

	static ByteBuffer write(General general) {
		ByteBuffer out = Kvm.buffer(SIZE);
		for (int i = 0; i < COUNT; i++)
			register(out, 0, i, general.registers()[i]);
		return out.putLong(RIP, general.rip()).putLong(RFLAGS, general.rflags());
	}
}
