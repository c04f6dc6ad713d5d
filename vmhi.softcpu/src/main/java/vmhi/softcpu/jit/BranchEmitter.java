package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;
import static vmhi.softcpu.jit.Locals.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Insn;

/** Writes branches, and what uses the guest's stack. */
final class BranchEmitter {
	private final MethodVisitor m;
	private final Locals locals;
	private final RegionEmitter region;
	private final Operands operands;
	private final FlagsEmitter flags;

	BranchEmitter(MethodVisitor m, Locals locals, RegionEmitter region, Operands operands, FlagsEmitter flags) {
		this.m = m;
		this.locals = locals;
		this.region = region;
		this.operands = operands;
		this.flags = flags;
	}

	// --- the stack

	/** PUSH of the r/m operand. */
	void push(Insn insn) {
		operands.rm(insn);
		pushTop(insn);
	}

	/** PUSH of a constant. */
	void push(Insn insn, long value) {
		m.visitLdcInsn(value);
		pushTop(insn);
	}

	/** Pushes what is on the operand stack to that of the guest. */
	private void pushTop(Insn insn) {
		locals.pop(T1);
		locals.load(Cpu.RSP);
		m.visitLdcInsn(8L);
		m.visitInsn(LSUB);
		locals.pop(T0);
		region.mayFault(insn);
		locals.pushCpu();
		locals.push(T0);
		locals.push(T1);
		operands.storeTo(8);
		locals.push(T0);
		locals.store(Cpu.RSP);
	}

	/** POP into a register. */
	void pop(Insn insn) {
		region.mayFault(insn);
		locals.pushCpu();
		loadFrom(Cpu.RSP);
		locals.pop(T0);
		popped(Cpu.RSP, 8);
		locals.push(T0);
		locals.store(insn.rm);
	}

	void leave(Insn insn) {
		region.mayFault(insn);
		locals.pushCpu();
		loadFrom(Cpu.RBP);
		locals.pop(T0);
		popped(Cpu.RBP, 8);
		locals.push(T0);
		locals.store(Cpu.RBP);
	}

	/** With the CPU on the stack. */
	private void loadFrom(int register) {
		locals.load(register);
		operands.load(8);
	}

	/** The stack pointer is now so many bytes above an address. */
	private void popped(int register, long bytes) {
		locals.load(register);
		m.visitLdcInsn(bytes);
		m.visitInsn(LADD);
		locals.store(Cpu.RSP);
	}

	// --- branches

	void conditional(Insn insn) {
		locals.sync();
		Label taken = region.forward(insn.imm);
		if (taken != null) {
			flags.jumpIf(insn.reg, taken);
			region.go(insn.next);
			return;
		}
		Label not = region.forward(insn.next);
		Label here = not == null ? new Label() : not;
		flags.jumpIf(insn.reg ^ 1, here);
		region.go(insn.imm);
		if (not == null) {
			m.visitLabel(here);
			locals.frame();
			region.go(insn.next);
		}
	}

	void call(Insn insn) {
		push(insn, insn.next);
		region.go(insn.imm);
	}

	void callIndirect(Insn insn) {
		target(insn);
		locals.copy(T0, T3);
		push(insn, insn.next);
		locals.copy(T3, T0);
		region.goIndirect();
	}

	void jumpIndirect(Insn insn) {
		target(insn);
		region.goIndirect();
	}

	/** RET, which takes {@link Insn#imm} more bytes from the stack. */
	void returnNear(Insn insn) {
		region.mayFault(insn);
		locals.pushCpu();
		m.visitInsn(DUP);
		loadFrom(Cpu.RSP);
		checked();
		popped(Cpu.RSP, 8 + insn.imm);
		region.goIndirect();
	}

	/** The target of an indirect branch is put into T0. */
	private void target(Insn insn) {
		region.mayFault(insn);
		locals.pushCpu();
		operands.rm(insn, 8);
		checked();
	}

	/** With the CPU on the stack, and a target, which is put into T0. */
	private void checked() {
		m.visitMethodInsn(INVOKESTATIC, RegionEmitter.SUPPORT, "checked", "(L" + RegionEmitter.CPU + ";J)J", false);
		locals.pop(T0);
	}
}
