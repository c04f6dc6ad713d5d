package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntBinaryOperator;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.InterruptController;

/**
 * The interrupt controllers and the timer that KVM has in the kernel: I/O APIC, 8259 pair, 8254. The local APICs come
 * with them and belong to the vCPUs.
 * <p>
 * Interrupts are raised by ioctl. An eventfd in their place (irqfd) is for those who are in the kernel or in another
 * process, such as vhost and VFIO: from here the write to it would be a system call too, and a level line would need a
 * second eventfd and somebody to read it.
 * <p>
 * {@link #line} and {@link #message} may be called from any thread, also after the VM was closed.
 */
final class KvmChips implements InterruptController {
	// struct kvm_irq_level
	static final int IRQ = 0; // u32
	static final int LEVEL = 4; // u32
	static final int IRQ_LEVEL_SIZE = 8;

	// struct kvm_msi
	static final int ADDRESS_LO = 0; // u32
	static final int ADDRESS_HI = 4; // u32
	static final int DATA = 8; // u32
	static final int MSI_SIZE = 32;

	private static final int MESSAGE_PREFIX = 0xfee0_0000; // of the low half, SDM volume 3, 10.11.1
	private static final int MESSAGE_PREFIX_MASK = 0xfff0_0000;

	private static final IntBinaryOperator SET = (lines, line) -> lines | line;
	private static final IntBinaryOperator CLEAR = (lines, line) -> lines & ~line;

	private final KvmVm vm;

	/** All requests for a line there can be, low and high of each, so that none has to be put together. */
	private final ByteBuffer levels = Kvm.buffer(2 * KvmIrqchip.PINS * IRQ_LEVEL_SIZE);
	private final long levelsAddress = Kvm.address(levels);

	/** The level of each line, which KVM knows but doesn't tell. */
	private final AtomicInteger lines = new AtomicInteger();

	/** A message for each thread that sends some. */
	private final ThreadLocal<ByteBuffer> message = ThreadLocal.withInitial(() -> Kvm.buffer(MSI_SIZE));

	/** To be made before the vCPUs. */
	KvmChips(KvmVm vm) throws CpuException {
		this.vm = vm;
		for (int i = 0; i < 2 * KvmIrqchip.PINS; i++)
			levels.putInt(i * IRQ_LEVEL_SIZE + IRQ, i / 2).putInt(i * IRQ_LEVEL_SIZE + LEVEL, i % 2);

		vm.fd.call(KvmRequest.CREATE_IRQCHIP, 0);
		vm.fd.call(KvmRequest.CREATE_PIT2,
				Kvm.buffer(KvmPit.CONFIG_SIZE).putInt(KvmPit.CONFIG_FLAGS, KvmPit.CONFIG_SPEAKER_DUMMY));
	}

	@Override
	public void line(int gsi, boolean asserted) {
		if (Integer.compareUnsigned(gsi, KvmIrqchip.PINS) >= 0)
			return;
		lines.accumulateAndGet(1 << gsi, asserted ? SET : CLEAR);
		vm.post(KvmRequest.IRQ_LINE, levelsAddress + (2L * gsi + (asserted ? 1 : 0)) * IRQ_LEVEL_SIZE);
	}

	@Override
	public void message(long address, int data) {
		if (((int) address & MESSAGE_PREFIX_MASK) != MESSAGE_PREFIX)
			return; // a guest's mistake: KVM would look at some of its bits all the same
		ByteBuffer msi = message.get();
		msi.putLong(ADDRESS_LO, address).putInt(DATA, data);
		vm.post(KvmRequest.SIGNAL_MSI, msi);
	}

	@Override
	public ChipState saveChips() throws CpuException {
		ByteBuffer pit = Kvm.buffer(KvmPit.SIZE);
		vm.fd.call(KvmRequest.GET_PIT2, pit);
		List<Boolean> levels = new ArrayList<>();
		for (int gsi = 0; gsi < KvmIrqchip.PINS; gsi++)
			levels.add((lines.get() >>> gsi & 1) != 0);
		return new ChipState(KvmIrqchip.readIoApic(chip(KvmIrqchip.IO_APIC)),
				KvmIrqchip.readPic(chip(KvmIrqchip.PRIMARY_PIC)), KvmIrqchip.readPic(chip(KvmIrqchip.SECONDARY_PIC)),
				KvmPit.read(pit, System.nanoTime()), levels);
	}

	/**
	 * Lines before chips: an edge that they make here has been made before, and what it left is in the state of the
	 * chips. It must not get through to a vCPU a second time, so all inputs are masked meanwhile.
	 */
	@Override
	public void restoreChips(ChipState state) throws CpuException {
		check(state);
		if (state.primaryPic() != null)
			put("primary 8259", KvmRequest.SET_IRQCHIP, KvmIrqchip.masked(
					KvmIrqchip.write(KvmIrqchip.PRIMARY_PIC, state.primaryPic())));
		if (state.ioApic() != null)
			put("I/O APIC", KvmRequest.SET_IRQCHIP, KvmIrqchip.masked(KvmIrqchip.write(state.ioApic())));
		for (int gsi = 0; gsi < KvmIrqchip.PINS; gsi++)
			line(gsi, gsi < state.lines().size() && state.lines().get(gsi));
		if (state.primaryPic() != null)
			put("primary 8259", KvmRequest.SET_IRQCHIP, KvmIrqchip.write(KvmIrqchip.PRIMARY_PIC, state.primaryPic()));
		if (state.secondaryPic() != null)
			put("secondary 8259", KvmRequest.SET_IRQCHIP,
					KvmIrqchip.write(KvmIrqchip.SECONDARY_PIC, state.secondaryPic()));
		if (state.ioApic() != null)
			put("I/O APIC", KvmRequest.SET_IRQCHIP, KvmIrqchip.write(state.ioApic()));
		if (state.pit() != null)
			put("8254", KvmRequest.SET_PIT2, KvmPit.write(state.pit(), System.nanoTime()));
	}

	private static void check(ChipState state) throws CpuException {
		if (state.ioApic() != null && state.ioApic().redirection().length != KvmIrqchip.PINS)
			throw misfit("I/O APIC has %d pins, KVM's has %d".formatted(state.ioApic().redirection().length,
					KvmIrqchip.PINS));
		if (state.lines().lastIndexOf(true) >= KvmIrqchip.PINS)
			throw misfit("line %d is asserted, KVM has %d".formatted(state.lines().lastIndexOf(true), KvmIrqchip.PINS));
		if (state.pit() != null && state.pit().channels().size() != KvmPit.COUNT_OF_CHANNELS)
			throw misfit("8254 has %d channels, not %d".formatted(state.pit().channels().size(),
					KvmPit.COUNT_OF_CHANNELS));
	}

	private ByteBuffer chip(int id) throws CpuException {
		ByteBuffer chip = KvmIrqchip.chip(id);
		vm.fd.call(KvmRequest.GET_IRQCHIP, chip);
		return chip;
	}

	private void put(String chip, KvmRequest request, ByteBuffer state) throws CpuException {
		try {
			vm.fd.call(request, state);
		} catch (CpuException e) {
			throw new CpuException(Kind.STATE, "%s refused: %s".formatted(chip, e.getMessage()), e);
		}
	}

	private static CpuException misfit(String what) {
		return new CpuException(Kind.STATE, what);
	}
}
