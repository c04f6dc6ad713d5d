package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;
import static vmhi.softcpu.jit.Locals.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Type;

import vmhi.softcpu.core.Flags;
import vmhi.softcpu.core.Op;

/**
 * Writes what has to do with flags. It keeps in mind which kind of flags the last instruction left, so that a condition
 * after a comparison is a comparison. Flags of a rotate, which few look at, are computed when somebody does.
 */
final class FlagsEmitter {
	private static final String FLAGS = Type.getInternalName(Flags.class);
	private static final String SUPPORT = RegionEmitter.SUPPORT;

	/** Kinds of flags that are not one number: unknown; and INC or DEC, with the carry in the lowest bit. */
	private static final int UNKNOWN = -1, STEPPED = -2;

	// conditions, as instructions number them, without the bit that negates (SDM volume 1, appendix B)
	private static final int OVERFLOW = 0, BELOW = 1, EQUAL = 2, BELOW_OR_EQUAL = 3, SIGN = 4, PARITY = 5, LESS = 6,
			LESS_OR_EQUAL = 7;

	private final MethodVisitor m;
	private final Locals locals;
	/** The kind of flags there are at this place. */
	private int known = UNKNOWN;

	FlagsEmitter(MethodVisitor m, Locals locals) {
		this.m = m;
		this.locals = locals;
	}

	/** A block begins. */
	void begin() {
		known = UNKNOWN;
	}

	/** The flags may be of any kind from here on. */
	void forget() {
		known = UNKNOWN;
	}

	// --- rotates

	/** Notes that flags depend on a rotate, of one of the kinds in {@link Support}, whose result is in T2. */
	void rotated(int kind) {
		locals.copy(T2, ROTATED);
		locals.rotate(kind);
	}

	/** Computes the flags of the last rotate, if that has not been done. */
	void settle() {
		if (locals.rotate() == 0)
			return;
		m.visitIntInsn(BIPUSH, locals.rotate());
		pushAll();
		locals.push(ROTATED);
		m.visitMethodInsn(INVOKESTATIC, SUPPORT, "rotated", "(IIJJJJ)J", false);
		bits();
	}

	// --- flags that an instruction leaves

	/** The flags are of this kind now; the values they depend on are where flags have them. */
	void kind(int kind) {
		locals.rotate(0);
		locals.kind(kind);
		known = kind;
	}

	/** Flags by the result in T2 and the operands in T0 and T1. */
	void byTemporaries(int kind) {
		kind(kind);
		locals.copy(T2, FLAG_RESULT);
		locals.copy(T0, FLAG_A);
		locals.copy(T1, FLAG_B);
	}

	/** Flags of a product, whose lower half is in T2; T0 is 0 if that is all of it. */
	void product() {
		kind(Flags.PRODUCT);
		locals.copy(T2, FLAG_RESULT);
		locals.copy(T0, FLAG_A);
	}

	/** Flags of an operation with two operands; with ADC and SBB by the carry before, in I0. */
	void ofOperation(int operation) {
		switch (operation) {
			case Op.ADD -> kind(Flags.ADD);
			case Op.SUB -> kind(Flags.SUB);
			case Op.ADC -> withCarry(Flags.ADD, ICONST_2);
			case Op.SBB -> withCarry(Flags.SUB, ICONST_3);
			default -> kind(Flags.LOGIC);
		}
	}

	/** @param push pushes the kind without a carry; the one with it is two more */
	private void withCarry(int kind, int push) {
		kind(kind);
		m.visitInsn(push);
		m.visitVarInsn(ILOAD, I0);
		m.visitInsn(ICONST_1);
		m.visitInsn(ISHL);
		m.visitInsn(IADD);
		locals.pop(FLAG_KIND);
		known = UNKNOWN;
	}

	/** Flags of INC or DEC, which leave CF alone: of the operand in T0 and the result in T2. */
	void stepped(boolean up) {
		carry();
		m.visitIntInsn(BIPUSH, up ? Flags.INC : Flags.DEC);
		m.visitInsn(IADD);
		locals.pop(FLAG_KIND);
		locals.copy(T2, FLAG_RESULT);
		locals.copy(T0, FLAG_A);
		m.visitInsn(LCONST_1);
		locals.pop(FLAG_B);
		known = STEPPED;
	}

	/** Flags are the bits on the stack. */
	void bits() {
		locals.pop(FLAG_A);
		locals.rotate(0);
		locals.kind(Flags.BITS);
		known = Flags.BITS;
	}

	// --- flags that an instruction looks at

	/** Pushes kind, result and operands. */
	void pushAll() {
		locals.push(FLAG_KIND);
		locals.push(FLAG_RESULT);
		locals.push(FLAG_A);
		locals.push(FLAG_B);
	}

	/** Pushes CF as an int. */
	void carry() {
		switch (known) {
			case Flags.LOGIC -> m.visitInsn(ICONST_0);
			case Flags.SUB -> below(FLAG_A, FLAG_B);
			case Flags.ADD -> below(FLAG_RESULT, FLAG_A);
			case STEPPED -> {
				locals.push(FLAG_KIND);
				lowestBit();
			}
			case Flags.BITS, Flags.RESULT -> {
				locals.push(FLAG_A);
				m.visitInsn(L2I);
				lowestBit();
			}
			default -> {
				pushAll();
				m.visitMethodInsn(INVOKESTATIC, FLAGS, "cf", "(IJJJ)Z", false);
			}
		}
	}

	private void lowestBit() {
		m.visitInsn(ICONST_1);
		m.visitInsn(IAND);
	}

	private void below(int a, int b) {
		locals.push(a);
		locals.push(b);
		m.visitMethodInsn(INVOKESTATIC, SUPPORT, "below", "(JJ)I", false);
	}

	/**
	 * Jumps where a condition holds.
	 *
	 * @param code the condition as instructions number it; its lowest bit negates
	 */
	void jumpIf(int code, Label to) {
		boolean not = (code & 1) != 0;
		int condition = code >> 1;
		boolean done = switch (known) {
			case Flags.SUB -> jumpAfterSub(condition, not, to);
			case Flags.LOGIC -> jumpAfterLogic(condition, not, to);
			case Flags.ADD -> jumpAfterAdd(condition, not, to);
			case Flags.BITS -> jumpByBits(condition, not, to);
			default -> false;
		};
		if (done || jumpByResult(condition, not, to))
			return;
		if (condition == BELOW) {
			carry();
			m.visitJumpInsn(not ? IFEQ : IFNE, to);
			return;
		}
		m.visitIntInsn(BIPUSH, code);
		pushAll();
		m.visitMethodInsn(INVOKESTATIC, FLAGS, "condition", "(IIJJJ)Z", false);
		m.visitJumpInsn(IFNE, to);
	}

	// these return false, and write nothing, for a condition that there is no short way for

	private boolean jumpAfterSub(int condition, boolean not, Label to) {
		switch (condition) {
			case BELOW -> jumpUnsigned(FLAG_A, IFLT, FLAG_B, not, to);
			case BELOW_OR_EQUAL -> jumpUnsigned(FLAG_A, IFLE, FLAG_B, not, to);
			case EQUAL -> jumpSigned(FLAG_A, IFEQ, FLAG_B, not, to);
			case LESS -> jumpSigned(FLAG_A, IFLT, FLAG_B, not, to);
			case LESS_OR_EQUAL -> jumpSigned(FLAG_A, IFLE, FLAG_B, not, to);
			default -> {
				return false;
			}
		}
		return true;
	}

	/** CF and OF are 0. */
	private boolean jumpAfterLogic(int condition, boolean not, Label to) {
		switch (condition) {
			case OVERFLOW, BELOW -> {
				if (not) { // always; by a condition, since code that follows a GOTO would need a frame
					m.visitInsn(ICONST_0);
					m.visitJumpInsn(IFEQ, to);
				}
			}
			case EQUAL, BELOW_OR_EQUAL -> jumpBySign(IFEQ, not, to);
			case SIGN, LESS -> jumpBySign(IFLT, not, to);
			case LESS_OR_EQUAL -> jumpBySign(IFLE, not, to);
			default -> {
				return false;
			}
		}
		return true;
	}

	private boolean jumpAfterAdd(int condition, boolean not, Label to) {
		if (condition != BELOW)
			return false;
		jumpUnsigned(FLAG_RESULT, IFLT, FLAG_A, not, to);
		return true;
	}

	private boolean jumpByBits(int condition, boolean not, Label to) {
		int bits = switch (condition) {
			case OVERFLOW -> Flags.OF;
			case BELOW -> Flags.CF;
			case EQUAL -> Flags.ZF;
			case BELOW_OR_EQUAL -> Flags.CF | Flags.ZF;
			case SIGN -> Flags.SF;
			case PARITY -> Flags.PF;
			default -> 0;
		};
		if (bits == 0)
			return false;
		locals.push(FLAG_A);
		m.visitInsn(L2I);
		m.visitIntInsn(SIPUSH, bits);
		m.visitInsn(IAND);
		m.visitJumpInsn(not ? IFEQ : IFNE, to);
		return true;
	}

	/** ZF and SF of most kinds are those of the result. */
	private boolean jumpByResult(int condition, boolean not, Label to) {
		if (known == UNKNOWN || known == Flags.BITS || known == Flags.PRODUCT
				|| condition != EQUAL && condition != SIGN)
			return false;
		jumpBySign(condition == EQUAL ? IFEQ : IFLT, not, to);
		return true;
	}

	private void jumpSigned(int a, int opcode, int b, boolean not, Label to) {
		locals.push(a);
		locals.push(b);
		jump(opcode, not, to);
	}

	private void jumpUnsigned(int a, int opcode, int b, boolean not, Label to) {
		unsigned(a);
		unsigned(b);
		jump(opcode, not, to);
	}

	/** Compares the result with 0. */
	private void jumpBySign(int opcode, boolean not, Label to) {
		locals.push(FLAG_RESULT);
		m.visitInsn(LCONST_0);
		jump(opcode, not, to);
	}

	/** Pushes a variable so that a comparison of signed numbers compares unsigned ones. */
	private void unsigned(int local) {
		locals.push(local);
		m.visitLdcInsn(Long.MIN_VALUE);
		m.visitInsn(LADD);
	}

	/** Compares the two longs on the stack. */
	private void jump(int opcode, boolean not, Label to) {
		m.visitInsn(LCMP);
		// the opposite of each of IFEQ IFNE IFLT IFGE IFGT IFLE is its neighbour
		m.visitJumpInsn(not ? (opcode + 1 ^ 1) - 1 : opcode, to);
	}
}
