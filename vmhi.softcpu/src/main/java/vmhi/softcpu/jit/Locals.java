package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;

import java.util.HashMap;
import java.util.Map;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * The local variables of a region. The guest's registers and flags are at home in the {@link vmhi.softcpu.core.Cpu}; a
 * variable holds one from its first use in a block to the end of the block. What has changed goes home before something
 * that may fault and where a block ends ({@link #sync}), so no variable has to outlive a block: the JVM's compilers have
 * little to move where ways meet, and little to remember where something may be thrown.
 * <p>
 * As the visitor of the method it follows which variables have a value, for the frames that the class file needs.
 */
final class Locals extends MethodVisitor {
	static final int CPU = 1, ENTRY = 2, REGISTERS = 3, SLOT = 4;
	/** The pages that code may go on in without a look at where they are, a bit each. */
	static final int MAPPED = 5;
	static final int FLAG_KIND = 7, FLAG_RESULT = 8, FLAG_A = 10, FLAG_B = 12;
	/** The result of a rotate whose flags are not computed yet. */
	static final int ROTATED = 14;
	/** For use within an instruction. */
	static final int I0 = 16, T0 = 17, T1 = 19, T2 = 21, T3 = 23;
	private static final int FIRST = 25, LAST = FIRST + 2 * 15;
	/** Those that have a value everywhere. */
	private static final long BASE = 1L | bit(CPU) | bit(ENTRY) | bit(REGISTERS) | bit(SLOT) | bit(MAPPED);
	private static final long INTS = bit(ENTRY) | bit(SLOT) | bit(FLAG_KIND) | bit(I0);

	/**
	 * What is known where a jump begins.
	 *
	 * @param assigned variables that have a value, a bit each
	 * @param cached those that hold what is at home, or will be
	 * @param dirty those that have to go home
	 */
	private record State(long assigned, long cached, long dirty, int kind, int rotate, boolean rotateHome,
			boolean rotateNoted) {}

	/** Whether there is one vCPU alone, whose registers are a constant of the class: no index has to be checked. */
	private final boolean alone;
	private long assigned = BASE, cached, dirty;
	/** The kind of flags if that is known, otherwise -1: then it is in {@link #FLAG_KIND} if that is cached. */
	private int kind = -1;
	/** How the last rotate was done, 0 if flags do not depend on one. */
	private int rotate;
	/** Whether that one is noted in the Cpu, and whether there may be one. */
	private boolean rotateHome, rotateNoted;
	private boolean reachable = true;
	private final Map<Label, State> jumps = new HashMap<>();
	/** Where in the code the last frame is, and what it says. */
	private int lastFrame = -1;
	private long lastAssigned;

	Locals(MethodVisitor to, boolean alone) {
		super(ASM9, to);
		this.alone = alone;
	}

	private void registers() {
		if (alone)
			visitFieldInsn(GETSTATIC, RegionEmitter.NAME, "r", "[J");
		else
			visitVarInsn(ALOAD, REGISTERS);
	}

	private static long bit(int variable) {
		return 1L << variable;
	}

	// --- what has a value where

	@Override
	public void visitVarInsn(int opcode, int variable) {
		super.visitVarInsn(opcode, variable);
		if (opcode == ISTORE || opcode == LSTORE || opcode == ASTORE)
			assigned |= bit(variable);
	}

	@Override
	public void visitInsn(int opcode) {
		super.visitInsn(opcode);
		if (opcode == RETURN || opcode == ATHROW)
			reachable = false;
	}

	@Override
	public void visitJumpInsn(int opcode, Label label) {
		super.visitJumpInsn(opcode, label);
		State now = new State(assigned, cached, dirty, kind, rotate, rotateHome, rotateNoted);
		jumps.merge(label, now, Locals::both);
		if (opcode == GOTO)
			reachable = false;
	}

	@Override
	public void visitLabel(Label label) {
		super.visitLabel(label);
		State jumped = jumps.remove(label);
		if (jumped == null)
			return;
		State here = new State(assigned, cached, dirty, kind, rotate, rotateHome, rotateNoted);
		State both = reachable ? both(here, jumped) : jumped;
		reachable = true;
		assigned = both.assigned;
		cached = both.cached;
		dirty = both.dirty;
		kind = both.kind;
		rotateHome = both.rotateHome;
		rotateNoted = both.rotateNoted;
		rotate = both.rotate;
	}

	private static State both(State a, State b) {
		boolean sameKind = a.kind == b.kind;
		long cached = a.cached & b.cached & (sameKind ? -1 : ~bit(FLAG_KIND));
		long dirty = a.dirty | b.dirty;
		if ((dirty & ~cached) != 0 || a.rotate != b.rotate)
			throw new IllegalStateException("changed on one way only: " + Long.toBinaryString(dirty & ~cached));
		return new State(a.assigned & b.assigned, cached, dirty, sameKind ? a.kind : -1, a.rotate,
				a.rotateHome && b.rotateHome, a.rotateNoted || b.rotateNoted);
	}

	/** Whether there is a jump to a label that comes later. */
	boolean leadsTo(Label label) {
		return jumps.containsKey(label);
	}

	/** A label that is jumped to from anywhere: nothing is cached. */
	void begin(Label label) {
		super.visitLabel(label);
		jumps.remove(label);
		reachable = true;
		assigned = BASE;
		forget();
		dirty = 0;
		rotate = 0;
		rotateHome = rotateNoted = false;
		frame();
	}

	/** A handler, with what was thrown on the stack. */
	void handler(Label label, String thrown) {
		super.visitLabel(label);
		reachable = true;
		assigned = BASE;
		frame(1, thrown);
	}

	/** At a label. */
	void frame() {
		frame(0);
	}

	private void frame(int stack, Object... types) {
		Label here = new Label();
		super.visitLabel(here);
		if (here.getOffset() == lastFrame) { // two in one place are refused
			if ((lastAssigned & ~assigned) != 0)
				throw new IllegalStateException("two frames in one place");
			return;
		}
		lastFrame = here.getOffset();
		lastAssigned = assigned;
		Object[] all = new Object[LAST + 1];
		int count = 0, last = 0;
		for (int variable = 0; variable <= LAST; variable++) {
			boolean has = (assigned >>> variable & 1) != 0;
			boolean wide = variable == MAPPED || variable >= FLAG_RESULT && variable != I0;
			all[count++] = !has ? TOP
					: variable == 0 ? RegionEmitter.NAME
							: variable == CPU ? RegionEmitter.CPU
									: variable == REGISTERS ? "[J" : (INTS >>> variable & 1) != 0 ? INTEGER : LONG;
			if (has)
				last = count;
			if (wide && has)
				variable++;
		}
		super.visitFrame(F_NEW, last, all, stack, types);
	}

	// --- from home, and back

	/** Before the first block: gives those that are everywhere their values. */
	void enter(boolean severalPages) {
		visitVarInsn(ALOAD, CPU);
		visitFieldInsn(GETFIELD, RegionEmitter.CPU, "r", "[J");
		visitVarInsn(ASTORE, REGISTERS);
		visitInsn(ICONST_0);
		visitVarInsn(ISTORE, SLOT);
		if (severalPages) {
			visitVarInsn(ALOAD, 0);
			visitVarInsn(ALOAD, CPU);
			visitMethodInsn(INVOKEVIRTUAL, RegionEmitter.REGION, "mapped", "(L" + RegionEmitter.CPU + ";)J", false);
		} else {
			visitInsn(LCONST_0);
		}
		visitVarInsn(LSTORE, MAPPED);
	}

	/** Registers and flags may have changed at home. */
	void forget() {
		cached = 0;
		kind = -1;
	}

	/** Has what changed go home. */
	void sync() {
		for (int register = 0; register < 16; register++)
			if ((dirty & bit(FIRST + 2 * register)) != 0) {
				registers();
				visitIntInsn(BIPUSH, register);
				visitVarInsn(LLOAD, FIRST + 2 * register);
				super.visitInsn(LASTORE);
			}
		for (int part : new int[] { FLAG_KIND, FLAG_RESULT, FLAG_A, FLAG_B })
			if ((dirty & bit(part)) != 0) {
				visitVarInsn(ALOAD, CPU);
				push(part);
				visitFieldInsn(PUTFIELD, RegionEmitter.CPU, field(part), part == FLAG_KIND ? "I" : "J");
			}
		dirty = 0;
		if (rotate != 0 && !rotateHome) {
			visitVarInsn(ALOAD, CPU);
			visitVarInsn(LLOAD, ROTATED);
			visitFieldInsn(PUTFIELD, RegionEmitter.CPU, "rotated", "J");
		}
		if (rotate != 0 ? !rotateHome : rotateNoted) {
			visitVarInsn(ALOAD, CPU);
			visitIntInsn(BIPUSH, rotate);
			visitFieldInsn(PUTFIELD, RegionEmitter.CPU, "rotate", "I");
			rotateHome = rotateNoted = rotate != 0;
		}
	}

	private static String field(int part) {
		return switch (part) {
			case FLAG_KIND -> "flagKind";
			case FLAG_RESULT -> "flagResult";
			case FLAG_A -> "flagA";
			default -> "flagB";
		};
	}

	private static boolean isFlag(int variable) {
		return variable >= FLAG_KIND && variable <= FLAG_B;
	}

	/** Has a register be in its variable from here on. */
	void cache(int register) {
		if ((cached & bit(FIRST + 2 * register)) != 0)
			return;
		load(register);
		visitInsn(POP2);
	}

	/** Pushes a register, all of it. */
	void load(int register) {
		int variable = FIRST + 2 * register;
		if ((cached & bit(variable)) != 0) {
			visitVarInsn(LLOAD, variable);
			return;
		}
		registers();
		visitIntInsn(BIPUSH, register);
		visitInsn(LALOAD);
		visitInsn(DUP2);
		visitVarInsn(LSTORE, variable);
		cached |= bit(variable);
	}

	/** Pops into a register, all of it. */
	void store(int register) {
		pop(FIRST + 2 * register);
		cached |= bit(FIRST + 2 * register);
		dirty |= bit(FIRST + 2 * register);
	}

	/** Pushes the CPU object. */
	void pushCpu() {
		visitVarInsn(ALOAD, CPU);
	}

	/** Pushes one of the variables that are not registers, by its own number. */
	void push(int variable) {
		if (variable == FLAG_KIND && kind >= 0) {
			visitIntInsn(BIPUSH, kind);
			return;
		}
		boolean isInt = (INTS >>> variable & 1) != 0;
		if (isFlag(variable) && (cached & bit(variable)) == 0) {
			visitVarInsn(ALOAD, CPU);
			visitFieldInsn(GETFIELD, RegionEmitter.CPU, field(variable), isInt ? "I" : "J");
			visitInsn(isInt ? DUP : DUP2);
			visitVarInsn(isInt ? ISTORE : LSTORE, variable);
			cached |= bit(variable);
			return;
		}
		visitVarInsn(isInt ? ILOAD : LLOAD, variable);
	}

	/** Pops into one of them. */
	void pop(int variable) {
		visitVarInsn((INTS >>> variable & 1) != 0 ? ISTORE : LSTORE, variable);
		if (!isFlag(variable))
			return;
		cached |= bit(variable);
		dirty |= bit(variable);
		if (variable == FLAG_KIND)
			kind = -1;
	}

	/** Copies one of them to another. */
	void copy(int from, int to) {
		push(from);
		pop(to);
	}

	/** The flags are of this kind. */
	void kind(int now) {
		kind = now;
		cached |= bit(FLAG_KIND);
		dirty |= bit(FLAG_KIND);
	}

	/** Flags depend on a rotate, of a kind that {@link Support} has, whose result is in {@link #ROTATED}; or, 0, on none. */
	void rotate(int now) {
		rotate = now;
		rotateHome = false;
	}

	int rotate() {
		return rotate;
	}
}
