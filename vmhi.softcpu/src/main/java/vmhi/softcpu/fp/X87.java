package vmhi.softcpu.fp;

/**
 * The x87 FPU of one vCPU, and its MMX registers: state, and all that instructions compute (SDM volume 1, chapter 8).
 * The CPU decodes an instruction, looks for a waiting exception, moves operands between this and memory, and keeps the
 * three pointers. An instruction is named by its escape byte, 0 to 7 for 0xd8 to 0xdf, and its ModR/M byte or the
 * register field of that. Belongs to the vCPU's thread.
 */
public final class X87 {
	/** What an instruction with a memory operand does with it: nothing, there is no such instruction. */
	public static final int NONE = 0;
	/** Reads 2 bytes for {@link #load}. */
	public static final int LOAD_2 = 1;
	/** Reads 4 bytes for {@link #load}. */
	public static final int LOAD_4 = 2;
	/** Reads 8 bytes for {@link #load}. */
	public static final int LOAD_8 = 3;
	/** Reads 10 bytes for {@link #load10}. */
	public static final int LOAD_10 = 4;
	/** Writes 2 bytes between {@link #prepareStore} and {@link #finishStore}; the next three likewise. */
	public static final int STORE_2 = 5;
	/** Writes 4 bytes. */
	public static final int STORE_4 = 6;
	/** Writes 8 bytes. */
	public static final int STORE_8 = 7;
	/** Writes 10 bytes. */
	public static final int STORE_10 = 8;
	/** FLDENV. */
	public static final int LOAD_ENV = 9;
	/** FNSTENV. */
	public static final int STORE_ENV = 10;
	/** FRSTOR. */
	public static final int LOAD_STATE = 11;
	/** FNSAVE. */
	public static final int STORE_STATE = 12;
	/** FLDCW. */
	public static final int LOAD_CONTROL = 13;
	/** FNSTCW. */
	public static final int STORE_CONTROL = 14;
	/** FNSTSW to memory. */
	public static final int STORE_STATUS = 15;

	private static final int[][] OPERANDS = {
			{ LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4 },
			{ LOAD_4, NONE, STORE_4, STORE_4, LOAD_ENV, LOAD_CONTROL, STORE_ENV, STORE_CONTROL },
			{ LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4, LOAD_4 },
			{ LOAD_4, STORE_4, STORE_4, STORE_4, NONE, LOAD_10, NONE, STORE_10 },
			{ LOAD_8, LOAD_8, LOAD_8, LOAD_8, LOAD_8, LOAD_8, LOAD_8, LOAD_8 },
			{ LOAD_8, STORE_8, STORE_8, STORE_8, LOAD_STATE, NONE, STORE_STATE, STORE_STATUS },
			{ LOAD_2, LOAD_2, LOAD_2, LOAD_2, LOAD_2, LOAD_2, LOAD_2, LOAD_2 },
			{ LOAD_2, STORE_2, STORE_2, STORE_2, LOAD_10, LOAD_8, STORE_10, STORE_8 } };

	private static final int CF = 0x01;
	private static final int PF = 0x04;
	private static final int ZF = 0x40;
	/** OF, SF, ZF, AF, PF and CF. */
	private static final int COMPARED = 0x8d5;
	private static final int UNDEFINED = -1;
	/** Sign and exponent of a register that an MMX instruction wrote. */
	private static final int MMX_EXPONENT = 0xffff;

	/** Address of the last instruction that was no control instruction; the CPU writes and reads these three. */
	public long instructionPointer;
	/** Address of its operand in memory. */
	public long dataPointer;
	/** Its opcode, 11 bits (8.1.9). */
	public int opcode;
	/** What a store writes: the lower 8 bytes. */
	public long stored;
	/** What a store writes: bytes 8 and 9. */
	public int storedHigh;

	private final X87State state = new X87State();
	private final X87Arithmetic arithmetic = new X87Arithmetic(state);
	private final X87Functions functions = new X87Functions(state, arithmetic);
	private final X87Transfer transfer = new X87Transfer(state);
	private final Real operand = new Real();

	/** An FPU after FNINIT. */
	public X87() {
		reset();
	}

	/** FNINIT: registers keep their contents, and are empty. */
	public void reset() {
		state.reset();
		instructionPointer = 0;
		dataPointer = 0;
		opcode = 0;
	}

	/** What an instruction does with its operand in memory, one of the constants above. */
	public static int operand(int escape, int reg) {
		return OPERANDS[escape][reg];
	}

	/**
	 * Whether an instruction first looks for an exception that waits, which all do but a few control instructions
	 * (SDM volume 1, section 8.3.12). FWAIT is not asked for.
	 */
	public static boolean waits(int escape, int modrm) {
		int reg = modrm >> 3 & 7;
		if (modrm < 0xc0) {
			return !(escape == 1 && reg >= 6 || escape == 5 && reg >= 6);
		}
		boolean control = escape == 3 && modrm >= 0xe0 && modrm <= 0xe4;
		return !control && !(escape == 7 && modrm == 0xe0);
	}

	/**
	 * Executes an instruction without memory operand. FNSTSW AX is not asked for. Returns RFLAGS, which some compare
	 * instructions change and conditional moves read, or -1 if there is no such instruction.
	 */
	public int register(int escape, int modrm, int rflags) {
		int reg = modrm >> 3 & 7;
		int i = modrm & 7;
		return switch (escape) {
			case 0 -> arithmeticOnTop(reg, i, rflags);
			case 1 -> escape1(reg, i, rflags);
			case 2 -> escape2(reg, i, rflags);
			case 3 -> escape3(reg, i, rflags);
			case 4 -> escape4(reg, i, rflags);
			case 5 -> escape5(reg, i, rflags);
			case 6 -> escape6(reg, i, rflags);
			default -> escape7(reg, i, rflags);
		};
	}

	private int arithmeticOnTop(int reg, int i, int rflags) {
		if ((reg & 6) == 2) {
			compare(i, false, reg & 1);
		} else {
			arithmetic.registers(reg, i, 0, false);
		}
		return rflags;
	}

	private int escape1(int reg, int i, int rflags) {
		switch (reg) {
			case 0 -> transfer.pushRegister(i);
			case 1 -> exchange(i);
			case 2 -> {
				return i == 0 ? rflags : UNDEFINED;
			}
			case 3 -> copyUnchecked(i);
			case 4 -> {
				return sign(i) ? rflags : UNDEFINED;
			}
			case 5 -> {
				if (i == 7) {
					return UNDEFINED;
				}
				transfer.pushConstant(i);
			}
			case 6 -> function6(i);
			default -> function7(i);
		}
		return rflags;
	}

	private void function6(int i) {
		switch (i) {
			case 0 -> functions.exponential();
			case 1 -> functions.logarithm(false);
			case 2 -> functions.tangent();
			case 3 -> functions.arctangent();
			case 4 -> arithmetic.extract();
			case 5 -> arithmetic.partialRemainder(true);
			case 6 -> turn(-1);
			default -> turn(1);
		}
	}

	private void function7(int i) {
		switch (i) {
			case 0 -> arithmetic.partialRemainder(false);
			case 1 -> functions.logarithm(true);
			case 2 -> arithmetic.squareRoot();
			case 3 -> functions.sineAndCosine();
			case 4 -> arithmetic.roundToInteger();
			case 5 -> arithmetic.scale();
			case 6 -> functions.sineOrCosine(false);
			default -> functions.sineOrCosine(true);
		}
	}

	private int escape2(int reg, int i, int rflags) {
		if (reg < 4) {
			move(i, condition(reg, rflags));
		} else if (reg == 5 && i == 1) {
			compare(1, true, 2);
		} else {
			return UNDEFINED;
		}
		return rflags;
	}

	private int escape3(int reg, int i, int rflags) {
		if (reg < 4) {
			move(i, !condition(reg, rflags));
		} else if (reg == 4) {
			return controlInstruction(i) ? rflags : UNDEFINED;
		} else if (reg == 5 || reg == 6) {
			return compareToFlags(i, reg == 5, false, rflags);
		} else {
			return UNDEFINED;
		}
		return rflags;
	}

	private int escape4(int reg, int i, int rflags) {
		if ((reg & 6) == 2) {
			compare(i, false, reg & 1);
		} else {
			arithmetic.registers(reg, i, i, false);
		}
		return rflags;
	}

	private int escape5(int reg, int i, int rflags) {
		switch (reg) {
			case 0 -> free(i);
			case 1 -> exchange(i);
			case 2, 3 -> copy(i, reg == 3);
			case 4, 5 -> compare(i, true, reg & 1);
			default -> {
				return UNDEFINED;
			}
		}
		return rflags;
	}

	private int escape6(int reg, int i, int rflags) {
		if (reg == 2) {
			compare(i, false, 1);
		} else if (reg != 3) {
			arithmetic.registers(reg, i, i, true);
		} else if (i == 1) {
			compare(1, false, 2);
		} else {
			return UNDEFINED;
		}
		return rflags;
	}

	private int escape7(int reg, int i, int rflags) {
		switch (reg) {
			case 0 -> {
				free(i);
				state.pop();
			}
			case 1 -> exchange(i);
			case 2, 3 -> copy(i, true);
			case 5, 6 -> {
				return compareToFlags(i, reg == 5, true, rflags);
			}
			default -> {
				return UNDEFINED;
			}
		}
		return rflags;
	}

	private static boolean condition(int number, int rflags) {
		return switch (number) {
			case 0 -> (rflags & CF) != 0;
			case 1 -> (rflags & ZF) != 0;
			case 2 -> (rflags & (CF | ZF)) != 0;
			default -> (rflags & PF) != 0;
		};
	}

	/** FCMOVcc. */
	private void move(int i, boolean condition) {
		if (state.isEmpty(0) || state.isEmpty(i)) {
			if (!state.underflows()) {
				state.writeIndefinite(0);
			}
			return;
		}
		if (condition) {
			state.write(0, state.mantissa(i), state.signExponent(i));
		}
	}

	private void exchange(int i) {
		boolean empty = state.isEmpty(0) || state.isEmpty(i);
		if (empty) {
			if (state.underflows()) {
				return;
			}
			if (state.isEmpty(0)) {
				state.writeIndefinite(0);
			}
			if (state.isEmpty(i)) {
				state.writeIndefinite(i);
			}
		} else {
			state.c1(false);
		}
		long mantissa = state.mantissa(0);
		int signExponent = state.signExponent(0);
		state.write(0, state.mantissa(i), state.signExponent(i));
		state.write(i, mantissa, signExponent);
	}

	/** FST and FSTP to a register. */
	private void copy(int i, boolean pop) {
		if (state.isEmpty(0)) {
			if (state.underflows()) {
				return;
			}
			state.writeIndefinite(i);
		} else {
			state.c1(false);
			state.write(i, state.mantissa(0), state.signExponent(0));
		}
		if (pop) {
			state.pop();
		}
	}

	/** A second encoding of FSTP that nobody documents: it does not mind an empty register. */
	private void copyUnchecked(int i) {
		state.c1(false);
		if (!state.isEmpty(0)) {
			state.write(i, state.mantissa(0), state.signExponent(0));
		}
		state.pop();
	}

	/** FCHS, FABS, FTST and FXAM. Returns whether there is such an instruction. */
	private boolean sign(int i) {
		switch (i) {
			case 0, 1 -> {
				if (!state.isEmpty(0)) {
					state.c1(false);
					int signExponent = state.signExponent(0);
					state.write(0, state.mantissa(0), i == 0 ? signExponent ^ 0x8000 : signExponent & 0x7fff);
				} else if (!state.underflows()) {
					state.writeIndefinite(0);
				}
			}
			case 4 -> compareMemory(operand.zero(false), 0);
			case 5 -> examine();
			default -> {
				return false;
			}
		}
		return true;
	}

	private void examine() {
		int codes = X87State.C0 | X87State.C3;
		if (!state.isEmpty(0)) {
			state.read(0, operand);
			codes = switch (operand.kind) {
				case Real.ZERO -> X87State.C3;
				case Real.FINITE -> operand.denormal ? X87State.C2 | X87State.C3 : X87State.C2;
				case Real.INFINITE -> X87State.C0 | X87State.C2;
				case Real.UNSUPPORTED -> 0;
				default -> X87State.C0;
			};
		}
		boolean negative = (state.signExponent(0) & 0x8000) != 0;
		state.conditions(negative ? codes | X87State.C1 : codes);
	}

	private void free(int i) {
		state.c1(false);
		state.free(i);
	}

	/** FINCSTP and FDECSTP. */
	private void turn(int by) {
		state.c1(false);
		state.top = state.top + by & 7;
	}

	/** Control instructions among the register forms. Returns whether there is such an instruction. */
	private boolean controlInstruction(int i) {
		switch (i) {
			// what the 8087 and 80287 had here is ignored
			case 0, 1, 4 -> {
			}
			case 2 -> {
				state.status &= X87State.CONDITIONS;
				state.summarize();
			}
			case 3 -> reset();
			default -> {
				return false;
			}
		}
		return true;
	}

	private void compare(int i, boolean quiet, int pops) {
		compared(arithmetic.compareRegisters(i, quiet), pops);
	}

	private void compareMemory(Real value, int pops) {
		compared(arithmetic.compareMemory(value), pops);
	}

	private void compared(int codes, int pops) {
		state.conditions(codes);
		for (int i = 0; i < pops && !arithmetic.stopped; i++) {
			state.pop();
		}
	}

	/** FCOMI, FUCOMI and those that pop: condition codes go to RFLAGS. */
	private int compareToFlags(int i, boolean quiet, boolean pop, int rflags) {
		int codes = arithmetic.compareRegisters(i, quiet);
		if (pop && !arithmetic.stopped) {
			state.pop();
		}
		int flags = (codes & X87State.C3) != 0 ? ZF : 0;
		flags |= (codes & X87State.C2) != 0 ? PF : 0;
		flags |= (codes & X87State.C0) != 0 ? CF : 0;
		return rflags & ~COMPARED | flags;
	}

	/** Executes an instruction that reads 2, 4 or 8 bytes; {@code bits} has zeros above them. */
	public void load(int escape, int reg, long bits) {
		switch (escape) {
			case 0 -> loadReal(reg, bits, Format.SINGLE);
			case 1 -> transfer.pushReal(bits, Format.SINGLE);
			case 2 -> calculate(reg, operand.integer((int) bits));
			case 3 -> transfer.pushInteger((int) bits);
			case 4 -> loadReal(reg, bits, Format.DOUBLE);
			case 5 -> transfer.pushReal(bits, Format.DOUBLE);
			case 6 -> calculate(reg, operand.integer((short) bits));
			default -> transfer.pushInteger(reg == 0 ? (short) bits : bits);
		}
	}

	private void loadReal(int reg, long bits, Format format) {
		format.unpack(bits, operand);
		calculate(reg, operand);
	}

	private void calculate(int reg, Real value) {
		if ((reg & 6) == 2) {
			compareMemory(value, reg & 1);
		} else {
			arithmetic.memory(reg, value);
		}
	}

	/** Executes an instruction that reads 10 bytes: FLD or FBLD. */
	public void load10(int escape, int reg, long mantissa, int signExponent) {
		if (escape == 3) {
			transfer.push(mantissa, signExponent);
		} else {
			transfer.pushDecimal(mantissa, signExponent);
		}
	}

	/**
	 * Computes what a store writes, into {@link #stored} and {@link #storedHigh}. Returns whether anything is to be
	 * written. If it is, the instruction has no effect yet, and is as good as not begun should memory refuse.
	 */
	public boolean prepareStore(int escape, int reg) {
		boolean write = switch (escape) {
			case 1 -> transfer.prepareReal(Format.SINGLE);
			case 3 -> reg == 7 ? transfer.prepareExtended() : transfer.prepareInteger(32, reg == 1);
			case 5 -> reg == 1 ? transfer.prepareInteger(64, true) : transfer.prepareReal(Format.DOUBLE);
			default -> switch (reg) {
				case 6 -> transfer.prepareDecimal();
				case 7 -> transfer.prepareInteger(64, false);
				default -> transfer.prepareInteger(16, reg == 1);
			};
		};
		stored = transfer.stored;
		storedHigh = transfer.storedHigh;
		return write;
	}

	/** Ends a store after memory was written: exceptions become visible, and all pop but FST and FIST. */
	public void finishStore(int escape, int reg) {
		transfer.commit();
		if (reg != 2) {
			state.pop();
		}
	}

	/** Whether an unmasked exception waits for the next instruction that looks for it. */
	public boolean pendingException() {
		return (state.status & X87State.SUMMARY) != 0;
	}

	/** The control word. */
	public int control() {
		return state.control();
	}

	/** Writes the control word, which may make an exception wait or not wait any more. */
	public void control(int value) {
		state.control(value);
	}

	/** The status word, with TOP in it. */
	public int status() {
		return state.status();
	}

	/** Writes the status word; the summary of exceptions follows from the others. */
	public void status(int value) {
		state.status(value);
	}

	/** The tag word of FNSTENV, two bits for each physical register (8.1.7). */
	public int tagWord() {
		int word = 0;
		for (int r = 0; r < 8; r++) {
			word |= tag(r) << 2 * r;
		}
		return word;
	}

	private int tag(int r) {
		if ((state.full >> r & 1) == 0) {
			return 3;
		}
		operand.extended(state.mantissa[r], state.signExponent[r]);
		return operand.kind == Real.ZERO ? 1 : operand.kind == Real.FINITE && !operand.denormal ? 0 : 2;
	}

	/** Writes the tag word; all that counts in it is which registers are empty. */
	public void tagWord(int word) {
		int full = 0;
		for (int r = 0; r < 8; r++) {
			if ((word >> 2 * r & 3) != 3) {
				full |= 1 << r;
			}
		}
		state.full = full;
	}

	/** The tag word of FXSAVE: a bit for each physical register that is not empty. */
	public int abridgedTag() {
		return state.full;
	}

	/** Writes the tag word of FXRSTOR. */
	public void abridgedTag(int tag) {
		state.full = tag & 0xff;
	}

	/** Which physical register ST(0) is. */
	public int top() {
		return state.top;
	}

	/** The lower 8 bytes of ST({@code i}), empty or not. */
	public long stMantissa(int i) {
		return state.mantissa(i);
	}

	/** Bytes 8 and 9 of ST({@code i}). */
	public int stSignExponent(int i) {
		return state.signExponent(i);
	}

	/** Writes ST({@code i}), whose tag stays as it is. */
	public void st(int i, long mantissa, int signExponent) {
		physical(state.top + i & 7, mantissa, signExponent);
	}

	/** The lower 8 bytes of a physical register. */
	public long mantissa(int r) {
		return state.mantissa[r];
	}

	/** Bytes 8 and 9 of a physical register. */
	public int signExponent(int r) {
		return state.signExponent[r];
	}

	/** Writes a physical register, whose tag stays as it is. */
	public void physical(int r, long mantissa, int signExponent) {
		state.mantissa[r] = mantissa;
		state.signExponent[r] = signExponent & 0xffff;
	}

	/** What every MMX instruction but EMMS does to TOP and the tags (9.5.1). */
	public void enterMmx() {
		state.top = 0;
		state.full = 0xff;
	}

	/** EMMS. */
	public void emptyMmx() {
		state.top = 0;
		state.full = 0;
	}

	/** An MMX register. */
	public long mmx(int i) {
		return state.mantissa[i];
	}

	/** Writes an MMX register. */
	public void mmx(int i, long value) {
		state.mantissa[i] = value;
		state.signExponent[i] = MMX_EXPONENT;
	}
}
