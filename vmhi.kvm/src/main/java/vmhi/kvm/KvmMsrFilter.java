package vmhi.kvm;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.MsrRange;

/**
 * {@code struct kvm_msr_filter}, asm/kvm.h: which MSRs the guest may not reach in KVM itself, so that the access exits.
 * Those of an x2APIC (0x800 to 0x8ff) KVM never filters.
 */
final class KvmMsrFilter {
	static final int RANGES = 8; // struct kvm_msr_filter_range[16]
	static final int SIZE = 392;

	static final int MOST_RANGES = 16; // KVM_MSR_FILTER_MAX_RANGES
	static final int MOST_BITMAP = 0x600; // bytes, KVM_MSR_FILTER_MAX_BITMAP_SIZE

	// struct kvm_msr_filter_range
	static final int FLAGS = 0; // u32
	static final int NMSRS = 4; // u32
	static final int BASE = 8; // u32
	static final int BITMAP = 16; // pointer
	static final int RANGE_SIZE = 24;

	private static final int READ_AND_WRITE = 1 | 2;
	private static final int MOST_MSRS = MOST_BITMAP * Byte.SIZE;

	private final ByteBuffer structure = Kvm.buffer(SIZE);

	/** What all ranges point at: zeros, which deny. */
	private final ByteBuffer bitmap = Kvm.buffer(MOST_BITMAP);

	/** @throws CpuException of kind {@code UNSUPPORTED} if KVM can't tell so many apart */
	KvmMsrFilter(List<MsrRange> trapped) throws CpuException {
		List<MsrRange> ranges = new ArrayList<>();
		for (MsrRange range : trapped)
			for (int done = 0; done < range.count(); done += MOST_MSRS)
				ranges.add(new MsrRange(range.first() + done, Math.min(MOST_MSRS, range.count() - done)));
		if (ranges.size() > MOST_RANGES)
			throw new CpuException(Kind.UNSUPPORTED, "%d ranges of MSRs to trap, KVM takes %d (of up to %d each)"
					.formatted(ranges.size(), MOST_RANGES, MOST_MSRS));
		int at = RANGES;
		for (MsrRange range : ranges) {
			structure.putInt(at + FLAGS, READ_AND_WRITE).putInt(at + NMSRS, range.count()).putInt(at + BASE,
					range.first());
			structure.putLong(at + BITMAP, Kvm.address(bitmap));
			at += RANGE_SIZE;
		}
	}

	void applyTo(KvmFd vm) throws CpuException {
		vm.call(KvmRequest.X86_SET_MSR_FILTER, structure);
		Reference.reachabilityFence(bitmap); // KVM has taken a copy
	}
}
