package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;
import static vmhi.softcpu.jit.Locals.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Flags;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;

/**
 * Writes instructions as bytecode. Values are on their way as longs, sign-extended from the operand's size. What it does
 * not know is left to the instruction's object.
 * <p>
 * Within a block it keeps in mind which kind of flags the last instruction left, so that a condition after a comparison
 * is a comparison; and it leaves out flags that nobody can see.
 */
final class InsnEmitter {
	private static final String FLAGS = "vmhi/softcpu/core/Flags";
	private static final String SUPPORT = "vmhi/softcpu/jit/Support";
	private static final String CPU = RegionEmitter.CPU;

	/** Kinds of flags that are not one number: unknown; and INC or DEC, with the carry in the lowest bit. */
	private static final int UNKNOWN = -1, STEPPED = -2;

	private final MethodVisitor m;
	private final Locals locals;
	private final RegionEmitter region;
	/** Names of the methods that access memory, without their size. */
	private final String load, store;
	private final boolean ordered;
	private int known;
	/** The kind of the last rotate, 0 if flags do not depend on one. */
	private int rotate;

	InsnEmitter(MethodVisitor m, Locals locals, RegionEmitter region, boolean ordered) {
		this.ordered = ordered;
		load = ordered ? "loadOrdered" : "load";
		store = ordered ? "storeOrdered" : "store";
		this.m = m;
		this.locals = locals;
		this.region = region;
	}

	/** A block begins. */
	void begin() {
		known = UNKNOWN;
		rotate = 0;
	}

	/** A block ends without a branch. */
	void end() {
		settle();
	}

	/** Computes the flags of the last rotate, if that has not been done. */
	private void settle() {
		if (rotate == 0)
			return;
		m.visitIntInsn(BIPUSH, rotate);
		allFlags();
		m.visitVarInsn(LLOAD, ROTATED);
		m.visitMethodInsn(INVOKESTATIC, SUPPORT, "rotated", "(IIJJJJ)J", false);
		bits();
	}

	/** The same where it is not known whether there is one: a fault, which is on the stack, passes. */
	void settleAtFault() {
		Label none = new Label();
		m.visitVarInsn(ILOAD, ROTATE);
		m.visitJumpInsn(IFEQ, none);
		m.visitVarInsn(ILOAD, ROTATE);
		m.visitVarInsn(ILOAD, FLAG_KIND);
		m.visitVarInsn(LLOAD, FLAG_RESULT);
		m.visitVarInsn(LLOAD, FLAG_A);
		m.visitVarInsn(LLOAD, FLAG_B);
		m.visitVarInsn(LLOAD, ROTATED);
		m.visitMethodInsn(INVOKESTATIC, SUPPORT, "rotated", "(IIJJJJ)J", false);
		m.visitVarInsn(LSTORE, FLAG_A);
		m.visitInsn(ICONST_0 + Flags.BITS);
		m.visitVarInsn(ISTORE, FLAG_KIND);
		m.visitLabel(none);
		locals.frame("vmhi/softcpu/core/Fault");
	}

	/** All flags are set anew. */
	private void forgetRotate() {
		if (rotate == 0)
			return;
		rotate = 0;
		m.visitInsn(ICONST_0);
		m.visitVarInsn(ISTORE, ROTATE);
	}

	// --- what is known of instructions

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

	private static long bit(int register) {
		return register >= 16 && register < 20 ? 1L << (register & 3) : register < 16 ? 1L << register : 0;
	}

	private static final long AX = 1, CX = 2, DX = 4, SP = 0x10, BP = 0x20;

	/** Registers of the address, a bit each. */
	static long addressed(Insn insn) {
		return (insn.base < 16 ? bit(insn.base) : 0) | (insn.index < 16 ? bit(insn.index) : 0);
	}

	/** Registers it looks at, a bit each. */
	static long uses(Insn insn) {
		long uses = 0;
		if (insn.memory || insn.op == Op.LEA) {
			if (insn.base < 16)
				uses |= bit(insn.base);
			if (insn.index < 16)
				uses |= bit(insn.index);
		}
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

	/** Registers it changes. */
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

	private static boolean looksAtFlags(Insn insn) {
		return switch (insn.op) {
			case Op.ADC, Op.SBB, Op.INC, Op.DEC, Op.JCC, Op.SETCC, Op.CMOV, Op.BT, Op.ROL, Op.ROR -> true;
			case Op.SHL, Op.SHR, Op.SAR -> insn.imm < 0;
			default -> false;
		};
	}

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
	private boolean unseen(Insn[] insns, int at) {
		for (int i = at + 1; i < insns.length; i++) {
			Insn insn = insns[i];
			if (!knows(insn, ordered) && !insn.vectorOnly || insn.ends() || looksAtFlags(insn) || mayFault(insn))
				return false;
			if (setsFlags(insn))
				return true;
		}
		return false;
	}

	// --- instructions

	/** Writes one. */
	void emit(Insn[] insns, int at) {
		Insn insn = insns[at];
		if (insn.ends() || looksAtFlags(insn) && insn.op != Op.ROL && insn.op != Op.ROR
				|| !knows(insn, ordered) && !insn.vectorOnly)
			settle();
		if (!knows(insn, ordered)) {
			if (insn.vectorOnly) {
				region.executeVector(insn);
			} else {
				region.execute(insn);
				known = UNKNOWN;
			}
			return;
		}
		boolean seen = !unseen(insns, at);
		switch (insn.op) {
			case Op.NOP -> {
			}
			case Op.PAUSE -> m.visitMethodInsn(INVOKESTATIC, "java/lang/Thread", "onSpinWait", "()V", false);
			case Op.CMPXCHG -> compareExchange(insn);
			case Op.XADD -> exchangeAdd(insn);
			case Op.ADD, Op.OR, Op.AND, Op.SUB, Op.XOR, Op.ADC, Op.SBB -> arithmetic(insn, seen);
			case Op.CMP -> {
				if (seen) {
					operands(insn);
					m.visitVarInsn(LLOAD, FLAG_A);
					m.visitVarInsn(LLOAD, FLAG_B);
					m.visitInsn(LSUB);
					extend(insn.size);
					m.visitVarInsn(LSTORE, FLAG_RESULT);
					kind(Flags.SUB);
				} else {
					touch(insn);
				}
			}
			case Op.TEST -> {
				if (seen) {
					pushOperands(insn);
					m.visitInsn(LAND);
					m.visitVarInsn(LSTORE, FLAG_RESULT);
					kind(Flags.LOGIC);
				} else {
					touch(insn);
				}
			}
			case Op.INC, Op.DEC -> step(insn, seen);
			case Op.NEG -> {
				if (!seen) {
					register(insn.rm, insn.size);
					m.visitInsn(LNEG);
				} else {
					m.visitInsn(LCONST_0);
					m.visitVarInsn(LSTORE, FLAG_A);
					register(insn.rm, insn.size);
					m.visitInsn(DUP2);
					m.visitVarInsn(LSTORE, FLAG_B);
					m.visitInsn(LNEG);
					extend(insn.size);
					m.visitInsn(DUP2);
					m.visitVarInsn(LSTORE, FLAG_RESULT);
					kind(Flags.SUB);
				}
				store(insn.rm, insn.size);
			}
			case Op.NOT -> {
				register(insn.rm, insn.size);
				m.visitLdcInsn(-1L);
				m.visitInsn(LXOR);
				store(insn.rm, insn.size);
			}
			case Op.MOV_LOAD -> {
				rm(insn, insn.size, false);
				store(insn.reg, insn.size);
			}
			case Op.MOV_STORE -> {
				if (insn.memory) {
					storeMemory(insn, () -> register(insn.reg, insn.size));
				} else {
					register(insn.reg, insn.size);
					store(insn.rm, insn.size);
				}
			}
			case Op.MOV_IMM -> {
				if (insn.memory) {
					storeMemory(insn, () -> m.visitLdcInsn(insn.imm));
				} else {
					m.visitLdcInsn(insn.imm);
					store(insn.rm, insn.size);
				}
			}
			case Op.LEA -> {
				offset(insn);
				if (insn.addressBits == 32)
					mask(0xffff_ffffL);
				store(insn.reg, insn.size);
			}
			case Op.MOVZX, Op.MOVSX -> {
				rm(insn, (int) insn.imm, insn.op == Op.MOVZX);
				store(insn.reg, insn.size);
			}
			case Op.SHL, Op.SHR, Op.SAR -> shift(insn, seen);
			case Op.ROL, Op.ROR -> rotate(insn, seen);
			case Op.IMUL, Op.IMUL_IMM -> multiply(insn, seen);
			case Op.MUL_WIDE, Op.IMUL_WIDE -> multiplyWide(insn, seen);
			case Op.PUSH -> {
				rm(insn, 8, false);
				m.visitVarInsn(LSTORE, T1);
				push(insn);
			}
			case Op.PUSH_IMM -> {
				m.visitLdcInsn(insn.imm);
				m.visitVarInsn(LSTORE, T1);
				push(insn);
			}
			case Op.POP -> {
				pop(insn, 8);
				m.visitVarInsn(LLOAD, T0);
				locals.store(insn.rm);
			}
			case Op.LEAVE -> leave(insn);
			case Op.JCC -> conditional(insn);
			case Op.JMP -> region.go(insn.imm);
			case Op.CALL -> {
				m.visitLdcInsn(insn.next);
				m.visitVarInsn(LSTORE, T1);
				push(insn);
				region.go(insn.imm);
			}
			case Op.CALL_INDIRECT -> {
				target(insn);
				m.visitVarInsn(LLOAD, T0);
				m.visitVarInsn(LSTORE, T3);
				m.visitLdcInsn(insn.next);
				m.visitVarInsn(LSTORE, T1);
				push(insn);
				m.visitVarInsn(LLOAD, T3);
				m.visitVarInsn(LSTORE, T0);
				region.goIndirect();
			}
			case Op.JMP_INDIRECT -> {
				target(insn);
				region.goIndirect();
			}
			case Op.RET -> {
				region.mayFault(insn);
				m.visitVarInsn(ALOAD, Locals.CPU);
				m.visitInsn(DUP);
				locals.load(Cpu.RSP);
				m.visitMethodInsn(INVOKEVIRTUAL, CPU, load + 64, "(J)J", false);
				m.visitMethodInsn(INVOKESTATIC, SUPPORT, "checked", "(L" + CPU + ";J)J", false);
				m.visitVarInsn(LSTORE, T0);
				locals.load(Cpu.RSP);
				m.visitLdcInsn(8 + insn.imm);
				m.visitInsn(LADD);
				locals.store(Cpu.RSP);
				region.goIndirect();
			}
			case Op.SETCC -> setCondition(insn);
			case Op.CMOV -> conditionalMove(insn);
			case Op.XCHG -> {
				if (insn.memory) {
					memoryForStore(insn);
					m.visitVarInsn(LSTORE, T0);
					storeBack(insn, () -> register(insn.reg, insn.size));
					m.visitVarInsn(LLOAD, T0);
					store(insn.reg, insn.size);
					break;
				}
				register(insn.rm, insn.size);
				m.visitVarInsn(LSTORE, T0);
				register(insn.reg, insn.size);
				store(insn.rm, insn.size);
				m.visitVarInsn(LLOAD, T0);
				store(insn.reg, insn.size);
			}
			case Op.BSWAP -> {
				locals.load(insn.rm);
				if (insn.size == 8) {
					m.visitMethodInsn(INVOKESTATIC, "java/lang/Long", "reverseBytes", "(J)J", false);
				} else {
					m.visitInsn(L2I);
					m.visitMethodInsn(INVOKESTATIC, "java/lang/Integer", "reverseBytes", "(I)I", false);
					m.visitInsn(I2L);
				}
				store(insn.rm, insn.size);
			}
			case Op.EXTEND_AX -> {
				register(Cpu.RAX, insn.size / 2);
				store(Cpu.RAX, insn.size);
			}
			case Op.EXTEND_DX -> {
				register(Cpu.RAX, insn.size);
				m.visitIntInsn(BIPUSH, 63);
				m.visitInsn(LSHR);
				store(Cpu.RDX, insn.size);
			}
			case Op.BT -> bitTest(insn);
			default -> throw new IllegalStateException("operation " + insn.op);
		}
	}

	// --- operands

	private void mask(long mask) {
		m.visitLdcInsn(mask);
		m.visitInsn(LAND);
	}

	/** Sign-extends what is on the stack. */
	private void extend(int size) {
		if (size == 8)
			return;
		m.visitInsn(L2I);
		if (size < 4)
			m.visitInsn(size == 1 ? I2B : I2S);
		m.visitInsn(I2L);
	}

	/** Pushes a register, sign-extended. */
	private void register(int number, int size) {
		if (size == 1 && number >= 16) {
			locals.load(number & 3);
			m.visitIntInsn(BIPUSH, 8);
			m.visitInsn(LUSHR);
		} else {
			locals.load(number);
		}
		extend(size);
	}

	/** Pops into a register. */
	private void store(int number, int size) {
		switch (size) {
			case 8 -> locals.store(number);
			case 4 -> {
				mask(0xffff_ffffL);
				locals.store(number);
			}
			case 2 -> insert(number, 0xffffL, 0);
			default -> insert(number >= 16 ? number & 3 : number, 0xffL, number >= 16 ? 8 : 0);
		}
	}

	private void insert(int number, long mask, int shift) {
		mask(mask);
		if (shift != 0) {
			m.visitIntInsn(BIPUSH, shift);
			m.visitInsn(LSHL);
		}
		locals.load(number);
		mask(~(mask << shift));
		m.visitInsn(LOR);
		locals.store(number);
	}

	/** Pushes the offset part of the address. */
	private void offset(Insn insn) {
		boolean pushed = false;
		if (insn.base < 16) {
			locals.load(insn.base);
			pushed = true;
		}
		if (insn.index < 16) {
			locals.load(insn.index);
			if (insn.scale != 0) {
				m.visitInsn(ICONST_0 + insn.scale);
				m.visitInsn(LSHL);
			}
			if (pushed)
				m.visitInsn(LADD);
			pushed = true;
		}
		if (!pushed) {
			m.visitLdcInsn(insn.disp);
		} else if (insn.disp != 0) {
			m.visitLdcInsn(insn.disp);
			m.visitInsn(LADD);
		}
	}

	/** Pushes the linear address of the memory operand. */
	private void address(Insn insn) {
		offset(insn);
		if (insn.addressing != Insn.OTHER)
			return;
		if (insn.addressBits == 32)
			mask(0xffff_ffffL);
		if (insn.segment >= Cpu.FS) {
			m.visitVarInsn(ALOAD, Locals.CPU);
			m.visitFieldInsn(GETFIELD, CPU, "base", "[J");
			m.visitInsn(insn.segment == Cpu.FS ? ICONST_4 : ICONST_5);
			m.visitInsn(LALOAD);
			m.visitInsn(LADD);
		}
	}

	/** Pushes the r/m operand, extended. */
	private void rm(Insn insn, int size, boolean zero) {
		if (!insn.memory) {
			if (!zero) {
				register(insn.rm, size);
			} else {
				locals.load(size == 1 && insn.rm >= 16 ? insn.rm & 3 : insn.rm);
				if (size == 1 && insn.rm >= 16) {
					m.visitIntInsn(BIPUSH, 8);
					m.visitInsn(LUSHR);
				}
				mask(size == 1 ? 0xff : 0xffff);
			}
			return;
		}
		region.mayFault(insn);
		m.visitVarInsn(ALOAD, Locals.CPU);
		address(insn);
		load(size);
		if (size < 8) {
			if (!zero && size < 4)
				m.visitInsn(size == 1 ? I2B : I2S);
			m.visitInsn(I2L);
		}
	}

	private void load(int size) {
		m.visitMethodInsn(INVOKEVIRTUAL, CPU, load + size * 8, size == 8 ? "(J)J" : "(J)I", false);
	}

	private void storeMemory(Insn insn, Runnable value) {
		region.mayFault(insn);
		m.visitVarInsn(ALOAD, Locals.CPU);
		address(insn);
		value.run();
		storeTo(insn.size);
	}

	/** The CPU, the address and the value are on the stack. */
	private void storeTo(int size) {
		if (size < 8)
			m.visitInsn(L2I);
		m.visitMethodInsn(INVOKEVIRTUAL, CPU, store + size * 8, size == 8 ? "(JJ)V" : "(JI)V", false);
	}

	/** Puts the operands of an operation that only reads memory where flags have them. */
	private void operands(Insn insn) {
		boolean fromRm = insn.form() == Op.FORM_REG_RM;
		rm(insn, insn.size, false); // which may fault, before the flags change
		m.visitVarInsn(LSTORE, fromRm ? FLAG_B : FLAG_A);
		other(insn);
		m.visitVarInsn(LSTORE, fromRm ? FLAG_A : FLAG_B);
	}

	/** Pushes the operands, the first one first. */
	private void pushOperands(Insn insn) {
		if (insn.form() != Op.FORM_REG_RM) {
			rm(insn, insn.size, false);
			other(insn);
		} else {
			other(insn);
			rm(insn, insn.size, false);
		}
	}

	/** Pushes the operand that is not the r/m one. */
	private void other(Insn insn) {
		if (insn.form() == Op.FORM_RM_IMM)
			m.visitLdcInsn(insn.imm);
		else
			register(insn.reg, insn.size);
	}

	/** Reads memory for nothing but a fault. */
	private void touch(Insn insn) {
		if (!insn.memory)
			return;
		rm(insn, insn.size, false);
		m.visitInsn(POP2);
	}

	/** Applies an operation to the two longs on the stack, and to the carry in I0. */
	private void operate(int operation) {
		m.visitInsn(switch (operation) {
			case Op.ADD, Op.ADC -> LADD;
			case Op.SUB, Op.SBB -> LSUB;
			case Op.OR -> LOR;
			case Op.AND -> LAND;
			default -> LXOR;
		});
		if (operation == Op.ADC || operation == Op.SBB) {
			m.visitVarInsn(ILOAD, I0);
			m.visitInsn(I2L);
			m.visitInsn(operation == Op.ADC ? LADD : LSUB);
		}
	}

	private static boolean logic(int operation) {
		return operation == Op.AND || operation == Op.OR || operation == Op.XOR;
	}

	/** Stores to the address in T3. */
	private void storeBack(Insn insn, Runnable value) {
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitVarInsn(LLOAD, T3);
		value.run();
		storeTo(insn.size);
	}

	// --- flags

	private void copy(int from, int to) {
		m.visitVarInsn(LLOAD, from);
		m.visitVarInsn(LSTORE, to);
	}

	/** The flags are of this kind now. */
	private void kind(int kind) {
		forgetRotate();
		m.visitIntInsn(BIPUSH, kind);
		m.visitVarInsn(ISTORE, FLAG_KIND);
		known = kind;
	}

	/** Flags by the result in T2, and the operands in T0 and T1 where they count. */
	private void flags(int kind, boolean a, boolean b) {
		kind(kind);
		copy(T2, FLAG_RESULT);
		if (a)
			copy(T0, FLAG_A);
		if (b)
			copy(T1, FLAG_B);
	}

	private void kind() {
		if (known >= 0)
			m.visitIntInsn(BIPUSH, known);
		else
			m.visitVarInsn(ILOAD, FLAG_KIND);
	}

	/** Pushes kind, result and operands. */
	private void allFlags() {
		kind();
		m.visitVarInsn(LLOAD, FLAG_RESULT);
		m.visitVarInsn(LLOAD, FLAG_A);
		m.visitVarInsn(LLOAD, FLAG_B);
	}

	/** Pushes CF as an int. */
	private void carry() {
		switch (known) {
			case Flags.LOGIC -> m.visitInsn(ICONST_0);
			case Flags.SUB, Flags.ADD -> {
				m.visitVarInsn(LLOAD, known == Flags.SUB ? FLAG_A : FLAG_RESULT);
				m.visitVarInsn(LLOAD, known == Flags.SUB ? FLAG_B : FLAG_A);
				m.visitMethodInsn(INVOKESTATIC, SUPPORT, "below", "(JJ)I", false);
			}
			case STEPPED -> {
				m.visitVarInsn(ILOAD, FLAG_KIND);
				m.visitInsn(ICONST_1);
				m.visitInsn(IAND);
			}
			case Flags.BITS, Flags.RESULT -> {
				m.visitVarInsn(LLOAD, FLAG_A);
				m.visitInsn(L2I);
				m.visitInsn(ICONST_1);
				m.visitInsn(IAND);
			}
			default -> {
				allFlags();
				m.visitMethodInsn(INVOKESTATIC, FLAGS, "cf", "(IJJJ)Z", false);
			}
		}
	}

	/** Jumps where a condition holds. */
	private void jumpIf(int code, Label to) {
		boolean not = (code & 1) != 0;
		int condition = code >> 1;
		switch (known) {
			case Flags.SUB -> {
				switch (condition) {
					case 1, 3 -> {
						unsigned(FLAG_A);
						unsigned(FLAG_B);
						jump(condition == 1 ? IFLT : IFLE, not, to);
						return;
					}
					case 2, 6, 7 -> {
						m.visitVarInsn(LLOAD, FLAG_A);
						m.visitVarInsn(LLOAD, FLAG_B);
						jump(condition == 2 ? IFEQ : condition == 6 ? IFLT : IFLE, not, to);
						return;
					}
					default -> {
					}
				}
			}
			case Flags.LOGIC -> {
				switch (condition) {
					case 0, 1 -> {
						if (not) { // always; by a condition, since code that follows a GOTO would need a frame
							m.visitInsn(ICONST_0);
							m.visitJumpInsn(IFEQ, to);
						}
						return;
					}
					case 2, 3, 4, 6, 7 -> {
						m.visitVarInsn(LLOAD, FLAG_RESULT);
						m.visitInsn(LCONST_0);
						jump(condition < 4 ? IFEQ : condition == 7 ? IFLE : IFLT, not, to);
						return;
					}
					default -> {
					}
				}
			}
			case Flags.ADD -> {
				if (condition == 1) {
					unsigned(FLAG_RESULT);
					unsigned(FLAG_A);
					jump(IFLT, not, to);
					return;
				}
			}
			case Flags.BITS -> {
				int bits = switch (condition) {
					case 0 -> Flags.OF;
					case 1 -> Flags.CF;
					case 2 -> Flags.ZF;
					case 3 -> Flags.CF | Flags.ZF;
					case 4 -> Flags.SF;
					case 5 -> Flags.PF;
					default -> 0;
				};
				if (bits != 0) {
					m.visitVarInsn(LLOAD, FLAG_A);
					m.visitInsn(L2I);
					m.visitIntInsn(SIPUSH, bits);
					m.visitInsn(IAND);
					m.visitJumpInsn(not ? IFEQ : IFNE, to);
					return;
				}
			}
			default -> {
			}
		}
		boolean byResult = known != UNKNOWN && known != Flags.BITS && known != Flags.PRODUCT;
		if (byResult && (condition == 2 || condition == 4)) {
			m.visitVarInsn(LLOAD, FLAG_RESULT);
			m.visitInsn(LCONST_0);
			jump(condition == 2 ? IFEQ : IFLT, not, to);
			return;
		}
		if (condition == 1) {
			carry();
			m.visitJumpInsn(not ? IFEQ : IFNE, to);
			return;
		}
		m.visitIntInsn(BIPUSH, code);
		allFlags();
		m.visitMethodInsn(INVOKESTATIC, FLAGS, "condition", "(IIJJJ)Z", false);
		m.visitJumpInsn(IFNE, to);
	}

	private void unsigned(int local) {
		m.visitVarInsn(LLOAD, local);
		m.visitLdcInsn(Long.MIN_VALUE);
		m.visitInsn(LADD);
	}

	/** Compares the two longs on the stack. */
	private void jump(int opcode, boolean not, Label to) {
		m.visitInsn(LCMP);
		// the opposite of each of IFEQ IFNE IFLT IFGE IFGT IFLE is its neighbour
		m.visitJumpInsn(not ? (opcode + 1 ^ 1) - 1 : opcode, to);
	}

	// --- operations

	private void arithmetic(Insn insn, boolean seen) {
		boolean withCarry = insn.op == Op.ADC || insn.op == Op.SBB;
		if (withCarry) {
			carry();
			m.visitVarInsn(ISTORE, I0);
		}
		if (insn.memory && insn.form() != Op.FORM_REG_RM) {
			toMemory(insn, seen);
			return;
		}
		if (!seen || logic(insn.op)) {
			pushOperands(insn);
			operate(insn.op);
		} else {
			operands(insn);
			m.visitVarInsn(LLOAD, FLAG_A);
			m.visitVarInsn(LLOAD, FLAG_B);
			operate(insn.op);
			extend(insn.size);
		}
		if (seen) {
			m.visitInsn(DUP2);
			m.visitVarInsn(LSTORE, FLAG_RESULT);
		}
		store(insn.form() == Op.FORM_REG_RM ? insn.reg : insn.rm, insn.size);
		if (seen)
			arithmeticKind(insn.op);
	}

	/** Flags change only once memory has taken the result. */
	private void toMemory(Insn insn, boolean seen) {
		memoryForStore(insn);
		if (!seen) {
			m.visitVarInsn(LSTORE, T0);
			storeBack(insn, () -> {
				m.visitVarInsn(LLOAD, T0);
				other(insn);
				operate(insn.op);
			});
			return;
		}
		m.visitVarInsn(LSTORE, T0);
		storeBack(insn, () -> {
			m.visitVarInsn(LLOAD, T0);
			other(insn);
			operate(insn.op);
			extend(insn.size);
			m.visitInsn(DUP2);
			m.visitVarInsn(LSTORE, T2);
		});
		copy(T2, FLAG_RESULT);
		if (!logic(insn.op)) {
			copy(T0, FLAG_A);
			other(insn);
			m.visitVarInsn(LSTORE, FLAG_B);
		}
		arithmeticKind(insn.op);
	}

	private void arithmeticKind(int operation) {
		if (logic(operation)) {
			kind(Flags.LOGIC);
			return;
		}
		kind(operation == Op.ADD || operation == Op.ADC ? Flags.ADD : Flags.SUB);
		if (operation == Op.ADD || operation == Op.SUB)
			return;
		m.visitInsn(operation == Op.ADC ? ICONST_2 : ICONST_3); // the kind with carry is two more
		m.visitVarInsn(ILOAD, I0);
		m.visitInsn(ICONST_1);
		m.visitInsn(ISHL);
		m.visitInsn(IADD);
		m.visitVarInsn(ISTORE, FLAG_KIND);
		known = UNKNOWN;
	}

	private void compareExchange(Insn insn) {
		Label not = new Label(), done = new Label();
		memoryForStore(insn);
		m.visitVarInsn(LSTORE, T1);
		register(Cpu.RAX, insn.size);
		m.visitVarInsn(LSTORE, T0);
		m.visitVarInsn(LLOAD, T0);
		m.visitVarInsn(LLOAD, T1);
		m.visitInsn(LCMP);
		m.visitJumpInsn(IFNE, not);
		storeBack(insn, () -> register(insn.reg, insn.size));
		m.visitJumpInsn(GOTO, done);
		m.visitLabel(not);
		locals.frame();
		m.visitVarInsn(LLOAD, T1);
		store(Cpu.RAX, insn.size);
		m.visitLabel(done);
		locals.frame();
		m.visitVarInsn(LLOAD, T0);
		m.visitVarInsn(LLOAD, T1);
		m.visitInsn(LSUB);
		extend(insn.size);
		m.visitVarInsn(LSTORE, T2);
		flags(Flags.SUB, true, true);
	}

	private void exchangeAdd(Insn insn) {
		memoryForStore(insn);
		m.visitVarInsn(LSTORE, T0);
		register(insn.reg, insn.size);
		m.visitVarInsn(LSTORE, T1);
		storeBack(insn, () -> {
			m.visitVarInsn(LLOAD, T0);
			m.visitVarInsn(LLOAD, T1);
			m.visitInsn(LADD);
			extend(insn.size);
			m.visitInsn(DUP2);
			m.visitVarInsn(LSTORE, T2);
		});
		m.visitVarInsn(LLOAD, T0);
		store(insn.reg, insn.size);
		flags(Flags.ADD, true, true);
	}

	/** Pushes what is in memory, sign-extended, after a check that it may be written; the address is in T3. */
	private void memoryForStore(Insn insn) {
		region.mayFault(insn);
		address(insn);
		m.visitVarInsn(LSTORE, T3);
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitVarInsn(LLOAD, T3);
		m.visitInsn(switch (insn.size) {
			case 1 -> ICONST_1;
			case 2 -> ICONST_2;
			case 4 -> ICONST_4;
			default -> ICONST_5;
		});
		if (insn.size == 8) {
			m.visitInsn(POP);
			m.visitIntInsn(BIPUSH, 8);
		}
		m.visitMethodInsn(INVOKEVIRTUAL, CPU, "loadForStore", "(JI)J", false);
		extend(insn.size);
	}

	private void step(Insn insn, boolean seen) {
		boolean up = insn.op == Op.INC;
		if (insn.memory)
			memoryForStore(insn);
		else
			register(insn.rm, insn.size);
		m.visitVarInsn(LSTORE, T0);
		Runnable result = () -> {
			m.visitVarInsn(LLOAD, T0);
			m.visitInsn(LCONST_1);
			m.visitInsn(up ? LADD : LSUB);
			extend(insn.size);
			m.visitInsn(DUP2);
			m.visitVarInsn(LSTORE, T2);
		};
		if (insn.memory) {
			storeBack(insn, result);
		} else {
			result.run();
			store(insn.rm, insn.size);
		}
		if (!seen)
			return;
		carry();
		m.visitIntInsn(BIPUSH, up ? Flags.INC : Flags.DEC);
		m.visitInsn(IADD);
		m.visitVarInsn(ISTORE, FLAG_KIND);
		copy(T2, FLAG_RESULT);
		copy(T0, FLAG_A);
		m.visitInsn(LCONST_1);
		m.visitVarInsn(LSTORE, FLAG_B);
		known = STEPPED;
	}

	private void shift(Insn insn, boolean seen) {
		int bits = insn.size * 8;
		if (insn.imm >= 0) {
			int count = (int) insn.imm & (insn.size == 8 ? 63 : 31);
			register(insn.rm, insn.size);
			m.visitVarInsn(LSTORE, T0);
			m.visitVarInsn(LLOAD, T0);
			shifted(insn, () -> m.visitIntInsn(BIPUSH, count));
			m.visitVarInsn(LLOAD, T2);
			store(insn.rm, insn.size);
			if (!seen)
				return;
			m.visitLdcInsn((long) (insn.op == Op.SHL ? bits - count : count - 1));
			m.visitVarInsn(LSTORE, T1);
			flags(shiftKind(insn), true, true);
			return;
		}
		Label none = new Label(), done = new Label();
		locals.load(Cpu.RCX);
		m.visitInsn(L2I);
		m.visitIntInsn(BIPUSH, insn.size == 8 ? 63 : 31);
		m.visitInsn(IAND);
		m.visitVarInsn(ISTORE, I0);
		register(insn.rm, insn.size);
		m.visitVarInsn(LSTORE, T0);
		m.visitVarInsn(ILOAD, I0);
		m.visitJumpInsn(IFEQ, none);
		m.visitVarInsn(LLOAD, T0);
		shifted(insn, () -> m.visitVarInsn(ILOAD, I0));
		m.visitVarInsn(LLOAD, T2);
		store(insn.rm, insn.size);
		if (insn.op == Op.SHL) {
			m.visitIntInsn(BIPUSH, bits);
			m.visitVarInsn(ILOAD, I0);
			m.visitInsn(ISUB);
		} else {
			m.visitVarInsn(ILOAD, I0);
			m.visitInsn(ICONST_1);
			m.visitInsn(ISUB);
		}
		m.visitInsn(I2L);
		m.visitVarInsn(LSTORE, T1);
		flags(shiftKind(insn), true, true);
		m.visitJumpInsn(GOTO, done);
		m.visitLabel(none);
		locals.frame();
		m.visitVarInsn(LLOAD, T0);
		store(insn.rm, insn.size);
		m.visitLabel(done);
		locals.frame();
		known = UNKNOWN;
	}

	private static int shiftKind(Insn insn) {
		return insn.op == Op.SHL ? Flags.SHL : insn.op == Op.SHR ? Flags.SHR : Flags.SAR;
	}

	/** T2 becomes what is on the stack, shifted. */
	private void shifted(Insn insn, Runnable count) {
		if (insn.op == Op.SHR && insn.size < 8)
			mask((1L << 8 * insn.size) - 1);
		count.run();
		m.visitInsn(insn.op == Op.SHL ? LSHL : insn.op == Op.SHR ? LUSHR : LSHR);
		extend(insn.size);
		m.visitVarInsn(LSTORE, T2);
	}

	private void rotate(Insn insn, boolean seen) {
		boolean left = insn.op == Op.ROL;
		locals.load(insn.rm);
		if (insn.size == 4)
			m.visitInsn(L2I);
		m.visitIntInsn(BIPUSH, (int) insn.imm);
		String name = left ? "rotateLeft" : "rotateRight";
		if (insn.size == 8) {
			m.visitMethodInsn(INVOKESTATIC, "java/lang/Long", name, "(JI)J", false);
		} else {
			m.visitMethodInsn(INVOKESTATIC, "java/lang/Integer", name, "(II)I", false);
			m.visitInsn(I2L);
		}
		m.visitVarInsn(LSTORE, T2);
		m.visitVarInsn(LLOAD, T2);
		store(insn.rm, insn.size);
		if (!seen)
			return;
		rotate = left ? Support.LEFT : insn.size == 8 ? Support.RIGHT_64 : Support.RIGHT_32;
		m.visitIntInsn(BIPUSH, rotate);
		m.visitVarInsn(ISTORE, ROTATE);
		copy(T2, ROTATED);
	}

	/** Flags are the bits on the stack. */
	private void bits() {
		m.visitVarInsn(LSTORE, FLAG_A);
		forgetRotate();
		m.visitInsn(ICONST_0 + Flags.BITS);
		m.visitVarInsn(ISTORE, FLAG_KIND);
		known = Flags.BITS;
	}

	private void multiply(Insn insn, boolean seen) {
		rm(insn, insn.size, false);
		m.visitVarInsn(LSTORE, T1);
		if (insn.op == Op.IMUL_IMM)
			m.visitLdcInsn(insn.imm);
		else
			register(insn.reg, insn.size);
		m.visitVarInsn(LSTORE, T0);
		m.visitVarInsn(LLOAD, T0);
		m.visitVarInsn(LLOAD, T1);
		m.visitInsn(LMUL);
		m.visitVarInsn(LSTORE, T3);
		m.visitVarInsn(LLOAD, T3);
		extend(insn.size);
		m.visitVarInsn(LSTORE, T2);
		m.visitVarInsn(LLOAD, T2);
		store(insn.reg, insn.size);
		if (!seen)
			return;
		if (insn.size == 8) {
			m.visitVarInsn(LLOAD, T0);
			m.visitVarInsn(LLOAD, T1);
			m.visitMethodInsn(INVOKESTATIC, "java/lang/Math", "multiplyHigh", "(JJ)J", false);
			m.visitVarInsn(LLOAD, T2);
			m.visitIntInsn(BIPUSH, 63);
			m.visitInsn(LSHR);
		} else {
			m.visitVarInsn(LLOAD, T3);
			m.visitVarInsn(LLOAD, T2);
		}
		m.visitInsn(LSUB);
		m.visitVarInsn(LSTORE, T0);
		flags(Flags.PRODUCT, true, false);
	}

	private void multiplyWide(Insn insn, boolean seen) {
		boolean signed = insn.op == Op.IMUL_WIDE;
		rm(insn, insn.size, false);
		m.visitVarInsn(LSTORE, T1);
		register(Cpu.RAX, insn.size);
		m.visitVarInsn(LSTORE, T0);
		if (insn.size == 4 && !signed)
			for (int operand : new int[] { T0, T1 }) {
				m.visitVarInsn(LLOAD, operand);
				mask(0xffff_ffffL);
				m.visitVarInsn(LSTORE, operand);
			}
		m.visitVarInsn(LLOAD, T0);
		m.visitVarInsn(LLOAD, T1);
		m.visitInsn(LMUL);
		m.visitVarInsn(LSTORE, T2);
		if (insn.size == 8) {
			m.visitVarInsn(LLOAD, T0);
			m.visitVarInsn(LLOAD, T1);
			m.visitMethodInsn(INVOKESTATIC, signed ? "java/lang/Math" : SUPPORT,
					signed ? "multiplyHigh" : "unsignedHigh", "(JJ)J", false);
		} else {
			m.visitVarInsn(LLOAD, T2);
			m.visitIntInsn(BIPUSH, 32);
			m.visitInsn(signed ? LSHR : LUSHR);
		}
		m.visitVarInsn(LSTORE, T0);
		m.visitVarInsn(LLOAD, T2);
		store(Cpu.RAX, insn.size);
		m.visitVarInsn(LLOAD, T0);
		store(Cpu.RDX, insn.size);
		if (!seen)
			return;
		m.visitVarInsn(LLOAD, T2);
		extend(insn.size);
		m.visitVarInsn(LSTORE, T2);
		if (signed) {
			m.visitVarInsn(LLOAD, T0);
			m.visitVarInsn(LLOAD, T2);
			m.visitIntInsn(BIPUSH, 63);
			m.visitInsn(LSHR);
			m.visitInsn(LSUB);
			m.visitVarInsn(LSTORE, T0);
		}
		flags(Flags.PRODUCT, true, false);
	}

	// --- the stack

	/** Pushes T1. */
	private void push(Insn insn) {
		locals.load(Cpu.RSP);
		m.visitLdcInsn(8L);
		m.visitInsn(LSUB);
		m.visitVarInsn(LSTORE, T0);
		region.mayFault(insn);
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitVarInsn(LLOAD, T0);
		m.visitVarInsn(LLOAD, T1);
		storeTo(8);
		m.visitVarInsn(LLOAD, T0);
		locals.store(Cpu.RSP);
	}

	/** Pops into T0. */
	private void pop(Insn insn, long bytes) {
		region.mayFault(insn);
		m.visitVarInsn(ALOAD, Locals.CPU);
		locals.load(Cpu.RSP);
		load(8);
		m.visitVarInsn(LSTORE, T0);
		locals.load(Cpu.RSP);
		m.visitLdcInsn(bytes);
		m.visitInsn(LADD);
		locals.store(Cpu.RSP);
	}

	private void leave(Insn insn) {
		region.mayFault(insn);
		m.visitVarInsn(ALOAD, Locals.CPU);
		locals.load(Cpu.RBP);
		load(8);
		m.visitVarInsn(LSTORE, T0);
		locals.load(Cpu.RBP);
		m.visitLdcInsn(8L);
		m.visitInsn(LADD);
		locals.store(Cpu.RSP);
		m.visitVarInsn(LLOAD, T0);
		locals.store(Cpu.RBP);
	}

	// --- branches

	private void conditional(Insn insn) {
		Label taken = region.forward(insn.imm);
		if (taken != null) {
			jumpIf(insn.reg, taken);
			region.go(insn.next);
			return;
		}
		Label not = region.forward(insn.next);
		Label here = not == null ? new Label() : not;
		jumpIf(insn.reg ^ 1, here);
		region.go(insn.imm);
		if (not == null) {
			m.visitLabel(here);
			locals.frame();
			region.go(insn.next);
		}
	}

	/** The target of an indirect branch is put into T0. */
	private void target(Insn insn) {
		region.mayFault(insn);
		m.visitVarInsn(ALOAD, Locals.CPU);
		rm(insn, 8, false);
		m.visitMethodInsn(INVOKESTATIC, SUPPORT, "checked", "(L" + CPU + ";J)J", false);
		m.visitVarInsn(LSTORE, T0);
	}

	private void setCondition(Insn insn) {
		Label holds = new Label();
		m.visitInsn(ICONST_1);
		m.visitVarInsn(ISTORE, I0);
		jumpIf((int) insn.imm, holds);
		m.visitInsn(ICONST_0);
		m.visitVarInsn(ISTORE, I0);
		m.visitLabel(holds);
		locals.frame();
		Runnable value = () -> {
			m.visitVarInsn(ILOAD, I0);
			m.visitInsn(I2L);
		};
		if (insn.memory) {
			storeMemory(insn, value);
		} else {
			value.run();
			store(insn.rm, 1);
		}
	}

	private void conditionalMove(Insn insn) {
		Label not = new Label(), done = new Label();
		rm(insn, insn.size, false);
		m.visitVarInsn(LSTORE, T1);
		jumpIf((int) insn.imm ^ 1, not);
		m.visitVarInsn(LLOAD, T1);
		store(insn.reg, insn.size);
		if (insn.size != 4) {
			m.visitLabel(not);
			locals.frame();
			return;
		}
		m.visitJumpInsn(GOTO, done);
		m.visitLabel(not);
		locals.frame();
		locals.load(insn.reg);
		store(insn.reg, 4);
		m.visitLabel(done);
		locals.frame();
	}

	private void bitTest(Insn insn) {
		rm(insn, insn.size, false);
		m.visitVarInsn(LSTORE, T1);
		if (insn.imm >= 0)
			m.visitLdcInsn(insn.imm & insn.size * 8 - 1);
		else {
			locals.load(insn.reg);
			mask(insn.size * 8 - 1);
		}
		m.visitVarInsn(LSTORE, T0);
		allFlags();
		m.visitVarInsn(LLOAD, T1);
		m.visitVarInsn(LLOAD, T0);
		m.visitMethodInsn(INVOKESTATIC, SUPPORT, "tested", "(IJJJJJ)J", false);
		bits();
	}
}
