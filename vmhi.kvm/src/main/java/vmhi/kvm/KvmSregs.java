package vmhi.kvm;

import java.nio.ByteBuffer;

import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;

/** {@code struct kvm_sregs}, asm/kvm.h: segments, control registers and what belongs to them. */
final class KvmSregs {
	static final int CS = 0; // struct kvm_segment, as those that follow
	static final int DS = 24;
	static final int ES = 48;
	static final int FS = 72;
	static final int GS = 96;
	static final int SS = 120;
	static final int TR = 144;
	static final int LDT = 168;
	static final int GDT = 192; // struct kvm_dtable
	static final int IDT = 208; // struct kvm_dtable
	static final int CR0 = 224; // u64, as those that follow
	static final int CR2 = 232;
	static final int CR3 = 240;
	static final int CR4 = 248;
	static final int CR8 = 256;
	static final int EFER = 264;
	static final int APIC_BASE = 272;
	static final int INTERRUPT_BITMAP = 280; // u64[4]; an interrupt in delivery is taken from the events instead
	static final int SIZE = 312;

	// struct kvm_segment
	static final int BASE = 0; // u64
	static final int LIMIT = 8; // u32
	static final int SELECTOR = 12; // u16
	static final int TYPE = 14; // u8, as all that follow
	static final int PRESENT = 15;
	static final int DPL = 16;
	static final int DB = 17;
	static final int S = 18;
	static final int L = 19;
	static final int G = 20;
	static final int AVL = 21;
	static final int UNUSABLE = 22;

	// struct kvm_dtable
	static final int TABLE_BASE = 0; // u64
	static final int TABLE_LIMIT = 8; // u16

	private static final long CR0_PE = 1;
	private static final long EFER_LMA = 1 << 10;
	private static final long RFLAGS_VM = 1 << 17;

	private KvmSregs() {}

	static SystemRegisters read(ByteBuffer in) {
		return new SystemRegisters(segment(in, CS), segment(in, DS), segment(in, ES), segment(in, FS), segment(in, GS),
				segment(in, SS), segment(in, TR), segment(in, LDT), table(in, GDT), table(in, IDT), in.getLong(CR0),
				in.getLong(CR2), in.getLong(CR3), in.getLong(CR4), in.getLong(CR8), in.getLong(EFER),
				in.getLong(APIC_BASE));
	}

	static ByteBuffer write(SystemRegisters s) {
		ByteBuffer out = Kvm.buffer(SIZE);
		segment(out, CS, s.cs());
		segment(out, DS, s.ds());
		segment(out, ES, s.es());
		segment(out, FS, s.fs());
		segment(out, GS, s.gs());
		segment(out, SS, s.ss());
		segment(out, TR, s.tr());
		segment(out, LDT, s.ldt());
		table(out, GDT, s.gdt());
		table(out, IDT, s.idt());
		return out.putLong(CR0, s.cr0()).putLong(CR2, s.cr2()).putLong(CR3, s.cr3()).putLong(CR4, s.cr4())
				.putLong(CR8, s.cr8()).putLong(EFER, s.efer()).putLong(APIC_BASE, s.apicBase());
	}

	/** The current privilege level: that of the stack, as KVM itself has it. */
	static int privilege(ByteBuffer in, int base, long rflags) {
		if ((in.getLong(base + CR0) & CR0_PE) == 0)
			return 0;
		return (rflags & RFLAGS_VM) != 0 ? 3 : in.get(base + SS + DPL);
	}

	/** Width of the code: 64, 32 or 16. */
	static int codeBits(ByteBuffer in, int base) {
		if ((in.getLong(base + EFER) & EFER_LMA) != 0 && in.get(base + CS + L) != 0)
			return 64;
		return in.get(base + CS + DB) != 0 ? 32 : 16;
	}

	private static Segment segment(ByteBuffer in, int at) {
		int attributes = in.get(at + TYPE) | in.get(at + S) << 4 | in.get(at + DPL) << 5 | in.get(at + PRESENT) << 7
				| in.get(at + AVL) << 8 | in.get(at + L) << 9 | in.get(at + DB) << 10 | in.get(at + G) << 11
				| in.get(at + UNUSABLE) << 12;
		return new Segment(Short.toUnsignedInt(in.getShort(at + SELECTOR)), in.getLong(at + BASE),
				in.getInt(at + LIMIT),
				attributes);
	}

	private static void segment(ByteBuffer out, int at, Segment s) {
		int a = s.attributes();
		out.putLong(at + BASE, s.base()).putInt(at + LIMIT, s.limit()).putShort(at + SELECTOR, (short) s.selector());
		out.put(at + TYPE, (byte) (a & 0xf));
		bit(out, at + S, a, 4);
		out.put(at + DPL, (byte) (a >>> 5 & 3));
		bit(out, at + PRESENT, a, 7);
		bit(out, at + AVL, a, 8);
		bit(out, at + L, a, 9);
		bit(out, at + DB, a, 10);
		bit(out, at + G, a, 11);
		bit(out, at + UNUSABLE, a, 12);
	}

	private static void bit(ByteBuffer out, int at, int attributes, int bit) {
		out.put(at, (byte) (attributes >>> bit & 1));
	}

	private static Table table(ByteBuffer in, int at) {
		return new Table(in.getLong(at + TABLE_BASE), Short.toUnsignedInt(in.getShort(at + TABLE_LIMIT)));
	}

	private static void table(ByteBuffer out, int at, Table t) {
		out.putLong(at + TABLE_BASE, t.base()).putShort(at + TABLE_LIMIT, (short) t.limit());
	}
}
