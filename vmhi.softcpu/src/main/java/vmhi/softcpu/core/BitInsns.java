package vmhi.softcpu.core;

/** Bits: BT and its kin, scans, counts. */
final class BitInsns {
	private BitInsns() {}

	/** BT, BTS, BTR, BTC; with memory and a register the bit may be far from the operand. */
	static final class BitTest extends Insn {
		private final int operation;

		BitTest(int operation) {
			this.operation = operation;
		}

		@Override
		public void exec(Cpu c) {
			int bits = size * 8;
			long number = imm < 0 ? extend(c.reg(reg, size), size) : imm;
			long mask = 1L << (number & bits - 1);
			long value;
			if (!memory) {
				value = c.reg(rm, size);
				if (operation != 0)
					c.reg(rm, size, changed(value, mask));
			} else {
				long address = imm < 0 ? address(c, (number >> Integer.numberOfTrailingZeros(bits)) * size)
						: address(c);
				if (operation == 0)
					value = c.load(address, size);
				else if (lock)
					value = Atomic.update(c, address, size, operation == 1 ? Op.OR : operation == 2 ? Op.AND : Op.XOR,
							operation == 2 ? ~mask : mask);
				else {
					value = c.loadForStore(address, size);
					c.store(address, size, changed(value, mask));
				}
			}
			int flags = c.arithmeticFlags() & ~Flags.CF;
			c.arithmeticFlags((value & mask) != 0 ? flags | Flags.CF : flags);
		}

		private long changed(long value, long mask) {
			return operation == 1 ? value | mask : operation == 2 ? value & ~mask : value ^ mask;
		}
	}

	/** BSF and BSR; of zero they leave the destination alone. */
	static final class Scan extends Insn {
		private final boolean reverse;

		Scan(boolean reverse) {
			this.reverse = reverse;
		}

		@Override
		public void exec(Cpu c) {
			long value = readRm(c);
			if (value != 0)
				c.reg(reg, size, reverse ? 63 - Long.numberOfLeadingZeros(value) : Long.numberOfTrailingZeros(value));
			c.arithmeticFlags((value == 0 ? Flags.ZF : 0) | (c.arithmeticFlags() & ~Flags.ZF));
		}
	}

	/** POPCNT. */
	static final class PopulationCount extends Insn {
		@Override
		public void exec(Cpu c) {
			long value = readRm(c);
			c.reg(reg, size, Long.bitCount(value));
			c.arithmeticFlags(value == 0 ? Flags.ZF : 0);
		}
	}
}
