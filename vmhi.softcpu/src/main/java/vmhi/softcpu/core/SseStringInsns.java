package vmhi.softcpu.core;

/** PCMPESTRM, PCMPESTRI, PCMPISTRM, PCMPISTRI (SDM volume 2, 4.1): comparison of strings of up to 16 bytes. */
final class SseStringInsns {
	private static final int EQUAL_ANY = 0, RANGES = 1, EQUAL_EACH = 2;

	private SseStringInsns() {}

	/** Opcodes 0F 3A 60 to 63. */
	static Insn decode(Decoder d, int opcode) {
		return SseInsn.finishByte(d, new Compare((opcode & 2) == 0, (opcode & 1) == 1, d.rexW), 16);
	}

	/**
	 * The comparison itself, as the instructions' pseudo-code has it: a bit for each element of {@code b}.
	 *
	 * @param lengthA how many of the elements of {@code a} are valid
	 */
	static int compare(int[] a, int lengthA, int[] b, int lengthB, int aggregation) {
		int result = 0;
		for (int at = 0; at < b.length; at++)
			if (switch (aggregation) {
				case EQUAL_ANY -> at < lengthB && equalsAny(a, lengthA, b[at]);
				case RANGES -> at < lengthB && inRange(a, lengthA, b[at]);
				case EQUAL_EACH -> at < lengthA && at < lengthB ? a[at] == b[at] : at >= lengthA && at >= lengthB;
				default -> startsWith(a, lengthA, b, lengthB, at);
			})
				result |= 1 << at;
		return result;
	}

	private static boolean equalsAny(int[] a, int length, int element) {
		for (int at = 0; at < length; at++)
			if (a[at] == element)
				return true;
		return false;
	}

	private static boolean inRange(int[] a, int length, int element) {
		for (int at = 0; at + 1 < length; at += 2)
			if (a[at] <= element && element <= a[at + 1])
				return true;
		return false;
	}

	/** Whether {@code a}, as far as it is valid and there is room, stands in {@code b} from there on. */
	private static boolean startsWith(int[] a, int lengthA, int[] b, int lengthB, int from) {
		for (int at = 0; at < lengthA && from + at < b.length; at++)
			if (from + at >= lengthB || a[at] != b[from + at])
				return false;
		return true;
	}

	/** Inverts all bits, or those of valid elements, where the immediate says so. */
	static int polarity(int bits, int elements, int lengthB, int control) {
		int inverted = switch (control >> 4 & 3) {
			case 1 -> (1 << elements) - 1;
			case 3 -> (1 << lengthB) - 1;
			default -> 0;
		};
		return bits ^ inverted;
	}

	private static final class Compare extends SseInsn {
		private final boolean explicit, index, wide;

		Compare(boolean explicit, boolean index, boolean wide) {
			this.explicit = explicit;
			this.index = index;
			this.wide = wide;
		}

		@Override
		public void exec(Cpu c) {
			available(c);
			long low = c.xmm[rm << 1];
			long high = c.xmm[(rm << 1) + 1];
			if (memory) { // need not be aligned
				long address = address(c);
				low = c.load64(address);
				high = c.load64(plus(this, address, 8));
			}
			int control = (int) imm;
			int[] a = elements(c.xmm[reg << 1], c.xmm[(reg << 1) + 1], control);
			int[] b = elements(low, high, control);
			int lengthA = explicit ? explicitLength(c.r[Cpu.RAX], a.length) : implicitLength(a);
			int lengthB = explicit ? explicitLength(c.r[Cpu.RDX], b.length) : implicitLength(b);
			int bits = compare(a, lengthA, b, lengthB, control >> 2 & 3);
			bits = polarity(bits, b.length, lengthB, control);
			if (index)
				c.r[Cpu.RCX] = index(bits, b.length, (control & 0x40) != 0);
			else
				mask(c, bits, b.length, (control & 0x40) != 0);
			c.arithmeticFlags((bits != 0 ? Flags.CF : 0) | (lengthB < b.length ? Flags.ZF : 0)
					| (lengthA < a.length ? Flags.SF : 0) | ((bits & 1) != 0 ? Flags.OF : 0));
		}

		/** Bytes or words, unsigned or signed, by the low bits of the immediate. */
		private static int[] elements(long low, long high, int control) {
			boolean words = (control & 1) != 0;
			boolean signed = (control & 2) != 0;
			int size = words ? 2 : 1;
			int[] elements = new int[16 / size];
			for (int at = 0; at < elements.length; at++) {
				int byteNumber = at * size;
				long value = (byteNumber < 8 ? low : high) >>> 8 * (byteNumber & 7);
				elements[at] = (int) (signed ? extend(value, size) : zero(value, size));
			}
			return elements;
		}

		private int explicitLength(long register, int most) {
			long length = Math.abs(wide ? register : (int) register);
			return length < 0 || length > most ? most : (int) length;
		}

		private static int implicitLength(int[] elements) {
			for (int at = 0; at < elements.length; at++)
				if (elements[at] == 0)
					return at;
			return elements.length;
		}

		private static int index(int bits, int none, boolean last) {
			if (bits == 0)
				return none;
			return last ? 31 - Integer.numberOfLeadingZeros(bits) : Integer.numberOfTrailingZeros(bits);
		}

		private static void mask(Cpu c, int bits, int elements, boolean expand) {
			c.xmm[0] = bits;
			c.xmm[1] = 0;
			if (!expand)
				return;
			int width = 128 / elements;
			int half = elements / 2;
			c.xmm[0] = expanded(bits, half, width);
			c.xmm[1] = expanded(bits >> half, half, width);
		}

		private static long expanded(int bits, int elements, int width) {
			long mask = 0;
			for (int at = 0; at < elements; at++)
				if ((bits >> at & 1) != 0)
					mask |= zero(-1, width / 8) << at * width;
			return mask;
		}
	}
}
