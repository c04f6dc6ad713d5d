package vmhi.softcpu.fp;

/**
 * The transcendental instructions: operands that need no computing, and what becomes of the stack (SDM volume 1, section
 * 8.3.7, and the tables of each instruction in volume 2). It belongs to the thread of its vCPU.
 */
final class X87Functions {
	/** Arguments of trigonometric functions are below two to this power. */
	private static final int TOO_BIG = 63;
	private static final Real PI = Transcendental.constant(1, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L);
	private static final Real THREE_QUARTERS_OF_PI = Transcendental.constant(1, 0x96cbe3f9990e91a7L,
			0x9394c9e8a0a5159dL);

	private final X87State state;
	private final X87Arithmetic arithmetic;
	private final Transcendental functions = new Transcendental();
	private final Real x = new Real();
	private final Real y = new Real();
	private final Real result = new Real();
	private final Real second = new Real();
	private final Real reduced = new Real();

	X87Functions(X87State state, X87Arithmetic arithmetic) {
		this.state = state;
		this.arithmetic = arithmetic;
	}

	/** Rounds a result to all bits there are, since the precision control means nothing here. */
	private int finish(int before, boolean denormal, Real value) {
		return arithmetic.finish(before, denormal, value, Format.EXTENDED);
	}

	/** Rounds a result that was computed, which never counts as exact. */
	private int finishInexact(boolean denormal, Real value) {
		int flags = finish(0, denormal, value);
		if (state.suppresses(flags)) {
			return flags;
		}
		if (value.kind == Real.FINITE && value.exponent < Format.EXTENDED.minExponent) {
			flags |= Rounding.UNDERFLOW;
		}
		return flags | Rounding.PRECISION;
	}

	/** F2XM1. */
	void exponential() {
		if (arithmetic.emptyTop()) {
			return;
		}
		state.read(0, x);
		int flags = X87Arithmetic.nan(x, result);
		if (flags < 0) {
			exponentialLessOne();
			boolean computed = x.kind == Real.FINITE;
			flags = computed ? finishInexact(x.denormal, result) : finish(0, false, result);
		}
		arithmetic.complete(flags, result, 0);
	}

	private void exponentialLessOne() {
		if (x.kind == Real.FINITE && x.exponent < 0) {
			functions.exponentialLessOne(x, result);
		} else if (x.negative && (x.kind == Real.INFINITE || isOne(x))) {
			result.integer(-1);
			result.exponent = x.kind == Real.INFINITE ? 0 : -1;
		} else {
			// itself: 0, 1 and infinity are right, and beyond 1 nothing is defined
			result.set(x);
		}
	}

	private static boolean isOne(Real value) {
		return value.kind == Real.FINITE && value.exponent == 0 && value.high << 1 == 0;
	}

	/** FSIN, or FCOS. */
	void sineOrCosine(boolean cosine) {
		state.status &= ~X87State.C2;
		if (arithmetic.emptyTop() || isTooBig()) {
			return;
		}
		int flags = trigonometricSpecial();
		if (flags < 0) {
			if (x.kind == Real.ZERO) {
				if (cosine) {
					result.integer(1);
				} else {
					result.set(x);
				}
				flags = 0;
			} else {
				int quadrant = functions.reduce(x, reduced);
				circular(cosine ? quadrant + 1 : quadrant, cosine, result);
				flags = finishInexact(x.denormal, result);
			}
		}
		arithmetic.complete(flags, result, 0);
	}

	/** The sine of the reduced number and so many quarters of a turn. */
	private void circular(int quarters, boolean cosine, Real into) {
		if ((quarters & 1) == 0) {
			functions.sine(reduced, into);
		} else {
			functions.cosine(reduced, into);
		}
		into.negative ^= (quarters & 2) != 0;
		into.negative ^= !cosine && x.negative;
	}

	/** Reads ST(0), and sets C2 if it is outside the range, which ends the instruction. */
	private boolean isTooBig() {
		state.c1(false);
		state.read(0, x);
		if (x.kind == Real.FINITE && x.exponent >= TOO_BIG) {
			state.status |= X87State.C2;
			return true;
		}
		return false;
	}

	private int trigonometricSpecial() {
		int flags = X87Arithmetic.nan(x, result);
		if (flags < 0 && x.kind == Real.INFINITE) {
			result.indefinite();
			return Rounding.INVALID;
		}
		return flags;
	}

	/** FSINCOS: the sine replaces ST(0), and the cosine is pushed. */
	void sineAndCosine() {
		state.status &= ~X87State.C2;
		if (arithmetic.cannotPush() || isTooBig()) {
			return;
		}
		int flags = trigonometricSpecial();
		if (flags >= 0) {
			second.set(result);
		} else if (x.kind == Real.ZERO) {
			result.set(x);
			second.integer(1);
			flags = 0;
		} else {
			int quadrant = functions.reduce(x, reduced);
			circular(quadrant, false, result);
			circular(quadrant + 1, true, second);
			// C1 tells about the sine
			flags = finishInexact(x.denormal, second);
			flags |= finishInexact(x.denormal, result);
		}
		replaceAndPush(flags);
	}

	/** FPTAN: the tangent replaces ST(0), and 1 is pushed. */
	void tangent() {
		state.status &= ~X87State.C2;
		if (arithmetic.cannotPush() || isTooBig()) {
			return;
		}
		int flags = trigonometricSpecial();
		if (flags >= 0) {
			second.set(result);
		} else {
			flags = 0;
			result.set(x);
			if (x.kind != Real.ZERO) {
				int quadrant = functions.reduce(x, reduced);
				functions.tangent(reduced, quadrant, result, second);
				result.negative ^= x.negative;
				flags = finishInexact(x.denormal, result);
			}
			second.integer(1);
		}
		replaceAndPush(flags);
	}

	private void replaceAndPush(int flags) {
		if (arithmetic.complete(flags, result, 0)) {
			state.push();
			state.write(0, second);
		}
	}

	/** Reads ST(0) as x and ST(1) as y. Returns whether one is empty, and then the instruction is at its end. */
	private boolean emptyPair() {
		if (state.isEmpty(0) || state.isEmpty(1)) {
			if (!state.underflows()) {
				state.writeIndefinite(1);
				state.pop();
			}
			return true;
		}
		state.c1(false);
		state.read(0, x);
		state.read(1, y);
		return false;
	}

	private void completePair(int flags) {
		if (arithmetic.complete(flags, result, 1)) {
			state.pop();
		}
	}

	/** FPATAN: the angle of the point (ST(0), ST(1)). */
	void arctangent() {
		if (emptyPair()) {
			return;
		}
		int flags = X87Arithmetic.nan(x, y, result);
		if (flags < 0) {
			angle();
			boolean denormal = x.denormal || y.denormal;
			flags = result.kind == Real.FINITE ? finishInexact(denormal, result) : finish(0, denormal, result);
		}
		completePair(flags);
	}

	private void angle() {
		if (y.kind == Real.ZERO || x.kind == Real.INFINITE && y.kind != Real.INFINITE) {
			if (x.negative) {
				result.set(PI);
			} else {
				result.zero(false);
			}
		} else if (x.kind == Real.INFINITE) {
			result.set(x.negative ? THREE_QUARTERS_OF_PI : PI);
			result.exponent = x.negative ? 1 : -1;
		} else if (x.kind == Real.ZERO || y.kind == Real.INFINITE) {
			result.set(PI);
			result.exponent = 0;
		} else {
			functions.arctangent(y, x, x.negative, result);
		}
		result.negative = y.negative;
	}

	/** FYL2X, or FYL2XP1: ST(1) times the binary logarithm of ST(0), or of one more. */
	void logarithm(boolean ofMore) {
		if (emptyPair()) {
			return;
		}
		int flags = X87Arithmetic.nan(x, y, result);
		if (flags < 0 && ofMore && isUndefined() && y.kind == Real.FINITE) {
			result.set(x);
			flags = finishInexact(y.denormal, result);
		} else if (flags < 0) {
			flags = binaryLogarithm(ofMore);
			boolean computed = flags == 0 && result.kind == Real.FINITE && y.kind == Real.FINITE;
			if (flags == 0) {
				flags = RealMath.multiply(result, y, result);
			}
			boolean denormal = x.denormal || y.denormal;
			flags = computed ? finishInexact(denormal, result) : finish(flags, denormal, result);
		}
		completePair(flags);
	}

	/** Whether FYL2XP1 shall find the logarithm of nothing, or of less; then ST(0) is all that comes out. */
	private boolean isUndefined() {
		return x.kind == Real.FINITE && x.negative && x.exponent >= 0;
	}

	private int binaryLogarithm(boolean ofMore) {
		if (x.kind == Real.INFINITE && !x.negative) {
			result.infinite(false);
		} else if (ofMore && x.kind == Real.ZERO) {
			result.zero(x.negative);
		} else if (x.kind == Real.ZERO) {
			result.infinite(true);
			if (y.kind == Real.FINITE) {
				result.negative = !y.negative;
				return Rounding.ZERO_DIVIDE;
			}
		} else if (x.negative && (!ofMore || x.kind == Real.INFINITE)) {
			result.indefinite();
			return Rounding.INVALID;
		} else if (ofMore && isUndefined()) {
			// only its sign counts
			result.set(x);
		} else if (ofMore) {
			functions.logarithmOfMore(x, result);
		} else {
			functions.logarithm(x, result);
		}
		return 0;
	}
}
