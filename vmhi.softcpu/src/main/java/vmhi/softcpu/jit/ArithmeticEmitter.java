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
 * Writes instructions that compute: sums, logic, products. Where {@code seen} is false nobody can see the flags
 * they leave.
 */
final class ArithmeticEmitter {
	private static final String SUPPORT = RegionEmitter.SUPPORT;

	private final MethodVisitor m;
	private final Locals locals;
	private final Operands operands;
	private final FlagsEmitter flags;

	ArithmeticEmitter(MethodVisitor m, Locals locals, Operands operands, FlagsEmitter flags) {
		this.m = m;
		this.locals = locals;
		this.operands = operands;
		this.flags = flags;
	}

	// --- two operands

	/** ADD, OR, ADC, SBB, AND, SUB and XOR. */
	void binary(Insn insn, boolean seen) {
		if (insn.op == Op.ADC || insn.op == Op.SBB) {
			flags.carry();
			m.visitVarInsn(ISTORE, I0);
		}
		if (insn.memory && insn.form() != Op.FORM_REG_RM)
			toMemory(insn, seen);
		else
			toRegister(insn, seen);
	}

	private void toRegister(Insn insn, boolean seen) {
		if (!seen || logic(insn.op)) {
			operands.both(insn);
			operands.operate(insn.op);
		} else {
			operands.bothToFlags(insn);
			locals.push(FLAG_A);
			locals.push(FLAG_B);
			operands.operate(insn.op);
			operands.extend(insn.size);
		}
		if (seen) {
			m.visitInsn(DUP2);
			locals.pop(FLAG_RESULT);
		}
		operands.store(insn.form() == Op.FORM_REG_RM ? insn.reg : insn.rm, insn.size);
		if (seen)
			flags.ofOperation(insn.op);
	}

	/** Flags change only once memory has taken the result. */
	private void toMemory(Insn insn, boolean seen) {
		operands.rmForStore(insn);
		locals.pop(T0);
		operands.storeBack(insn, () -> {
			locals.push(T0);
			operands.other(insn);
			operands.operate(insn.op);
			if (seen)
				keepResult(insn);
		});
		if (!seen)
			return;
		locals.copy(T2, FLAG_RESULT);
		if (!logic(insn.op)) {
			locals.copy(T0, FLAG_A);
			operands.other(insn);
			locals.pop(FLAG_B);
		}
		flags.ofOperation(insn.op);
	}

	private static boolean logic(int operation) {
		return operation == Op.AND || operation == Op.OR || operation == Op.XOR;
	}

	/** Sign-extends the result on the stack, and copies it to T2. */
	private void keepResult(Insn insn) {
		operands.extend(insn.size);
		m.visitInsn(DUP2);
		locals.pop(T2);
	}

	void compare(Insn insn, boolean seen) {
		if (!seen) {
			operands.touch(insn);
			return;
		}
		operands.bothToFlags(insn);
		locals.push(FLAG_A);
		locals.push(FLAG_B);
		m.visitInsn(LSUB);
		operands.extend(insn.size);
		locals.pop(FLAG_RESULT);
		flags.kind(Flags.SUB);
	}

	void test(Insn insn, boolean seen) {
		if (!seen) {
			operands.touch(insn);
			return;
		}
		operands.both(insn);
		m.visitInsn(LAND);
		locals.pop(FLAG_RESULT);
		flags.kind(Flags.LOGIC);
	}

	void compareExchange(Insn insn) {
		Label not = new Label(), done = new Label();
		operands.rmForStore(insn);
		locals.pop(T1);
		operands.register(Cpu.RAX, insn.size);
		locals.pop(T0);
		locals.push(T0);
		locals.push(T1);
		m.visitInsn(LCMP);
		m.visitJumpInsn(IFNE, not);
		operands.storeBack(insn, () -> operands.register(insn.reg, insn.size));
		m.visitJumpInsn(GOTO, done);
		m.visitLabel(not);
		locals.frame();
		locals.push(T1);
		operands.store(Cpu.RAX, insn.size);
		m.visitLabel(done);
		locals.frame();
		locals.push(T0);
		locals.push(T1);
		m.visitInsn(LSUB);
		operands.extend(insn.size);
		locals.pop(T2);
		flags.byTemporaries(Flags.SUB);
	}

	void exchangeAdd(Insn insn) {
		operands.rmForStore(insn);
		locals.pop(T0);
		operands.register(insn.reg, insn.size);
		locals.pop(T1);
		operands.storeBack(insn, () -> {
			locals.push(T0);
			locals.push(T1);
			m.visitInsn(LADD);
			keepResult(insn);
		});
		locals.push(T0);
		operands.store(insn.reg, insn.size);
		flags.byTemporaries(Flags.ADD);
	}

	// --- one operand

	/** INC and DEC. */
	void step(Insn insn, boolean seen) {
		boolean up = insn.op == Op.INC;
		operands.rmForStore(insn);
		locals.pop(T0);
		operands.storeBack(insn, () -> {
			locals.push(T0);
			m.visitInsn(LCONST_1);
			m.visitInsn(up ? LADD : LSUB);
			keepResult(insn);
		});
		if (seen)
			flags.stepped(up);
	}

	void negate(Insn insn, boolean seen) {
		if (!seen) {
			operands.register(insn.rm, insn.size);
			m.visitInsn(LNEG);
		} else {
			m.visitInsn(LCONST_0);
			locals.pop(FLAG_A);
			operands.register(insn.rm, insn.size);
			m.visitInsn(DUP2);
			locals.pop(FLAG_B);
			m.visitInsn(LNEG);
			operands.extend(insn.size);
			m.visitInsn(DUP2);
			locals.pop(FLAG_RESULT);
			flags.kind(Flags.SUB);
		}
		operands.store(insn.rm, insn.size);
	}

	void complement(Insn insn) {
		operands.register(insn.rm, insn.size);
		m.visitLdcInsn(-1L);
		m.visitInsn(LXOR);
		operands.store(insn.rm, insn.size);
	}

	void swapBytes(Insn insn) {
		locals.load(insn.rm);
		if (insn.size == 8) {
			m.visitMethodInsn(INVOKESTATIC, "java/lang/Long", "reverseBytes", "(J)J", false);
		} else {
			m.visitInsn(L2I);
			m.visitMethodInsn(INVOKESTATIC, "java/lang/Integer", "reverseBytes", "(I)I", false);
			m.visitInsn(I2L);
		}
		operands.store(insn.rm, insn.size);
	}

	// --- products

	/** IMUL with two or three operands. */
	void multiply(Insn insn, boolean seen) {
		operands.rm(insn);
		locals.pop(T1);
		if (insn.op == Op.IMUL_IMM)
			m.visitLdcInsn(insn.imm);
		else
			operands.register(insn.reg, insn.size);
		locals.pop(T0);
		locals.push(T0);
		locals.push(T1);
		m.visitInsn(LMUL);
		locals.pop(T3);
		locals.push(T3);
		operands.extend(insn.size);
		locals.pop(T2);
		locals.push(T2);
		operands.store(insn.reg, insn.size);
		if (!seen)
			return;
		if (insn.size == 8) {
			upperHalf("java/lang/Math", "multiplyHigh");
			pushSign();
		} else {
			locals.push(T3);
			locals.push(T2);
		}
		m.visitInsn(LSUB);
		locals.pop(T0);
		flags.product();
	}

	/** MUL and IMUL with one operand. */
	void multiplyWide(Insn insn, boolean seen) {
		boolean signed = insn.op == Op.IMUL_WIDE;
		operands.rm(insn);
		locals.pop(T1);
		operands.register(Cpu.RAX, insn.size);
		locals.pop(T0);
		if (insn.size == 4 && !signed) {
			zeroExtend(T0);
			zeroExtend(T1);
		}
		locals.push(T0);
		locals.push(T1);
		m.visitInsn(LMUL);
		locals.pop(T2);
		if (insn.size == 8) {
			upperHalf(signed ? "java/lang/Math" : SUPPORT, signed ? "multiplyHigh" : "unsignedHigh");
		} else {
			locals.push(T2);
			m.visitIntInsn(BIPUSH, 32);
			m.visitInsn(signed ? LSHR : LUSHR);
		}
		locals.pop(T0);
		locals.push(T2);
		operands.store(Cpu.RAX, insn.size);
		locals.push(T0);
		operands.store(Cpu.RDX, insn.size);
		if (!seen)
			return;
		locals.push(T2);
		operands.extend(insn.size);
		locals.pop(T2);
		if (signed) {
			locals.push(T0);
			pushSign();
			m.visitInsn(LSUB);
			locals.pop(T0);
		}
		flags.product();
	}

	private void zeroExtend(int variable) {
		locals.push(variable);
		operands.mask(0xffff_ffffL);
		locals.pop(variable);
	}

	/** Pushes the upper half of the product of T0 and T1. */
	private void upperHalf(String owner, String method) {
		locals.push(T0);
		locals.push(T1);
		m.visitMethodInsn(INVOKESTATIC, owner, method, "(JJ)J", false);
	}

	/** Pushes what the upper half is if the lower one, in T2, is all of a signed product. */
	private void pushSign() {
		locals.push(T2);
		m.visitIntInsn(BIPUSH, 63);
		m.visitInsn(LSHR);
	}
}
