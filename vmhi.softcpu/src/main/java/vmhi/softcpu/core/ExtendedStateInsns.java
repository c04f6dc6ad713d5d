package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

/** Opcode 0F AE: state of FPU and SSE to and from memory, MXCSR, fences, CLFLUSH; and what is left of 0F C7. */
@SuppressWarnings("removal")
final class ExtendedStateInsns {
	private ExtendedStateInsns() {}

	/** {@code null} if undefined. RDRAND and RDSEED, in 0F C7, are not there. */
	static Insn decode(Decoder d, int opcode) {
		d.modrm();
		if (opcode != 0xae)
			return null;
		int operation = d.regField & 7;
		int prefix = SseInsn.prefix(d);
		if (!d.memory && prefix == SseInsn.PF3 && operation < 4)
			return SystemInsns.fsgsbase(d);
		if (prefix != SseInsn.NONE)
			return null;
		if (!d.memory)
			return operation < 5 ? null : SseInsn.finish(d, new Fence(operation), 0);
		return switch (operation) {
			case 0 -> SseInsn.finishStore(d, new FxSave(d.rexW), 512);
			case 1 -> SseInsn.finish(d, new FxRestore(d.rexW), 512);
			case 2 -> SseInsn.finish(d, new LoadMxcsr(), 4);
			case 3 -> SseInsn.finishStore(d, new StoreMxcsr(), 4);
			// XSAVEOPT may write all that it could leave out
			case 4, 6 -> SseInsn.finishStore(d, new Save(d.rexW), ExtendedState.BYTES);
			case 5 -> SseInsn.finish(d, new Restore(d.rexW), ExtendedState.BYTES);
			default -> SseInsn.finish(d, new FlushLine(), 1);
		};
	}

	/** LFENCE, MFENCE, SFENCE, by the reg field; each is what the host has for the same. */
	private static final class Fence extends Insn {
		private static final int LOADS = 5, ALL = 6;

		private final int kind;

		Fence(int kind) {
			this.kind = kind;
		}

		@Override
		public void exec(Cpu c) {
			switch (kind) {
				case LOADS -> UNSAFE.loadFence();
				case ALL -> UNSAFE.fullFence();
				default -> UNSAFE.storeFence();
			}
		}
	}

	/** CLFLUSH: there is no cache, but the address is checked as a load's. */
	private static final class FlushLine extends Insn {
		@Override
		public void exec(Cpu c) {
			c.load8(address(c));
		}
	}

	private static final class LoadMxcsr extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			int value = c.load32(address(c));
			if (!ExtendedState.mxcsrIsValid(value))
				throw c.protection();
			c.sse.mxcsr = value;
		}
	}

	private static final class StoreMxcsr extends SseInsn {
		@Override
		public void exec(Cpu c) {
			available(c);
			c.store32(address(c), c.sse.mxcsr);
		}
	}

	/** What those that move all have in common: the area in memory. */
	private abstract static class Area extends Insn {
		/** Whether pointers of the FPU have 64 bits. */
		final boolean wide;

		Area(boolean wide) {
			this.wide = wide;
		}

		/** How many XMM registers this mode has. */
		final int registers() {
			return codeBits == 64 ? 16 : 8;
		}

		final long aligned(Cpu c, int alignment) {
			return SseInsn.aligned(c, this, alignment);
		}

		/** Loads longs of the area, from one up to another. */
		final void load(Cpu c, long address, long[] area, int from, int to) {
			for (int at = from; at < to; at++)
				area[at] = c.load64(SseInsn.plus(this, address, 8 * at));
		}

		final void store(Cpu c, long address, long[] area, int from, int to) {
			for (int at = from; at < to; at++)
				c.store64(SseInsn.plus(this, address, 8 * at), area[at]);
		}

		/** Faults, before anything is stored, where a store anywhere in the area would. */
		final void check(Cpu c, long address) {
			c.checkStore(address, 8);
			c.checkStore(SseInsn.plus(this, address, size - 8), 8);
		}
	}

	private static final class FxSave extends Area {
		FxSave(boolean wide) {
			super(wide);
		}

		@Override
		public void exec(Cpu c) {
			X87Insns.available(c);
			long address = aligned(c, 16);
			check(c, address);
			long[] area = new long[ExtendedState.LEGACY];
			ExtendedState.x87(c, area, wide);
			ExtendedState.mxcsr(c, area);
			System.arraycopy(c.xmm, 0, area, ExtendedState.XMM, 2 * registers());
			store(c, address, area, 0, ExtendedState.XMM + 2 * registers());
		}
	}

	private static final class FxRestore extends Area {
		FxRestore(boolean wide) {
			super(wide);
		}

		@Override
		public void exec(Cpu c) {
			X87Insns.available(c);
			long address = aligned(c, 16);
			long[] area = new long[ExtendedState.LEGACY];
			load(c, address, area, 0, ExtendedState.LEGACY);
			int mxcsr = (int) area[ExtendedState.MXCSR];
			if (!ExtendedState.mxcsrIsValid(mxcsr))
				throw c.protection();
			c.sse.mxcsr = mxcsr;
			ExtendedState.restore(c, area, ExtendedState.ALL, ExtendedState.ALL, wide, registers());
		}
	}

	/** Components that are asked for and enabled; the exceptions that come before. */
	private static long components(Cpu c) {
		if ((c.cr4 & Cpu.CR4_OSXSAVE) == 0)
			throw c.undefined();
		if ((c.cr0 & Cpu.CR0_TS) != 0)
			throw c.fault(Fault.NM);
		return c.xcr0 & ExtendedState.ALL & (c.r[Cpu.RAX] & 0xffff_ffffL | c.r[Cpu.RDX] << 32);
	}

	/** XSAVE and XSAVEOPT. Both components are always in use. */
	private static final class Save extends Area {
		Save(boolean wide) {
			super(wide);
		}

		@Override
		public void exec(Cpu c) {
			long wanted = components(c);
			long address = aligned(c, 64);
			check(c, address);
			long[] area = new long[ExtendedState.LEGACY + 1];
			load(c, address, area, ExtendedState.LEGACY, ExtendedState.LEGACY + 1);
			if ((wanted & ExtendedState.X87) != 0) {
				ExtendedState.x87(c, area, wide);
				store(c, address, area, 0, ExtendedState.MXCSR);
				store(c, address, area, ExtendedState.ST, ExtendedState.XMM);
			}
			if ((wanted & ExtendedState.SSE) != 0) {
				ExtendedState.mxcsr(c, area);
				int registers = 2 * registers();
				System.arraycopy(c.xmm, 0, area, ExtendedState.XMM, registers);
				store(c, address, area, ExtendedState.MXCSR, ExtendedState.MXCSR + 1);
				store(c, address, area, ExtendedState.XMM, ExtendedState.XMM + registers);
			}
			area[ExtendedState.LEGACY] |= wanted;
			store(c, address, area, ExtendedState.LEGACY, ExtendedState.LEGACY + 1);
		}
	}

	private static final class Restore extends Area {
		Restore(boolean wide) {
			super(wide);
		}

		@Override
		public void exec(Cpu c) {
			long wanted = components(c);
			long address = aligned(c, 64);
			long[] area = new long[ExtendedState.BYTES / 8];
			load(c, address, area, 0, area.length);
			int header = ExtendedState.LEGACY;
			if (!ExtendedState.headerIsValid(area[header], area[header + 1], area[header + 2], c.xcr0))
				throw c.protection();
			if ((wanted & ExtendedState.SSE) != 0) {
				int mxcsr = (int) area[ExtendedState.MXCSR];
				if (!ExtendedState.mxcsrIsValid(mxcsr))
					throw c.protection();
				c.sse.mxcsr = mxcsr;
			}
			ExtendedState.restore(c, area, wanted, area[header], wide, registers());
		}
	}
}
