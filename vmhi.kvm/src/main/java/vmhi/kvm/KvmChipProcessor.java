package vmhi.kvm;

import java.util.List;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.InterruptController;
import vmhi.api.memory.GuestMemory;

/** One VM of KVM's that has its interrupt controllers in the kernel. */
final class KvmChipProcessor extends KvmProcessor implements InterruptController {
	private final KvmChips chips;

	KvmChipProcessor(KvmVm vm, GuestMemory ram, KvmMemory memory, List<KvmVcpu> vcpus, KvmChips chips) {
		super(vm, ram, memory, vcpus);
		this.chips = chips;
	}

	@Override
	public void line(int gsi, boolean asserted) {
		chips.line(gsi, asserted);
	}

	@Override
	public void message(long address, int data) {
		chips.message(address, data);
	}

	@Override
	public ChipState saveChips() throws CpuException {
		return chips.saveChips();
	}

	@Override
	public void restoreChips(ChipState state) throws CpuException {
		chips.restoreChips(state);
	}
}
