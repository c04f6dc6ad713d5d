package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;
import static vmhi.softcpu.jit.Locals.*;

import org.objectweb.asm.MethodVisitor;

import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Insn;
import vmhi.softcpu.core.Op;

/**
 * Writes how operands come from registers and memory to the operand stack of the JVM, and back. There they are longs,
 * sign-extended from the operand's size.
 */
final class Operands {
	private static final String CPU = RegionEmitter.CPU;

	private final MethodVisitor m;
	private final Locals locals;
	private final RegionEmitter region;
	/** Names of the methods that access memory, without their size. */
	private final String load, store;

	/** @param ordered whether other vCPUs may look on */
	Operands(MethodVisitor m, Locals locals, RegionEmitter region, boolean ordered) {
		this.m = m;
		this.locals = locals;
		this.region = region;
		load = ordered ? "loadOrdered" : "load";
		store = ordered ? "storeOrdered" : "store";
	}

	// --- what is on the stack

	void mask(long mask) {
		m.visitLdcInsn(mask);
		m.visitInsn(LAND);
	}

	/** Sign-extends what is on the stack. */
	void extend(int size) {
		if (size == 8)
			return;
		m.visitInsn(L2I);
		narrow(size);
		m.visitInsn(I2L);
	}

	/** Sign-extends an int. */
	private void narrow(int size) {
		if (size < 4)
			m.visitInsn(size == 1 ? I2B : I2S);
	}

	/** Applies an operation to the two longs on the stack, and to the carry in I0. */
	void operate(int operation) {
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

	// --- registers

	/** Pushes a register, sign-extended. */
	void register(int number, int size) {
		whole(number, size);
		extend(size);
	}

	/** Pushes a register with what is beside the part that is asked for. */
	private void whole(int number, int size) {
		boolean high = high(number, size);
		locals.load(high ? number & 3 : number);
		if (high) {
			m.visitIntInsn(BIPUSH, 8);
			m.visitInsn(LUSHR);
		}
	}

	/** Whether it is one of AH CH DH BH. */
	private static boolean high(int number, int size) {
		return size == 1 && number >= 16;
	}

	/** Pops into a register. */
	void store(int number, int size) {
		switch (size) {
			case 8 -> locals.store(number);
			case 4 -> {
				mask(0xffff_ffffL);
				locals.store(number);
			}
			case 2 -> insert(number, 0xffffL, 0);
			default -> {
				if (high(number, size))
					insert(number & 3, 0xffL, 8);
				else
					insert(number, 0xffL, 0);
			}
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

	// --- addresses

	/** Pushes the offset part of the address. */
	void offset(Insn insn) {
		boolean pushed = false;
		if (insn.base < Cpu.ZERO) {
			locals.load(insn.base);
			pushed = true;
		}
		if (insn.index < Cpu.ZERO) {
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
			locals.pushCpu();
			m.visitFieldInsn(GETFIELD, CPU, "base", "[J");
			m.visitInsn(insn.segment == Cpu.FS ? ICONST_4 : ICONST_5);
			m.visitInsn(LALOAD);
			m.visitInsn(LADD);
		}
	}

	// --- memory

	/** With the CPU and an address on the stack. Pushes an int if it is smaller than eight bytes. */
	void load(int size) {
		m.visitMethodInsn(INVOKEVIRTUAL, CPU, load + size * 8, size == 8 ? "(J)J" : "(J)I", false);
	}

	/** With the CPU, an address and the value, a long, on the stack. */
	void storeTo(int size) {
		if (size < 8)
			m.visitInsn(L2I);
		m.visitMethodInsn(INVOKEVIRTUAL, CPU, store + size * 8, size == 8 ? "(JJ)V" : "(JI)V", false);
	}

	/** Pushes what is in memory, after a check that it may be written; the address is in T3. */
	private void memoryForStore(Insn insn) {
		region.mayFault(insn);
		address(insn);
		locals.pop(T3);
		locals.pushCpu();
		locals.push(T3);
		m.visitIntInsn(BIPUSH, insn.size);
		m.visitMethodInsn(INVOKEVIRTUAL, CPU, "loadForStore", "(JI)J", false);
		extend(insn.size);
	}

	// --- the r/m operand, and the one that is beside it

	/** Pushes the r/m operand. */
	void rm(Insn insn) {
		rm(insn, insn.size);
	}

	/** Pushes the r/m operand, of another size than the instruction's. */
	void rm(Insn insn, int size) {
		if (insn.memory) {
			loadRm(insn, size);
			if (size < 8) {
				narrow(size);
				m.visitInsn(I2L);
			}
		} else {
			register(insn.rm, size);
		}
	}

	/** Pushes the r/m operand, of one or two bytes, zero-extended. */
	void rmUnsigned(Insn insn, int size) {
		if (insn.memory) {
			loadRm(insn, size);
			m.visitInsn(I2L);
		} else {
			whole(insn.rm, size);
			mask(size == 1 ? 0xff : 0xffff);
		}
	}

	private void loadRm(Insn insn, int size) {
		region.mayFault(insn);
		locals.pushCpu();
		address(insn);
		load(size);
	}

	/** Reads memory for nothing but a fault. */
	void touch(Insn insn) {
		if (!insn.memory)
			return;
		rm(insn);
		m.visitInsn(POP2);
	}

	/** Stores to the r/m operand what is pushed by {@code value}. */
	void storeRm(Insn insn, Runnable value) {
		if (insn.memory) {
			region.mayFault(insn);
			locals.pushCpu();
			address(insn);
			value.run();
			storeTo(insn.size);
		} else {
			value.run();
			store(insn.rm, insn.size);
		}
	}

	/** Pushes the r/m operand, which is going to be stored to by {@link #storeBack}. */
	void rmForStore(Insn insn) {
		if (insn.memory)
			memoryForStore(insn);
		else
			register(insn.rm, insn.size);
	}

	/** Stores to the operand of {@link #rmForStore} what is pushed by {@code value}. T3 is as that left it. */
	void storeBack(Insn insn, Runnable value) {
		if (insn.memory) {
			locals.pushCpu();
			locals.push(T3);
			value.run();
			storeTo(insn.size);
		} else {
			value.run();
			store(insn.rm, insn.size);
		}
	}

	/** Pushes the operand that is not the r/m one. */
	void other(Insn insn) {
		if (insn.form() == Op.FORM_RM_IMM)
			m.visitLdcInsn(insn.imm);
		else
			register(insn.reg, insn.size);
	}

	/** Pushes both operands, the first one first. */
	void both(Insn insn) {
		if (insn.form() != Op.FORM_REG_RM) {
			rm(insn);
			other(insn);
		} else {
			other(insn);
			rm(insn);
		}
	}

	/** Puts the operands of an operation that only reads memory where flags have them. */
	void bothToFlags(Insn insn) {
		boolean fromRm = insn.form() == Op.FORM_REG_RM;
		rm(insn); // which may fault, before the flags change
		locals.pop(fromRm ? FLAG_B : FLAG_A);
		other(insn);
		locals.pop(fromRm ? FLAG_A : FLAG_B);
	}
}
