package vmhi.softcpu.core;

import static vmhi.softcpu.core.SystemInsn.ending;
import static vmhi.softcpu.core.SystemInsn.jumping;
import static vmhi.softcpu.core.SystemInsn.notForUsers;
import static vmhi.softcpu.core.SystemInsn.plain;
import static vmhi.softcpu.core.SystemInsn.privileged;
import static vmhi.softcpu.core.SystemInsn.protectedOnly;

/** Descriptor tables and tasks, and what shares their opcodes: groups 6 and 7 (SDM volume 2, table A-6). */
final class DescriptorInsns {
	private DescriptorInsns() {}

	/** 0F 00. */
	static Insn group6(Decoder d) {
		d.modrm();
		return switch (d.modrm >> 3 & 7) {
			case 0 -> storeSelector(d, Cpu.LDTR);
			case 1 -> storeSelector(d, Cpu.TR);
			case 2 -> plain(d, 2, (c, i) -> {
				protectedOnly(c);
				privileged(c);
				c.segmentation.loadLdt(i.selectorOperand(c));
			});
			case 3 -> plain(d, 2, (c, i) -> {
				protectedOnly(c);
				privileged(c);
				c.segmentation.loadTask(i.selectorOperand(c));
			});
			case 4, 5 -> verify(d, (d.modrm >> 3 & 1) != 0);
			default -> null;
		};
	}

	private static Insn storeSelector(Decoder d, int segment) {
		return plain(d, d.memory ? 2 : d.operandSize, (c, i) -> {
			protectedOnly(c);
			notForUsers(c);
			store(c, i, c.selector[segment]);
		}).accessing(2, true);
	}

	private static void store(Cpu c, SystemInsn i, long value) {
		if (i.memory)
			c.store16(i.address(c), (int) value);
		else
			c.reg(i.rm, i.size, value);
	}

	private static Insn verify(Decoder d, boolean write) {
		return plain(d, 2, (c, i) -> {
			protectedOnly(c);
			SystemInsn.zero(c, c.segmentation.verify(i.selectorOperand(c), write));
		});
	}

	/** LAR and LSL. */
	static Insn question(Decoder d, boolean rights) {
		d.modrm();
		return plain(d, d.operandSize, (c, i) -> {
			protectedOnly(c);
			int selector = i.selectorOperand(c);
			long answer = rights ? c.segmentation.accessRights(selector) : c.segmentation.segmentLimit(selector);
			if (answer != -1)
				c.reg(i.reg, i.size, answer);
			SystemInsn.zero(c, answer != -1);
		}).accessing(2, false);
	}

	/** 0F 01. */
	static Insn group7(Decoder d) {
		d.modrm();
		int operation = d.modrm >> 3 & 7;
		if (operation == 4)
			return plain(d, d.memory ? 2 : d.operandSize, (c, i) -> {
				notForUsers(c);
				store(c, i, c.cr0);
			}).accessing(2, true);
		if (operation == 6)
			return ending(d, 2, (c, i) -> ControlInsns.loadStatusWord(c, i.selectorOperand(c)));
		if (!d.memory)
			return without(d);
		int base = d.codeBits == 64 ? 8 : 4;
		return switch (operation) {
			case 0 -> storeTable(d, base, false);
			case 1 -> storeTable(d, base, true);
			case 2 -> loadTable(d, base, false);
			case 3 -> loadTable(d, base, true);
			case 7 -> ending(d, 1, (c, i) -> {
				privileged(c);
				c.paging.invalidate(i.address(c));
			});
			default -> null;
		};
	}

	private static Insn storeTable(Decoder d, int baseSize, boolean interrupts) {
		return plain(d, baseSize, (c, i) -> {
			notForUsers(c);
			long base = i.address(c, 2);
			c.loadForStore(base, i.size);
			c.store16(i.address(c), interrupts ? c.idtLimit : c.gdtLimit);
			c.store(base, i.size, interrupts ? c.idtBase : c.gdtBase);
		}).accessing(2, true);
	}

	private static Insn loadTable(Decoder d, int baseSize, boolean interrupts) {
		boolean short24 = d.codeBits != 64 && d.operandSize == 2;
		return plain(d, baseSize, (c, i) -> {
			privileged(c);
			int limit = c.load16(i.address(c));
			long base = c.load(i.address(c, 2), i.size);
			if (short24)
				base &= 0xff_ffff;
			if (!Segmentation.canonical(base))
				throw c.protection();
			if (interrupts) {
				c.idtBase = base;
				c.idtLimit = limit;
			} else {
				c.gdtBase = base;
				c.gdtLimit = limit;
			}
		}).accessing(2, false);
	}

	/** Group 7 without a memory operand: an opcode each. */
	private static Insn without(Decoder d) {
		if (d.rep != 0 || d.operandPrefix)
			return null;
		return switch (d.modrm) {
			case 0xc1, 0xd9 -> jumping(d, 0, DescriptorInsns::hypercall);
			case 0xca, 0xcb -> smap(d, d.modrm == 0xcb);
			case 0xd0 -> plain(d, 0, (c, i) -> {
				extendedState(c);
				if ((int) c.r[Cpu.RCX] != 0)
					throw c.protection();
				c.r[Cpu.RAX] = c.xcr0 & 0xffff_ffffL;
				c.r[Cpu.RDX] = c.xcr0 >>> 32;
			});
			case 0xd1 -> plain(d, 0, DescriptorInsns::setExtendedControl);
			case 0xf8 -> d.codeBits != 64 ? null : plain(d, 0, (c, i) -> {
				privileged(c);
				long base = c.base[Cpu.GS];
				c.base[Cpu.GS] = c.msrs.kernelGsBase;
				c.msrs.kernelGsBase = base;
			});
			case 0xf9 -> plain(d, 0, (c, i) -> {
				if (!c.cpuid.hasRdtscp())
					throw c.undefined();
				MsrInsns.readTimeStamp(c);
				c.r[Cpu.RCX] = c.msrs.tscAux & 0xffff_ffffL;
			});
			default -> null;
		};
	}

	/** VMCALL and VMMCALL. The instruction is behind us when the host is called, which may end this thread. */
	private static void hypercall(Cpu c, SystemInsn i) {
		c.rip = i.next;
		c.mmio.end();
		c.presence.leave();
		boolean known = c.machine.host.hypercall(c.context);
		c.presence.enter();
		if (!known) {
			c.rip = i.rip;
			throw c.undefined();
		}
	}

	private static Insn smap(Decoder d, boolean set) {
		return ending(d, 0, (c, i) -> {
			if (!c.cpuid.hasSmap() || c.cpl != 0)
				throw c.undefined();
			long flags = set ? c.flags | Flags.AC : c.flags & ~Flags.AC;
			if (flags == c.flags)
				return;
			c.flags = flags;
			c.paging.contextChanged();
		});
	}

	private static void extendedState(Cpu c) {
		if ((c.cr4 & Cpu.CR4_OSXSAVE) == 0)
			throw c.undefined();
	}

	/** XSETBV: there are the FPU, which is always on, and SSE. */
	private static void setExtendedControl(Cpu c, SystemInsn i) {
		extendedState(c);
		privileged(c);
		long value = c.r[Cpu.RDX] << 32 | c.r[Cpu.RAX] & 0xffff_ffffL;
		if ((int) c.r[Cpu.RCX] != 0 || !StateTransfer.isExtendedControl(value))
			throw c.protection();
		c.xcr0 = value;
	}
}
