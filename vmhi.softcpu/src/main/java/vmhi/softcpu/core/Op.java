package vmhi.softcpu.core;

/** What translation knows of an instruction by more than by executing it. */
public final class Op {
	public static final int OTHER = 0;
	// the eight of arithmetic, as encoded
	public static final int ADD = 1, OR = 2, ADC = 3, SBB = 4, AND = 5, SUB = 6, XOR = 7, CMP = 8;
	public static final int TEST = 9, INC = 10, DEC = 11, NEG = 12, NOT = 13;
	/** {@code reg} is from {@code rm}. */
	public static final int MOV_LOAD = 14;
	/** {@code rm} is from {@code reg}. */
	public static final int MOV_STORE = 15;
	/** {@code rm} is from {@code imm}. */
	public static final int MOV_IMM = 16;
	public static final int LEA = 17;
	/** {@code reg}, of {@code size} bytes, from {@code rm}, of {@code imm} bytes. */
	public static final int MOVZX = 18, MOVSX = 19;
	// as encoded in the reg field; the count is in imm, or in CL where reg is 1
	public static final int ROL = 20, ROR = 21, RCL = 22, RCR = 23, SHL = 24, SHR = 25, SAR = 27;
	/** {@code reg} by {@code rm}, or {@code rm} by {@code imm}. */
	public static final int IMUL = 28, IMUL_IMM = 29;
	/** {@code rm} is pushed, or popped into. */
	public static final int PUSH = 30, POP = 31, PUSH_IMM = 32, LEAVE = 33;
	/** Condition in {@code reg}; the target in {@code imm}. */
	public static final int JCC = 34;
	/** The target in {@code imm}. */
	public static final int JMP = 35, CALL = 36;
	/** The target in {@code rm}. */
	public static final int JMP_INDIRECT = 37, CALL_INDIRECT = 38;
	/** {@code imm} bytes more are taken off the stack. */
	public static final int RET = 39;
	/** Condition in {@code imm}. */
	public static final int SETCC = 40, CMOV = 41;
	public static final int NOP = 42, XCHG = 43, BSWAP = 44;
	/** CBW CWDE CDQE, and CWD CDQ CQO. */
	public static final int EXTEND_AX = 45, EXTEND_DX = 46;
	/** Bit number in {@code imm}, or where that is -1 in {@code reg}. */
	public static final int BT = 47;
	public static final int MUL_WIDE = 48, IMUL_WIDE = 49;
	public static final int BSF = 50, BSR = 51;
	/** With {@code rm} and {@code reg}. */
	public static final int CMPXCHG = 52, XADD = 53;
	public static final int PAUSE = 54;
	/** {@code rm} op= {@code reg}, {@code reg} op= {@code rm}, or {@code rm} op= {@code imm}. */
	public static final int FORM_RM_REG = 0, FORM_REG_RM = 1, FORM_RM_IMM = 2;

	private Op() {}
}
