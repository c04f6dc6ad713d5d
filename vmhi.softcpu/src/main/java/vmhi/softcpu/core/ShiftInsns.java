package vmhi.softcpu.core;

/** Shifts and rotates. */
final class ShiftInsns {
	private ShiftInsns() {}

	/** The second group of opcodes: ROL ROR RCL RCR SHL SHR SAL SAR, by CL or by a constant. */
	static final class Shift extends Insn {
		private final int operation;

		Shift(int operation) {
			this.operation = operation;
		}

		@Override
		public void exec(Cpu c) {
			int count = (int) (imm < 0 ? c.r[Cpu.RCX] : imm) & (size == 8 ? 63 : 31);
			long address = memory ? address(c) : 0;
			long value = memory ? c.loadForStore(address, size) : c.reg(rm, size);
			if (count == 0) {
				if (memory)
					c.store(address, size, value);
				else
					c.reg(rm, size, value);
				return;
			}
			int bits = size * 8;
			boolean carry = c.cf();
			long result;
			boolean out;
			switch (operation) {
				case 0 -> {
					int by = count & bits - 1;
					result = by == 0 ? value : zero(value << by | value >>> bits - by, size);
					out = (result & 1) != 0;
				}
				case 1 -> {
					int by = count & bits - 1;
					result = by == 0 ? value : zero(value >>> by | value << bits - by, size);
					out = (result >>> bits - 1 & 1) != 0;
				}
				case 2 -> {
					int by = count % (bits + 1);
					result = throughCarry(value, by, bits, carry);
					out = by == 0 ? carry : (value >>> bits - by & 1) != 0;
				}
				case 3 -> {
					int by = count % (bits + 1);
					result = throughCarry(value, (bits + 1 - by) % (bits + 1), bits, carry);
					out = by == 0 ? carry : (value >>> by - 1 & 1) != 0;
				}
				case 4 -> {
					result = zero(value << count, size);
					out = count <= bits && (value >>> bits - count & 1) != 0;
				}
				case 5 -> {
					result = value >>> count;
					out = (value >>> count - 1 & 1) != 0;
				}
				default -> {
					long signed = extend(value, size);
					result = zero(signed >> count, size);
					out = (signed >> count - 1 & 1) != 0;
				}
			}
			if (memory)
				c.store(address, size, result);
			else
				c.reg(rm, size, result);
			flags(c, value, result, out, bits);
		}

		/** Rotated left through the carry by 0 up to the width. */
		private static long throughCarry(long value, int by, int bits, boolean carry) {
			if (by == 0)
				return value;
			long in = carry ? 1L << by - 1 : 0;
			long left = by == 64 ? 0 : value << by;
			long right = by == 1 ? 0 : value >>> bits + 1 - by;
			long result = left | in | right;
			return bits == 64 ? result : result & (1L << bits) - 1;
		}

		/** OF as processors set it, for other counts than 1 as well. */
		private void flags(Cpu c, long value, long result, boolean out, int bits) {
			boolean top = (result >>> bits - 1 & 1) != 0;
			boolean second = (result >>> bits - 2 & 1) != 0;
			boolean overflow = switch (operation) {
				case 0, 2, 4 -> top != out;
				case 1, 3 -> top != second;
				case 5 -> (value >>> bits - 1 & 1) != 0;
				default -> false;
			};
			int set = (out ? Flags.CF : 0) | (overflow ? Flags.OF : 0);
			if (operation < 4) {
				c.arithmeticFlags(c.arithmeticFlags() & ~(Flags.CF | Flags.OF) | set);
				return;
			}
			c.flagKind = Flags.RESULT;
			c.flagResult = extend(result, size);
			c.flagA = set;
		}
	}

	/** SHLD and SHRD. */
	static final class DoubleShift extends Insn {
		private final boolean right;

		DoubleShift(boolean right) {
			this.right = right;
		}

		@Override
		public void exec(Cpu c) {
			int count = (int) (imm < 0 ? c.r[Cpu.RCX] : imm) & (size == 8 ? 63 : 31);
			long address = memory ? address(c) : 0;
			long value = memory ? c.loadForStore(address, size) : c.reg(rm, size);
			long filler = c.reg(reg, size);
			int bits = size * 8;
			long result = value;
			boolean out = false;
			if (count == 0) {
				// nothing
			} else if (size == 2) { // counts over 16 take the first operand again
				long wide = value << 32 | filler << 16 | value;
				if (right) {
					result = wide >>> count & 0xffff;
					out = (wide >>> count - 1 & 1) != 0;
				} else {
					result = wide << count >>> 32 & 0xffff;
					out = (wide << count >>> 48 & 1) != 0;
				}
			} else if (right) {
				result = zero(value >>> count | filler << bits - count, size);
				out = (value >>> count - 1 & 1) != 0;
			} else {
				result = zero(value << count | filler >>> bits - count, size);
				out = (value >>> bits - count & 1) != 0;
			}
			if (memory)
				c.store(address, size, result);
			else
				c.reg(rm, size, result);
			if (count == 0)
				return;
			boolean overflow = ((result ^ value) >>> bits - 1 & 1) != 0;
			c.flagKind = Flags.RESULT;
			c.flagResult = extend(result, size);
			c.flagA = (out ? Flags.CF : 0) | (overflow ? Flags.OF : 0);
		}
	}
}
