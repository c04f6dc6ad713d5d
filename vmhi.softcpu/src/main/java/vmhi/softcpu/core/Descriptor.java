package vmhi.softcpu.core;

/** Fields of a segment descriptor of eight bytes, and of its attributes as {@link Cpu} keeps them (SDM volume 3, 3.4.5). */
final class Descriptor {
	// types of system descriptors, SDM volume 3, table 3-2; with bit 3 they are those of 32 and 64 bits
	static final int LDT = 2, TASK_GATE = 5, TSS = 1, BUSY_TSS = 3, CALL_GATE = 4, INTERRUPT_GATE = 6, TRAP_GATE = 7,
			WIDE = 8;
	/** Bit of the type of a TSS that is in use. */
	static final int BUSY = 2;
	/** Bit of the type of code and data that says it was loaded. */
	static final int ACCESSED = 1;

	private Descriptor() {}

	/** As in {@link Cpu#attributes}. */
	static int attributes(long d) {
		return (int) (d >>> 40) & 0xff | (int) (d >>> 52 & 15) << 8;
	}

	static long base(long d) {
		return d >>> 16 & 0xff_ffff | d >>> 32 & 0xff00_0000L;
	}

	/** In bytes. */
	static int limit(long d) {
		int limit = (int) (d & 0xffff) | (int) (d >>> 32) & 0xf_0000;
		return (d >>> 55 & 1) != 0 ? limit << 12 | 0xfff : limit;
	}

	static int dpl(int attributes) {
		return attributes >> 5 & 3;
	}

	static boolean present(int attributes) {
		return (attributes & Cpu.ATTR_P) != 0;
	}

	static boolean code(int attributes) {
		return (attributes & 0x18) == 0x18;
	}

	static boolean conforming(int attributes) {
		return (attributes & 0x1c) == 0x1c;
	}

	/** Data, or code that may be read. */
	static boolean readable(int attributes) {
		return (attributes & 0x10) != 0 && (attributes & 0xa) != 8;
	}

	static boolean writable(int attributes) {
		return (attributes & 0x1a) == 0x12;
	}

	/** Data whose limit is the lower end. */
	static boolean expandsDown(int attributes) {
		return (attributes & 0x1c) == 0x14;
	}

	/** The type of a system descriptor; that of another is out of its range. */
	static int systemType(int attributes) {
		return attributes & 0x1f;
	}
}
