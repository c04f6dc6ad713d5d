package vmhi.softcpu.core;

import static vmhi.softcpu.core.SystemInsn.jumping;

/** SYSCALL, SYSENTER and the ways back, as Intel's processors have them. */
final class FastCallInsns {
	/** What SYSRET takes over from R11 (SDM volume 2, SYSRET). */
	private static final long RETURN_FLAGS = 0x3c_7fd7;

	private FastCallInsns() {}

	static Insn decode(Decoder d, int opcode) {
		boolean wide = d.rexW;
		return switch (opcode) {
			case 0x0f05 -> d.codeBits == 64 ? jumping(d, 0, FastCallInsns::syscall) : null;
			case 0x0f07 -> d.codeBits == 64 ? jumping(d, 0, (c, i) -> sysret(c, wide)) : null;
			case 0x0f34 -> jumping(d, 0, (c, i) -> sysenter(c));
			default -> jumping(d, 0, (c, i) -> sysexit(c, wide));
		};
	}

	private static void syscall(Cpu c, SystemInsn i) {
		if ((c.efer & Cpu.EFER_SCE) == 0)
			throw c.undefined();
		long flags = c.rflags();
		c.r[Cpu.RCX] = i.next;
		c.r[11] = flags;
		int selector = (int) (c.msrs.star >>> 32) & 0xfffc;
		c.segmentation.flat(selector, selector + 8 & 0xffff, true, 0);
		c.rip = c.msrs.lstar;
		c.rflags(flags & ~(c.msrs.syscallMask | Flags.RF));
		c.entered = (c.flags & Flags.TF) == 0;
	}

	private static void sysret(Cpu c, boolean wide) {
		if ((c.efer & Cpu.EFER_SCE) == 0)
			throw c.undefined();
		SystemInsn.privileged(c);
		long target = c.r[Cpu.RCX];
		if (wide && !Segmentation.canonical(target))
			throw c.protection();
		int selector = (int) (c.msrs.star >>> 48);
		c.segmentation.flat(selector + (wide ? 16 : 0) & 0xffff | 3, selector + 8 & 0xffff | 3, wide, 3);
		c.rip = wide ? target : target & 0xffff_ffffL;
		c.rflags(c.r[11] & RETURN_FLAGS);
	}

	private static int entrySelector(Cpu c) {
		int selector = (int) c.msrs.sysenterCs & 0xfffc;
		if (!c.protectedMode() || selector == 0)
			throw c.protection();
		return selector;
	}

	private static void sysenter(Cpu c) {
		int selector = entrySelector(c);
		boolean wide = c.longMode();
		boolean virtual = c.virtual8086();
		c.rflags(c.rflags() & ~(long) (Flags.VM | Flags.IF | Flags.RF));
		c.segmentation.flat(selector, selector + 8 & 0xffff, wide, 0);
		if (virtual)
			c.segmentation.modeChanged();
		c.rip = wide ? c.msrs.sysenterEip : c.msrs.sysenterEip & 0xffff_ffffL;
		c.r[Cpu.RSP] = wide ? c.msrs.sysenterEsp : c.msrs.sysenterEsp & 0xffff_ffffL;
	}

	private static void sysexit(Cpu c, boolean wide) {
		int selector = entrySelector(c);
		SystemInsn.privileged(c);
		long target = c.r[Cpu.RDX];
		long stack = c.r[Cpu.RCX];
		if (wide && (!Segmentation.canonical(target) || !Segmentation.canonical(stack)))
			throw c.protection();
		c.segmentation.flat(selector + (wide ? 32 : 16) & 0xffff | 3, selector + (wide ? 40 : 24) & 0xffff | 3, wide,
				3);
		c.rip = wide ? target : target & 0xffff_ffffL;
		c.r[Cpu.RSP] = wide ? stack : stack & 0xffff_ffffL;
	}
}
