package vmhi.softcpu.jit;

import static vmhi.softcpu.core.Memory.UNSAFE;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Op;
import vmhi.softcpu.core.SseInsn;
import vmhi.softcpu.fp.SseMath;

/**
 * What translated code calls for XMM registers; what is done all the time is small, so that it is inlined, and the rest
 * large enough not to be. Numbers are the lower halves of registers, all of them: where a single is computed, what is
 * above it is that of the first operand.
 * <p>
 * Arithmetic is the host's where it raises no exception that is not noted already, in the mode that guests are in all
 * the time: rounding to nearest, and a precision exception masked and long since noted. That is so if operands are
 * normal numbers and the result is one that was not tiny before it was rounded; or with zeros, where these make it
 * exact. {@link SseMath} has the rest.
 */
@SuppressWarnings("removal")
public final class SseSupport {
	/** Rounding, whether precision exceptions are masked, and whether there was one. */
	private static final int MODE = 0x7020, USUAL = 0x1020;
	private static final long UPPER = 0xffff_ffff_0000_0000L;
	private static final int ZF = 0x40, CF = 1;

	private SseSupport() {}

	// --- numbers

	private static double real(long bits) {
		return Double.longBitsToDouble(bits);
	}

	private static float single(long bits) {
		return Float.intBitsToFloat((int) bits);
	}

	private static long bits(double value) {
		return Double.doubleToRawLongBits(value);
	}

	/** The bits of a single, below what is above it. */
	private static long bits(long before, float value) {
		return before & UPPER | Float.floatToRawIntBits(value) & 0xffff_ffffL;
	}

	private static boolean isUsual(Cpu c) {
		return (c.sse.mxcsr & MODE) == USUAL;
	}

	// an exponent of all zeros or ones becomes 0 or 1 when 1 is added

	private static boolean isNormal(long bits) {
		return ((int) (bits >>> 52) + 1 & 0x7fe) != 0;
	}

	private static boolean isNormalSingle(long bits) {
		return (((int) bits >>> 23) + 1 & 0xfe) != 0;
	}

	/** Neither denormal nor infinite nor NaN. */
	private static boolean areNumbers(long a, long b) {
		return (((int) (a >>> 52) + 1 & 0x7fe) != 0 || a << 1 == 0)
				&& (((int) (b >>> 52) + 1 & 0x7fe) != 0 || b << 1 == 0);
	}

	private static boolean areSingles(long a, long b) {
		return ((((int) a >>> 23) + 1 & 0xfe) != 0 || (int) a << 1 == 0)
				&& ((((int) b >>> 23) + 1 & 0xfe) != 0 || (int) b << 1 == 0);
	}

	/** Whether a result is the host's: of normal operands, normal, and not among the smallest. */
	private static boolean isPlain(Cpu c, long a, long b, long result) {
		return ((int) (a >>> 52) + 1 & 0x7fe) != 0 && ((int) (b >>> 52) + 1 & 0x7fe) != 0
				&& ((int) (result >>> 52) + 1 & 0x7fc) != 0 && (c.sse.mxcsr & MODE) == USUAL;
	}

	private static boolean isPlainSingle(Cpu c, long a, long b, long result) {
		return (((int) a >>> 23) + 1 & 0xfe) != 0 && (((int) b >>> 23) + 1 & 0xfe) != 0
				&& (((int) result >>> 23) + 1 & 0xfc) != 0 && (c.sse.mxcsr & MODE) == USUAL;
	}

	// --- doubles

	public static long add(Cpu c, long a, long b) {
		long sum = bits(real(a) + real(b));
		return isPlain(c, a, b, sum) ? sum : slowly(c, Op.VADD, a, b);
	}

	public static long subtract(Cpu c, long a, long b) {
		long difference = bits(real(a) - real(b));
		return isPlain(c, a, b, difference) ? difference : slowly(c, Op.VSUBTRACT, a, b);
	}

	public static long multiply(Cpu c, long a, long b) {
		long product = bits(real(a) * real(b));
		return isPlain(c, a, b, product) ? product : slowly(c, Op.VMULTIPLY, a, b);
	}

	public static long divide(Cpu c, long a, long b) {
		long quotient = bits(real(a) / real(b));
		return isPlain(c, a, b, quotient) ? quotient : slowly(c, Op.VDIVIDE, a, b);
	}

	public static long root(Cpu c, long a, long b) {
		return b > 0 && isNormal(b) && isUsual(c) ? bits(Math.sqrt(real(b))) : slowly(c, Op.VROOT, a, b);
	}

	public static long min(Cpu c, long a, long b) {
		if (areNumbers(a, b))
			return real(a) < real(b) ? a : b;
		return slowly(c, Op.VMIN, a, b);
	}

	public static long max(Cpu c, long a, long b) {
		if (areNumbers(a, b))
			return real(a) > real(b) ? a : b;
		return slowly(c, Op.VMAX, a, b);
	}

	/** Any of these. */
	private static long slowly(Cpu c, int operation, long a, long b) {
		SseMath math = c.sse;
		if (isUsual(c) && areNumbers(a, b)) {
			boolean zero = a << 1 == 0 || b << 1 == 0;
			double sum = operation == Op.VADD ? real(a) + real(b) : real(a) - real(b);
			if (operation <= Op.VSUBTRACT + 3 && (sum == 0 || zero))
				return bits(sum);
			if (operation == Op.VMULTIPLY && zero)
				return bits(real(a) * real(b));
		}
		long result = switch (operation) {
			case Op.VADD -> math.add64(a, b);
			case Op.VSUBTRACT -> math.sub64(a, b);
			case Op.VMULTIPLY -> math.mul64(a, b);
			case Op.VDIVIDE -> math.div64(a, b);
			case Op.VROOT -> math.sqrt64(b);
			case Op.VMIN -> math.min64(a, b);
			default -> math.max64(a, b);
		};
		SseInsn.settle(c);
		return result;
	}

	// --- singles

	public static long addSingle(Cpu c, long a, long b) {
		long sum = bits(a, single(a) + single(b));
		return isPlainSingle(c, a, b, sum) ? sum : slowlySingle(c, Op.VADD, a, b);
	}

	public static long subtractSingle(Cpu c, long a, long b) {
		long difference = bits(a, single(a) - single(b));
		return isPlainSingle(c, a, b, difference) ? difference : slowlySingle(c, Op.VSUBTRACT, a, b);
	}

	public static long multiplySingle(Cpu c, long a, long b) {
		long product = bits(a, single(a) * single(b));
		return isPlainSingle(c, a, b, product) ? product : slowlySingle(c, Op.VMULTIPLY, a, b);
	}

	public static long divideSingle(Cpu c, long a, long b) {
		long quotient = bits(a, single(a) / single(b));
		return isPlainSingle(c, a, b, quotient) ? quotient : slowlySingle(c, Op.VDIVIDE, a, b);
	}

	public static long rootSingle(Cpu c, long a, long b) {
		return (int) b > 0 && isNormalSingle(b) && isUsual(c) ? bits(a, (float) Math.sqrt(single(b)))
				: slowlySingle(c, Op.VROOT, a, b);
	}

	public static long minSingle(Cpu c, long a, long b) {
		return slowlySingle(c, Op.VMIN, a, b);
	}

	public static long maxSingle(Cpu c, long a, long b) {
		return slowlySingle(c, Op.VMAX, a, b);
	}

	/** Any of these. */
	private static long slowlySingle(Cpu c, int operation, long before, long operand) {
		SseMath math = c.sse;
		int a = (int) before, b = (int) operand;
		int result = switch (operation) {
			case Op.VADD -> math.add32(a, b);
			case Op.VSUBTRACT -> math.sub32(a, b);
			case Op.VMULTIPLY -> math.mul32(a, b);
			case Op.VDIVIDE -> math.div32(a, b);
			case Op.VROOT -> math.sqrt32(b);
			case Op.VMIN -> math.min32(a, b);
			default -> math.max32(a, b);
		};
		SseInsn.settle(c);
		return replaced(before, result);
	}

	private static long replaced(long before, int low) {
		return before & UPPER | low & 0xffff_ffffL;
	}

	// --- packed numbers, of which every element is computed before exceptions are noted

	/** Does an operation on both halves of a register, from its place and that of the other operand. */
	public static void packed(Cpu c, int operation, int d, int s) {
		long[] x = c.xmm;
		long low = x[d], high = x[d + 1];
		boolean doubles = (operation & 3) == 1;
		boolean plain = isUsual(c);
		if (plain && doubles) {
			long first = plainly(operation, low, x[s]);
			long second = plainly(operation, high, x[s + 1]);
			if (isPlain(c, low, x[s], first) && isPlain(c, high, x[s + 1], second)) {
				x[d] = first;
				x[d + 1] = second;
				return;
			}
		}
		if (doubles) {
			low = ofDoubles(c.sse, operation, low, x[s]);
			high = ofDoubles(c.sse, operation, high, x[s + 1]);
		} else {
			low = ofSingles(c.sse, operation, low, x[s]);
			high = ofSingles(c.sse, operation, high, x[s + 1]);
		}
		SseInsn.settle(c);
		x[d] = low;
		x[d + 1] = high;
	}

	private static long plainly(int operation, long a, long b) {
		double x = real(a), y = real(b);
		return bits(switch (operation & ~3) {
			case Op.VADD -> x + y;
			case Op.VSUBTRACT -> x - y;
			case Op.VMULTIPLY -> x * y;
			case Op.VDIVIDE -> x / y;
			default -> 0; // which is not plain
		});
	}

	private static long ofDoubles(SseMath math, int operation, long a, long b) {
		return switch (operation & ~3) {
			case Op.VADD -> math.add64(a, b);
			case Op.VSUBTRACT -> math.sub64(a, b);
			case Op.VMULTIPLY -> math.mul64(a, b);
			case Op.VDIVIDE -> math.div64(a, b);
			case Op.VROOT -> math.sqrt64(b);
			case Op.VMIN -> math.min64(a, b);
			default -> math.max64(a, b);
		};
	}

	private static long ofSingles(SseMath math, int operation, long a, long b) {
		int low = ofSingle(math, operation, (int) a, (int) b);
		return low & 0xffff_ffffL | (long) ofSingle(math, operation, (int) (a >> 32), (int) (b >> 32)) << 32;
	}

	private static int ofSingle(SseMath math, int operation, int a, int b) {
		return switch (operation & ~3) {
			case Op.VADD -> math.add32(a, b);
			case Op.VSUBTRACT -> math.sub32(a, b);
			case Op.VMULTIPLY -> math.mul32(a, b);
			case Op.VDIVIDE -> math.div32(a, b);
			case Op.VROOT -> math.sqrt32(b);
			case Op.VMIN -> math.min32(a, b);
			default -> math.max32(a, b);
		};
	}

	// --- comparison: ZF, PF and CF as they are in RFLAGS

	public static long compare(Cpu c, long a, long b, boolean quiet) {
		if (!areNumbers(a, b))
			return compareSlowly(c, a, b, quiet, false);
		return real(a) == real(b) ? ZF : real(a) < real(b) ? CF : 0;
	}

	public static long compareSingle(Cpu c, long a, long b, boolean quiet) {
		if (!areSingles(a, b))
			return compareSlowly(c, a, b, quiet, true);
		return single(a) == single(b) ? ZF : single(a) < single(b) ? CF : 0;
	}

	private static long compareSlowly(Cpu c, long a, long b, boolean quiet, boolean singles) {
		long flags = singles ? c.sse.comis32((int) a, (int) b, quiet) : c.sse.comis64(a, b, quiet);
		SseInsn.settle(c);
		return flags;
	}

	// --- conversion

	public static long toDouble(Cpu c, long value) {
		return value + (1L << 53) >>> 54 == 0 || isUsual(c) ? bits((double) value)
				: convertSlowly(c, Op.VINTEGER_TO_DOUBLE, 0, value);
	}

	/** Of an integer of 32 bits, sign-extended. */
	public static long toSingle4(Cpu c, long before, long value) {
		return toSingle8(c, before, value);
	}

	public static long toSingle8(Cpu c, long before, long value) {
		return isUsual(c) ? bits(before, (float) value) : convertSlowly(c, Op.VINTEGER_TO_SINGLE, before, value);
	}

	/** What Java saturates raises an exception here. */
	public static long toInteger4(Cpu c, long a) {
		int result = (int) real(a);
		return areNumbers(a, a) && result != Integer.MAX_VALUE && result != Integer.MIN_VALUE && isUsual(c) ? result
				: convertSlowly(c, Op.VTO_INTEGER4, 0, a);
	}

	public static long toInteger8(Cpu c, long a) {
		long result = (long) real(a);
		return areNumbers(a, a) && result != Long.MAX_VALUE && result != Long.MIN_VALUE && isUsual(c) ? result
				: convertSlowly(c, Op.VTO_INTEGER8, 0, a);
	}

	public static long singleToInteger4(Cpu c, long a) {
		int result = (int) single(a);
		return areSingles(a, a) && result != Integer.MAX_VALUE && result != Integer.MIN_VALUE && isUsual(c) ? result
				: convertSlowly(c, -Op.VTO_INTEGER4, 0, a);
	}

	public static long singleToInteger8(Cpu c, long a) {
		return convertSlowly(c, -Op.VTO_INTEGER8, 0, a);
	}

	public static long singleToDouble(Cpu c, long a) {
		return areSingles(a, a) ? bits((double) single(a)) : convertSlowly(c, Op.VSINGLE_TO_DOUBLE, 0, a);
	}

	public static long doubleToSingle(Cpu c, long before, long a) {
		long result = bits(before, (float) real(a));
		return isNormal(a) && (((int) result >>> 23) + 1 & 0xfc) != 0 && isUsual(c) ? result
				: convertSlowly(c, Op.VDOUBLE_TO_SINGLE, before, a);
	}

	/** Any of these; the number of the operation is negative where it has a single where others have a double. */
	private static long convertSlowly(Cpu c, int operation, long before, long a) {
		SseMath math = c.sse;
		long result = switch (operation) {
			case Op.VINTEGER_TO_DOUBLE -> math.longTo64(a);
			case Op.VINTEGER_TO_SINGLE -> replaced(before, math.longTo32(a));
			case Op.VTO_INTEGER4 -> math.toInt64(a, true);
			case Op.VTO_INTEGER8 -> math.toLong64(a, true);
			case -Op.VTO_INTEGER4 -> math.toInt32((int) a, true);
			case -Op.VTO_INTEGER8 -> math.toLong32((int) a, true);
			case Op.VSINGLE_TO_DOUBLE -> math.cvt32to64((int) a);
			default -> replaced(before, math.cvt64to32(a));
		};
		SseInsn.settle(c);
		return result;
	}

	// --- integers side by side: the highest bit of each is dealt with apart, so that no carry goes on

	private static final long HIGH1 = 0x8080_8080_8080_8080L, HIGH2 = 0x8000_8000_8000_8000L,
			HIGH4 = 0x8000_0000_8000_0000L;

	private static long added(long a, long b, long high) {
		return (a & ~high) + (b & ~high) ^ (a ^ b) & high;
	}

	public static long add1(long a, long b) {
		return added(a, b, HIGH1);
	}

	public static long add2(long a, long b) {
		return added(a, b, HIGH2);
	}

	public static long add4(long a, long b) {
		return added(a, b, HIGH4);
	}

	private static long subtracted(long a, long b, long high) {
		return (a | high) - (b & ~high) ^ (a ^ ~b) & high;
	}

	public static long subtract1(long a, long b) {
		return subtracted(a, b, HIGH1);
	}

	public static long subtract2(long a, long b) {
		return subtracted(a, b, HIGH2);
	}

	public static long subtract4(long a, long b) {
		return subtracted(a, b, HIGH4);
	}

	/** The highest bit of each that is not zero in {@code difference}. */
	private static long different(long difference, long high) {
		return ((difference & ~high) + ~high | difference) & high;
	}

	/** All ones where the highest bit, which alone may be set, is not. */
	private static long where(long not, long high, int shift) {
		long bits = (not ^ high) >>> shift;
		return (bits << shift + 1) - bits;
	}

	public static long equal1(long a, long b) {
		return where(different(a ^ b, HIGH1), HIGH1, 7);
	}

	public static long equal2(long a, long b) {
		return where(different(a ^ b, HIGH2), HIGH2, 15);
	}

	public static long equal4(long a, long b) {
		return where(different(a ^ b, HIGH4), HIGH4, 31);
	}

	/** The highest bit of each where {@code a} is not below {@code b}, unsigned. */
	private static long notBelow(long a, long b, long high) {
		return ~(~a & b | ~(a ^ b) & subtracted(a, b, high)) & high;
	}

	public static long greater1(long a, long b) {
		return where(notBelow(b ^ HIGH1, a ^ HIGH1, HIGH1), HIGH1, 7);
	}

	public static long greater2(long a, long b) {
		return where(notBelow(b ^ HIGH2, a ^ HIGH2, HIGH2), HIGH2, 15);
	}

	public static long greater4(long a, long b) {
		return where(notBelow(b ^ HIGH4, a ^ HIGH4, HIGH4), HIGH4, 31);
	}

	public static long min1(long a, long b) {
		return b ^ (a ^ b) & where(notBelow(a, b, HIGH1), HIGH1, 7);
	}

	public static long max1(long a, long b) {
		return a ^ (a ^ b) & where(notBelow(a, b, HIGH1), HIGH1, 7);
	}

	/** The highest bits of 16 bytes. */
	public static long signs(long low, long high) {
		long first = ((low & HIGH1) >>> 7) * 0x0102_0408_1020_4080L >>> 56;
		return first | ((high & HIGH1) >>> 7) * 0x0102_0408_1020_4080L >>> 56 << 8;
	}

	// --- 16 bytes of memory

	/** An address that has to be a multiple of 16. */
	public static long aligned(Cpu c, long address) {
		if ((address & 15) != 0)
			throw SseInsn.misaligned(c, address);
		return address;
	}

	/** The address in the host, by a table of translations; 0 where that does not have it. */
	private static long host(long table, long address) {
		long entry = table + (address >>> 8 & Cpu.TLB_MASK);
		return UNSAFE.getLong(entry) == (address + 15 & -4096) ? address + UNSAFE.getLong(entry + 8) : 0;
	}

	/** Loads both halves of a register, by its place. */
	public static void load(Cpu c, long address, int at) {
		long host = host(c.readTlb, address);
		if (host == 0) {
			loadSlowly(c, address, at);
			return;
		}
		c.xmm[at] = UNSAFE.getLong(host);
		c.xmm[at + 1] = UNSAFE.getLong(host + 8);
	}

	/** The same where other vCPUs look on. */
	public static void loadOrdered(Cpu c, long address, int at) {
		long host = host(c.readTlb, address);
		if (host == 0) {
			loadSlowly(c, address, at);
			return;
		}
		c.xmm[at] = UNSAFE.getLongVolatile(null, host);
		c.xmm[at + 1] = UNSAFE.getLongVolatile(null, host + 8);
	}

	private static void loadSlowly(Cpu c, long address, int at) {
		long low = c.load64(address);
		c.xmm[at + 1] = c.load64(address + 8);
		c.xmm[at] = low;
	}

	/** Stores both halves of a register, or none. */
	public static void store(Cpu c, long address, int at) {
		long host = host(c.writeTlb, address);
		if (host == 0) {
			SseInsn.store(c, address, address + 8, c.xmm[at], c.xmm[at + 1]);
			return;
		}
		UNSAFE.putLong(host, c.xmm[at]);
		UNSAFE.putLong(host + 8, c.xmm[at + 1]);
	}

	/** The same where other vCPUs look on: not before what was stored earlier. */
	public static void storeOrdered(Cpu c, long address, int at) {
		UNSAFE.storeFence();
		store(c, address, at);
	}
}
