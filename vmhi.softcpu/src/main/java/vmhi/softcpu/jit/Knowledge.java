package vmhi.softcpu.jit;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;

/**
 * What the translator knows of instructions before it writes them: whether it can, which registers they use and change,
 * and what they have to do with flags.
 */
final class Knowledge {
	private static final long AX = 1, CX = 2, DX = 4, SP = 0x10, BP = 0x20;

	private Knowledge() {}

	/**
	 * Whether it is translated.
	 *
	 * @param ordered whether there are other vCPUs; where there are not, nobody can come between what LOCK holds together
	 */
	static boolean knows(Insn insn, boolean ordered) {
		if (insn.codeBits != 64 || insn.lock && ordered)
			return false;
		int bits = insn.size * 8;
		return switch (insn.op) {
			case Op.ADD, Op.OR, Op.AND, Op.SUB, Op.XOR, Op.CMP, Op.TEST, Op.MOV_LOAD, Op.MOV_STORE, Op.MOV_IMM, Op.LEA,
					Op.MOVZX, Op.MOVSX, Op.SETCC, Op.CMOV, Op.NOP, Op.EXTEND_AX, Op.EXTEND_DX, Op.INC, Op.DEC -> true;
			case Op.ADC, Op.SBB, Op.NEG, Op.NOT -> !insn.memory;
			case Op.SHL, Op.SHR, Op.SAR -> !insn.memory && (insn.imm < 0 ? insn.size >= 4
					: (insn.imm & (insn.size == 8 ? 63 : 31)) != 0 && (insn.imm & 31) < bits);
			case Op.ROL, Op.ROR -> !insn.memory && insn.size >= 4 && insn.imm > 0 && insn.imm < bits;
			case Op.IMUL, Op.IMUL_IMM -> true;
			case Op.MUL_WIDE, Op.IMUL_WIDE -> insn.size >= 4;
			case Op.PUSH -> insn.size == 8;
			case Op.POP -> insn.size == 8 && !insn.memory;
			case Op.PUSH_IMM, Op.LEAVE -> insn.size == 8;
			case Op.JCC, Op.JMP, Op.CALL -> insn.imm >> 47 == insn.imm >> 63;
			case Op.RET, Op.JMP_INDIRECT, Op.CALL_INDIRECT -> true;
			case Op.XCHG -> !insn.memory || !ordered;
			case Op.CMPXCHG, Op.XADD -> insn.memory && insn.size >= 4 && !ordered;
			case Op.PAUSE -> true;
			case Op.BSWAP -> insn.size >= 4;
			case Op.BT -> !insn.memory || insn.imm >= 0;
			default -> false;
		};
	}

	/** The bit of a register; AH to BH belong to RAX to RBX. */
	private static long bit(int register) {
		return register >= 16 && register < 20 ? 1L << (register & 3) : register < 16 ? 1L << register : 0;
	}

	/** Registers of the address, a bit each. */
	static long addressed(Insn insn) {
		return (insn.base < Cpu.ZERO ? bit(insn.base) : 0) | (insn.index < Cpu.ZERO ? bit(insn.index) : 0);
	}

	/** Registers it looks at, a bit each. */
	static long uses(Insn insn) {
		long uses = insn.memory || insn.op == Op.LEA ? addressed(insn) : 0;
		return switch (insn.op) {
			case Op.CMPXCHG -> uses | AX | bit(insn.reg);
			case Op.XADD -> uses | bit(insn.reg);
			case Op.NOP, Op.PAUSE, Op.LEA, Op.JCC, Op.JMP -> insn.op == Op.LEA ? uses | bit(insn.reg) : 0;
			case Op.MOV_IMM, Op.INC, Op.DEC, Op.NEG, Op.NOT, Op.SETCC, Op.BSWAP,
					Op.JMP_INDIRECT -> uses | (insn.memory ? 0 : bit(insn.rm));
			case Op.SHL, Op.SHR, Op.SAR, Op.ROL, Op.ROR -> uses | bit(insn.rm) | (insn.imm < 0 ? CX : 0);
			case Op.MUL_WIDE, Op.IMUL_WIDE -> uses | AX | DX | (insn.memory ? 0 : bit(insn.rm));
			case Op.EXTEND_AX, Op.EXTEND_DX -> AX | DX;
			case Op.PUSH, Op.POP, Op.CALL_INDIRECT -> uses | SP | (insn.memory ? 0 : bit(insn.rm));
			case Op.PUSH_IMM, Op.CALL, Op.RET -> SP;
			case Op.LEAVE -> SP | BP;
			default -> uses | bit(insn.reg) | (insn.memory ? 0 : bit(insn.rm));
		};
	}

	/** Registers it changes, a bit each. */
	static long changes(Insn insn) {
		long rm = insn.memory ? 0 : bit(insn.rm);
		return switch (insn.op) {
			case Op.CMPXCHG -> AX;
			case Op.XADD -> bit(insn.reg);
			case Op.CMP, Op.TEST, Op.NOP, Op.PAUSE, Op.JCC, Op.JMP, Op.JMP_INDIRECT, Op.BT -> 0;
			case Op.MOV_LOAD, Op.LEA, Op.MOVZX, Op.MOVSX, Op.IMUL, Op.IMUL_IMM, Op.CMOV -> bit(insn.reg);
			case Op.ADD, Op.OR, Op.ADC, Op.SBB, Op.AND, Op.SUB, Op.XOR -> insn.form() == Op.FORM_REG_RM ? bit(insn.reg)
					: rm;
			case Op.MUL_WIDE, Op.IMUL_WIDE -> AX | DX;
			case Op.EXTEND_AX -> AX;
			case Op.EXTEND_DX -> DX;
			case Op.PUSH, Op.PUSH_IMM, Op.CALL, Op.CALL_INDIRECT, Op.RET -> SP;
			case Op.POP -> SP | rm;
			case Op.LEAVE -> SP | BP;
			case Op.XCHG -> bit(insn.reg) | rm;
			default -> rm;
		};
	}

	/** Whether it sets all flags, whatever they were. */
	private static boolean setsFlags(Insn insn) {
		return switch (insn.op) {
			case Op.ADD, Op.OR, Op.AND, Op.SUB, Op.XOR, Op.CMP, Op.TEST, Op.NEG, Op.IMUL, Op.IMUL_IMM, Op.MUL_WIDE,
					Op.IMUL_WIDE -> true;
			case Op.SHL, Op.SHR, Op.SAR -> insn.imm >= 0;
			default -> false;
		};
	}

	/** Whether what it does depends on flags, or it leaves some of them as they were. */
	static boolean looksAtFlags(Insn insn) {
		return switch (insn.op) {
			case Op.ADC, Op.SBB, Op.INC, Op.DEC, Op.JCC, Op.SETCC, Op.CMOV, Op.BT, Op.ROL, Op.ROR -> true;
			case Op.SHL, Op.SHR, Op.SAR -> insn.imm < 0;
			default -> false;
		};
	}

	/** Whether it may raise a fault. */
	private static boolean mayFault(Insn insn) {
		if (insn.vectorOnly)
			return true;
		return switch (insn.op) {
			case Op.NOP, Op.PAUSE, Op.LEA -> false;
			case Op.PUSH, Op.POP, Op.PUSH_IMM, Op.LEAVE -> true;
			default -> insn.memory;
		};
	}

	/** Whether flags set by an instruction are set again before anybody, a fault's handler included, can see them. */
	static boolean unseen(Insn[] insns, int at, boolean ordered) {
		for (int i = at + 1; i < insns.length; i++) {
			Insn insn = insns[i];
			if (!knows(insn, ordered) && !insn.vectorOnly || insn.ends() || looksAtFlags(insn) || mayFault(insn))
				return false;
			if (setsFlags(insn))
				return true;
		}
		return false;
	}
}
