package vmhi.device.irqchip;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.CpuException;

/** Looks whether a {@link ChipState} is one of these chips. What is wrong within a register is not refused but cut off. */
final class ChipStates {

	private ChipStates() {}

	static void check(ChipState state) throws CpuException {
		if (state.lines().lastIndexOf(true) >= Chipset.LINES)
			throw misfit("line %d is asserted, there are %d".formatted(state.lines().lastIndexOf(true), Chipset.LINES));
		if (state.ioApic() != null)
			check(state.ioApic());
		if (state.pit() != null)
			check(state.pit());
	}

	private static void check(ChipState.IoApic ioApic) throws CpuException {
		if (ioApic.redirection().length != IoApic.PINS)
			throw misfit("I/O APIC has %d pins, not %d".formatted(ioApic.redirection().length, IoApic.PINS));
		if (ioApic.baseAddress() != IoApic.BASE)
			throw misfit("I/O APIC is at %#x, not %#x".formatted(ioApic.baseAddress(), IoApic.BASE));
	}

	private static void check(ChipState.Pit pit) throws CpuException {
		if (pit.channels().size() != Pit.CHANNELS)
			throw misfit("8254 has %d counters, not %d".formatted(pit.channels().size(), Pit.CHANNELS));
		for (ChipState.Channel channel : pit.channels())
			if (channel.count() < 1 || channel.count() > 0x1_0000)
				throw misfit("a count of the 8254 is %d, not 1..65536".formatted(channel.count()));
	}

	private static CpuException misfit(String what) {
		return new CpuException(CpuException.Kind.STATE, what);
	}
}
