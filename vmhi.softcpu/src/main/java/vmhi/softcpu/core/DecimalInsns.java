package vmhi.softcpu.core;

/**
 * Arithmetic on decimal digits, and SALC, which is in no manual: none of them in 64-bit mode. Flags that the manual leaves
 * open are as Intel's processors have them: those of the addition within.
 */
final class DecimalInsns {
	private DecimalInsns() {}

	static Insn decode(Decoder d, int opcode) {
		if (d.codeBits == 64)
			return null;
		return switch (opcode) {
			case 0x27 -> SystemInsn.plain(d, 1, (c, i) -> adjustPacked(c, false));
			case 0x2f -> SystemInsn.plain(d, 1, (c, i) -> adjustPacked(c, true));
			case 0x37 -> SystemInsn.plain(d, 1, (c, i) -> adjustUnpacked(c, 1));
			case 0x3f -> SystemInsn.plain(d, 1, (c, i) -> adjustUnpacked(c, -1));
			case 0xd4 -> divide(d, d.u8());
			case 0xd5 -> multiply(d, d.u8());
			default -> SystemInsn.plain(d, 1, (c, i) -> c.r8(Cpu.RAX, c.cf() ? 0xff : 0));
		};
	}

	/** All flags of {@code a + b} in eight bits. */
	private static int added(int a, int b) {
		return Flags.bits(Flags.ADD, (byte) (a + b), (byte) a, (byte) b);
	}

	/** All flags of {@code a - b} in eight bits. */
	private static int subtracted(int a, int b) {
		return Flags.bits(Flags.SUB, (byte) (a - b), (byte) a, (byte) b);
	}

	/** DAA and DAS. */
	private static void adjustPacked(Cpu c, boolean subtract) {
		int flags = c.arithmeticFlags();
		int al = c.r8(Cpu.RAX);
		boolean low = (al & 0xf) > 9 || (flags & Flags.AF) != 0;
		boolean high = al > 0x99 || (flags & Flags.CF) != 0;
		int by = (low ? 6 : 0) + (high ? 0x60 : 0);
		int after = subtract ? subtracted(al, by) : added(al, by);
		boolean carry = high || subtract && low && al < 6;
		c.r8(Cpu.RAX, subtract ? al - by : al + by);
		c.arithmeticFlags(after & ~(Flags.CF | Flags.AF) | (carry ? Flags.CF : 0) | (low ? Flags.AF : 0));
	}

	/** AAA and AAS. */
	private static void adjustUnpacked(Cpu c, int sign) {
		int flags = c.arithmeticFlags();
		int ax = (int) c.r[Cpu.RAX] & 0xffff;
		boolean adjust = (ax & 0xf) > 9 || (flags & Flags.AF) != 0;
		int by = adjust ? 0x106 : 0;
		int result = sign > 0 ? ax + by : ax - by;
		int after = Flags.bits(sign > 0 ? Flags.ADD : Flags.SUB, (short) result, (short) ax, by);
		c.r16(Cpu.RAX, result & 0xff0f);
		c.arithmeticFlags(after & ~(Flags.CF | Flags.AF) | (adjust ? Flags.AF | Flags.CF : 0));
	}

	/** AAM. */
	private static Insn divide(Decoder d, int by) {
		return SystemInsn.plain(d, 1, (c, i) -> {
			if (by == 0)
				throw c.fault(Fault.DE);
			int al = c.r8(Cpu.RAX);
			c.r16(Cpu.RAX, al / by << 8 | al % by);
			c.arithmeticFlags(added(al % by, 0));
		});
	}

	/** AAD. */
	private static Insn multiply(Decoder d, int by) {
		return SystemInsn.plain(d, 1, (c, i) -> {
			int ax = (int) c.r[Cpu.RAX] & 0xffff;
			int tens = (ax >> 8) * by;
			int al = (ax & 0xff) + tens & 0xff;
			c.arithmeticFlags(added(ax & 0xff, tens));
			c.r16(Cpu.RAX, al);
		});
	}
}
