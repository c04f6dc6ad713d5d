package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;
import static vmhi.softcpu.jit.Locals.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Flags;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;

/** Writes shifts, rotates and BT. Where {@code seen} is false nobody can see the flags they leave. */
final class ShiftEmitter {
	private final MethodVisitor m;
	private final Locals locals;
	private final Operands operands;
	private final FlagsEmitter flags;

	ShiftEmitter(MethodVisitor m, Locals locals, Operands operands, FlagsEmitter flags) {
		this.m = m;
		this.locals = locals;
		this.operands = operands;
		this.flags = flags;
	}

	/** SHL, SHR and SAR. */
	void shift(Insn insn, boolean seen) {
		if (insn.imm < 0)
			shiftByCl(insn);
		else
			shiftByConstant(insn, seen);
	}

	private void shiftByConstant(Insn insn, boolean seen) {
		int count = (int) insn.imm & mostShifted(insn);
		operands.register(insn.rm, insn.size);
		locals.pop(T0);
		shifted(insn, () -> m.visitIntInsn(BIPUSH, count));
		if (!seen)
			return;
		m.visitLdcInsn((long) (insn.op == Op.SHL ? insn.size * 8 - count : count - 1));
		locals.pop(T1);
		flags.byTemporaries(shiftKind(insn));
	}

	/** With a count of 0 no flag changes. */
	private void shiftByCl(Insn insn) {
		Label none = new Label(), done = new Label();
		locals.load(Cpu.RCX);
		m.visitInsn(L2I);
		m.visitIntInsn(BIPUSH, mostShifted(insn));
		m.visitInsn(IAND);
		m.visitVarInsn(ISTORE, I0);
		operands.register(insn.rm, insn.size);
		locals.pop(T0);
		locals.sync(); // flags change on one of the two ways
		m.visitVarInsn(ILOAD, I0);
		m.visitJumpInsn(IFEQ, none);
		shifted(insn, () -> m.visitVarInsn(ILOAD, I0));
		if (insn.op == Op.SHL) {
			m.visitIntInsn(BIPUSH, insn.size * 8);
			m.visitVarInsn(ILOAD, I0);
		} else {
			m.visitVarInsn(ILOAD, I0);
			m.visitInsn(ICONST_1);
		}
		m.visitInsn(ISUB);
		m.visitInsn(I2L);
		locals.pop(T1);
		flags.byTemporaries(shiftKind(insn));
		locals.sync();
		m.visitJumpInsn(GOTO, done);
		m.visitLabel(none);
		locals.frame();
		locals.push(T0);
		operands.store(insn.rm, insn.size);
		m.visitLabel(done);
		locals.frame();
		flags.forget();
	}

	private static int mostShifted(Insn insn) {
		return insn.size == 8 ? 63 : 31;
	}

	private static int shiftKind(Insn insn) {
		return insn.op == Op.SHL ? Flags.SHL : insn.op == Op.SHR ? Flags.SHR : Flags.SAR;
	}

	/** The operand and T2 become what is in T0, shifted. */
	private void shifted(Insn insn, Runnable count) {
		locals.push(T0);
		if (insn.op == Op.SHR && insn.size < 8)
			operands.mask((1L << 8 * insn.size) - 1);
		count.run();
		m.visitInsn(insn.op == Op.SHL ? LSHL : insn.op == Op.SHR ? LUSHR : LSHR);
		operands.extend(insn.size);
		locals.pop(T2);
		locals.push(T2);
		operands.store(insn.rm, insn.size);
	}

	/** ROL and ROR. */
	void rotate(Insn insn, boolean seen) {
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
		locals.pop(T2);
		locals.push(T2);
		operands.store(insn.rm, insn.size);
		if (seen)
			flags.rotated(left ? Support.LEFT : insn.size == 8 ? Support.RIGHT_64 : Support.RIGHT_32);
	}

	void bitTest(Insn insn) {
		operands.rm(insn);
		locals.pop(T1);
		if (insn.imm >= 0) {
			m.visitLdcInsn(insn.imm & insn.size * 8 - 1);
		} else {
			locals.load(insn.reg);
			operands.mask(insn.size * 8 - 1);
		}
		locals.pop(T0);
		flags.pushAll();
		locals.push(T1);
		locals.push(T0);
		m.visitMethodInsn(INVOKESTATIC, RegionEmitter.SUPPORT, "tested", "(IJJJJJ)J", false);
		flags.bits();
	}
}
