package vmhi.softcpu.core;

/** Addition, logic, multiplication and their kin on general registers. */
final class ArithmeticInsns {
	private ArithmeticInsns() {}

	/**
	 * One of the eight operations of the first quarter of the opcode map; sets the flags.
	 *
	 * @param a sign-extended, {@code b} likewise
	 * @return the result, sign-extended; for CMP that of the subtraction
	 */
	static long operate(Cpu c, int operation, int size, long a, long b) {
		long result;
		switch (operation) {
			case Op.ADD -> {
				result = Insn.extend(a + b, size);
				c.flagKind = Flags.ADD;
			}
			case Op.ADC -> {
				int carry = c.cf() ? 1 : 0;
				result = Insn.extend(a + b + carry, size);
				c.flagKind = carry == 0 ? Flags.ADD : Flags.ADC;
			}
			case Op.SBB -> {
				int carry = c.cf() ? 1 : 0;
				result = Insn.extend(a - b - carry, size);
				c.flagKind = carry == 0 ? Flags.SUB : Flags.SBB;
			}
			case Op.SUB, Op.CMP -> {
				result = Insn.extend(a - b, size);
				c.flagKind = Flags.SUB;
			}
			case Op.OR -> {
				result = a | b;
				c.flagKind = Flags.LOGIC;
			}
			case Op.AND -> {
				result = a & b;
				c.flagKind = Flags.LOGIC;
			}
			default -> {
				result = a ^ b;
				c.flagKind = Flags.LOGIC;
			}
		}
		c.flagResult = result;
		c.flagA = a;
		c.flagB = b;
		return result;
	}

	/** {@code reg op= rm}. */
	static Insn registerFrom(int operation, int size, boolean memory) {
		return size == 8 && !memory ? new RegisterRegister64(operation, true) : new RegisterRm(operation);
	}

	/** {@code rm op= reg}. */
	static Insn rmFrom(int operation, int size, boolean memory) {
		return size == 8 && !memory ? new RegisterRegister64(operation, false) : new RmRegister(operation);
	}

	/** Both operands are 64-bit registers. */
	static final class RegisterRegister64 extends Insn {
		private final int operation;
		private final boolean toReg;

		RegisterRegister64(int operation, boolean toReg) {
			this.operation = operation;
			this.toReg = toReg;
		}

		@Override
		public int form() {
			return toReg ? Op.FORM_REG_RM : Op.FORM_RM_REG;
		}

		@Override
		public void exec(Cpu c) {
			int to = toReg ? reg : rm;
			long result = operate(c, operation, 8, c.r[to], c.r[toReg ? rm : reg]);
			if (operation != Op.CMP)
				c.r[to] = result;
		}
	}

	static final class RegisterRm extends Insn {
		private final int operation;

		RegisterRm(int operation) {
			this.operation = operation;
		}

		@Override
		public int form() {
			return Op.FORM_REG_RM;
		}

		@Override
		public void exec(Cpu c) {
			long b = extend(readRm(c), size);
			long result = operate(c, operation, size, extend(c.reg(reg, size), size), b);
			if (operation != Op.CMP)
				c.reg(reg, size, result);
		}
	}

	static final class RmRegister extends Insn {
		private final int operation;

		RmRegister(int operation) {
			this.operation = operation;
		}

		@Override
		public void exec(Cpu c) {
			toRm(this, c, operation, c.reg(reg, size));
		}
	}

	static final class RmImmediate extends Insn {
		private final int operation;

		RmImmediate(int operation) {
			this.operation = operation;
		}

		@Override
		public int form() {
			return Op.FORM_RM_IMM;
		}

		@Override
		public void exec(Cpu c) {
			toRm(this, c, operation, imm);
		}
	}

	private static void toRm(Insn insn, Cpu c, int operation, long operand) {
		int size = insn.size;
		long b = Insn.extend(operand, size);
		if (!insn.memory) {
			long result = operate(c, operation, size, Insn.extend(c.reg(insn.rm, size), size), b);
			if (operation != Op.CMP)
				c.reg(insn.rm, size, result);
			return;
		}
		long address = insn.address(c);
		if (operation == Op.CMP) {
			operate(c, operation, size, Insn.extend(c.load(address, size), size), b);
			return;
		}
		long a = Insn.extend(c.loadForStore(address, size), size);
		c.store(address, size, result(c, operation, a, b));
		operate(c, operation, size, a, b);
	}

	/** The result alone, not cut to its size. */
	private static long result(Cpu c, int operation, long a, long b) {
		return switch (operation) {
			case Op.ADD -> a + b;
			case Op.ADC -> a + b + (c.cf() ? 1 : 0);
			case Op.SBB -> a - b - (c.cf() ? 1 : 0);
			case Op.SUB -> a - b;
			case Op.OR -> a | b;
			case Op.AND -> a & b;
			default -> a ^ b;
		};
	}

	/** With LOCK. */
	static final class LockedRmRegister extends Insn {
		private final int operation;

		LockedRmRegister(int operation) {
			this.operation = operation;
		}

		@Override
		public void exec(Cpu c) {
			locked(this, c, operation, c.reg(reg, size));
		}
	}

	static final class LockedRmImmediate extends Insn {
		private final int operation;

		LockedRmImmediate(int operation) {
			this.operation = operation;
		}

		@Override
		public int form() {
			return Op.FORM_RM_IMM;
		}

		@Override
		public void exec(Cpu c) {
			locked(this, c, operation, imm);
		}
	}

	private static void locked(Insn insn, Cpu c, int operation, long operand) {
		if (!insn.memory)
			throw c.undefined();
		int size = insn.size;
		long b = Insn.extend(operand, size);
		int carry = (operation == Op.ADC || operation == Op.SBB) && c.cf() ? 1 : 0;
		long old = Atomic.update(c, insn.address(c), size, operation, operation == Op.ADC || operation == Op.SBB
				? b + carry
				: b);
		operate(c, operation, size, Insn.extend(old, size), b);
	}

	/** INC, DEC, NEG and NOT with LOCK. */
	static final class LockedUnary extends Insn {
		private final int operation;

		LockedUnary(int operation) {
			this.operation = operation;
		}

		@Override
		public void exec(Cpu c) {
			if (!memory)
				throw c.undefined();
			long old = extend(Atomic.update(c, address(c), size, operation, 1), size);
			switch (operation) {
				case Op.INC, Op.DEC -> step(c, old, size, operation == Op.DEC);
				case Op.NEG -> operate(c, Op.SUB, size, 0, old);
				default -> {
				}
			}
		}
	}

	/** Adds or takes one, and leaves CF alone. */
	private static long step(Cpu c, long a, int size, boolean down) {
		boolean carry = c.cf();
		long result = Insn.extend(down ? a - 1 : a + 1, size);
		c.flagKind = down ? carry ? Flags.DEC_CARRY : Flags.DEC : carry ? Flags.INC_CARRY : Flags.INC;
		c.flagResult = result;
		c.flagA = a;
		c.flagB = 1;
		return result;
	}

	/** INC and DEC. */
	static final class IncDec extends Insn {
		private final boolean down;

		IncDec(boolean down) {
			this.down = down;
		}

		@Override
		public void exec(Cpu c) {
			if (!memory) {
				c.reg(rm, size, step(c, extend(c.reg(rm, size), size), size, down));
				return;
			}
			long address = address(c);
			long a = extend(c.loadForStore(address, size), size);
			c.store(address, size, down ? a - 1 : a + 1);
			step(c, a, size, down);
		}
	}

	/** NEG. */
	static final class Neg extends Insn {
		@Override
		public void exec(Cpu c) {
			if (!memory) {
				c.reg(rm, size, operate(c, Op.SUB, size, 0, extend(c.reg(rm, size), size)));
				return;
			}
			long address = address(c);
			long value = extend(c.loadForStore(address, size), size);
			c.store(address, size, -value);
			operate(c, Op.SUB, size, 0, value);
		}
	}

	/** NOT, which sets no flags. */
	static final class Not extends Insn {
		@Override
		public void exec(Cpu c) {
			if (!memory) {
				c.reg(rm, size, ~c.reg(rm, size));
				return;
			}
			long address = address(c);
			c.store(address, size, ~c.loadForStore(address, size));
		}
	}

	/** TEST of r/m with a register. */
	static final class Test extends Insn {
		@Override
		public void exec(Cpu c) {
			operate(c, Op.AND, size, extend(readRm(c), size), extend(c.reg(reg, size), size));
		}
	}

	/** TEST of r/m with a constant. */
	static final class TestImmediate extends Insn {
		@Override
		public int form() {
			return Op.FORM_RM_IMM;
		}

		@Override
		public void exec(Cpu c) {
			operate(c, Op.AND, size, extend(readRm(c), size), extend(imm, size));
		}
	}

	/** IMUL of a register by r/m. */
	static final class Imul extends Insn {
		@Override
		public void exec(Cpu c) {
			long b = extend(readRm(c), size);
			c.reg(reg, size, multiply(c, size, extend(c.reg(reg, size), size), b));
		}
	}

	/** IMUL of r/m by a constant. */
	static final class ImulImmediate extends Insn {
		@Override
		public void exec(Cpu c) {
			c.reg(reg, size, multiply(c, size, extend(readRm(c), size), imm));
		}
	}

	/** CF and OF tell whether the product is cut; ZF and AF are 0, SF and PF by the result, as processors leave them. */
	static long multiply(Cpu c, int size, long a, long b) {
		long product = a * b;
		long result = Insn.extend(product, size);
		productFlags(c, result, size == 8 ? Math.multiplyHigh(a, b) - (product >> 63) : result - product);
		return result;
	}

	/** {@code cut} is 0 if the product was not cut. */
	private static void productFlags(Cpu c, long result, long cut) {
		c.flagKind = Flags.PRODUCT;
		c.flagResult = result;
		c.flagA = cut;
	}

	/** MUL and IMUL of the accumulator, with a product of twice the size. */
	static final class Multiply extends Insn {
		private final boolean signed;

		Multiply(boolean signed) {
			this.signed = signed;
		}

		@Override
		public void exec(Cpu c) {
			long b = readRm(c);
			long a = c.reg(Cpu.RAX, size);
			if (signed) {
				a = extend(a, size);
				b = extend(b, size);
			}
			long low = a * b;
			long high;
			if (size == 8) {
				high = Math.multiplyHigh(a, b);
				if (!signed) // of the unsigned product
					high += (a >> 63 & b) + (b >> 63 & a);
			} else {
				high = low >> 8 * size;
			}
			long cutLow = extend(low, size);
			long cut = signed ? extend(high, size) - (cutLow >> 63) : zero(high, size);
			if (size == 1) {
				c.r16(Cpu.RAX, (int) low);
			} else {
				c.reg(Cpu.RAX, size, low);
				c.reg(Cpu.RDX, size, high);
			}
			productFlags(c, cutLow, cut);
		}
	}

	/** DIV. Flags stay as they are, which is among what "undefined" allows and what processors do. */
	static final class Divide extends Insn {
		@Override
		public void exec(Cpu c) {
			long divisor = readRm(c);
			if (divisor == 0)
				throw c.fault(Fault.DE);
			if (size == 8) {
				divideWide(c, divisor);
				return;
			}
			long dividend = dividend(c, size);
			long quotient = Long.divideUnsigned(dividend, divisor);
			if (quotient != zero(quotient, size))
				throw c.fault(Fault.DE);
			quotientAndRest(c, size, quotient, Long.remainderUnsigned(dividend, divisor));
		}

		private static void divideWide(Cpu c, long divisor) {
			long high = c.r[Cpu.RDX];
			if (Long.compareUnsigned(high, divisor) >= 0)
				throw c.fault(Fault.DE);
			long[] result = new long[2];
			divide128(high, c.r[Cpu.RAX], divisor, result);
			c.r[Cpu.RAX] = result[0];
			c.r[Cpu.RDX] = result[1];
		}
	}

	/** The two registers that are divided, as one number of twice the size. */
	private static long dividend(Cpu c, int size) {
		return switch (size) {
			case 1 -> c.r[Cpu.RAX] & 0xffff;
			case 2 -> c.r[Cpu.RDX] << 16 & 0xffff_0000L | c.r[Cpu.RAX] & 0xffff;
			default -> c.r[Cpu.RDX] << 32 | c.r[Cpu.RAX] & 0xffff_ffffL;
		};
	}

	private static void quotientAndRest(Cpu c, int size, long quotient, long rest) {
		if (size == 1) {
			c.r16(Cpu.RAX, (int) (quotient & 0xff | rest << 8));
			return;
		}
		c.reg(Cpu.RAX, size, quotient);
		c.reg(Cpu.RDX, size, rest);
	}

	/** Divides 128 bits by 64, unsigned; {@code high} is less than the divisor. Hacker's Delight, 9-5. */
	static void divide128(long high, long low, long divisor, long[] result) {
		if (high == 0) {
			result[0] = Long.divideUnsigned(low, divisor);
			result[1] = Long.remainderUnsigned(low, divisor);
			return;
		}
		int shift = Long.numberOfLeadingZeros(divisor);
		long d = divisor << shift;
		long dHigh = d >>> 32, dLow = d & 0xffff_ffffL;
		long upper = shift == 0 ? high : high << shift | low >>> 64 - shift;
		long lower = low << shift;
		long q1 = digit(upper, lower >>> 32, d, dHigh, dLow);
		long middle = (upper << 32 | lower >>> 32) - q1 * d;
		long q0 = digit(middle, lower & 0xffff_ffffL, d, dHigh, dLow);
		result[0] = q1 << 32 | q0;
		result[1] = (middle << 32 | lower & 0xffff_ffffL) - q0 * d >>> shift;
	}

	/** One digit of 32 bits of the quotient. */
	private static long digit(long upper, long next, long d, long dHigh, long dLow) {
		long q = Long.divideUnsigned(upper, dHigh);
		long rest = upper - q * dHigh;
		while (q >>> 32 != 0 || Long.compareUnsigned(q * dLow, rest << 32 | next) > 0) {
			q--;
			rest += dHigh;
			if (rest >>> 32 != 0)
				break;
		}
		return q;
	}

	/** IDIV. */
	static final class DivideSigned extends Insn {
		@Override
		public void exec(Cpu c) {
			long divisor = extend(readRm(c), size);
			if (divisor == 0)
				throw c.fault(Fault.DE);
			if (size == 8) {
				divideWide(c, divisor);
				return;
			}
			long dividend = dividend(c, size);
			if (size < 4)
				dividend = extend(dividend, size * 2);
			if (dividend == Long.MIN_VALUE && divisor == -1)
				throw c.fault(Fault.DE);
			long quotient = dividend / divisor;
			if (quotient != extend(quotient, size))
				throw c.fault(Fault.DE);
			quotientAndRest(c, size, quotient, dividend % divisor);
		}

		private static void divideWide(Cpu c, long divisor) {
			long high = c.r[Cpu.RDX], low = c.r[Cpu.RAX];
			boolean negative = high < 0;
			if (negative) {
				low = -low;
				high = ~high + (low == 0 ? 1 : 0);
			}
			long magnitude = Math.abs(divisor); // of the least number itself, unsigned
			if (Long.compareUnsigned(high, magnitude) >= 0)
				throw c.fault(Fault.DE);
			long[] result = new long[2];
			divide128(high, low, magnitude, result);
			boolean opposite = negative != divisor < 0;
			if (result[0] < 0 && !(opposite && result[0] == Long.MIN_VALUE))
				throw c.fault(Fault.DE);
			c.r[Cpu.RAX] = opposite ? -result[0] : result[0];
			c.r[Cpu.RDX] = negative ? -result[1] : result[1];
		}
	}
}
