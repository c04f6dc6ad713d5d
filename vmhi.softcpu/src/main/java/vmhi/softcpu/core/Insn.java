package vmhi.softcpu.core;

/**
 * One instruction of the guest, decoded. It knows nothing of a vCPU and changes nothing of its own, so that all vCPUs
 * share it; {@link #exec} does it.
 * <p>
 * Its fields are as small as what is in them: code that runs for the first time takes the time that the host's caches
 * take to get it.
 * <p>
 * An instruction changes registers only after the last access to memory that can fault, so that a {@link Fault} finds
 * everything as it was before. What ends a block ({@link #ends}) sets {@link Cpu#rip}; the others leave it alone.
 */
public abstract class Insn {
	/** How the address of a memory operand comes about. */
	public static final int BASE = 0, INDEXED = 1, CONSTANT = 2, OTHER = 3;

	/** What it does, for translation: see {@link Op}. */
	public short op = Op.OTHER;
	/** Offset in the code segment of this instruction, and of the next. */
	public long rip, next;
	/** Size of the operands in bytes: 1, 2, 4, 8 (and 10, 16 for the FPU and SSE). */
	public short size;
	/** The register operand, from the reg field or the opcode; of one byte, 0x10 and up are AH CH DH BH. */
	public byte reg;
	/** The other register operand, where {@link #memory} is false. */
	public byte rm;
	/** Whether the r/m operand is in memory. */
	public boolean memory;
	/** Parts of the address: numbers of registers, {@link Cpu#ZERO} for none. */
	public byte base = Cpu.ZERO, index = Cpu.ZERO, scale;
	public long disp;
	/** Segment register of the memory operand. */
	public byte segment = Cpu.DS;
	/** Width of the address: 16, 32 or 64. */
	public byte addressBits;
	/** Width of the code it was decoded as. */
	public byte codeBits;
	/** {@link #BASE} and so on. */
	public byte addressing;
	/** Immediate operand, sign-extended where the instruction does. */
	public long imm;
	/** The LOCK prefix; the last of F2 and F3, or 0. */
	public boolean lock;
	public short rep;
	/** Whether it leaves general registers and flags alone, and of the former looks only at those of its address. */
	public boolean vectorOnly;
	/** Bytes accessed at the address and whether it is written, for the checks of segmentation. */
	short accessSize;
	boolean writes;

	/** Does it. */
	public abstract void exec(Cpu c);

	/** Whether it ends a block: it sets {@link Cpu#rip}, or changes how instructions are fetched or interrupted. */
	public boolean ends() {
		return false;
	}

	/** Which operand is changed and which is the other, where there is a choice: FORM_RM_REG and so on of {@link Op}. */
	public int form() {
		return Op.FORM_RM_REG;
	}

	/** Linear address of the memory operand. */
	public final long address(Cpu c) {
		return switch (addressing) {
			case BASE -> c.r[base] + disp;
			case INDEXED -> c.r[base] + (c.r[index] << scale) + disp;
			case CONSTANT -> disp;
			default -> otherAddress(c, 0);
		};
	}

	/** Linear address {@code offset} bytes after the memory operand's. */
	public final long address(Cpu c, long offset) {
		return addressing == OTHER ? otherAddress(c, offset) : address(c) + offset;
	}

	private long otherAddress(Cpu c, long plus) {
		long offset = offset(c) + plus;
		if (addressBits != 64)
			offset &= addressBits == 32 ? 0xffff_ffffL : 0xffff;
		if (codeBits == 64)
			return segment >= Cpu.FS ? offset + c.base[segment] : offset;
		return c.segmentation.linear(segment, offset, accessSize, writes);
	}

	/** The offset part of the address alone, as LEA has it, not yet cut to the width. */
	final long offset(Cpu c) {
		return c.r[base] + (c.r[index] << scale) + disp;
	}

	/** The r/m operand, zero-extended from {@link #size}. */
	final long readRm(Cpu c) {
		return memory ? c.load(address(c), size) : c.reg(rm, size);
	}

	/** The value sign-extended from {@code size} bytes. */
	static long extend(long value, int size) {
		return switch (size) {
			case 1 -> (byte) value;
			case 2 -> (short) value;
			case 4 -> (int) value;
			default -> value;
		};
	}

	/** The value zero-extended from {@code size} bytes. */
	static long zero(long value, int size) {
		return size == 8 ? value : value & (1L << 8 * size) - 1;
	}
}
