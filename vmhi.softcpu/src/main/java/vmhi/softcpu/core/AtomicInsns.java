package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

/** CMPXCHG, XADD and CMPXCHG8B/16B. */
@SuppressWarnings("removal")
final class AtomicInsns {
	private AtomicInsns() {}

	/** CMPXCHG. Without LOCK it is done as with it, which nobody can tell. */
	static final class CompareExchange extends Insn {
		@Override
		public void exec(Cpu c) {
			long expected = c.reg(Cpu.RAX, size);
			long next = c.reg(reg, size);
			long old = memory ? Atomic.compareAndExchange(c, address(c), size, expected, next) : c.reg(rm, size);
			ArithmeticInsns.operate(c, Op.CMP, size, extend(expected, size), extend(old, size));
			if (old != expected)
				c.reg(Cpu.RAX, size, old);
			else if (!memory)
				c.reg(rm, size, next);
		}
	}

	/** XADD. */
	static final class ExchangeAdd extends Insn {
		@Override
		public void exec(Cpu c) {
			long operand = c.reg(reg, size);
			long old;
			if (memory) {
				old = Atomic.update(c, address(c), size, Op.ADD, operand);
				ArithmeticInsns.operate(c, Op.ADD, size, extend(old, size), extend(operand, size));
				c.reg(reg, size, old);
				return;
			}
			old = c.reg(rm, size);
			long sum = ArithmeticInsns.operate(c, Op.ADD, size, extend(old, size), extend(operand, size));
			c.reg(reg, size, old);
			c.reg(rm, size, sum);
		}
	}

	/** CMPXCHG8B and CMPXCHG16B. */
	static final class CompareExchangePair extends Insn {
		private final int half;

		CompareExchangePair(int half) {
			this.half = half;
		}

		@Override
		public void exec(Cpu c) {
			boolean equal = half == 8 ? sixteen(c, SseInsn.aligned(c, this, 16)) : eight(c, address(c));
			int bits = c.arithmeticFlags();
			c.arithmeticFlags(equal ? bits | Flags.ZF : bits & ~Flags.ZF);
		}

		private static boolean eight(Cpu c, long address) {
			long expected = c.r[Cpu.RDX] << 32 | c.r[Cpu.RAX] & 0xffff_ffffL;
			long next = c.r[Cpu.RCX] << 32 | c.r[Cpu.RBX] & 0xffff_ffffL;
			long old = Atomic.compareAndExchange(c, address, 8, expected, next);
			if (old == expected)
				return true;
			c.r[Cpu.RAX] = old & 0xffff_ffffL;
			c.r[Cpu.RDX] = old >>> 32;
			return false;
		}

		private static boolean sixteen(Cpu c, long address) {
			long expectedLow = c.r[Cpu.RAX], expectedHigh = c.r[Cpu.RDX];
			long host = c.hostForStore(address, 16);
			if (c.machine.cpus.length == 1 && host != 0) {
				long low = UNSAFE.getLong(host), high = UNSAFE.getLong(host + 8);
				if (low == expectedLow && high == expectedHigh) {
					UNSAFE.putLong(host, c.r[Cpu.RBX]);
					UNSAFE.putLong(host + 8, c.r[Cpu.RCX]);
					c.paging.storedTo(address, 16);
					return true;
				}
				c.r[Cpu.RAX] = low;
				c.r[Cpu.RDX] = high;
				return false;
			}
			long[] pair = { expectedLow, expectedHigh };
			if (Atomic.compareAndExchangePair(c, address, pair, c.r[Cpu.RBX], c.r[Cpu.RCX]))
				return true;
			c.r[Cpu.RAX] = pair[0];
			c.r[Cpu.RDX] = pair[1];
			return false;
		}
	}
}
