package vmhi.softcpu.jit;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Fault;
import vmhi.softcpu.core.Flags;

/** What translated code calls. Small, so that it is inlined. */
public final class Support {
	private Support() {}

	/** 1 if {@code a} is less than {@code b}, as unsigned numbers. */
	public static int below(long a, long b) {
		return a + Long.MIN_VALUE < b + Long.MIN_VALUE ? 1 : 0;
	}

	/** The upper half of an unsigned product. */
	public static long unsignedHigh(long a, long b) {
		return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
	}

	/** A target of an indirect branch. */
	public static long checked(Cpu c, long target) {
		if (target >> 47 != target >> 63)
			throw c.fault(Fault.GP, 0);
		return target;
	}

	/** Kinds of rotates: to the left; to the right, of 64 and of 32 bits. */
	static final int LEFT = 1, RIGHT_64 = 2, RIGHT_32 = 3;

	/** Flags after a rotate, from those before it and the result, sign-extended. */
	public static long rotated(int rotate, int kind, long oldResult, long a, long b, long result) {
		int bits = Flags.bits(kind, oldResult, a, b) & ~(Flags.CF | Flags.OF);
		boolean carry = rotate == LEFT ? (result & 1) != 0 : result < 0;
		boolean other = rotate == LEFT ? result < 0 : result << (rotate == RIGHT_64 ? 1 : 33) < 0;
		return bits | (carry ? Flags.CF : 0) | (carry != other ? Flags.OF : 0);
	}

	/** Flags after a bit test. */
	public static long tested(int kind, long result, long a, long b, long value, long number) {
		return Flags.bits(kind, result, a, b) & ~Flags.CF | value >>> number & 1;
	}
}
