package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;

/**
 * The local variables of a region: the guest's registers and flags, and a few for what is between. All of them have a
 * value at every label, so that all frames are the same.
 */
final class Locals {
	static final int CPU = 1, ENTRY = 2, REGISTERS = 3, SLOT = 4, FLAG_KIND = 5, FLAG_RESULT = 6, FLAG_A = 8,
			FLAG_B = 10;
	/** For use within an instruction. */
	static final int T0 = 12, T1 = 14, T2 = 16, T3 = 18, I0 = 20;
	/** A rotate whose flags are not computed yet: how, 0 for none, and its result. */
	static final int ROTATE = 21, ROTATED = 22;
	private static final int FIRST = 24;

	private final MethodVisitor m;
	/** The variable of each register, 0 for one that is not used. */
	private final int[] variable = new int[16];
	private final boolean[] changed = new boolean[16];
	private boolean flagsChanged;
	/** The types of all variables, and how many there are. */
	private final Object[] frame;
	private final int used;
	/** Where in the code the last frame is. */
	private int lastFrame = -1;

	Locals(MethodVisitor m, Selection selection, boolean ordered) {
		this.m = m;
		int next = FIRST;
		for (Insn[] insns : selection.insns())
			for (Insn insn : insns)
				if (Knowledge.knows(insn, ordered))
					note(insn);
		for (int i = 0; i < 16; i++)
			if (variable[i] != 0) {
				variable[i] = next;
				next += 2;
			}
		int count = (next - FIRST) / 2;
		frame = new Object[17 + count];
		int at = 0;
		frame[at++] = "vmhi/softcpu/jit/RegionCode";
		frame[at++] = RegionEmitter.CPU;
		frame[at++] = INTEGER;
		frame[at++] = "[J";
		frame[at++] = INTEGER;
		frame[at++] = INTEGER;
		for (int i = 0; i < 3 + 4; i++)
			frame[at++] = LONG;
		frame[at++] = INTEGER;
		frame[at++] = INTEGER;
		frame[at++] = LONG;
		for (int i = 0; i < count; i++)
			frame[at++] = LONG;
		used = at;
	}

	private void note(Insn insn) {
		long uses = Knowledge.uses(insn), changes = Knowledge.changes(insn);
		for (int i = 0; i < 16; i++) {
			if (((uses | changes) >>> i & 1) != 0)
				variable[i] = 1;
			if ((changes >>> i & 1) != 0)
				changed[i] = true;
		}
		if (insn.op != Op.NOP)
			flagsChanged = true;
	}

	/** Gives all variables their values. */
	void enter() {
		m.visitVarInsn(ALOAD, CPU);
		m.visitFieldInsn(GETFIELD, RegionEmitter.CPU, "r", "[J");
		m.visitVarInsn(ASTORE, REGISTERS);
		m.visitInsn(ICONST_0);
		m.visitVarInsn(ISTORE, SLOT);
		m.visitInsn(ICONST_0);
		m.visitVarInsn(ISTORE, I0);
		m.visitInsn(ICONST_0);
		m.visitVarInsn(ISTORE, ROTATE);
		m.visitInsn(LCONST_0);
		m.visitVarInsn(LSTORE, ROTATED);
		for (int temporary = T0; temporary <= T3; temporary += 2) {
			m.visitInsn(LCONST_0);
			m.visitVarInsn(LSTORE, temporary);
		}
		fetch();
	}

	/** Takes registers and flags from the CPU. */
	void fetch() {
		for (int i = 0; i < 16; i++)
			if (variable[i] != 0) {
				m.visitVarInsn(ALOAD, REGISTERS);
				m.visitIntInsn(BIPUSH, i);
				m.visitInsn(LALOAD);
				m.visitVarInsn(LSTORE, variable[i]);
			}
		m.visitVarInsn(ALOAD, CPU);
		m.visitFieldInsn(GETFIELD, RegionEmitter.CPU, "flagKind", "I");
		m.visitVarInsn(ISTORE, FLAG_KIND);
		fetch("flagResult", FLAG_RESULT);
		fetch("flagA", FLAG_A);
		fetch("flagB", FLAG_B);
	}

	private void fetch(String field, int local) {
		m.visitVarInsn(ALOAD, CPU);
		m.visitFieldInsn(GETFIELD, RegionEmitter.CPU, field, "J");
		m.visitVarInsn(LSTORE, local);
	}

	/** Gives some registers back, a bit each. */
	void home(long registers) {
		for (int i = 0; i < 16; i++)
			if (changed[i] && (registers >>> i & 1) != 0) {
				m.visitVarInsn(ALOAD, REGISTERS);
				m.visitIntInsn(BIPUSH, i);
				m.visitVarInsn(LLOAD, variable[i]);
				m.visitInsn(LASTORE);
			}
	}

	/** Gives registers and flags back. */
	void home() {
		home(-1);
		if (!flagsChanged)
			return;
		m.visitVarInsn(ALOAD, CPU);
		m.visitVarInsn(ILOAD, FLAG_KIND);
		m.visitFieldInsn(PUTFIELD, RegionEmitter.CPU, "flagKind", "I");
		home("flagResult", FLAG_RESULT);
		home("flagA", FLAG_A);
		home("flagB", FLAG_B);
	}

	private void home(String field, int local) {
		m.visitVarInsn(ALOAD, CPU);
		m.visitVarInsn(LLOAD, local);
		m.visitFieldInsn(PUTFIELD, RegionEmitter.CPU, field, "J");
	}

	/** At a label. */
	void frame() {
		if (another())
			m.visitFrame(F_NEW, used, frame, 0, null);
	}

	/** Whether there is code since the last frame: two in one place are refused. */
	private boolean another() {
		Label here = new Label();
		m.visitLabel(here);
		boolean another = here.getOffset() != lastFrame;
		lastFrame = here.getOffset();
		return another;
	}

	/** At a label with something on the stack. */
	void frame(String stack) {
		if (another())
			m.visitFrame(F_NEW, used, frame, 1, new Object[] { stack });
	}

	/** Pushes a register, all of it. */
	void load(int register) {
		m.visitVarInsn(LLOAD, variable[register]);
	}

	/** Pops into a register, all of it. */
	void store(int register) {
		m.visitVarInsn(LSTORE, variable[register]);
	}

	/** Pushes the CPU object. */
	void pushCpu() {
		m.visitVarInsn(ALOAD, CPU);
	}

	/** Pushes one of the variables of 64 bits, by its own number. */
	void push(int variable) {
		m.visitVarInsn(LLOAD, variable);
	}

	/** Pops into one of them. */
	void pop(int variable) {
		m.visitVarInsn(LSTORE, variable);
	}

	/** Copies one of them to another. */
	void copy(int from, int to) {
		push(from);
		pop(to);
	}
}
