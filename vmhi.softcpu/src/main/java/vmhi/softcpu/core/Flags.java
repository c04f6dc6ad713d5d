package vmhi.softcpu.core;

/**
 * The arithmetic flags, computed when somebody asks. An instruction leaves behind what it did: a kind, its result and
 * its two operands, all sign-extended from the operand's size to 64 bits. Sign extension keeps the order of unsigned
 * numbers, so that nothing here needs to know the size.
 */
public final class Flags {
	public static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200, DF = 0x400,
			OF = 0x800, IOPL = 0x3000, NT = 0x4000, RF = 0x1_0000, VM = 0x2_0000, AC = 0x4_0000, VIF = 0x8_0000,
			VIP = 0x10_0000, ID = 0x20_0000;
	/** The six that arithmetic sets. */
	public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

	/** The bits themselves are in {@code a}. */
	public static final int BITS = 0;
	/** AND, OR, XOR, TEST. */
	public static final int LOGIC = 1;
	/** {@code a + b}. */
	public static final int ADD = 2;
	/** {@code a - b}. */
	public static final int SUB = 3;
	/** {@code a + b + 1}. */
	public static final int ADC = 4;
	/** {@code a - b - 1}. */
	public static final int SBB = 5;
	/** {@code a + 1} with CF clear, and with CF set. */
	public static final int INC = 6, INC_CARRY = 7;
	/** {@code a - 1} with CF clear, and with CF set. */
	public static final int DEC = 8, DEC_CARRY = 9;
	/** ZF, SF and PF by the result; the others are in {@code a}. */
	public static final int RESULT = 10;
	/** A shift of {@code a}; CF is its bit number {@code b}. */
	public static final int SHL = 11, SHR = 12, SAR = 13;
	/** A product; CF and OF are set unless {@code a} is 0. */
	public static final int PRODUCT = 14;

	private Flags() {}

	public static boolean cf(int kind, long result, long a, long b) {
		return switch (kind) {
			case BITS, RESULT -> (a & CF) != 0;
			case ADD -> result + Long.MIN_VALUE < a + Long.MIN_VALUE;
			case SUB -> a + Long.MIN_VALUE < b + Long.MIN_VALUE;
			case ADC -> result + Long.MIN_VALUE <= a + Long.MIN_VALUE;
			case SBB -> a + Long.MIN_VALUE <= b + Long.MIN_VALUE;
			case INC_CARRY, DEC_CARRY -> true;
			case SHL, SHR, SAR -> (a >>> b & 1) != 0;
			case PRODUCT -> a != 0;
			default -> false;
		};
	}

	public static boolean zf(int kind, long result, long a) {
		return kind == BITS ? (a & ZF) != 0 : result == 0 && kind != PRODUCT;
	}

	public static boolean sf(int kind, long result, long a) {
		return kind == BITS ? (a & SF) != 0 : result < 0;
	}

	public static boolean pf(int kind, long result, long a) {
		return kind == BITS ? (a & PF) != 0 : (Integer.bitCount((int) result & 0xff) & 1) == 0;
	}

	public static boolean of(int kind, long result, long a, long b) {
		return switch (kind) {
			case BITS, RESULT -> (a & OF) != 0;
			case ADD, ADC, INC, INC_CARRY -> ((a ^ result) & (b ^ result)) < 0;
			case SUB, SBB, DEC, DEC_CARRY -> ((a ^ b) & (a ^ result)) < 0;
			case SHL -> result < 0 != ((a >>> b & 1) != 0);
			case SHR -> a < 0;
			case PRODUCT -> a != 0;
			default -> false;
		};
	}

	public static boolean af(int kind, long result, long a, long b) {
		return switch (kind) {
			case BITS, RESULT -> (a & AF) != 0;
			case LOGIC, SHL, SHR, SAR, PRODUCT -> false;
			default -> ((a ^ b ^ result) & AF) != 0;
		};
	}

	/** The six bits where RFLAGS has them. */
	public static int bits(int kind, long result, long a, long b) {
		if (kind == BITS)
			return (int) a & ARITHMETIC;
		return (cf(kind, result, a, b) ? CF : 0) | (pf(kind, result, a) ? PF : 0) | (af(kind, result, a, b) ? AF : 0)
				| (zf(kind, result, a) ? ZF : 0) | (sf(kind, result, a) ? SF : 0) | (of(kind, result, a, b) ? OF : 0);
	}

	/** A condition as instructions encode it in four bits. */
	public static boolean condition(int code, int kind, long result, long a, long b) {
		boolean holds = switch (code >> 1) {
			case 0 -> of(kind, result, a, b);
			case 1 -> cf(kind, result, a, b);
			case 2 -> zf(kind, result, a);
			case 3 -> zf(kind, result, a) || cf(kind, result, a, b);
			case 4 -> sf(kind, result, a);
			case 5 -> pf(kind, result, a);
			case 6 -> kind == SUB ? a < b : sf(kind, result, a) != of(kind, result, a, b);
			default -> kind == SUB ? a <= b : zf(kind, result, a) || sf(kind, result, a) != of(kind, result, a, b);
		};
		return holds != ((code & 1) != 0);
	}
}
