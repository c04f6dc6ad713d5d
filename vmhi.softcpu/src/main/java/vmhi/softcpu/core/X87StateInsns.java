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

	private static final class Store extends Insn {
		private final boolean wide, registers;

		Store(boolean wide, boolean registers) {
			this.wide = wide;
			this.registers = registers;
		}

		@Override
		public void exec(Cpu c) {
			X87Insns.available(c);
			long address = address(c);
			SseInsn.checkStore(c, address, 8);
			SseInsn.checkStore(c, SseInsn.plus(this, address, size - 8), 8);
			int[] words = environment(c);
			int width = wide ? 4 : 2;
			for (int at = 0; at < WORDS; at++)
				c.store(SseInsn.plus(this, address, at * width), width, words[at] & 0xffff_ffffL);
			X87 fpu = c.x87;
			if (!registers) {
				fpu.control(fpu.control() | ALL_MASKED);
				return;
			}
			for (int i = 0; i < 8; i++) {
				int at = WORDS * width + i * 10;
				c.store64(SseInsn.plus(this, address, at), fpu.stMantissa(i));
				c.store16(SseInsn.plus(this, address, at + 8), fpu.stSignExponent(i));
			}
			fpu.reset();
		}
	}

	private static final class Load extends Insn {
		private final boolean wide, registers;

		Load(boolean wide, boolean registers) {
			this.wide = wide;
			this.registers = registers;
		}

		@Override
		public void exec(Cpu c) {
			X87Insns.availableWaiting(c);
			long address = address(c);
			int width = wide ? 4 : 2;
			int[] words = new int[WORDS];
			for (int at = 0; at < WORDS; at++)
				words[at] = (int) c.load(SseInsn.plus(this, address, at * width), width);
			long[] mantissas = new long[8];
			int[] signExponents = new int[8];
			for (int i = 0; registers && i < 8; i++) {
				int at = WORDS * width + i * 10;
				mantissas[i] = c.load64(SseInsn.plus(this, address, at));
				signExponents[i] = c.load16(SseInsn.plus(this, address, at + 8));
			}
			environment(c, words, wide);
			for (int i = 0; registers && i < 8; i++)
				c.x87.st(i, mantissas[i], signExponents[i]);
		}
	}
}
