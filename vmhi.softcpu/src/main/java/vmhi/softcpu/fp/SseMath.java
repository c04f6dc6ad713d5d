package vmhi.softcpu.fp;

/**
 * Scalar arithmetic of SSE to SSE4.1 on the bits of numbers, under the MXCSR of one vCPU (SDM volume 1, chapter 11.5).
 * Exceptions are collected in {@link #raised}, which the CPU adds to MXCSR after an instruction; if one of them is
 * unmasked, results mean nothing. Belongs to the vCPU's thread.
 *
 * <p>Guests hardly ever leave the default: round to nearest, exceptions masked, and the precision exception long since
 * noted. There, with normal operands and results, the processor and Java agree, and each method is a few instructions.
 * The second step does the same where zeros take part, or where it counts whether the result is exact. All else is
 * {@link SseExact}'s.
 */
public final class SseMath {
	/** MXCSR after reset. */
	public static final int DEFAULT_MXCSR = 0x1f80;

	private static final int ROUNDING = 0x6000;
	private static final int PRECISION_MASKED = 0x1000;
	/** Rounding, and what becomes of a precision exception. */
	private static final int COMMON_BITS = ROUNDING | PRECISION_MASKED | Rounding.PRECISION;
	private static final int COMMON = PRECISION_MASKED | Rounding.PRECISION;

	private static final int ZF = 0x40;
	private static final int CF = 0x01;
	private static final int INDEFINITE = 0x80000000;
	private static final int ROUND_BY_MXCSR = 4;
	private static final int ROUND_IN_SILENCE = 8;

	/** The control and status register; this only reads it. */
	public int mxcsr = DEFAULT_MXCSR;
	/** Exceptions since the CPU cleared this, as in the lower bits of MXCSR. */
	public int raised;

	private final SseExact exact = new SseExact(this);

	/**
	 * Ends an instruction: exceptions go to MXCSR. Returns whether one of them is unmasked, so that the instruction has
	 * no result but a #XM. One that is known before anything is computed keeps later ones from being found in any
	 * element.
	 */
	public boolean faults() {
		int unmasked = ~mxcsr >> 7 & raised;
		if ((unmasked & Rounding.BEFORE) != 0) {
			raised &= Rounding.BEFORE;
		}
		mxcsr |= raised;
		raised = 0;
		return unmasked != 0;
	}

	private boolean isCommon() {
		return (mxcsr & COMMON_BITS) == COMMON;
	}

	/** Whether rounding is the host's; a precision exception has to be noted then. */
	private boolean isNearest() {
		return (mxcsr & ROUNDING) == 0;
	}

	/** A number that is normal, and so neither zero nor denormal, infinite or NaN. */
	private static boolean isNormal(int bits) {
		return ((bits >>> 23) + 1 & 0xff) > 1;
	}

	private static boolean isNormal(long bits) {
		return ((int) (bits >>> 52) + 1 & 0x7ff) > 1;
	}

	/** A result that was not tiny before it was rounded. */
	private static boolean isClear(int bits) {
		return ((bits >>> 23) + 1 & 0xff) > 2;
	}

	private static boolean isClear(long bits) {
		return ((int) (bits >>> 52) + 1 & 0x7ff) > 2;
	}

	private static boolean isNormalOrZero(int bits) {
		return isNormal(bits) || bits << 1 == 0;
	}

	private static boolean isNormalOrZero(long bits) {
		return isNormal(bits) || bits << 1 == 0;
	}

	private static float real(int bits) {
		return Float.intBitsToFloat(bits);
	}

	private static double real(long bits) {
		return Double.longBitsToDouble(bits);
	}

	private static int bits(float value) {
		return Float.floatToRawIntBits(value);
	}

	private static long bits(double value) {
		return Double.doubleToRawLongBits(value);
	}

	private void notePrecision(boolean inexact) {
		if (inexact) {
			raised |= Rounding.PRECISION;
		}
	}

	/** ADDSS. */
	public int add32(int a, int b) {
		int r = bits(real(a) + real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : add32Noting(a, b);
	}

	private int add32Noting(int a, int b) {
		float x = real(a);
		float y = real(b);
		float r = x + y;
		if (isNearest() && isNormalOrZero(a) && isNormalOrZero(b) && (isClear(bits(r)) || r == 0)) {
			float most = r - x;
			notePrecision(x - (r - most) + (y - most) != 0);
			return bits(r);
		}
		return (int) exact.arithmetic(SseExact.ADD, a, b, Format.SINGLE);
	}

	/** SUBSS. */
	public int sub32(int a, int b) {
		int r = bits(real(a) - real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : sub32Noting(a, b);
	}

	private int sub32Noting(int a, int b) {
		if (isNormalOrZero(b)) {
			return add32Noting(a, b ^ INDEFINITE);
		}
		return (int) exact.arithmetic(SseExact.SUBTRACT, a, b, Format.SINGLE);
	}

	/** MULSS. */
	public int mul32(int a, int b) {
		int r = bits(real(a) * real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : mul32Noting(a, b);
	}

	private int mul32Noting(int a, int b) {
		int r = bits(real(a) * real(b));
		boolean zero = a << 1 == 0 || b << 1 == 0;
		if (isNearest() && isNormalOrZero(a) && isNormalOrZero(b) && (zero || isClear(r))) {
			notePrecision((double) real(a) * real(b) != real(r));
			return r;
		}
		return (int) exact.arithmetic(SseExact.MULTIPLY, a, b, Format.SINGLE);
	}

	/** DIVSS. */
	public int div32(int a, int b) {
		int r = bits(real(a) / real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : div32Noting(a, b);
	}

	private int div32Noting(int a, int b) {
		int r = bits(real(a) / real(b));
		if (isNearest() && isNormalOrZero(a) && isNormal(b) && (a << 1 == 0 || isClear(r))) {
			notePrecision((double) real(r) * real(b) != real(a));
			return r;
		}
		return (int) exact.arithmetic(SseExact.DIVIDE, a, b, Format.SINGLE);
	}

	/** SQRTSS. */
	public int sqrt32(int a) {
		if (a > 0 && isNormal(a) && isNearest()) {
			float r = (float) Math.sqrt(real(a));
			notePrecision((double) r * r != real(a));
			return bits(r);
		}
		return (int) exact.squareRoot(a, Format.SINGLE);
	}

	/** MINSS. */
	public int min32(int a, int b) {
		if (isNormalOrZero(a) && isNormalOrZero(b)) {
			return real(a) < real(b) ? a : b;
		}
		return (int) exact.select(false, a, b, Format.SINGLE);
	}

	/** MAXSS. */
	public int max32(int a, int b) {
		if (isNormalOrZero(a) && isNormalOrZero(b)) {
			return real(a) > real(b) ? a : b;
		}
		return (int) exact.select(true, a, b, Format.SINGLE);
	}

	/** ADDSD. */
	public long add64(long a, long b) {
		long r = bits(real(a) + real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : add64Noting(a, b);
	}

	/** The error of a sum is a number itself, and this is how it is found (Knuth's TwoSum). */
	private long add64Noting(long a, long b) {
		double x = real(a);
		double y = real(b);
		double r = x + y;
		if (isNearest() && isNormalOrZero(a) && isNormalOrZero(b) && (isClear(bits(r)) || r == 0)) {
			double most = r - x;
			notePrecision(x - (r - most) + (y - most) != 0);
			return bits(r);
		}
		return exact.arithmetic(SseExact.ADD, a, b, Format.DOUBLE);
	}

	/** SUBSD. */
	public long sub64(long a, long b) {
		long r = bits(real(a) - real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : sub64Noting(a, b);
	}

	private long sub64Noting(long a, long b) {
		if (isNormalOrZero(b)) {
			return add64Noting(a, b ^ Long.MIN_VALUE);
		}
		return exact.arithmetic(SseExact.SUBTRACT, a, b, Format.DOUBLE);
	}

	/** MULSD. */
	public long mul64(long a, long b) {
		long r = bits(real(a) * real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : mul64Noting(a, b);
	}

	private long mul64Noting(long a, long b) {
		long r = bits(real(a) * real(b));
		boolean zero = a << 1 == 0 || b << 1 == 0;
		if (isNearest() && isNormalOrZero(a) && isNormalOrZero(b) && (zero || isClear(r))) {
			notePrecision(!zero && !isProductExact(a, b));
			return r;
		}
		return exact.arithmetic(SseExact.MULTIPLY, a, b, Format.DOUBLE);
	}

	/** Whether the product of the significands of normal numbers fits a significand. */
	private static boolean isProductExact(long a, long b) {
		long x = significandWithoutZeros(a);
		long y = significandWithoutZeros(b);
		int bits = 128 - Long.numberOfLeadingZeros(x) - Long.numberOfLeadingZeros(y);
		return bits <= 53 || bits == 54 && x * y < 1L << 53;
	}

	private static long significandWithoutZeros(long bits) {
		long all = bits & (1L << 52) - 1 | 1L << 52;
		return all >>> Long.numberOfTrailingZeros(all);
	}

	/** DIVSD. */
	public long div64(long a, long b) {
		long r = bits(real(a) / real(b));
		return isNormal(a) && isNormal(b) && isClear(r) && isCommon() ? r : div64Noting(a, b);
	}

	private long div64Noting(long a, long b) {
		long r = bits(real(a) / real(b));
		boolean zero = a << 1 == 0;
		if (isNearest() && isNormalOrZero(a) && isNormal(b) && (zero || isClear(r))) {
			notePrecision(!zero && !(isProductExact(r, b) && real(r) * real(b) == real(a)));
			return r;
		}
		return exact.arithmetic(SseExact.DIVIDE, a, b, Format.DOUBLE);
	}

	/** SQRTSD. */
	public long sqrt64(long a) {
		if (a > 0 && isNormal(a) && isNearest()) {
			double r = Math.sqrt(real(a));
			notePrecision(!isProductExact(bits(r), bits(r)) || r * r != real(a));
			return bits(r);
		}
		return exact.squareRoot(a, Format.DOUBLE);
	}

	/** MINSD. */
	public long min64(long a, long b) {
		if (isNormalOrZero(a) && isNormalOrZero(b)) {
			return real(a) < real(b) ? a : b;
		}
		return exact.select(false, a, b, Format.DOUBLE);
	}

	/** MAXSD. */
	public long max64(long a, long b) {
		if (isNormalOrZero(a) && isNormalOrZero(b)) {
			return real(a) > real(b) ? a : b;
		}
		return exact.select(true, a, b, Format.DOUBLE);
	}

	/** CMPSS, predicates 0 to 7. Returns 0 or -1. */
	public int compare32(int a, int b, int predicate) {
		boolean holds = isNormalOrZero(a) && isNormalOrZero(b)
				? holds(real(a), real(b), predicate)
				: exact.compare(a, b, predicate, Format.SINGLE);
		return holds ? -1 : 0;
	}

	/** CMPSD, predicates 0 to 7. Returns 0 or -1. */
	public long compare64(long a, long b, int predicate) {
		boolean holds = isNormalOrZero(a) && isNormalOrZero(b)
				? holds(real(a), real(b), predicate)
				: exact.compare(a, b, predicate, Format.DOUBLE);
		return holds ? -1 : 0;
	}

	private static boolean holds(double a, double b, int predicate) {
		return switch (predicate & 7) {
			case 0 -> a == b;
			case 1 -> a < b;
			case 2 -> a <= b;
			case 3 -> false;
			case 4 -> a != b;
			case 5 -> a >= b;
			case 6 -> a > b;
			default -> true;
		};
	}

	/** COMISS, or UCOMISS, which is quiet. Returns ZF, PF and CF at their places in RFLAGS. */
	public int comis32(int a, int b, boolean quiet) {
		if (isNormalOrZero(a) && isNormalOrZero(b)) {
			return order(real(a), real(b));
		}
		return exact.compareToFlags(a, b, quiet, Format.SINGLE);
	}

	/** COMISD, or UCOMISD, which is quiet. Returns ZF, PF and CF at their places in RFLAGS. */
	public int comis64(long a, long b, boolean quiet) {
		if (isNormalOrZero(a) && isNormalOrZero(b)) {
			return order(real(a), real(b));
		}
		return exact.compareToFlags(a, b, quiet, Format.DOUBLE);
	}

	private static int order(double a, double b) {
		return a == b ? ZF : a < b ? CF : 0;
	}

	/** CVTSD2SS. */
	public int cvt64to32(long a) {
		double x = real(a);
		int r = bits((float) x);
		if (isNearest() && (isNormal(a) && isClear(r) || a << 1 == 0)) {
			notePrecision(real(r) != x);
			return r;
		}
		return (int) exact.convert(a, Format.DOUBLE, Format.SINGLE);
	}

	/** CVTSS2SD. */
	public long cvt32to64(int a) {
		return isNormalOrZero(a) ? bits((double) real(a)) : exact.convert(a, Format.SINGLE, Format.DOUBLE);
	}

	/** CVTSI2SS of 32 bits. */
	public int intTo32(int a) {
		float r = a;
		if (isNearest()) {
			notePrecision((double) r != a);
			return bits(r);
		}
		return (int) exact.fromInteger(a, Format.SINGLE);
	}

	/** CVTSI2SS of 64 bits. */
	public int longTo32(long a) {
		float r = a;
		if (isNearest()) {
			notePrecision(isRounded(a, 24));
			return bits(r);
		}
		return (int) exact.fromInteger(a, Format.SINGLE);
	}

	/** CVTSI2SD of 64 bits. */
	public long longTo64(long a) {
		double r = a;
		if (isNearest()) {
			notePrecision(isRounded(a, 53));
			return bits(r);
		}
		return exact.fromInteger(a, Format.DOUBLE);
	}

	/** Whether an integer has more significant bits than that. */
	private static boolean isRounded(long a, int precision) {
		long magnitude = Math.abs(a);
		int bits = 64 - Long.numberOfLeadingZeros(magnitude) - Long.numberOfTrailingZeros(magnitude);
		return bits > precision;
	}

	/** CVTSI2SD of 32 bits. */
	public long intTo64(int a) {
		return bits((double) a);
	}

	/** CVTSS2SI, or CVTTSS2SI which truncates, to 32 bits. */
	public int toInt32(int a, boolean truncate) {
		if (isNormalOrZero(a) && (truncate || isNearest())) {
			double x = truncate ? real(a) : Math.rint(real(a));
			int r = (int) x;
			// what Java saturates is left to the other way
			if (r != Integer.MAX_VALUE && r != Integer.MIN_VALUE) {
				notePrecision(r != (double) real(a));
				return r;
			}
		}
		return (int) exact.toInteger(a, Format.SINGLE, 32, truncate);
	}

	/** CVTSS2SI, or CVTTSS2SI which truncates, to 64 bits. */
	public long toLong32(int a, boolean truncate) {
		return isNormalOrZero(a)
				? toLong64(bits((double) real(a)), truncate)
				: exact.toInteger(a, Format.SINGLE, 64, truncate);
	}

	/** CVTSD2SI, or CVTTSD2SI which truncates, to 32 bits. */
	public int toInt64(long a, boolean truncate) {
		if (isNormalOrZero(a) && (truncate || isNearest())) {
			double x = truncate ? real(a) : Math.rint(real(a));
			int r = (int) x;
			if (r != Integer.MAX_VALUE && r != Integer.MIN_VALUE) {
				notePrecision(r != real(a));
				return r;
			}
		}
		return (int) exact.toInteger(a, Format.DOUBLE, 32, truncate);
	}

	/** CVTSD2SI, or CVTTSD2SI which truncates, to 64 bits. */
	public long toLong64(long a, boolean truncate) {
		if (isNormalOrZero(a) && (truncate || isNearest())) {
			double x = truncate ? real(a) : Math.rint(real(a));
			long r = (long) x;
			if (r != Long.MAX_VALUE && r != Long.MIN_VALUE) {
				notePrecision(r != real(a));
				return r;
			}
		}
		return exact.toInteger(a, Format.DOUBLE, 64, truncate);
	}

	/** ROUNDSS, with the control bits of its immediate operand. */
	public int round32(int a, int control) {
		if (isNormalOrZero(a)) {
			float x = real(a);
			float r = (float) round(x, control);
			notePrecision(r != x && (control & ROUND_IN_SILENCE) == 0);
			return bits(r);
		}
		return (int) exact.round(a, control, Format.SINGLE);
	}

	/** ROUNDSD, with the control bits of its immediate operand. */
	public long round64(long a, int control) {
		if (isNormalOrZero(a)) {
			double x = real(a);
			double r = round(x, control);
			notePrecision(r != x && (control & ROUND_IN_SILENCE) == 0);
			return bits(r);
		}
		return exact.round(a, control, Format.DOUBLE);
	}

	private double round(double x, int control) {
		int mode = (control & ROUND_BY_MXCSR) != 0 ? mxcsr >> 13 & 3 : control & 3;
		return switch (mode) {
			case Rounding.NEAREST -> Math.rint(x);
			case Rounding.DOWN -> Math.floor(x);
			case Rounding.UP -> Math.ceil(x);
			default -> x < 0 ? Math.ceil(x) : Math.floor(x);
		};
	}
}
