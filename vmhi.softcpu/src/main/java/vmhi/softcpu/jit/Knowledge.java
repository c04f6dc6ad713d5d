package vmhi.softcpu.jit;

import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;

/**
 * What the translator knows of instructions before it writes them: whether it can, and what they have to do with flags.
 */
final class Knowledge {
	private Knowledge() {}

	/**
	 * Whether it is translated.
	 *
	 * @param ordered whether there are other vCPUs; where there are not, nobody can come between what LOCK holds together
	 */
	static boolean knows(Insn insn, boolean ordered) {
		if (insn.codeBits != 64 || insn.lock && ordered)
			return false;
		if (insn.op >= Op.VECTOR)
			return SseEmitter.knows(insn);
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

	/** Whether it sets all flags, whatever they were. */
	private static boolean setsFlags(Insn insn) {
		return switch (insn.op) {
			case Op.ADD, Op.OR, Op.AND, Op.SUB, Op.XOR, Op.CMP, Op.TEST, Op.NEG, Op.IMUL, Op.IMUL_IMM, Op.MUL_WIDE,
					Op.IMUL_WIDE, Op.VCOMPARE, Op.VCOMPARE_QUIET -> true;
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
		if (insn.vectorOnly || insn.op >= Op.VECTOR)
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
