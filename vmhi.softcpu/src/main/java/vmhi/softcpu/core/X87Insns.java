package vmhi.softcpu.core;

import vmhi.softcpu.fp.X87;

/**
 * The instructions of the FPU: what of them concerns the CPU, which is memory, the three pointers and exceptions. An
 * exception is #MF at the next instruction that waits, also where CR0.NE is 0: the pin FERR#, by which a board of that
 * time made IRQ 13 of it, is not wired. The selectors that belong to the pointers are not kept, and read as 0, as in
 * current processors (CPUID leaf 7, EBX bit 13).
 */
final class X87Insns {
	private static final boolean[] UNDEFINED = undefinedForms();

	private X87Insns() {}

	/** Register forms that do not exist, by escape and ModRM. */
	private static boolean[] undefinedForms() {
		boolean[] undefined = new boolean[8 * 64];
		X87 scratch = new X87();
		for (int escape = 0; escape < 8; escape++)
			for (int form = 0; form < 64; form++)
				undefined[escape << 6 | form] = scratch.register(escape, 0xc0 | form, 0) == -1;
		// FNSTSW AX, which is not asked for there
		undefined[7 << 6 | 0x20] = false;
		return undefined;
	}

	/** Opcodes D8 to DF. */
	static Insn decode(Decoder d, int opcode) {
		d.modrm();
		int escape = opcode & 7;
		int modrm = d.modrm;
		if (!d.memory) {
			if (UNDEFINED[escape << 6 | modrm & 63])
				return d.undefined();
			return SseInsn.finish(d, escape == 7 && modrm == 0xe0 ? new StatusToAx() : new Register(escape, modrm), 0);
		}
		int reg = modrm >> 3 & 7;
		return switch (X87.operand(escape, reg)) {
			case X87.LOAD_2 -> SseInsn.finish(d, new Load(escape, modrm), 2);
			case X87.LOAD_4 -> SseInsn.finish(d, new Load(escape, modrm), 4);
			case X87.LOAD_8 -> SseInsn.finish(d, new Load(escape, modrm), 8);
			case X87.LOAD_10 -> SseInsn.finish(d, new LoadExtended(escape, modrm), 10);
			case X87.STORE_2 -> SseInsn.finishStore(d, new Store(escape, modrm), 2);
			case X87.STORE_4 -> SseInsn.finishStore(d, new Store(escape, modrm), 4);
			case X87.STORE_8 -> SseInsn.finishStore(d, new Store(escape, modrm), 8);
			case X87.STORE_10 -> SseInsn.finishStore(d, new StoreExtended(escape, modrm), 10);
			case X87.LOAD_ENV -> X87StateInsns.load(d, false);
			case X87.STORE_ENV -> X87StateInsns.store(d, false);
			case X87.LOAD_STATE -> X87StateInsns.load(d, true);
			case X87.STORE_STATE -> X87StateInsns.store(d, true);
			case X87.LOAD_CONTROL -> SseInsn.finish(d, new LoadControl(), 2);
			case X87.STORE_CONTROL -> SseInsn.finishStore(d, new StoreWord(false), 2);
			case X87.STORE_STATUS -> SseInsn.finishStore(d, new StoreWord(true), 2);
			default -> d.undefined();
		};
	}

	/** FWAIT, opcode 9B. */
	static Insn wait(Decoder d) {
		return SseInsn.finish(d, new Wait(), 0);
	}

	/** #NM where the FPU is absent or belongs to another task. */
	static void available(Cpu c) {
		if ((c.cr0 & (Cpu.CR0_EM | Cpu.CR0_TS)) != 0)
			throw c.fault(Fault.NM);
	}

	/** The same, for instructions that report an exception of one before. */
	static void availableWaiting(Cpu c) {
		available(c);
		if (c.x87.pendingException())
			throw c.fault(Fault.MF);
	}

	/** One that is no control instruction: it leaves its address and opcode behind (SDM volume 1, 8.1.8). */
	private abstract static class Computing extends Insn {
		final int escape, modrm;

		Computing(int escape, int modrm) {
			this.escape = escape;
			this.modrm = modrm;
		}

		final int regField() {
			return modrm >> 3 & 7;
		}

		/** After the last access to memory that can fault. */
		final void record(Cpu c) {
			X87 fpu = c.x87;
			fpu.instructionPointer = rip;
			fpu.opcode = escape << 8 | modrm;
			if (memory) {
				long offset = offset(c);
				fpu.dataPointer = addressBits == 64 ? offset : offset & (addressBits == 32 ? 0xffff_ffffL : 0xffff);
			}
		}
	}

	private static final class Register extends Computing {
		private final boolean control, flags;

		Register(int escape, int modrm) {
			super(escape, modrm);
			control = !X87.waits(escape, modrm);
			// FCMOVcc, FCOMI and their like are among these
			flags = escape == 2 || escape == 3 || escape == 7;
		}

		@Override
		public void exec(Cpu c) {
			if (control) {
				available(c);
			} else {
				availableWaiting(c);
				record(c);
			}
			if (flags) {
				int before = c.arithmeticFlags();
				int after = c.x87.register(escape, modrm, before);
				if (after != before)
					c.arithmeticFlags(after);
			} else {
				c.x87.register(escape, modrm, 0);
			}
		}
	}

	private static final class Load extends Computing {
		Load(int escape, int modrm) {
			super(escape, modrm);
		}

		@Override
		public void exec(Cpu c) {
			availableWaiting(c);
			long bits = c.load(address(c), size);
			record(c);
			c.x87.load(escape, regField(), bits);
		}
	}

	private static final class LoadExtended extends Computing {
		LoadExtended(int escape, int modrm) {
			super(escape, modrm);
		}

		@Override
		public void exec(Cpu c) {
			availableWaiting(c);
			long address = address(c);
			long mantissa = c.load64(address);
			int signExponent = c.load16(SseInsn.plus(this, address, 8));
			record(c);
			c.x87.load10(escape, regField(), mantissa, signExponent);
		}
	}

	private static final class Store extends Computing {
		Store(int escape, int modrm) {
			super(escape, modrm);
		}

		@Override
		public void exec(Cpu c) {
			availableWaiting(c);
			long address = address(c);
			c.checkStore(address, size); // comes before the exceptions of arithmetic
			if (c.x87.prepareStore(escape, regField())) {
				c.store(address, size, c.x87.stored);
				c.x87.finishStore(escape, regField());
			}
			record(c);
		}
	}

	private static final class StoreExtended extends Computing {
		StoreExtended(int escape, int modrm) {
			super(escape, modrm);
		}

		@Override
		public void exec(Cpu c) {
			availableWaiting(c);
			long address = address(c);
			long end = SseInsn.plus(this, address, 8);
			c.checkStore(address, 8);
			c.checkStore(end, 2);
			if (c.x87.prepareStore(escape, regField())) {
				c.store64(address, c.x87.stored);
				c.store16(end, c.x87.storedHigh);
				c.x87.finishStore(escape, regField());
			}
			record(c);
		}
	}

	private static final class LoadControl extends Insn {
		@Override
		public void exec(Cpu c) {
			availableWaiting(c);
			c.x87.control(c.load16(address(c)));
		}
	}

	/** FNSTCW and FNSTSW to memory. */
	private static final class StoreWord extends Insn {
		private final boolean status;

		StoreWord(boolean status) {
			this.status = status;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			c.store16(address(c), status ? c.x87.status() : c.x87.control());
		}
	}

	private static final class StatusToAx extends Insn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.r16(Cpu.RAX, c.x87.status());
		}
	}

	private static final class Wait extends Insn {
		@Override
		public void exec(Cpu c) {
			if ((c.cr0 & (Cpu.CR0_MP | Cpu.CR0_TS)) == (Cpu.CR0_MP | Cpu.CR0_TS))
				throw c.fault(Fault.NM);
			if (c.x87.pendingException())
				throw c.fault(Fault.MF);
		}
	}
}
