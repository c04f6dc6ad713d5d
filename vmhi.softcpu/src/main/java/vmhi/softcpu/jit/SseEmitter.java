package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;
import static vmhi.softcpu.jit.Locals.*;

import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Type;

import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;
import vmhi.softcpu.core.SseInsn;

/**
 * Writes instructions on XMM registers, which stay in the {@link vmhi.softcpu.core.Cpu}. Whether they are available is
 * looked at once in a block, since what changes that ends one.
 */
final class SseEmitter {
	private static final String CPU = RegionEmitter.CPU;
	private static final String SUPPORT = Type.getInternalName(SseSupport.class);
	private static final String SSE_INSN = Type.getInternalName(SseInsn.class);
	/** Where operands from memory are put that have 16 bytes, among the registers. */
	private static final int SCRATCH = 64;
	private static final long LOWER = 0xffff_ffffL;

	private final MethodVisitor m;
	private final Locals locals;
	private final RegionEmitter region;
	private final Operands operands;
	private final FlagsEmitter flags;
	private final boolean ordered;
	/** Whether they are known to be available. */
	private boolean available;

	/** @param ordered whether other vCPUs may look on */
	SseEmitter(MethodVisitor m, Locals locals, RegionEmitter region, Operands operands, FlagsEmitter flags,
			boolean ordered) {
		this.m = m;
		this.locals = locals;
		this.region = region;
		this.operands = operands;
		this.flags = flags;
		this.ordered = ordered;
	}

	/** Whether it is translated, of those with XMM registers in 64-bit code. */
	static boolean knows(Insn insn) {
		return insn.size != 16 || !insn.memory || insn.addressing != Insn.OTHER;
	}

	/** A block begins, or anything may have changed. */
	void begin() {
		available = false;
	}

	/** Writes one. */
	void emit(Insn insn) {
		if (!available) {
			region.mayFault(insn);
			locals.pushCpu();
			m.visitMethodInsn(INVOKESTATIC, SSE_INSN, "available", "(L" + CPU + ";)V", false);
			available = true;
		}
		int d = insn.reg << 1;
		int s = insn.rm << 1;
		switch (insn.op) {
			case Op.VMOVE -> move(insn);
			case Op.VMOVE_BACK -> moveBack(insn);
			case Op.VSCALAR -> scalar(insn);
			case Op.VSCALAR_BACK -> {
				if (insn.memory)
					operands.storeRm(insn, () -> get(d));
				else
					merge(s, d, insn.size);
			}
			case Op.VQUAD -> {
				low(insn);
				locals.pop(T0);
				set(d, () -> locals.push(T0));
				clear(d + 1);
			}
			case Op.VQUAD_BACK -> {
				if (insn.memory) {
					operands.storeRm(insn, () -> get(d));
				} else {
					set(s, () -> get(d));
					clear(s + 1);
				}
			}
			case Op.VHALF -> {
				int half = (int) insn.imm;
				if (insn.memory)
					operands.rm(insn);
				else
					get(s + 1 - half);
				locals.pop(T0);
				set(d + half, () -> locals.push(T0));
			}
			case Op.VHALF_BACK -> operands.storeRm(insn, () -> get(d + (int) insn.imm));
			case Op.VTWICE -> {
				low(insn);
				locals.pop(T0);
				set(d, () -> locals.push(T0));
				set(d + 1, () -> locals.push(T0));
			}
			case Op.VFROM_GENERAL -> fromGeneral(insn);
			case Op.VTO_GENERAL -> operands.storeRm(insn, () -> get(d));
			case Op.VAND -> bitwise(insn, LAND, false);
			case Op.VANDN -> bitwise(insn, LAND, true);
			case Op.VOR -> bitwise(insn, LOR, false);
			case Op.VXOR -> exclusiveOr(insn);
			case Op.VCOMPARE, Op.VCOMPARE_QUIET -> compare(insn);
			case Op.VINTEGER_TO_SINGLE -> convert(insn, "toSingle" + insn.size, true);
			case Op.VINTEGER_TO_DOUBLE -> integerToDouble(insn);
			case Op.VTO_INTEGER4 -> toInteger(insn, 4);
			case Op.VTO_INTEGER8 -> toInteger(insn, 8);
			case Op.VSINGLE_TO_DOUBLE -> convert(insn, "singleToDouble", false);
			case Op.VDOUBLE_TO_SINGLE -> convert(insn, "doubleToSingle", true);
			case Op.VLANES_ADD -> lanes(insn, "add", LADD);
			case Op.VLANES_SUBTRACT -> lanes(insn, "subtract", LSUB);
			case Op.VLANES_EQUAL -> lanes(insn, "equal", NOP);
			case Op.VLANES_GREATER -> lanes(insn, "greater", NOP);
			case Op.VLANES_MIN_UNSIGNED -> lanes(insn, "min", NOP);
			case Op.VLANES_MAX_UNSIGNED -> lanes(insn, "max", NOP);
			case Op.VMULTIPLY_DWORDS -> multiplyDwords(insn);
			case Op.VSHL2, Op.VSHL4, Op.VSHL8, Op.VSHR2, Op.VSHR4, Op.VSHR8 -> shift(insn);
			case Op.VSHL16, Op.VSHR16 -> shiftBytes(insn);
			case Op.VUNPACK_LOW4 -> interleave(insn, 0);
			case Op.VUNPACK_HIGH4 -> interleave(insn, 1);
			case Op.VUNPACK_LOW8 -> {
				int from = whole(insn);
				set(d + 1, () -> get(from));
			}
			case Op.VUNPACK_HIGH8 -> {
				int from = whole(insn);
				get(from + 1);
				locals.pop(T0);
				set(d, () -> get(d + 1));
				set(d + 1, () -> locals.push(T0));
			}
			case Op.VSHUFFLE -> shuffle(insn, false);
			case Op.VSHUFFLE_BOTH4 -> shuffle(insn, true);
			case Op.VSHUFFLE_BOTH8 -> {
				int from = whole(insn);
				get(from + ((int) insn.imm >> 1 & 1));
				locals.pop(T0);
				set(d, () -> get(d + ((int) insn.imm & 1)));
				set(d + 1, () -> locals.push(T0));
			}
			case Op.VSIGNS -> {
				get(s);
				get(s + 1);
				call("signs", "(JJ)J");
				operands.store(insn.reg, 8);
			}
			default -> arithmetic(insn);
		}
	}

	// --- registers

	/** Pushes half a register, by its place in the array. */
	private void get(int at) {
		place(at);
		m.visitInsn(LALOAD);
	}

	/** Sets half a register to what is pushed by {@code value}, which does not access memory. */
	private void set(int at, Runnable value) {
		place(at);
		value.run();
		m.visitInsn(LASTORE);
	}

	private void clear(int at) {
		set(at, () -> m.visitInsn(LCONST_0));
	}

	private void place(int at) {
		locals.pushCpu();
		m.visitFieldInsn(GETFIELD, CPU, "xmm", "[J");
		m.visitIntInsn(BIPUSH, at);
	}

	/** Pushes the low half of the r/m operand, or that of 4 or 8 bytes of memory. There is nothing below it. */
	private void low(Insn insn) {
		if (insn.memory)
			operands.rm(insn);
		else
			get(insn.rm << 1);
	}

	/** Calls a method of {@link SseSupport} with values on the stack. */
	private void call(String name, String type) {
		m.visitMethodInsn(INVOKESTATIC, SUPPORT, name, type, false);
	}

	// --- 16 bytes of memory

	/** Puts the address of 16 bytes of memory, which have to be aligned or not, in T3. */
	private void address(Insn insn, boolean aligned) {
		region.mayFault(insn);
		if (aligned)
			locals.pushCpu();
		operands.offset(insn);
		if (aligned)
			call("aligned", "(L" + CPU + ";J)J");
		locals.pop(T3);
	}

	/** Accesses 16 bytes at that address. */
	private void access(String name, int at) {
		locals.pushCpu();
		locals.push(T3);
		m.visitIntInsn(BIPUSH, at);
		call(ordered ? name + "Ordered" : name, "(L" + CPU + ";JI)V");
	}

	/** The place of the r/m operand of 16 bytes, which comes from memory if it is there. */
	private int whole(Insn insn) {
		if (!insn.memory)
			return insn.rm << 1;
		address(insn, true);
		access("load", SCRATCH);
		return SCRATCH;
	}

	// --- moves

	private void move(Insn insn) {
		int d = insn.reg << 1;
		if (insn.memory) {
			address(insn, insn.imm != 0);
			access("load", d);
		} else {
			copy(insn.rm << 1, d);
		}
	}

	private void moveBack(Insn insn) {
		int d = insn.reg << 1;
		if (insn.memory) {
			address(insn, insn.imm != 0);
			access("store", d);
		} else {
			copy(d, insn.rm << 1);
		}
	}

	private void copy(int from, int to) {
		if (from == to)
			return;
		set(to, () -> get(from));
		set(to + 1, () -> get(from + 1));
	}

	private void scalar(Insn insn) {
		int d = insn.reg << 1;
		if (insn.memory)
			fromGeneral(insn);
		else
			merge(d, insn.rm << 1, insn.size);
	}

	/** From a general register or memory; the rest is cleared. */
	private void fromGeneral(Insn insn) {
		int d = insn.reg << 1;
		operands.rm(insn);
		if (insn.size == 4)
			operands.mask(0xffff_ffffL);
		locals.pop(T0);
		set(d, () -> locals.push(T0));
		clear(d + 1);
	}

	/** Moves the lowest bytes of one register to another. */
	private void merge(int to, int from, int size) {
		set(to, () -> {
			get(from);
			if (size == 8)
				return;
			operands.mask(0xffff_ffffL);
			get(to);
			operands.mask(0xffff_ffff_0000_0000L);
			m.visitInsn(LOR);
		});
	}

	// --- logic

	/** @param complement whether the first operand is complemented */
	private void bitwise(Insn insn, int operation, boolean complement) {
		int s = whole(insn);
		for (int half = 0; half < 2; half++) {
			int d = (insn.reg << 1) + half;
			place(d);
			get(d);
			if (complement) {
				m.visitLdcInsn(-1L);
				m.visitInsn(LXOR);
			}
			get(s + half);
			m.visitInsn(operation);
			m.visitInsn(LASTORE);
		}
	}

	private void exclusiveOr(Insn insn) {
		if (insn.memory || insn.reg != insn.rm) {
			bitwise(insn, LXOR, false);
			return;
		}
		clear(insn.reg << 1);
		clear((insn.reg << 1) + 1);
	}

	// --- integers

	/** @param ofQuadwords the JVM's instruction for integers of 8 bytes */
	private void lanes(Insn insn, String name, int ofQuadwords) {
		int s = whole(insn);
		for (int half = 0; half < 2; half++) {
			int d = (insn.reg << 1) + half;
			place(d);
			get(d);
			get(s + half);
			if (insn.imm == 8)
				m.visitInsn(ofQuadwords);
			else
				call(name + insn.imm, "(JJ)J");
			m.visitInsn(LASTORE);
		}
	}

	private void multiplyDwords(Insn insn) {
		int s = whole(insn);
		for (int half = 0; half < 2; half++) {
			int d = (insn.reg << 1) + half;
			place(d);
			get(d);
			operands.mask(LOWER);
			get(s + half);
			operands.mask(LOWER);
			m.visitInsn(LMUL);
			m.visitInsn(LASTORE);
		}
	}

	private void shift(Insn insn) {
		boolean left = insn.op < Op.VSHR2;
		int bits = 16 << (insn.op & 3);
		int d = insn.rm << 1;
		if (insn.imm >= bits) {
			clear(d);
			clear(d + 1);
			return;
		}
		// the bits of an integer that come from it, in all of them
		long one = left ? -1L >>> 64 - bits & -1L << insn.imm : -1L >>> 64 - bits >>> insn.imm;
		long mask = bits == 64 ? one : bits == 32 ? one * 0x1_0000_0001L : one * 0x1_0001_0001_0001L;
		for (int half = 0; half < 2; half++) {
			int at = d + half;
			set(at, () -> {
				get(at);
				by(left, (int) insn.imm);
				if (bits < 64)
					operands.mask(mask);
			});
		}
	}

	/** Shifts what is on the stack by 0 to 63 bits. */
	private void by(boolean left, int bits) {
		m.visitIntInsn(BIPUSH, bits);
		m.visitInsn(left ? LSHL : LUSHR);
	}

	/** PSLLDQ and PSRLDQ. */
	private void shiftBytes(Insn insn) {
		boolean left = insn.op == Op.VSHL16;
		int bits = (int) Math.min(insn.imm, 16) * 8;
		int d = insn.rm << 1;
		// the half that bits go to, and the one that they come from
		int to = left ? d + 1 : d, from = left ? d : d + 1;
		if (bits == 0)
			return;
		if (bits >= 64) {
			set(to, () -> {
				if (bits == 128) {
					m.visitInsn(LCONST_0);
				} else {
					get(from);
					by(left, bits - 64);
				}
			});
			clear(from);
			return;
		}
		set(to, () -> {
			get(to);
			by(left, bits);
			get(from);
			by(!left, 64 - bits);
			m.visitInsn(LOR);
		});
		set(from, () -> {
			get(from);
			by(left, bits);
		});
	}

	/** Doublewords of a half of both operands in turn. */
	private void interleave(Insn insn, int half) {
		int d = insn.reg << 1;
		int s = whole(insn);
		get(d + half);
		locals.pop(T0);
		get(s + half);
		locals.pop(T1);
		set(d, () -> pair(T0, 0, T1, 0));
		set(d + 1, () -> pair(T0, 1, T1, 1));
	}

	/** Pushes a doubleword, 0 or 1, of one variable, and above it one of another. */
	private void pair(int low, int ofLow, int high, int ofHigh) {
		if (low == high && ofLow == 0 && ofHigh == 1) {
			locals.push(low);
			return;
		}
		locals.push(low);
		if (ofLow == 0)
			operands.mask(LOWER);
		else
			by(false, 32);
		locals.push(high);
		if (ofHigh == 0)
			by(true, 32);
		else
			operands.mask(~LOWER);
		m.visitInsn(LOR);
	}

	/** @param both whether the low half is of the first operand's elements */
	private void shuffle(Insn insn, boolean both) {
		int d = insn.reg << 1;
		int s = whole(insn);
		int order = (int) insn.imm;
		get(s);
		locals.pop(T0);
		get(s + 1);
		locals.pop(T1);
		if (both) {
			get(d);
			locals.pop(T2);
			get(d + 1);
			locals.pop(T3);
		}
		set(d, () -> pair(both, order));
		set(d + 1, () -> pair(false, order >> 4));
	}

	private void pair(boolean ofFirst, int order) {
		int low = ofFirst ? T2 : T0, high = ofFirst ? T3 : T1;
		pair((order & 2) == 0 ? low : high, order & 1, (order & 8) == 0 ? low : high, order >> 2 & 1);
	}

	// --- arithmetic

	private void arithmetic(Insn insn) {
		int d = insn.reg << 1;
		if ((insn.op & 2) == 0) {
			int s = whole(insn);
			region.mayFault(insn);
			locals.pushCpu();
			m.visitIntInsn(BIPUSH, insn.op);
			m.visitIntInsn(BIPUSH, d);
			m.visitIntInsn(BIPUSH, s);
			call("packed", "(L" + CPU + ";III)V");
			return;
		}
		String name = switch (insn.op & ~3) {
			case Op.VADD -> "add";
			case Op.VSUBTRACT -> "subtract";
			case Op.VMULTIPLY -> "multiply";
			case Op.VDIVIDE -> "divide";
			case Op.VROOT -> "root";
			case Op.VMIN -> "min";
			case Op.VMAX -> "max";
			default -> throw new IllegalStateException("operation " + insn.op);
		};
		operand(insn);
		set(d, () -> {
			locals.pushCpu();
			get(d);
			pushOperand(insn);
			call(insn.size == 4 ? name + "Single" : name, "(L" + CPU + ";JJ)J");
		});
	}

	/** Puts the r/m operand, if it is in memory, in T0; arithmetic follows. */
	private void operand(Insn insn) {
		region.mayFault(insn);
		if (!insn.memory)
			return;
		operands.rm(insn);
		locals.pop(T0);
	}

	private void pushOperand(Insn insn) {
		if (insn.memory)
			locals.push(T0);
		else
			get(insn.rm << 1);
	}

	private void compare(Insn insn) {
		operand(insn);
		locals.pushCpu();
		get(insn.reg << 1);
		pushOperand(insn);
		m.visitInsn(insn.op == Op.VCOMPARE_QUIET ? ICONST_1 : ICONST_0);
		call(insn.size == 4 ? "compareSingle" : "compare", "(L" + CPU + ";JJZ)J");
		flags.bits();
	}

	/** @param before whether what the destination was goes in */
	private void convert(Insn insn, String name, boolean before) {
		int d = insn.reg << 1;
		region.mayFault(insn);
		if (insn.op == Op.VINTEGER_TO_SINGLE)
			operands.rm(insn);
		else
			low(insn);
		locals.pop(T0);
		set(d, () -> {
			locals.pushCpu();
			if (before)
				get(d);
			locals.push(T0);
			call(name, before ? "(L" + CPU + ";JJ)J" : "(L" + CPU + ";J)J");
		});
	}

	private void integerToDouble(Insn insn) {
		region.mayFault(insn);
		operands.rm(insn);
		locals.pop(T0);
		set(insn.reg << 1, () -> {
			if (insn.size == 8) {
				locals.pushCpu();
				locals.push(T0);
				call("toDouble", "(L" + CPU + ";J)J");
				return;
			}
			locals.push(T0);
			m.visitInsn(L2D);
			m.visitMethodInsn(INVOKESTATIC, "java/lang/Double", "doubleToRawLongBits", "(D)J", false);
		});
	}

	private void toInteger(Insn insn, int size) {
		operand(insn);
		locals.pushCpu();
		pushOperand(insn);
		call((insn.size == 4 ? "singleToInteger" : "toInteger") + size, "(L" + CPU + ";J)J");
		operands.store(insn.reg, size);
	}
}
