package vmhi.softcpu.core;

import vmhi.softcpu.fp.X87;

/**
 * FLDENV, FNSTENV, FRSTOR, FNSAVE: the environment in its four layouts (SDM volume 1, 8.1.10), and the registers after
 * it. The environment is seven words of 16 or 32 bits; of the latter, only some use the upper half.
 */
final class X87StateInsns {
	private static final int WORDS = 7;
	/** What is stored in the upper half of a word that has none. */
	private static final int ONES = 0xffff_0000;
	private static final int ALL_MASKED = 0x3f;

	private X87StateInsns() {}

	static Insn load(Decoder d, boolean registers) {
		boolean wide = d.operandSize != 2;
		return SseInsn.finish(d, new Load(wide, registers), bytes(wide, registers));
	}

	static Insn store(Decoder d, boolean registers) {
		boolean wide = d.operandSize != 2;
		return SseInsn.finishStore(d, new Store(wide, registers), bytes(wide, registers));
	}

	private static int bytes(boolean wide, boolean registers) {
		return (wide ? 4 : 2) * WORDS + (registers ? 80 : 0);
	}

	/** In real and virtual 8086 mode, pointers are linear addresses of 20 or 32 bits, and the opcode is stored. */
	private static boolean real(Cpu c) {
		return !c.protectedMode() || c.virtual8086();
	}

	private static int[] environment(Cpu c) {
		X87 fpu = c.x87;
		int[] words = new int[WORDS];
		words[0] = fpu.control() | ONES;
		words[1] = fpu.status() | ONES;
		words[2] = fpu.tagWord() | ONES;
		if (real(c)) {
			// what is kept are offsets; that the segments are still those in use is as good as always so
			int instruction = (int) (fpu.instructionPointer + c.base[Cpu.CS]);
			int data = (int) (fpu.dataPointer + c.base[Cpu.DS]);
			words[3] = instruction & 0xffff | ONES;
			words[4] = fpu.opcode | instruction >>> 16 << 12;
			words[5] = data & 0xffff | ONES;
			words[6] = data >>> 16 << 12;
		} else {
			words[3] = (int) fpu.instructionPointer;
			words[4] = fpu.opcode << 16;
			words[5] = (int) fpu.dataPointer;
			words[6] = ONES;
		}
		return words;
	}

	private static void environment(Cpu c, int[] words, boolean wide) {
		X87 fpu = c.x87;
		fpu.control(words[0]);
		fpu.status(words[1]);
		fpu.tagWord(words[2]);
		if (real(c)) {
			int instruction = words[3] & 0xffff | words[4] >>> 12 << 16;
			int data = words[5] & 0xffff | words[6] >>> 12 << 16;
			fpu.opcode = words[4] & 0x7ff;
			fpu.instructionPointer = instruction - c.base[Cpu.CS] & 0xffff_ffffL;
			fpu.dataPointer = data - c.base[Cpu.DS] & 0xffff_ffffL;
		} else {
			if (wide)
				fpu.opcode = words[4] >>> 16 & 0x7ff;
			fpu.instructionPointer = words[3] & 0xffff_ffffL;
			fpu.dataPointer = words[5] & 0xffff_ffffL;
		}
	}

	/**
	 * What both have in common: the operand is to be aligned by the width of its words (SDM volume 3, table 6-7), and its
	 * registers of ten bytes then are not, so that it is all moved in pieces of two bytes.
	 */
	private abstract static class State extends Insn {
		final boolean registers;
		final int width;

		State(boolean wide, boolean registers) {
			this.registers = registers;
			width = wide ? 4 : 2;
		}

		final void store(Cpu c, long address, int at, int bytes, long value) {
			for (int i = 0; i < bytes; i += 2)
				c.store16(SseInsn.plus(this, address, at + i), (int) (value >>> 8 * i));
		}

		final long load(Cpu c, long address, int at, int bytes) {
			long value = 0;
			for (int i = 0; i < bytes; i += 2)
				value |= (long) c.load16(SseInsn.plus(this, address, at + i)) << 8 * i;
			return value;
		}
	}

	private static final class Store extends State {
		Store(boolean wide, boolean registers) {
			super(wide, registers);
		}

		@Override
		public void exec(Cpu c) {
			X87Insns.available(c);
			long address = address(c);
			c.paging.checkAlignment(address, width);
			c.checkStore(address, 2);
			c.checkStore(SseInsn.plus(this, address, size - 2), 2);
			int[] words = environment(c);
			for (int at = 0; at < WORDS; at++)
				store(c, address, at * width, width, words[at]);
			X87 fpu = c.x87;
			if (!registers) {
				fpu.control(fpu.control() | ALL_MASKED);
				return;
			}
			for (int i = 0; i < 8; i++) {
				int at = WORDS * width + i * 10;
				store(c, address, at, 8, fpu.stMantissa(i));
				store(c, address, at + 8, 2, fpu.stSignExponent(i));
			}
			fpu.reset();
		}
	}

	private static final class Load extends State {
		Load(boolean wide, boolean registers) {
			super(wide, registers);
		}

		@Override
		public void exec(Cpu c) {
			X87Insns.availableWaiting(c);
			long address = address(c);
			c.paging.checkAlignment(address, width);
			load(c, address, 0, width);
			c.load8(SseInsn.plus(this, address, size - 1)); // what lies between faults at its end
			int[] words = new int[WORDS];
			for (int at = 0; at < WORDS; at++)
				words[at] = (int) load(c, address, at * width, width);
			long[] mantissas = new long[8];
			int[] signExponents = new int[8];
			for (int i = 0; registers && i < 8; i++) {
				int at = WORDS * width + i * 10;
				mantissas[i] = load(c, address, at, 8);
				signExponents[i] = (int) load(c, address, at + 8, 2);
			}
			environment(c, words, width == 4);
			for (int i = 0; registers && i < 8; i++)
				c.x87.st(i, mantissas[i], signExponents[i]);
		}
	}
}
