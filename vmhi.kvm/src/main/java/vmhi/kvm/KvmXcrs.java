package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuState.Xcr;

/** {@code struct kvm_xcrs}, asm/kvm.h: the extended control registers. */
final class KvmXcrs {
	static final int NR_XCRS = 0; // u32
	static final int XCRS = 8; // struct kvm_xcr[16]
	static final int SIZE = 392;

	static final int MOST = 16; // KVM_MAX_XCRS

	// struct kvm_xcr
	static final int XCR = 0; // u32
	static final int VALUE = 8; // u64
	static final int ENTRY_SIZE = 16;

	private KvmXcrs() {}

	static List<Xcr> read(ByteBuffer in) {
		List<Xcr> xcrs = new ArrayList<>();
		for (int i = 0; i < Math.min(in.getInt(NR_XCRS), MOST); i++) {
			int at = XCRS + ENTRY_SIZE * i;
			xcrs.add(new Xcr(in.getInt(at + XCR), in.getLong(at + VALUE)));
		}
		return List.copyOf(xcrs);
	}

	/** @param xcrs {@link #MOST} or less */
	static ByteBuffer write(List<Xcr> xcrs) {
		ByteBuffer out = Kvm.buffer(SIZE).putInt(NR_XCRS, xcrs.size());
		int at = XCRS;
		for (Xcr xcr : xcrs) {
			out.putInt(at + XCR, xcr.index()).putLong(at + VALUE, xcr.value());
			at += ENTRY_SIZE;
		}
		return out;
	}
}
