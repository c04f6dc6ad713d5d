package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

/**
 * MOVS, CMPS, STOS, LODS, SCAS, once or repeated. A repeated one ends a block: it does as much at a time as lies within
 * a page, and as long as there is more to do, goes on at itself, so that interrupts come in between.
 */
@SuppressWarnings("removal")
abstract class StringInsns extends Insn {
	/** Elements at a time where they go one by one. */
	private static final int BATCH = 256;

	/** Decodes one, by its opcode of one byte. */
	static Insn decode(Decoder d, int opcode) {
		int size = d.sizeOf(opcode);
		Insn insn = switch (opcode & ~1) {
			case 0xa4 -> new Move();
			case 0xa6 -> new Compare();
			case 0xaa -> new Store();
			case 0xac -> new Load();
			default -> new Scan();
		};
		d.finish(insn, Op.OTHER, size);
		insn.segment = (byte) d.segmentOr(Cpu.DS);
		return insn;
	}

	@Override
	public final boolean ends() {
		return rep != 0;
	}

	@Override
	public final void exec(Cpu c) {
		int width = addressBits / 8;
		if (rep == 0) {
			once(c, width);
			return;
		}
		long count = c.reg(Cpu.RCX, width);
		if (count == 0) {
			c.rip = next;
			return;
		}
		c.rip = rip;
		boolean single = (c.flags & Flags.TF) != 0 || !c.translated && (c.dr7 & 0xff) != 0;
		long done = single ? 0 : bulk(c, width, count);
		if (done > 0) {
			count -= done;
			c.reg(Cpu.RCX, width, count);
		} else {
			for (int i = 0; i < (single ? 1 : BATCH) && count > 0; i++) {
				boolean more = once(c, width);
				c.reg(Cpu.RCX, width, --count);
				if (!more) {
					count = 0;
					break;
				}
				if (c.attention != 0)
					break;
			}
		}
		if (count == 0)
			c.rip = next;
	}

	/** One element. @return whether repetition goes on */
	abstract boolean once(Cpu c, int width);

	/** As many elements as can be done in one go. @return how many, 0 if it is better to go one by one */
	long bulk(Cpu c, int width, long count) {
		return 0;
	}

	/** Address of the source. */
	final long source(Cpu c, int width, boolean write) {
		return at(c, Cpu.RSI, width, segment, write);
	}

	/** Address of the destination, always in ES. */
	final long destination(Cpu c, int width, boolean write) {
		return at(c, Cpu.RDI, width, Cpu.ES, write);
	}

	private long at(Cpu c, int register, int width, int segment, boolean write) {
		long offset = c.reg(register, width);
		if (codeBits == 64)
			return segment >= Cpu.FS ? offset + c.base[segment] : offset;
		return c.segmentation.linear(segment, offset, size, write);
	}

	final void advance(Cpu c, int register, int width, long elements) {
		long by = (c.flags & Flags.DF) != 0 ? -elements * size : elements * size;
		c.reg(register, width, c.reg(register, width) + by);
	}

	/** Elements, of a count without sign, from an address to the end of its page. */
	final long most(long count, long address) {
		long room = (4096 - (address & 4095)) / size;
		return Long.compareUnsigned(count, room) > 0 ? room : count;
	}

	/** Whether addresses rise and nothing is in the way of going by pages. */
	final boolean plain(Cpu c) {
		return codeBits == 64 && addressBits == 64 && (c.flags & Flags.DF) == 0;
	}

	static final class Move extends StringInsns {
		@Override
		boolean once(Cpu c, int width) {
			long value = c.load(source(c, width, false), size);
			c.store(destination(c, width, true), size, value);
			advance(c, Cpu.RSI, width, 1);
			advance(c, Cpu.RDI, width, 1);
			return true;
		}

		@Override
		long bulk(Cpu c, int width, long count) {
			if (!plain(c))
				return 0;
			long from = source(c, width, false), to = destination(c, width, true);
			long elements = Math.min(most(count, from), most(count, to));
			long bytes = elements * size;
			// where the destination begins within the source, elements repeat: one by one
			if (elements < 2 || to - from > 0 && to - from < bytes)
				return 0;
			long target = hostOf(c, c.writeTlb, to);
			long origin = hostOf(c, c.readTlb, from);
			if (target == 0 || origin == 0 || target > origin && target - origin < bytes)
				return 0;
			UNSAFE.copyMemory(origin, target, bytes);
			advance(c, Cpu.RSI, width, elements);
			advance(c, Cpu.RDI, width, elements);
			return elements;
		}
	}

	/** The address in the host by a table of translations; 0 if it is not there. */
	private static long hostOf(Cpu c, long table, long address) {
		long entry = table + (address >>> 8 & Cpu.TLB_MASK);
		return UNSAFE.getLong(entry) == (address & -4096) ? address + UNSAFE.getLong(entry + 8) : 0;
	}

	static final class Store extends StringInsns {
		@Override
		boolean once(Cpu c, int width) {
			c.store(destination(c, width, true), size, c.r[Cpu.RAX]);
			advance(c, Cpu.RDI, width, 1);
			return true;
		}

		@Override
		long bulk(Cpu c, int width, long count) {
			if (!plain(c))
				return 0;
			long to = destination(c, width, true);
			long elements = most(count, to);
			long target = hostOf(c, c.writeTlb, to);
			if (elements < 2 || target == 0)
				return 0;
			long value = zero(c.r[Cpu.RAX], size);
			if (value == (value & 0xff) * (0x0101_0101_0101_0101L >>> 64 - 8 * size))
				UNSAFE.setMemory(target, elements * size, (byte) value);
			else
				for (long i = 0; i < elements; i++)
					put(target + i * size, value);
			advance(c, Cpu.RDI, width, elements);
			return elements;
		}

		private void put(long host, long value) {
			switch (size) {
				case 2 -> UNSAFE.putShort(host, (short) value);
				case 4 -> UNSAFE.putInt(host, (int) value);
				default -> UNSAFE.putLong(host, value);
			}
		}
	}

	static final class Load extends StringInsns {
		@Override
		boolean once(Cpu c, int width) {
			c.reg(Cpu.RAX, size, c.load(source(c, width, false), size));
			advance(c, Cpu.RSI, width, 1);
			return true;
		}
	}

	static final class Compare extends StringInsns {
		@Override
		boolean once(Cpu c, int width) {
			long a = c.load(source(c, width, false), size);
			long b = c.load(destination(c, width, false), size);
			ArithmeticInsns.operate(c, Op.CMP, size, extend(a, size), extend(b, size));
			advance(c, Cpu.RSI, width, 1);
			advance(c, Cpu.RDI, width, 1);
			return a == b == (rep == 0xf3);
		}
	}

	static final class Scan extends StringInsns {
		@Override
		boolean once(Cpu c, int width) {
			long b = c.load(destination(c, width, false), size);
			long a = c.reg(Cpu.RAX, size);
			ArithmeticInsns.operate(c, Op.CMP, size, extend(a, size), extend(b, size));
			advance(c, Cpu.RDI, width, 1);
			return a == b == (rep == 0xf3);
		}
	}
}
