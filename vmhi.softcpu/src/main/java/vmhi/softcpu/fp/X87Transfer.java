package vmhi.softcpu.fp;

/**
 * Numbers on their way between memory and the register stack: what FLD, FILD, FBLD and the constants push, and what FST,
 * FIST, FISTTP and FBSTP write. It belongs to the thread of its vCPU.
 */
final class X87Transfer {
	private static final long BCD_LIMIT = 1_000_000_000_000_000_000L;
	private static final int BCD_DIGITS = 18;
	private static final int BCD_LOW_DIGITS = 16;
	private static final long INDEFINITE_MANTISSA = 0xc000000000000000L;

	/** FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ, which are rounded as the control word says. */
	private static final Real[] CONSTANTS = { new Real().integer(1),
			Transcendental.constant(1, 0xd49a784bcd1b8afeL, 0x492bf6ff4dafdb4dL),
			Transcendental.constant(0, 0xb8aa3b295c17f0bbL, 0xbe87fed0691d3e89L),
			Transcendental.constant(1, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L),
			Transcendental.constant(-2, 0x9a209a84fbcff798L, 0x8f8959ac0b7c9178L),
			Transcendental.constant(-1, 0xb17217f7d1cf79abL, 0xc9e3b39803f2f6afL), new Real().zero(false) };

	private final X87State state;
	private final Rounding rounding;
	private final Real value = new Real();
	/** Exceptions of a store that is being prepared; they count once memory was written. */
	private int exceptions;
	private boolean grew;
	long stored;
	int storedHigh;

	X87Transfer(X87State state) {
		this.state = state;
		rounding = state.rounding;
	}

	/** Makes room on the stack. Returns whether there is any; if there is not, the instruction is at its end. */
	private boolean makesRoom() {
		if (state.isFullAbove()) {
			if (!state.overflows()) {
				state.push();
				state.writeIndefinite(0);
			}
			return false;
		}
		state.c1(false);
		return true;
	}

	void push(long mantissa, int signExponent) {
		if (makesRoom()) {
			state.push();
			state.write(0, mantissa, signExponent);
		}
	}

	void pushInteger(long integer) {
		push(value.integer(integer).extendedMantissa(), value.extendedSignExponent());
	}

	/** Pushes a copy of ST({@code i}). */
	void pushRegister(int i) {
		if (state.isEmpty(i)) {
			if (!state.underflows()) {
				state.push();
				state.writeIndefinite(0);
			}
		} else {
			push(state.mantissa(i), state.signExponent(i));
		}
	}

	void pushConstant(int number) {
		value.set(CONSTANTS[number]);
		rounding.round(value, Format.EXTENDED);
		push(value.extendedMantissa(), value.extendedSignExponent());
	}

	/** Pushes a number of 32 or 64 bits. */
	void pushReal(long bits, Format format) {
		if (!makesRoom()) {
			return;
		}
		format.unpack(bits, value);
		int flags = value.denormal ? Rounding.DENORMAL : 0;
		if (value.kind == Real.SIGNALING) {
			flags = Rounding.INVALID;
		}
		// an unmasked exception about a denormal number waits, but the number is there
		if (!state.stops(flags) || flags == Rounding.DENORMAL) {
			state.push();
			state.write(0, value);
		}
	}

	/** Pushes 18 decimal digits; what is no digit counts as its value all the same. */
	void pushDecimal(long low, int high) {
		long integer = (high >> 4 & 15) * 10L + (high & 15);
		for (int i = BCD_LOW_DIGITS - 1; i >= 0; i--) {
			integer = integer * 10 + (low >>> 4 * i & 15);
		}
		value.integer(integer);
		value.negative = (high & 0x8000) != 0;
		push(value.extendedMantissa(), value.extendedSignExponent());
	}

	/** Begins a store: reads ST(0), unless it is empty, and then what is written is indefinite. */
	private boolean begin(long indefinite) {
		exceptions = 0;
		grew = false;
		stored = indefinite;
		storedHigh = 0xffff;
		if (state.isEmpty(0)) {
			exceptions = Rounding.INVALID | X87State.STACK_FAULT;
			return false;
		}
		state.read(0, value);
		return true;
	}

	/** Ends the preparation. Returns whether anything is to be written; if not, exceptions count at once. */
	private boolean prepared(boolean write) {
		if (!write) {
			commit();
		}
		return write;
	}

	private boolean prepared() {
		return prepared(!state.suppresses(exceptions));
	}

	/** Memory was written: exceptions become visible. */
	void commit() {
		state.c1(grew);
		state.stops(exceptions);
	}

	/** FST and FSTP of 32 or 64 bits. */
	boolean prepareReal(Format format) {
		if (!begin(format == Format.SINGLE ? 0xffc00000L : 0xfff8000000000000L)) {
			return prepared();
		}
		if (value.kind == Real.UNSUPPORTED) {
			exceptions = Rounding.INVALID;
			return prepared();
		}
		if (value.kind == Real.SIGNALING) {
			exceptions = Rounding.INVALID;
		} else if (!value.isNan()) {
			exceptions = rounding.round(value, format);
			grew = rounding.grew;
			if ((exceptions & rounding.unmasked & (Rounding.OVERFLOW | Rounding.UNDERFLOW)) != 0) {
				exceptions &= ~Rounding.PRECISION;
				grew = false;
				return prepared(false);
			}
		}
		stored = format.pack(value);
		return prepared();
	}

	/** FSTP of 80 bits: a copy, whatever it is. */
	boolean prepareExtended() {
		if (begin(INDEFINITE_MANTISSA)) {
			stored = state.mantissa(0);
			storedHigh = state.signExponent(0);
		}
		return prepared();
	}

	/** FIST, FISTP, and FISTTP which cuts the fraction off, of so many bits. */
	boolean prepareInteger(int bits, boolean truncate) {
		long indefinite = 1L << bits - 1;
		if (!begin(indefinite)) {
			return prepared();
		}
		if (value.isNan() || value.kind == Real.INFINITE) {
			exceptions = Rounding.INVALID;
			return prepared();
		}
		int flags = toInteger(truncate);
		if (value.kind == Real.FINITE && value.exponent >= bits - 1
				&& (value.exponent >= bits || !value.negative || value.high << 1 != 0)) {
			exceptions = Rounding.INVALID;
			grew = false;
			return prepared();
		}
		exceptions = flags;
		long magnitude = magnitude();
		stored = (value.negative ? -magnitude : magnitude) & -1L >>> 64 - bits;
		return prepared();
	}

	private int toInteger(boolean truncate) {
		int mode = rounding.mode;
		if (truncate) {
			rounding.mode = Rounding.TO_ZERO;
		}
		int flags = rounding.toInteger(value);
		rounding.mode = mode;
		grew = rounding.grew;
		return flags;
	}

	/** The magnitude of an integer below 2^64. */
	private long magnitude() {
		return value.kind == Real.ZERO ? 0 : value.high >>> 63 - value.exponent;
	}

	boolean prepareDecimal() {
		if (!begin(INDEFINITE_MANTISSA)) {
			return prepared();
		}
		boolean number = !value.isNan() && value.kind != Real.INFINITE;
		int flags = number ? toInteger(false) : 0;
		if (!number || value.kind == Real.FINITE
				&& (value.exponent >= 63 || magnitude() >= BCD_LIMIT)) {
			exceptions = Rounding.INVALID;
			grew = false;
			return prepared();
		}
		exceptions = flags;
		long rest = magnitude();
		stored = 0;
		storedHigh = value.negative ? 0x8000 : 0;
		for (int i = 0; i < BCD_DIGITS; i++) {
			long digit = rest % 10;
			rest /= 10;
			if (i < BCD_LOW_DIGITS) {
				stored |= digit << 4 * i;
			} else {
				storedHigh |= (int) digit << 4 * (i - BCD_LOW_DIGITS);
			}
		}
		return prepared();
	}
}
