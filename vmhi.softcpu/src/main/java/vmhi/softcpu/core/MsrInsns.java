package vmhi.softcpu.core;

import static vmhi.softcpu.core.SystemInsn.jumping;
import static vmhi.softcpu.core.SystemInsn.plain;
import static vmhi.softcpu.core.SystemInsn.privileged;

/** RDMSR, WRMSR, RDTSC, RDPMC and CPUID. */
final class MsrInsns {
	private MsrInsns() {}

	static Insn decode(Decoder d, int opcode) {
		return switch (opcode) {
			case 0x0f30 -> jumping(d, 0, MsrInsns::writeMsr);
			case 0x0f31 -> plain(d, 0, (c, i) -> readTimeStamp(c));
			case 0x0f32 -> jumping(d, 0, MsrInsns::readMsr);
			case 0x0f33 -> plain(d, 0, (c, i) -> {
				throw c.protection(); // there are no counters
			});
			default -> plain(d, 0, (c, i) -> c.cpuid.answer(c));
		};
	}

	/** RDTSC. */
	static void readTimeStamp(Cpu c) {
		if ((c.cr4 & Cpu.CR4_TSD) != 0 && c.cpl != 0)
			throw c.protection();
		pair(c, c.machine.timeStamp() + c.msrs.tscOffset);
	}

	private static void pair(Cpu c, long value) {
		c.r[Cpu.RAX] = value & 0xffff_ffffL;
		c.r[Cpu.RDX] = value >>> 32;
	}

	/** Whether the host answers for a register. */
	private static boolean hosts(Cpu c, int index) {
		if (!Msrs.knows(index))
			return true;
		return index != Msrs.EFER && c.machine.trapped(index);
	}

	private static void readMsr(Cpu c, SystemInsn i) {
		privileged(c);
		int index = (int) c.r[Cpu.RCX];
		c.rip = i.next;
		if (!hosts(c, index)) {
			c.msrs.read(c, index);
			pair(c, c.msrs.value);
			return;
		}
		// the instruction is behind us when the host is called, which may end this thread
		c.mmio.end();
		c.presence.leave();
		boolean known = c.machine.host.readMsr(c.context, index);
		c.presence.enter();
		if (!known) {
			c.rip = i.rip;
			throw c.protection();
		}
		pair(c, c.context.msrValue);
	}

	private static void writeMsr(Cpu c, SystemInsn i) {
		privileged(c);
		int index = (int) c.r[Cpu.RCX];
		long value = c.r[Cpu.RDX] << 32 | c.r[Cpu.RAX] & 0xffff_ffffL;
		c.rip = i.next;
		boolean taken;
		if (!hosts(c, index)) {
			taken = c.msrs.write(c, index, value);
		} else {
			c.mmio.end();
			c.presence.leave();
			taken = c.machine.host.writeMsr(c.context, index, value);
			c.presence.enter();
		}
		if (!taken) {
			c.rip = i.rip;
			throw c.protection();
		}
	}
}
