package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;
import static vmhi.softcpu.jit.Locals.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;

/**
 * Writes instructions as bytecode. What is not known is left to the instruction's object ({@link Knowledge}), and flags
 * that nobody can see are left out.
 */
final class InsnEmitter {
	private final MethodVisitor m;
	private final Locals locals;
	private final RegionEmitter region;
	private final boolean ordered;
	private final Operands operands;
	private final FlagsEmitter flags;
	private final ArithmeticEmitter arithmetic;
	private final ShiftEmitter shifts;
	private final BranchEmitter branches;
	private final SseEmitter sse;

	/** @param ordered whether other vCPUs may look on */
	InsnEmitter(MethodVisitor m, Locals locals, RegionEmitter region, boolean ordered) {
		this.m = m;
		this.locals = locals;
		this.region = region;
		this.ordered = ordered;
		operands = new Operands(m, locals, region, ordered);
		flags = new FlagsEmitter(m, locals);
		arithmetic = new ArithmeticEmitter(m, locals, operands, flags);
		shifts = new ShiftEmitter(m, locals, operands, flags);
		branches = new BranchEmitter(m, locals, region, operands, flags);
		sse = new SseEmitter(m, locals, region, operands, flags, ordered);
	}

	/** A block begins. */
	void begin() {
		flags.begin();
		sse.begin();
	}

	/** A block ends without a branch. */
	void end() {
		flags.settle();
	}

	/** Writes one. */
	void emit(Insn[] insns, int at) {
		Insn insn = insns[at];
		boolean known = Knowledge.knows(insn, ordered);
		boolean rotates = insn.op == Op.ROL || insn.op == Op.ROR; // of several in a row the last one's flags count
		if (insn.ends() || Knowledge.looksAtFlags(insn) && !rotates || !known && !insn.vectorOnly)
			flags.settle();
		if (known) {
			emit(insn, !Knowledge.unseen(insns, at, ordered));
		} else if (insn.vectorOnly) {
			region.executeVector(insn);
		} else {
			region.execute(insn);
			flags.forget();
			sse.begin();
		}
	}

	private void emit(Insn insn, boolean seen) {
		if (insn.op >= Op.VECTOR) {
			sse.emit(insn);
			return;
		}
		switch (insn.op) {
			case Op.NOP -> {
			}
			case Op.PAUSE -> m.visitMethodInsn(INVOKESTATIC, "java/lang/Thread", "onSpinWait", "()V", false);
			case Op.ADD, Op.OR, Op.AND, Op.SUB, Op.XOR, Op.ADC, Op.SBB -> arithmetic.binary(insn, seen);
			case Op.CMP -> arithmetic.compare(insn, seen);
			case Op.TEST -> arithmetic.test(insn, seen);
			case Op.CMPXCHG -> arithmetic.compareExchange(insn);
			case Op.XADD -> arithmetic.exchangeAdd(insn);
			case Op.INC, Op.DEC -> arithmetic.step(insn, seen);
			case Op.NEG -> arithmetic.negate(insn, seen);
			case Op.NOT -> arithmetic.complement(insn);
			case Op.BSWAP -> arithmetic.swapBytes(insn);
			case Op.SHL, Op.SHR, Op.SAR -> shifts.shift(insn, seen);
			case Op.ROL, Op.ROR -> shifts.rotate(insn, seen);
			case Op.BT -> shifts.bitTest(insn);
			case Op.IMUL, Op.IMUL_IMM -> arithmetic.multiply(insn, seen);
			case Op.MUL_WIDE, Op.IMUL_WIDE -> arithmetic.multiplyWide(insn, seen);
			case Op.MOV_LOAD -> {
				operands.rm(insn);
				operands.store(insn.reg, insn.size);
			}
			case Op.MOV_STORE -> operands.storeRm(insn, () -> operands.register(insn.reg, insn.size));
			case Op.MOV_IMM -> operands.storeRm(insn, () -> m.visitLdcInsn(insn.imm));
			case Op.MOVZX -> {
				operands.rmUnsigned(insn, (int) insn.imm);
				operands.store(insn.reg, insn.size);
			}
			case Op.MOVSX -> {
				operands.rm(insn, (int) insn.imm);
				operands.store(insn.reg, insn.size);
			}
			case Op.LEA -> loadAddress(insn);
			case Op.XCHG -> exchange(insn);
			case Op.EXTEND_AX -> {
				operands.register(Cpu.RAX, insn.size / 2);
				operands.store(Cpu.RAX, insn.size);
			}
			case Op.EXTEND_DX -> extendToDx(insn);
			case Op.SETCC -> setCondition(insn);
			case Op.CMOV -> conditionalMove(insn);
			case Op.PUSH -> branches.push(insn);
			case Op.PUSH_IMM -> branches.push(insn, insn.imm);
			case Op.POP -> branches.pop(insn);
			case Op.LEAVE -> branches.leave(insn);
			case Op.JCC -> branches.conditional(insn);
			case Op.JMP -> region.go(insn.imm);
			case Op.CALL -> branches.call(insn);
			case Op.CALL_INDIRECT -> branches.callIndirect(insn);
			case Op.JMP_INDIRECT -> branches.jumpIndirect(insn);
			case Op.RET -> branches.returnNear(insn);
			default -> throw new IllegalStateException("operation " + insn.op);
		}
	}

	private void loadAddress(Insn insn) {
		operands.offset(insn);
		if (insn.addressBits == 32)
			operands.mask(0xffff_ffffL);
		operands.store(insn.reg, insn.size);
	}

	private void exchange(Insn insn) {
		operands.rmForStore(insn);
		locals.pop(T0);
		operands.storeBack(insn, () -> operands.register(insn.reg, insn.size));
		locals.push(T0);
		operands.store(insn.reg, insn.size);
	}

	/** CWD, CDQ and CQO. */
	private void extendToDx(Insn insn) {
		operands.register(Cpu.RAX, insn.size);
		m.visitIntInsn(BIPUSH, 63);
		m.visitInsn(LSHR);
		operands.store(Cpu.RDX, insn.size);
	}

	private void setCondition(Insn insn) {
		Label holds = new Label();
		m.visitInsn(ICONST_1);
		m.visitVarInsn(ISTORE, I0);
		flags.jumpIf((int) insn.imm, holds);
		m.visitInsn(ICONST_0);
		m.visitVarInsn(ISTORE, I0);
		m.visitLabel(holds);
		locals.frame();
		operands.storeRm(insn, () -> {
			m.visitVarInsn(ILOAD, I0);
			m.visitInsn(I2L);
		});
	}

	private void conditionalMove(Insn insn) {
		Label not = new Label(), done = new Label();
		operands.rm(insn);
		locals.pop(T1);
		locals.cache(insn.reg);
		flags.jumpIf((int) insn.imm ^ 1, not);
		locals.push(T1);
		operands.store(insn.reg, insn.size);
		if (insn.size != 4) {
			m.visitLabel(not);
			locals.frame();
			return;
		}
		m.visitJumpInsn(GOTO, done);
		m.visitLabel(not);
		locals.frame();
		locals.load(insn.reg); // whose upper half is cleared in any case
		operands.store(insn.reg, 4);
		m.visitLabel(done);
		locals.frame();
	}
}
