package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.Layout.*;

/**
 * Writes one instruction into a {@link CaseBuilder}: prefixes, opcode, ModRM, SIB, displacement and immediate (SDM
 * volume 2, 2.1 and 2.2). What the caller has not set is chosen at random. For one instruction.
 */
final class Encoder {
	private static final int[] SPECIAL_PAGES = { ABSENT, READ_ONLY, SUPERVISOR };
	private static final int FS = 0x64, GS = 0x65;
	private static final int[] OTHER_SEGMENTS = { 0x26, 0x2e, 0x36, 0x3e };

	private final CaseBuilder into;
	private final Template template;
	/** Bits of the operand: 8, 16, 32 or 64. */
	final int size;

	/** What the caller may set: memory rather than a register, where, the register operand, the immediate. */
	Boolean memory;
	long target = -1;
	int register = -1, rmRegister = -1;
	long immediate;
	boolean immediateSet, absolute, offset;
	int repeat;

	private int rex;
	private int segment;
	private boolean shortAddress;
	private int mod, rm, sib = -1, displacementBytes;
	private long displacement;
	private boolean relative;

	Encoder(CaseBuilder into, Template template) {
		this.into = into;
		this.template = template;
		size = chooseSize();
	}

	private int chooseSize() {
		int any = into.random.nextInt(3);
		return switch (template.size) {
			case 'b' -> 8;
			case 'v' -> any == 0 ? 16 : any == 1 || !into.wide ? 32 : 64;
			case 'y' -> any == 0 && into.wide ? 64 : 32;
			case 'q' -> any == 0 ? 16 : into.wide ? 64 : 32;
			case 'W' -> 64;
			default -> 32;
		};
	}

	int memoryBytes() {
		return template.memoryBytes != 0 ? template.memoryBytes : size / 8;
	}

	/** Decides between a register and memory, if the caller has not. */
	boolean usesMemory() {
		if (memory == null)
			memory = template.modrm != Template.NO_MODRM && !template.registerOnly
					&& (template.memoryOnly || into.random.nextInt(100) < 45);
		return memory;
	}

	/** A place in the scratch memory that the operand fits in. */
	long chooseTarget() {
		if (target != -1)
			return target;
		int bytes = memoryBytes();
		int room = (into.stack ? SCRATCH_SIZE / 2 : SCRATCH_SIZE) - bytes;
		int offset = into.random.nextInt(room + 1);
		boolean always = into.safe || bytes >= SCRATCH_SIZE; // FXRSTOR is one that interpreters get wrong
		if (template.aligned ? always || !into.chance(40) : !into.chance(3))
			offset &= -Math.min(16, Integer.highestOneBit(bytes));
		target = scratch(into.slot) + offset;
		return target;
	}

	void encode() {
		if (template.modrm != Template.NO_MODRM)
			chooseOperands();
		else if (offset)
			shortAddress = into.wide && into.chance(6);
		else if (template.registerInOpcode && register < 0)
			register = chooseRegister('g', size == 8);
		if (size == 64 && template.size != 'q')
			rex |= 0x48;
		if (register >= 8)
			rex |= template.registerInOpcode ? 0x41 : 0x44;
		if (into.wide && template.size != '-' && into.chance(12))
			rex |= 0x40;
		writePrefixes();
		writeOpcode();
		writeOperands();
		writeImmediate();
	}

	private void chooseOperands() {
		if (register < 0)
			register = template.modrm == Template.ANY_REGISTER ? chooseRegister(template.registerFile, isByte(false))
					: template.modrm;
		if (usesMemory())
			chooseAddress();
		else {
			mod = 3;
			int number = rmRegister >= 0 ? rmRegister : chooseRegister(template.rmFile, isByte(true));
			rm = number & 7;
			rex |= number >= 8 ? 0x41 : 0;
		}
	}

	private boolean isByte(boolean rmOperand) {
		return size == 8 || rmOperand && template.hook.equals("byteSource");
	}

	/** Without REX, byte registers 4 to 7 are AH to BH; with it, the low bytes of RSP to RDI. Neither may be frozen. */
	private int chooseRegister(char file, boolean bytes) {
		if (file == 'x')
			return into.random.nextInt(into.wide ? 16 : 8);
		if (file != 'g')
			return into.random.nextInt(8);
		for (;;) {
			int number = into.random.nextInt(into.wide ? 16 : 8);
			boolean high = bytes && number >= 4 && number < 8;
			if (!into.isFrozen(number) && !(high && into.isFrozen(number - 4)))
				return number;
		}
	}

	private void chooseAddress() {
		if (!absolute && !into.safe && target == -1 && into.chance(100)) {
			chooseFault();
			return;
		}
		long address = chooseTarget();
		if (!absolute && into.chance(9)) {
			segment = into.chance(2) ? FS : GS;
			address -= segment == FS ? FS_BASE : GS_BASE;
		} else if (!absolute && into.chance(25))
			segment = OTHER_SEGMENTS[into.random.nextInt(into.wide ? 4 : 1)];
		shortAddress = into.wide && !absolute && segment != FS && segment != GS && into.chance(20);
		int form = absolute ? 3 : into.random.nextInt(4);
		if (form == 0 && into.near >= 0)
			addressNear(address);
		else if (form == 1 && into.base >= 0)
			addressIndexed(address);
		else if (form == 2 && into.wide && segment == 0) {
			mod = 0;
			rm = 5;
			relative = true;
			displacementBytes = 4;
			displacement = address;
		} else
			addressAbsolute(address);
	}

	private void addressAbsolute(long address) {
		mod = 0;
		rm = into.wide ? 4 : 5;
		sib = into.wide ? 0x25 : -1;
		displacement = address;
		displacementBytes = 4;
	}

	private void addressNear(long address) {
		displacement = address - into.register(into.near);
		rm = into.near & 7;
		rex |= into.near >= 8 ? 0x41 : 0;
		chooseDisplacement(rm == 5);
		if (rm == 4)
			sib = 0x24;
	}

	private void addressIndexed(long address) {
		displacement = address - into.register(into.base) - (into.register(into.scaled) << into.scale);
		rm = 4;
		sib = into.scale << 6 | (into.scaled & 7) << 3 | into.base & 7;
		rex |= (into.base >= 8 ? 0x41 : 0) | (into.scaled >= 8 ? 0x42 : 0);
		chooseDisplacement((into.base & 7) == 5);
	}

	private void chooseDisplacement(boolean needed) {
		int value = (int) displacement;
		if (value == 0 && !needed && into.chance(2))
			mod = 0;
		else if (value == (byte) value && !into.chance(4)) {
			mod = 1;
			displacementBytes = 1;
		} else {
			mod = 2;
			displacementBytes = 4;
		}
	}

	/** A page that may not be touched, the end of one that may, or no address at all. */
	private void chooseFault() {
		int free = into.free(8);
		if (into.wide && free >= 0 && into.chance(4)) {
			into.prepare(free, 0x8000_0000_0000L + (into.random.nextLong() & 0x7fff_ffff_ffffL));
			mod = 2;
			rm = free;
			displacementBytes = 4;
			displacement = into.random.nextInt(256);
			if (rm == 4)
				sib = 0x24;
			return;
		}
		int page = SPECIAL_PAGES[into.random.nextInt(SPECIAL_PAGES.length)];
		int bytes = memoryBytes();
		int before = bytes > 1 && page == ABSENT && into.chance(3) ? into.random.nextInt(1, bytes)
				: -(into.random.nextInt(4096 - 512) & -16);
		addressAbsolute(page - before);
	}

	private void writePrefixes() {
		boolean operandSize = size == 16;
		if (template.lockable && mod != 3 && template.modrm != Template.NO_MODRM && into.chance(8))
			into.bytes(0xf0);
		if (segment != 0)
			into.bytes(segment);
		if (shortAddress)
			into.bytes(0x67);
		if (operandSize && template.prefix != 0x66)
			into.bytes(0x66);
		if (template.family.equals("alu") && mod == 3 && into.chance(30))
			into.bytes(into.chance(2) ? 0xf2 : 0xf3); // without a meaning there
		if (repeat != 0)
			into.bytes(repeat);
		if (template.prefix != 0)
			into.bytes(template.prefix);
		if (rex != 0)
			into.bytes(rex);
	}

	private void writeOpcode() {
		int last = template.opcode.length - 1;
		for (int i = 0; i < last; i++)
			into.bytes(template.opcode[i]);
		into.bytes(template.opcode[last] | (template.registerInOpcode ? register & 7 : 0));
	}

	private void writeOperands() {
		if (template.modrm == Template.NO_MODRM)
			return;
		into.bytes(mod << 6 | (register & 7) << 3 | rm);
		if (sib >= 0)
			into.bytes(sib);
		if (relative)
			displacement -= code(into.slot) + into.code.position() + 4 + immediateBytes();
		if (displacementBytes == 1)
			into.bytes((int) displacement);
		else if (displacementBytes == 4)
			into.code.putInt((int) displacement);
	}

	int immediateBytes() {
		return switch (template.immediate) {
			case 'b' -> 1;
			case 'w' -> 2;
			case 'z' -> size == 16 ? 2 : 4;
			case 'v' -> size / 8;
			default -> 0;
		};
	}

	private void writeImmediate() {
		if (offset && into.wide && !shortAddress)
			into.code.putLong(target);
		else if (offset)
			into.code.putInt((int) target);
		int bytes = immediateBytes();
		long value = immediateSet ? immediate : into.values.integer();
		for (int i = 0; i < bytes; i++)
			into.bytes((int) (value >> 8 * i));
	}
}
