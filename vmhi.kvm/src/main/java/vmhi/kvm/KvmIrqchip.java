package vmhi.kvm;

import java.nio.ByteBuffer;

import vmhi.api.cpu.ChipState.IoApic;
import vmhi.api.cpu.ChipState.Pic;

/** {@code struct kvm_irqchip}, linux/kvm.h: one of the interrupt controllers that serve all vCPUs. */
final class KvmIrqchip {
	static final int CHIP_ID = 0; // u32
	static final int CHIP = 8; // a union of those below
	static final int SIZE = 520;

	static final int PRIMARY_PIC = 0;
	static final int SECONDARY_PIC = 1;
	static final int IO_APIC = 2;

	// struct kvm_ioapic_state
	static final int BASE_ADDRESS = CHIP; // u64
	static final int IOREGSEL = CHIP + 8; // u32
	static final int ID = CHIP + 12; // u32
	static final int IO_IRR = CHIP + 16; // u32
	static final int REDIRTBL = CHIP + 24; // u64[24]
	static final int PINS = 24; // KVM_IOAPIC_NUM_PINS

	private static final long REDIRECTION_MASKED = 1 << 16;

	// struct kvm_pic_state, all u8
	static final int LAST_IRR = CHIP;
	static final int IRR = CHIP + 1;
	static final int IMR = CHIP + 2;
	static final int ISR = CHIP + 3;
	static final int PRIORITY_ADD = CHIP + 4;
	static final int IRQ_BASE = CHIP + 5;
	static final int READ_REG_SELECT = CHIP + 6;
	static final int POLL = CHIP + 7;
	static final int SPECIAL_MASK = CHIP + 8;
	static final int INIT_STATE = CHIP + 9;
	static final int AUTO_EOI = CHIP + 10;
	static final int ROTATE_ON_AUTO_EOI = CHIP + 11;
	static final int SPECIAL_FULLY_NESTED_MODE = CHIP + 12;
	static final int INIT4 = CHIP + 13;
	static final int ELCR = CHIP + 14;
	static final int ELCR_MASK = CHIP + 15;

	private KvmIrqchip() {}

	static ByteBuffer chip(int id) {
		return Kvm.buffer(SIZE).putInt(CHIP_ID, id);
	}

	static IoApic readIoApic(ByteBuffer in) {
		long[] redirection = new long[PINS];
		for (int i = 0; i < PINS; i++)
			redirection[i] = in.getLong(REDIRTBL + 8 * i);
		return new IoApic(in.getLong(BASE_ADDRESS), in.getInt(IOREGSEL), in.getInt(ID), redirection, in.getInt(IO_IRR));
	}

	/** @param ioApic of {@link #PINS} pins */
	static ByteBuffer write(IoApic ioApic) {
		ByteBuffer out = chip(IO_APIC).putLong(BASE_ADDRESS, ioApic.baseAddress()).putInt(IOREGSEL, ioApic.select())
				.putInt(ID, ioApic.id()).putInt(IO_IRR, ioApic.pending());
		for (int i = 0; i < PINS; i++)
			out.putLong(REDIRTBL + 8 * i, ioApic.redirection()[i]);
		return out;
	}

	static Pic readPic(ByteBuffer in) {
		return new Pic(u8(in, LAST_IRR), u8(in, IRR), u8(in, IMR), u8(in, ISR), u8(in, PRIORITY_ADD), u8(in, IRQ_BASE),
				flag(in, READ_REG_SELECT), flag(in, POLL), flag(in, SPECIAL_MASK), u8(in, INIT_STATE),
				flag(in, AUTO_EOI),
				flag(in, ROTATE_ON_AUTO_EOI), flag(in, SPECIAL_FULLY_NESTED_MODE), flag(in, INIT4), u8(in, ELCR),
				u8(in, ELCR_MASK));
	}

	static ByteBuffer write(int id, Pic p) {
		ByteBuffer out = chip(id);
		u8(out, LAST_IRR, p.lastIrr());
		u8(out, IRR, p.irr());
		u8(out, IMR, p.imr());
		u8(out, ISR, p.isr());
		u8(out, PRIORITY_ADD, p.priorityAdd());
		u8(out, IRQ_BASE, p.irqBase());
		flag(out, READ_REG_SELECT, p.readIsr());
		flag(out, POLL, p.poll());
		flag(out, SPECIAL_MASK, p.specialMask());
		u8(out, INIT_STATE, p.initState());
		flag(out, AUTO_EOI, p.autoEoi());
		flag(out, ROTATE_ON_AUTO_EOI, p.rotateOnAutoEoi());
		flag(out, SPECIAL_FULLY_NESTED_MODE, p.specialFullyNested());
		flag(out, INIT4, p.init4());
		u8(out, ELCR, p.elcr());
		u8(out, ELCR_MASK, p.elcrMask());
		return out;
	}

	/** Masks all inputs of an I/O APIC or a primary 8259, which the secondary is an input of. */
	static ByteBuffer masked(ByteBuffer chip) {
		if (chip.getInt(CHIP_ID) == IO_APIC)
			for (int i = 0; i < PINS; i++)
				chip.putLong(REDIRTBL + 8 * i, REDIRECTION_MASKED);
		else
			u8(chip, IMR, 0xff);
		return chip;
	}

	private static int u8(ByteBuffer in, int at) {
		return in.get(at) & 0xff;
	}

	private static void u8(ByteBuffer out, int at, int value) {
		out.put(at, (byte) value);
	}

	private static boolean flag(ByteBuffer in, int at) {
		return in.get(at) != 0;
	}

	private static void flag(ByteBuffer out, int at, boolean value) {
		out.put(at, (byte) (value ? 1 : 0));
	}
}
