package vmhi.softcpu.core;

/**
 * A stack that several values are pushed on or popped off, of which the vCPU takes notice when all went well. Belongs to
 * the vCPU's thread, and to one use at a time.
 */
final class StackFrame {
	private final Cpu c;
	private long base, limit;
	private int bits, attributes;
	/** Whether accesses have the rights of the current level, or those of the processor itself. */
	private boolean own;
	private int error;
	/** The stack pointer, cut to the width of the stack. */
	long pointer;

	StackFrame(Cpu c) {
		this.c = c;
	}

	/** Begins with the stack in use. {@code error} is the code of the #SS where it does not suffice. */
	StackFrame current(int error) {
		open(c.stackBits, c.base[Cpu.SS], c.limit[Cpu.SS], c.attributes[Cpu.SS], error);
		pointer = cut(c.r[Cpu.RSP]);
		own = true;
		return this;
	}

	/** Begins with a stack of a more privileged level. */
	StackFrame inner(long pointer, int bits, long base, int limit, int attributes, int error) {
		open(bits, base, limit, attributes, error);
		this.pointer = cut(pointer);
		own = false;
		return this;
	}

	/** Begins with a stack in 64-bit mode, accessed with the rights of level 3 or the processor's own. */
	StackFrame wide(long pointer, boolean user, int error) {
		open(64, 0, -1, 0, error);
		this.pointer = pointer;
		own = user;
		return this;
	}

	private void open(int bits, long base, int limit, int attributes, int error) {
		this.bits = bits;
		this.base = base;
		this.limit = limit & 0xffff_ffffL;
		this.attributes = attributes;
		this.error = error;
	}

	private long cut(long value) {
		return bits == 64 ? value : value & (bits == 32 ? 0xffff_ffffL : 0xffff);
	}

	void push(int size, long value) {
		long to = cut(pointer - size);
		long linear = linear(to, size);
		if (own)
			c.store(linear, size, value);
		else
			c.paging.systemStore(linear, size, value);
		pointer = to;
	}

	/** Makes room for {@code slot} bytes, of which {@code size} are written. */
	void pushInto(int slot, int size, long value) {
		long to = cut(pointer - slot);
		c.store(linear(to, size), size, value);
		pointer = to;
	}

	long pop(int size) {
		long value = c.load(linear(pointer, size), size);
		skip(size);
		return value;
	}

	void skip(int bytes) {
		pointer = cut(pointer + bytes);
	}

	/** The vCPU takes the stack pointer over. */
	void commit() {
		c.reg(Cpu.RSP, bits / 8, pointer);
	}

	private long linear(long offset, int size) {
		if (bits == 64) {
			if (!Segmentation.canonical(offset) || !Segmentation.canonical(offset + size - 1))
				throw c.fault(Fault.SS, error);
			return offset;
		}
		long last = offset + size - 1;
		boolean fits;
		if (Descriptor.expandsDown(attributes) && c.segmentation.checksTypes())
			fits = offset > limit && last <= ((attributes & Cpu.ATTR_DB) != 0 ? 0xffff_ffffL : 0xffff);
		else
			fits = last <= limit;
		if (!fits)
			throw c.fault(Fault.SS, error);
		return base + offset & 0xffff_ffffL;
	}
}
