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
	// Those with XMM registers, all from VECTOR on. Registers have two halves, low and high.
	public static final int VECTOR = 64;
	/** 16 bytes: {@code reg} is from {@code rm}, or the other way round; {@code imm}: alignment in memory less 1. */
	public static final int VMOVE = 64, VMOVE_BACK = 65;
	/** 4 or 8 bytes: a load clears the rest, a move between registers leaves it. */
	public static final int VSCALAR = 66, VSCALAR_BACK = 67;
	/** 8 bytes: the rest of the destination, if it is a register, is cleared. */
	public static final int VQUAD = 68, VQUAD_BACK = 69;
	/** Half {@code imm} of {@code reg} is from 8 bytes of memory, or from the other half of {@code rm}. */
	public static final int VHALF = 70;
	/** The same to memory. */
	public static final int VHALF_BACK = 71;
	/** Both halves are from 8 bytes. */
	public static final int VTWICE = 72;
	/** Between an XMM register, {@code reg}, and a general one or memory, {@code rm}; 4 or 8 bytes. */
	public static final int VFROM_GENERAL = 73, VTO_GENERAL = 74;
	public static final int VAND = 75, VANDN = 76, VOR = 77, VXOR = 78;
	/** COMISS or COMISD by size; and the quiet ones. */
	public static final int VCOMPARE = 79, VCOMPARE_QUIET = 80;
	/** An integer of {@code size} bytes becomes a single or a double. */
	public static final int VINTEGER_TO_SINGLE = 81, VINTEGER_TO_DOUBLE = 82;
	/** A number of {@code size} bytes is truncated to an integer of 4 or 8 bytes. */
	public static final int VTO_INTEGER4 = 83, VTO_INTEGER8 = 84;
	public static final int VSINGLE_TO_DOUBLE = 85, VDOUBLE_TO_SINGLE = 86;
	/** Arithmetic: four numbers each, for packed singles, packed doubles, a single and a double. */
	public static final int VADD = 88, VSUBTRACT = 92, VMULTIPLY = 96, VDIVIDE = 100, VROOT = 104, VMIN = 108,
			VMAX = 112;
	/** Integers of {@code imm} bytes each, in all of both operands. */
	public static final int VLANES_ADD = 120, VLANES_SUBTRACT = 121, VLANES_EQUAL = 122, VLANES_GREATER = 123,
			VLANES_MIN_UNSIGNED = 124, VLANES_MAX_UNSIGNED = 125;
	/** Products of the lower halves of quadwords. */
	public static final int VMULTIPLY_DWORDS = 126;
	/** Each integer of {@code rm} is shifted by {@code imm} bits, or, the last, all of it by so many bytes. */
	public static final int VSHL2 = 128, VSHL4 = 129, VSHL8 = 130, VSHL16 = 131, VSHR2 = 132, VSHR4 = 133,
			VSHR8 = 134, VSHR16 = 135;
	/** Elements of 4 or 8 bytes of the low, or high, halves of both operands in turn. */
	public static final int VUNPACK_LOW4 = 136, VUNPACK_HIGH4 = 137, VUNPACK_LOW8 = 138, VUNPACK_HIGH8 = 139;
	/** Elements chosen by {@code imm}: of the second operand; of the first and then of the second, of 4 or 8 bytes. */
	public static final int VSHUFFLE = 140, VSHUFFLE_BOTH4 = 141, VSHUFFLE_BOTH8 = 142;
	/** The highest bits of the bytes of {@code rm} to a general register. */
	public static final int VSIGNS = 143;
	/** {@code rm} op= {@code reg}, {@code reg} op= {@code rm}, or {@code rm} op= {@code imm}. */
	public static final int FORM_RM_REG = 0, FORM_REG_RM = 1, FORM_RM_IMM = 2;

	private Op() {}
}
