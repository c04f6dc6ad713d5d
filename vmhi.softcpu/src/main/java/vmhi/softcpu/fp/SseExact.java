package vmhi.softcpu.fp;

/**
 * What {@link SseMath} does not do with the arithmetic of the host: everything, for all operands and any MXCSR, at some
 * cost (SDM volume 1, chapters 4.8, 4.9 and 11.5). A number of 32 bits travels in the lower half of a {@code long}.
 * Belongs to the vCPU's thread.
 */
final class SseExact {
	static final int ADD = 0;
	static final int SUBTRACT = 1;
	static final int MULTIPLY = 2;
	static final int DIVIDE = 3;

	private static final int DENORMALS_ARE_ZEROS = 0x40;
	private static final int FLUSH_TO_ZERO = 0x8000;
	private static final int ROUND_BY_MXCSR = 4;
	private static final int ROUND_IN_SILENCE = 8;

	private static final int ZF = 0x40;
	private static final int PF = 0x04;
	private static final int CF = 0x01;

	private final SseMath owner;
	private final Rounding rounding = new Rounding();
	private final Real left = new Real();
	private final Real right = new Real();
	private final Real result = new Real();

	SseExact(SseMath owner) {
		this.owner = owner;
	}

	private void prepare() {
		int mxcsr = owner.mxcsr;
		rounding.mode = mxcsr >> 13 & 3;
		rounding.unmasked = ~mxcsr >> 7 & 0x3f;
		rounding.flush = (mxcsr & FLUSH_TO_ZERO) != 0;
	}

	private void read(long bits, Format format, Real into) {
		format.unpack(bits, into);
		if (into.denormal && (owner.mxcsr & DENORMALS_ARE_ZEROS) != 0) {
			into.zero(into.negative);
		}
	}

	private void raise(int exceptions) {
		owner.raised |= exceptions;
	}

	/** Rounds and packs the result, unless an unmasked exception says that nobody will look at it. */
	private long finish(int before, Format format) {
		int flags = before;
		if ((flags & Rounding.BEFORE & rounding.unmasked) == 0) {
			flags |= rounding.round(result, format);
		}
		raise(flags);
		return format.pack(result);
	}

	/** The NaN that comes out of an operation on these; both may be the same. */
	private long nan(Real a, Real b, Format format) {
		if (a.kind == Real.SIGNALING || b.kind == Real.SIGNALING) {
			raise(Rounding.INVALID);
		}
		return format.pack(a.isNan() ? a : b);
	}

	private static int denormal(Real a, Real b) {
		return a.denormal || b.denormal ? Rounding.DENORMAL : 0;
	}

	long arithmetic(int operation, long a, long b, Format format) {
		prepare();
		read(a, format, left);
		read(b, format, right);
		if (left.isNan() || right.isNan()) {
			return nan(left, right, format);
		}
		boolean down = rounding.mode == Rounding.DOWN;
		int flags = switch (operation) {
			case ADD -> RealMath.add(left, right, false, down, result);
			case SUBTRACT -> RealMath.add(left, right, true, down, result);
			case MULTIPLY -> RealMath.multiply(left, right, result);
			default -> RealMath.divide(left, right, result);
		};
		return finish(flags != 0 ? flags : denormal(left, right), format);
	}

	long squareRoot(long a, Format format) {
		prepare();
		read(a, format, left);
		if (left.isNan()) {
			return nan(left, left, format);
		}
		int flags = RealMath.squareRoot(left, result);
		return finish(flags != 0 ? flags : denormal(left, left), format);
	}

	/** MIN, or MAX: the second operand, unless the first is strictly less, or greater. */
	long select(boolean max, long a, long b, Format format) {
		read(a, format, left);
		read(b, format, right);
		if (left.isNan() || right.isNan()) {
			raise(Rounding.INVALID);
			return right.isNan() ? b : format.pack(right);
		}
		raise(denormal(left, right));
		int order = left.compare(right);
		Real chosen = (max ? order > 0 : order < 0) ? left : right;
		return format.pack(chosen);
	}

	boolean compare(long a, long b, int predicate, Format format) {
		read(a, format, left);
		read(b, format, right);
		boolean negated = (predicate & 4) != 0;
		if (left.isNan() || right.isNan()) {
			boolean quiet = (predicate & 3) == 0 || (predicate & 3) == 3;
			unordered(quiet);
			return (predicate & 3) == 3 != negated;
		}
		raise(denormal(left, right));
		int order = left.compare(right);
		return switch (predicate & 3) {
			case 0 -> order == 0;
			case 1 -> order < 0;
			case 2 -> order <= 0;
			default -> false;
		} != negated;
	}

	private void unordered(boolean quiet) {
		if (!quiet || left.kind == Real.SIGNALING || right.kind == Real.SIGNALING) {
			raise(Rounding.INVALID);
		}
	}

	/** COMIS and UCOMIS. Returns ZF, PF and CF. */
	int compareToFlags(long a, long b, boolean quiet, Format format) {
		read(a, format, left);
		read(b, format, right);
		if (left.isNan() || right.isNan()) {
			unordered(quiet);
			return ZF | PF | CF;
		}
		raise(denormal(left, right));
		int order = left.compare(right);
		return order == 0 ? ZF : order < 0 ? CF : 0;
	}

	long convert(long a, Format from, Format to) {
		prepare();
		read(a, from, left);
		if (left.isNan()) {
			return nan(left, left, to);
		}
		result.set(left);
		return finish(denormal(left, left), to);
	}

	long fromInteger(long a, Format format) {
		prepare();
		result.integer(a);
		return finish(0, format);
	}

	/** To an integer of so many bits; what does not fit becomes the most negative one. */
	long toInteger(long a, Format format, int bits, boolean truncate) {
		prepare();
		read(a, format, left);
		if (truncate) {
			rounding.mode = Rounding.TO_ZERO;
		}
		if (left.kind > Real.FINITE) {
			raise(Rounding.INVALID);
			return 1L << bits - 1;
		}
		int flags = rounding.toInteger(left);
		if (left.kind == Real.ZERO) {
			raise(flags);
			return 0;
		}
		if (left.exponent >= bits - 1) {
			boolean lowest = left.negative && left.exponent == bits - 1 && left.high << 1 == 0;
			raise(lowest ? flags : Rounding.INVALID);
			return 1L << bits - 1;
		}
		raise(flags);
		long magnitude = left.high >>> 63 - left.exponent;
		return left.negative ? -magnitude : magnitude;
	}

	/** ROUNDSS and ROUNDSD. */
	long round(long a, int control, Format format) {
		prepare();
		read(a, format, left);
		if (left.isNan()) {
			return nan(left, left, format);
		}
		if ((control & ROUND_BY_MXCSR) == 0) {
			rounding.mode = control & 3;
		}
		int flags = rounding.toInteger(left);
		raise((control & ROUND_IN_SILENCE) != 0 ? 0 : flags);
		return format.pack(left);
	}
}
