package vmhi.softcpu.core;

/**
 * An instruction that has to do with XMM registers: when it is available (SDM volume 3, 2.5 and 13.1), operands of 16
 * bytes, exceptions of arithmetic. XMM register n is {@code xmm[2 * n]} and, its high half, {@code xmm[2 * n + 1]}.
 */
public abstract class SseInsn extends Insn {
	private static final long CR0_REFUSES = Cpu.CR0_EM | Cpu.CR0_TS;

	/** Comes first in every one. */
	public static void available(Cpu c) {
		if ((c.cr0 & CR0_REFUSES | ~c.cr4 & Cpu.CR4_OSFXSR) != 0)
			throw unavailable(c);
	}

	private static Fault unavailable(Cpu c) {
		return (c.cr0 & Cpu.CR0_EM) != 0 || (c.cr4 & Cpu.CR4_OSFXSR) == 0 ? c.undefined() : c.fault(Fault.NM);
	}

	/** Takes note of the exceptions of the arithmetic just done. Comes before the result is written. */
	public static void settle(Cpu c) {
		if (c.sse.raised != 0 && c.sse.faults())
			throw (c.cr4 & Cpu.CR4_OSXMMEXCPT) != 0 ? c.fault(Fault.XM) : c.undefined();
	}

	/** Address of an operand of 16 bytes that has to be aligned. */
	final long aligned(Cpu c) {
		return aligned(c, this, 16);
	}

	/** Address of an operand that has to be aligned, and that comes after whether it is an address at all. */
	static long aligned(Cpu c, Insn insn, int alignment) {
		long address = insn.address(c);
		if ((address & alignment - 1) != 0)
			throw misaligned(c, address);
		return address;
	}

	/** What an address raises that is not aligned as it has to be. */
	public static Fault misaligned(Cpu c, long address) {
		return c.longMode() && !Segmentation.canonical(address) ? c.notCanonical() : c.protection();
	}

	/** {@code offset} bytes into the operand at {@code address}: linear addresses have 32 bits outside 64-bit mode. */
	static long plus(Insn insn, long address, int offset) {
		return insn.codeBits == 64 ? address + offset : address + offset & 0xffff_ffffL;
	}

	/** Stores 16 bytes, all or none. */
	final void store(Cpu c, long address, long low, long high) {
		store(c, address, plus(this, address, 8), low, high);
	}

	/** Stores 8 bytes at one address and 8 at another, which are one operand: all or none. */
	public static void store(Cpu c, long address, long upper, long low, long high) {
		if ((address & 0xfff) > 0xff0) {
			c.checkStore(address, 8);
			c.checkStore(upper, 8);
		}
		c.store64(address, low);
		c.store64(upper, high);
	}

	/** Destination {@code reg}, source {@code rm}: a register or 16 bytes of memory, aligned. */
	abstract static class Full extends SseInsn {
		@Override
		public final void exec(Cpu c) {
			available(c);
			long[] x = c.xmm;
			if (memory) {
				long address = aligned(c);
				long low = c.load64(address);
				apply(c, x, reg << 1, low, c.load64(address + 8));
			} else {
				apply(c, x, reg << 1, x[rm << 1], x[(rm << 1) + 1]);
			}
		}

		/** The destination is {@code x[d]} and {@code x[d + 1]}. */
		abstract void apply(Cpu c, long[] x, int d, long low, long high);
	}

	/** Destination {@code reg}, source {@code rm}: the low half of a register, or 8 bytes of memory. */
	abstract static class Half extends SseInsn {
		@Override
		public final void exec(Cpu c) {
			available(c);
			long[] x = c.xmm;
			apply(c, x, reg << 1, memory ? c.load64(address(c)) : x[rm << 1]);
		}

		abstract void apply(Cpu c, long[] x, int d, long value);
	}

	/** Destination {@code reg}, source {@code rm}: the low quarter of a register, or 4 bytes of memory. */
	abstract static class Quarter extends SseInsn {
		@Override
		public final void exec(Cpu c) {
			available(c);
			long[] x = c.xmm;
			apply(c, x, reg << 1, memory ? c.load32(address(c)) : (int) x[rm << 1]);
		}

		abstract void apply(Cpu c, long[] x, int d, int value);
	}

	// --- decoding

	/** None of the mandatory prefixes, 66, F3, F2. The latter two go before the first. */
	static final int NONE = 0, P66 = 1, PF3 = 2, PF2 = 3;

	static int prefix(Decoder d) {
		return switch (d.rep) {
			case 0xf3 -> PF3;
			case 0xf2 -> PF2;
			default -> d.operandPrefix ? P66 : NONE;
		};
	}

	/** An instruction without an immediate; {@code size} is that of its operand in memory. LOCK makes it undefined. */
	static Insn finish(Decoder d, Insn insn, int size) {
		d.finishRaw(insn, Op.OTHER, size);
		insn.lock = false;
		return insn;
	}

	/** One that writes to memory. */
	static Insn finishStore(Decoder d, Insn insn, int size) {
		finish(d, insn, size);
		insn.writes = true;
		return insn;
	}

	/** One with an immediate byte, which ends up in {@link #imm}. */
	static Insn finishByte(Decoder d, Insn insn, int size) {
		int value = d.u8();
		finish(d, insn, size);
		insn.imm = value;
		return insn;
	}

	/** The same, with an operand in memory that is written. */
	static Insn finishByteStore(Decoder d, Insn insn, int size) {
		finishByte(d, insn, size);
		insn.writes = true;
		return insn;
	}
}
