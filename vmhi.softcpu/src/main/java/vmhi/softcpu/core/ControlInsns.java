package vmhi.softcpu.core;

import static vmhi.softcpu.core.SystemInsn.ending;
import static vmhi.softcpu.core.SystemInsn.plain;
import static vmhi.softcpu.core.SystemInsn.privileged;

/** Control and debug registers (SDM volume 3, 2.5 and 17.2). */
final class ControlInsns {
	private static final long CR0_KNOWN = Cpu.CR0_PE | Cpu.CR0_MP | Cpu.CR0_EM | Cpu.CR0_TS | Cpu.CR0_ET | Cpu.CR0_NE
			| Cpu.CR0_WP | Cpu.CR0_AM | Cpu.CR0_NW | Cpu.CR0_CD | Cpu.CR0_PG;
	/** What decides about translation. */
	private static final long CR0_PAGING = Cpu.CR0_PE | Cpu.CR0_PG | Cpu.CR0_WP;
	private static final long CR4_PAGING = Cpu.CR4_PSE | Cpu.CR4_PAE | Cpu.CR4_PGE | Cpu.CR4_SMEP | Cpu.CR4_SMAP;
	/** What changes has PAE paging look at its topmost entries anew (SDM volume 3, 4.4.1). */
	private static final long CR0_PAE = Cpu.CR0_PG | Cpu.CR0_CD | Cpu.CR0_NW;
	private static final long CR4_PAE = Cpu.CR4_PAE | Cpu.CR4_PGE | Cpu.CR4_PSE | Cpu.CR4_SMEP;
	private static final long DR6_KNOWN = 0xe00f, DR6_ONES = 0xffff_0ff0L;
	private static final long DR7_KNOWN = 0xffff_23ffL, DR7_ONES = 0x400, DR7_GD = 0x2000;
	/** Bit of DR6 for an access to a debug register that DR7.GD guards. */
	private static final long DR6_BD = 0x2000;

	private ControlInsns() {}

	static Insn decode(Decoder d, int opcode) {
		return switch (opcode) {
			case 0x0f06 -> ending(d, 0, (c, i) -> {
				privileged(c);
				c.cr0 &= ~Cpu.CR0_TS;
			});
			case 0x0f08, 0x0f09 -> plain(d, 0, (c, i) -> privileged(c)); // memory is always as the caches have it
			default -> move(d, opcode);
		};
	}

	/** The mod field does not count: both operands are registers. */
	private static Insn move(Decoder d, int opcode) {
		int modrm = d.u8();
		int special = modrm >> 3 & 7 | d.rexR;
		int general = modrm & 7 | d.rexB;
		int size = d.codeBits == 64 ? 8 : 4;
		boolean control = (opcode & 1) == 0;
		boolean to = (opcode & 2) != 0;
		if (control ? special == 1 || special > 4 && special != 8 : special > 7)
			return null;
		SystemInsn insn;
		if (!control)
			insn = to ? ending(d, size, (c, i) -> writeDebug(c, special, c.reg(i.rm, i.size)))
					: plain(d, size, (c, i) -> c.reg(i.rm, i.size, readDebug(c, special)));
		else
			insn = to ? ending(d, size, (c, i) -> {
				privileged(c);
				writeControl(c, special, c.reg(i.rm, i.size));
			}) : plain(d, size, (c, i) -> {
				privileged(c);
				c.reg(i.rm, i.size, readControl(c, special));
			});
		insn.rm = (byte) general;
		return insn;
	}

	// --- control registers

	private static long readControl(Cpu c, int number) {
		return switch (number) {
			case 0 -> c.cr0;
			case 2 -> c.cr2;
			case 3 -> c.cr3;
			case 4 -> c.cr4;
			default -> c.requests.taskPriority();
		};
	}

	private static void writeControl(Cpu c, int number, long value) {
		switch (number) {
			case 0 -> writeCr0(c, value);
			case 2 -> c.cr2 = value;
			case 3 -> writeCr3(c, value);
			case 4 -> writeCr4(c, value);
			default -> {
				if (value >>> 4 != 0)
					throw c.protection();
				c.requests.taskPriority((int) value);
				c.attention = 1; // what waited may be let through now
			}
		}
	}

	/** LMSW: the lower four bits of CR0, of which PE stays set. */
	static void loadStatusWord(Cpu c, int value) {
		privileged(c);
		writeCr0(c, c.cr0 & ~0xeL | value & 0xf);
	}

	private static void writeCr0(Cpu c, long value) {
		boolean paging = (value & Cpu.CR0_PG) != 0;
		if (value >>> 32 != 0 || paging && (value & Cpu.CR0_PE) == 0
				|| (value & (Cpu.CR0_NW | Cpu.CR0_CD)) == Cpu.CR0_NW)
			throw c.protection();
		long next = value & CR0_KNOWN | Cpu.CR0_ET;
		long changed = next ^ c.cr0;
		if ((changed & CR0_PAE) != 0)
			checkPae(c, next, c.cr3, c.cr4);
		if ((changed & Cpu.CR0_PG) != 0)
			switchPaging(c, paging);
		c.cr0 = next;
		if ((changed & CR0_PAGING) != 0)
			c.paging.flushAll();
		if ((changed & (CR0_PAGING | Cpu.CR0_AM)) != 0)
			c.segmentation.modeChanged();
	}

	/** Long mode begins and ends with paging (SDM volume 3, 9.8.5). */
	private static void switchPaging(Cpu c, boolean on) {
		if (on && (c.efer & Cpu.EFER_LME) != 0) {
			boolean narrowTask = (c.attributes[Cpu.TR] & 0x1d) == Descriptor.TSS; // 16 bits
			if ((c.cr4 & Cpu.CR4_PAE) == 0 || (c.attributes[Cpu.CS] & Cpu.ATTR_L) != 0 || narrowTask)
				throw c.protection();
			c.efer |= Cpu.EFER_LMA;
		} else if (!on) {
			if (c.codeBits == 64)
				throw c.protection();
			c.efer &= ~Cpu.EFER_LMA;
		}
	}

	/** Where PAE paging is in use from now on, the entries that CR3 points to are checked (SDM volume 3, 4.4.1). */
	private static void checkPae(Cpu c, long cr0, long cr3, long cr4) {
		boolean used = (cr0 & Cpu.CR0_PG) != 0 && (cr4 & Cpu.CR4_PAE) != 0 && (c.efer & Cpu.EFER_LME) == 0;
		if (used && !c.paging.allowsPae(cr3))
			throw c.protection();
	}

	private static void writeCr3(Cpu c, long value) {
		if (c.longMode() && value >>> Paging.PHYSICAL_BITS != 0)
			throw c.protection();
		checkPae(c, c.cr0, value, c.cr4);
		c.cr3 = value;
		c.paging.flushNonGlobal();
	}

	private static void writeCr4(Cpu c, long value) {
		if ((value & ~c.cpuid.controls()) != 0 || c.longMode() && (value & Cpu.CR4_PAE) == 0)
			throw c.protection();
		long changed = value ^ c.cr4;
		if ((changed & CR4_PAE) != 0)
			checkPae(c, c.cr0, c.cr3, value);
		c.cr4 = value;
		if ((changed & CR4_PAGING) != 0) {
			c.paging.flushAll();
			c.paging.contextChanged();
		}
	}

	// --- debug registers

	private static int checkDebug(Cpu c, int number) {
		if (number >> 1 == 2) {
			if ((c.cr4 & Cpu.CR4_DE) != 0)
				throw c.undefined();
			number += 2; // DR4 and DR5 are other names of DR6 and DR7
		}
		privileged(c);
		if ((c.dr7 & DR7_GD) != 0) {
			Fault fault = c.fault(Fault.DB);
			c.faultPayload = DR6_BD;
			throw fault;
		}
		return number;
	}

	private static long readDebug(Cpu c, int number) {
		number = checkDebug(c, number);
		return number < 4 ? c.dr[number] : number == 6 ? c.dr6 : c.dr7;
	}

	private static void writeDebug(Cpu c, int number, long value) {
		number = checkDebug(c, number);
		if (number < 4) {
			c.dr[number] = value;
		} else if (value >>> 32 != 0) {
			throw c.protection();
		} else if (number == 6) {
			c.dr6 = debugStatus(value);
		} else {
			c.dr7 = debugControl(value);
		}
		c.paging.contextChanged();
		c.attention = 1; // blocks of many instructions do not look for breakpoints
	}

	/** DR7 with the bits that are fixed. */
	static long debugControl(long value) {
		return value & DR7_KNOWN | DR7_ONES;
	}

	/** DR6 with the bits that are fixed. */
	static long debugStatus(long value) {
		return value & DR6_KNOWN | DR6_ONES;
	}
}
