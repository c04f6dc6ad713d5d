package vmhi.softcpu.fp;

/**
 * What FADD to FDIVR, comparisons and the instructions on ST(0) with an exact answer do to their operands (SDM volume 1,
 * sections 8.3 and 8.5). It belongs to the thread of its vCPU.
 */
final class X87Arithmetic {
	private static final int ADD = 0;
	private static final int MULTIPLY = 1;
	private static final int SUBTRACT = 4;
	private static final int SUBTRACT_REVERSED = 5;
	private static final int DIVIDE = 6;
	private static final int UNORDERED = X87State.C0 | X87State.C2 | X87State.C3;

	private final X87State state;
	private final Rounding rounding;
	private final Real left = new Real();
	private final Real right = new Real();
	private final Real result = new Real();
	/** Whether an unmasked exception ended the last comparison, which has an outcome all the same. */
	boolean stopped;

	X87Arithmetic(X87State state) {
		this.state = state;
		rounding = state.rounding;
	}

	/**
	 * Chooses the NaN that an operation on these answers (SDM volume 1, table 4-7). Returns the exceptions that go with
	 * it, or -1 where both are numbers.
	 */
	static int nan(Real a, Real b, Real into) {
		if (a.kind == Real.UNSUPPORTED || b.kind == Real.UNSUPPORTED) {
			into.indefinite();
			return Rounding.INVALID;
		}
		if (!a.isNan() && !b.isNan()) {
			return -1;
		}
		int flags = a.kind == Real.SIGNALING || b.kind == Real.SIGNALING ? Rounding.INVALID : 0;
		into.set(takesFirst(a, b) ? a : b);
		return flags;
	}

	private static boolean takesFirst(Real a, Real b) {
		if (!a.isNan() || !b.isNan()) {
			return a.isNan();
		}
		if (a.kind != b.kind) {
			return a.kind == Real.QUIET;
		}
		int order = Long.compareUnsigned(a.high, b.high);
		return order != 0 ? order > 0 : !a.negative;
	}

	/** The same for one operand. */
	static int nan(Real a, Real into) {
		if (!a.isNan()) {
			return -1;
		}
		if (a.kind == Real.UNSUPPORTED) {
			into.indefinite();
			return Rounding.INVALID;
		}
		into.set(a);
		return a.kind == Real.SIGNALING ? Rounding.INVALID : 0;
	}

	/** Ends an instruction: notes its exceptions, and writes its result if there is one. Returns whether there was. */
	boolean complete(int exceptions, Real value, int target) {
		if (state.stops(exceptions)) {
			return false;
		}
		state.write(target, value);
		return true;
	}

	/** One of the six basic operations, numbered as in the instruction, on ST(0) and ST({@code i}). */
	void registers(int operation, int i, int target, boolean pop) {
		boolean done;
		if (state.isEmpty(0) || state.isEmpty(i)) {
			done = !state.underflows();
			if (done) {
				state.writeIndefinite(target);
			}
		} else {
			state.read(0, left);
			state.read(i, right);
			done = complete(compute(operation), result, target);
		}
		if (done && pop) {
			state.pop();
		}
	}

	/** The same on ST(0) and a number from memory. */
	void memory(int operation, Real operand) {
		if (state.isEmpty(0)) {
			if (!state.underflows()) {
				state.writeIndefinite(0);
			}
			return;
		}
		state.read(0, left);
		right.set(operand);
		complete(compute(operation), result, 0);
	}

	private int compute(int operation) {
		state.c1(false);
		int flags = nan(left, right, result);
		if (flags >= 0) {
			return flags;
		}
		boolean down = rounding.mode == Rounding.DOWN;
		flags = switch (operation) {
			case ADD -> RealMath.add(left, right, false, down, result);
			case MULTIPLY -> RealMath.multiply(left, right, result);
			case SUBTRACT -> RealMath.add(left, right, true, down, result);
			case SUBTRACT_REVERSED -> RealMath.add(right, left, true, down, result);
			case DIVIDE -> RealMath.divide(left, right, result);
			default -> RealMath.divide(right, left, result);
		};
		return finish(flags, left.denormal || right.denormal, result, state.format());
	}

	/** Rounds, unless exceptions forbid; sets C1. Returns all exceptions. */
	int finish(int before, boolean denormal, Real value, Format format) {
		int flags = before;
		if ((flags & Rounding.INVALID) != 0) {
			return flags;
		}
		if (denormal && flags == 0) {
			flags |= Rounding.DENORMAL;
		}
		if (!state.suppresses(flags)) {
			flags |= rounding.round(value, format);
			state.c1(rounding.grew);
		}
		return flags;
	}

	/** Compares ST(0) to ST({@code i}). Returns the condition codes; {@link #stopped} says that nothing is popped. */
	int compareRegisters(int i, boolean quiet) {
		if (state.isEmpty(0) || state.isEmpty(i)) {
			stopped = state.underflows();
			return UNORDERED;
		}
		state.read(0, left);
		state.read(i, right);
		return compare(quiet);
	}

	int compareMemory(Real operand) {
		if (state.isEmpty(0)) {
			stopped = state.underflows();
			return UNORDERED;
		}
		state.read(0, left);
		right.set(operand);
		return compare(false);
	}

	private int compare(boolean quiet) {
		state.c1(false);
		int flags = nan(left, right, result);
		if (flags >= 0) {
			stopped = state.stops(quiet ? flags : Rounding.INVALID);
			return UNORDERED;
		}
		stopped = state.stops(left.denormal || right.denormal ? Rounding.DENORMAL : 0);
		int order = left.compare(right);
		return order == 0 ? X87State.C3 : order < 0 ? X87State.C0 : 0;
	}

	void squareRoot() {
		if (emptyTop()) {
			return;
		}
		int flags = nan(left, result);
		if (flags < 0) {
			flags = finish(RealMath.squareRoot(left, result), left.denormal, result, state.format());
		}
		complete(flags, result, 0);
	}

	void roundToInteger() {
		if (emptyTop()) {
			return;
		}
		int flags = nan(left, result);
		if (flags < 0) {
			flags = left.denormal ? Rounding.DENORMAL : 0;
			result.set(left);
			if (!state.suppresses(flags)) {
				flags |= rounding.toInteger(result);
				state.c1(rounding.grew);
			}
		}
		complete(flags, result, 0);
	}

	/** Reads ST(0) as the left operand. Returns whether it is empty, and then the instruction is at its end. */
	boolean emptyTop() {
		if (state.isEmpty(0)) {
			if (!state.underflows()) {
				state.writeIndefinite(0);
			}
			return true;
		}
		state.c1(false);
		state.read(0, left);
		return false;
	}

	/** Reads ST(0) and ST(1). Returns whether one is empty, and then the instruction is at its end. */
	private boolean emptyPair() {
		if (state.isEmpty(0) || state.isEmpty(1)) {
			if (!state.underflows()) {
				state.writeIndefinite(0);
			}
			return true;
		}
		state.c1(false);
		state.read(0, left);
		state.read(1, right);
		return false;
	}

	/** FSCALE: ST(0) times two to the power of what ST(1) is without its fraction. */
	void scale() {
		if (emptyPair()) {
			return;
		}
		int flags = nan(left, right, result);
		if (flags < 0) {
			flags = finish(scaled(), left.denormal || right.denormal, result, Format.EXTENDED);
		}
		complete(flags, result, 0);
	}

	private int scaled() {
		result.set(left);
		if (right.kind == Real.INFINITE) {
			if (left.kind == (right.negative ? Real.INFINITE : Real.ZERO)) {
				result.indefinite();
				return Rounding.INVALID;
			}
			if (right.negative) {
				result.zero(left.negative);
			} else {
				result.infinite(left.negative);
			}
		} else if (left.kind == Real.FINITE && right.kind == Real.FINITE && right.exponent >= 0) {
			// 2^16 takes any number out of the range
			int power = right.exponent > 16 ? 1 << 17 : (int) (right.high >>> 63 - right.exponent);
			result.exponent += right.negative ? -power : power;
		}
		return 0;
	}

	/** FPREM, or FPREM1 where the quotient is rounded to the nearest (SDM volume 2, FPREM1). */
	void partialRemainder(boolean nearest) {
		state.status &= ~X87State.C2;
		if (emptyPair()) {
			return;
		}
		int codes = state.status & X87State.CONDITIONS;
		int flags = nan(left, right, result);
		if (flags < 0) {
			if (left.kind == Real.INFINITE || right.kind == Real.ZERO) {
				result.indefinite();
				flags = Rounding.INVALID;
			} else {
				flags = left.denormal || right.denormal ? Rounding.DENORMAL : 0;
				if (!state.suppresses(flags)) {
					codes = remainder(nearest);
					flags |= rounding.round(result, Format.EXTENDED);
				}
			}
		}
		if (complete(flags, result, 0)) {
			state.conditions(codes);
		}
	}

	/** Computes the remainder. Returns the condition codes. */
	private int remainder(boolean nearest) {
		result.set(left);
		if (left.kind == Real.ZERO || right.kind == Real.INFINITE) {
			return 0;
		}
		int distance = left.exponent - right.exponent;
		if (distance >= 64) {
			// how far one instruction gets is the processor's choice: 32 to 63 bits
			RealMath.remainder(left, right, distance - (distance & 0x1f | 0x20), result);
			return X87State.C2;
		}
		long quotient = 0;
		if (distance >= 0) {
			quotient = RealMath.remainder(left, right, 0, result);
		}
		if (nearest && roundsUp(quotient)) {
			right.negative = result.negative;
			RealMath.add(result, right, true, false, result);
			quotient++;
		}
		if (result.kind == Real.ZERO) {
			result.negative = left.negative;
		}
		return ((quotient & 1) != 0 ? X87State.C1 : 0) | ((quotient & 2) != 0 ? X87State.C3 : 0)
				| ((quotient & 4) != 0 ? X87State.C0 : 0);
	}

	/** Whether the rest is more than half the divisor, or half of it after an odd quotient. */
	private boolean roundsUp(long quotient) {
		if (result.kind == Real.ZERO) {
			return false;
		}
		result.exponent++;
		int order = result.compareMagnitude(right);
		result.exponent--;
		return order > 0 || order == 0 && (quotient & 1) != 0;
	}

	/** Looks for a fault where ST(0) gets a result and another is pushed. Returns whether the instruction ends here. */
	boolean cannotPush() {
		boolean empty = state.isEmpty(0);
		if (!empty && !state.isFullAbove()) {
			return false;
		}
		if (!(empty ? state.underflows() : state.overflows())) {
			state.writeIndefinite(0);
			state.push();
			state.writeIndefinite(0);
		}
		return true;
	}

	/** FXTRACT: the exponent to ST(0), and then the significand is pushed. */
	void extract() {
		if (cannotPush()) {
			return;
		}
		state.c1(false);
		state.read(0, left);
		int flags = nan(left, result);
		if (flags >= 0) {
			left.set(result);
		} else {
			flags = extracted();
		}
		if (complete(flags, result, 0)) {
			state.push();
			state.write(0, left);
		}
	}

	private int extracted() {
		if (left.kind == Real.ZERO) {
			result.infinite(true);
			return Rounding.ZERO_DIVIDE;
		}
		if (left.kind == Real.INFINITE) {
			result.infinite(false);
			return 0;
		}
		result.integer(left.exponent);
		left.exponent = 0;
		return left.denormal ? Rounding.DENORMAL : 0;
	}
}
