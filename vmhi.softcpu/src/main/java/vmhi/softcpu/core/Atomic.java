package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

/**
 * Operations on memory that no other vCPU comes between: by compare-and-swap of the host where the operand lies in one
 * word of four or eight bytes, otherwise one at a time under a lock of the machine. The latter keeps locked operations
 * apart from each other, and not from plain stores of other vCPUs; processors that are told to split a lock do better.
 * <p>
 * A vCPU is outside ({@link Machine}) while it waits for that lock: who has it may wait for that of the {@link CodeCache},
 * whose holder waits for vCPUs that are inside. What it then stores to may have code by now; it looks after the store.
 */
@SuppressWarnings("removal")
final class Atomic {
	/** Beside the operations of {@link Op}. */
	static final int EXCHANGE = 100;

	private Atomic() {}

	/**
	 * Changes memory.
	 *
	 * @param operation ADD (also for ADC, with the carry in {@code operand}) to XOR, INC, DEC, NEG, NOT, EXCHANGE
	 * @return what was there before, zero-extended
	 */
	static long update(Cpu c, long address, int size, int operation, long operand) {
		return update(c, address, size, operation, operand, 0);
	}

	private static long update(Cpu c, long address, int size, int operation, long operand, long expected) {
		long host = c.hostForStore(address, size);
		if (host == 0 && !Paging.crosses(address, size)) { // a device: what it does is its own affair
			long old = c.loadForStore(address, size);
			c.store(address, size, next(operation, old, operand, expected));
			return old;
		}
		if (host == 0) {
			c.presence.leave();
			synchronized (c.machine) {
				c.presence.enter();
				long old = c.loadForStore(address, size);
				c.store(address, size, next(operation, old, operand, expected));
				return old;
			}
		}
		long old;
		do
			old = read(host, size);
		while (!swap(c, host, size, old, next(operation, old, operand, expected)));
		c.paging.storedTo(address, size);
		return old;
	}

	private static long next(int operation, long old, long operand, long expected) {
		return switch (operation) {
			case Op.ADD, Op.ADC, Op.INC -> old + operand;
			case Op.SUB, Op.SBB, Op.DEC -> old - operand;
			case Op.OR -> old | operand;
			case Op.AND -> old & operand;
			case Op.XOR -> old ^ operand;
			case Op.CMPXCHG -> old == expected ? operand : old;
			case Op.NEG -> -old;
			case Op.NOT -> ~old;
			default -> operand;
		};
	}

	/**
	 * Puts {@code next} where {@code expected} is.
	 *
	 * @return what was there before, zero-extended: {@code expected} if it was put
	 */
	static long compareAndExchange(Cpu c, long address, int size, long expected, long next) {
		return update(c, address, size, Op.CMPXCHG, next, expected);
	}

	private static long read(long host, int size) {
		return switch (size) {
			case 1 -> UNSAFE.getByteVolatile(null, host) & 0xff;
			case 2 -> UNSAFE.getShortVolatile(null, host) & 0xffff;
			case 4 -> UNSAFE.getIntVolatile(null, host) & 0xffff_ffffL;
			default -> UNSAFE.getLongVolatile(null, host);
		};
	}

	private static boolean swap(Cpu c, long host, int size, long old, long next) {
		if (size == 8 && (host & 7) == 0)
			return UNSAFE.compareAndSwapLong(null, host, old, next);
		if (size == 4 && (host & 3) == 0)
			return UNSAFE.compareAndSwapInt(null, host, (int) old, (int) next);
		long word = host & -8;
		int shift = (int) (host - word) * 8;
		if (shift + 8 * size <= 64) { // within eight bytes
			long mask = Insn.zero(-1, size) << shift;
			long around = UNSAFE.getLongVolatile(null, word);
			if ((around & mask) >>> shift != Insn.zero(old, size))
				return false;
			return UNSAFE.compareAndSwapLong(null, word, around, around & ~mask | next << shift & mask);
		}
		c.presence.leave();
		synchronized (c.machine) {
			c.presence.enter();
			if (read(host, size) != old)
				return false;
			switch (size) {
				case 2 -> UNSAFE.putShort(host, (short) next);
				case 4 -> UNSAFE.putInt(host, (int) next);
				default -> UNSAFE.putLong(host, next);
			}
			return true;
		}
	}

	/** Sixteen bytes on their boundary: compares both halves and puts both. */
	static boolean compareAndExchangePair(Cpu c, long address, long[] expected, long nextLow, long nextHigh) {
		long host = c.hostForStore(address, 16);
		long low, high;
		if (host == 0) {
			low = c.loadForStore(address, 8);
			high = c.loadForStore(address + 8, 8);
			boolean equal = low == expected[0] && high == expected[1];
			c.store64(address, equal ? nextLow : low);
			c.store64(address + 8, equal ? nextHigh : high);
			expected[0] = low;
			expected[1] = high;
			return equal;
		}
		c.presence.leave();
		synchronized (c.machine) {
			c.presence.enter();
			low = UNSAFE.getLongVolatile(null, host);
			high = UNSAFE.getLongVolatile(null, host + 8);
			boolean equal = low == expected[0] && high == expected[1];
			if (equal) {
				// others see the halves one after the other; who writes them in pairs comes here as well
				UNSAFE.putLongVolatile(null, host + 8, nextHigh);
				UNSAFE.putLongVolatile(null, host, nextLow);
				c.paging.storedTo(address, 16);
			}
			expected[0] = low;
			expected[1] = high;
			return equal;
		}
	}
}
