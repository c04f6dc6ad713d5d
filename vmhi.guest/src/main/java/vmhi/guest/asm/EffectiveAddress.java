package vmhi.guest.asm;

import java.io.ByteArrayOutputStream;

import vmhi.guest.asm.Operand.Memory;

/**
 * What an operand in memory becomes: the ModRM byte without its reg field, the SIB byte, and how long the
 * displacement is.
 *
 * @param sib -1 where there is none
 * @param relative whether the displacement counts from the end of the instruction
 */
record EffectiveAddress(int modRm, int sib, Value displacement, int displacementBytes, boolean relative,
		boolean extendsBase, boolean extendsIndex) {

	private static final int NO_BASE = 5; // with mod 0; as r/m it is relative to RIP in 64-bit mode
	private static final int NO_INDEX = 4;
	private static final int WITH_SIB = 4; // as r/m

	static EffectiveAddress ofRegister(Register register) {
		return new EffectiveAddress(3 << 6 | register.low(), -1, Value.number(0), 0, false, register.isExtended(),
				false);
	}

	static EffectiveAddress of(Memory memory, Value displacement, int mode) {
		int bytes = memory.addressBytes();
		if (bytes == 2 || bytes == 0 && mode == 16)
			return of16(memory, displacement);
		// NASM takes an unknown address for a number at first, and for longer than it will be in the end; which
		// jumps it then finds too long for short ones, and leaves long, depends on that
		if (bytes == 0)
			return mode != 64 || memory.relative() && displacement.known()
					? new EffectiveAddress(NO_BASE, -1, displacement, 4, mode == 64, false, false)
					: new EffectiveAddress(WITH_SIB, NO_INDEX << 3 | NO_BASE, displacement, 4, false, false, false);

		Register base = memory.base();
		Register index = memory.index();
		boolean baseExtended = base != null && base.isExtended();
		boolean indexExtended = index != null && index.isExtended();
		int mod = base == null ? 0 : mod(displacement, base.low() == NO_BASE);
		int displacementBytes = base == null || mod == 2 ? 4 : mod;
		if (index == null && base.low() != WITH_SIB)
			return new EffectiveAddress(mod << 6 | base.low(), -1, displacement, displacementBytes, false,
					baseExtended, false);
		int sib = Integer.numberOfTrailingZeros(memory.scale()) << 6
				| (index == null ? NO_INDEX : index.low()) << 3
				| (base == null ? NO_BASE : base.low());
		return new EffectiveAddress(mod << 6 | WITH_SIB, sib, displacement, displacementBytes, false,
				baseExtended, indexExtended);
	}

	/** 16-bit addresses have a number for each pair of registers; null where the pair has none. */
	private static EffectiveAddress of16(Memory memory, Value displacement) {
		if (memory.base() == null)
			return new EffectiveAddress(6, -1, displacement, 2, false, false, false);
		String registers = memory.base().name() + (memory.index() == null ? "" : "+" + memory.index().name());
		int number = memory.scale() != 1 ? -1 : switch (registers) {
			case "bx+si", "si+bx" -> 0;
			case "bx+di", "di+bx" -> 1;
			case "bp+si", "si+bp" -> 2;
			case "bp+di", "di+bp" -> 3;
			case "si" -> 4;
			case "di" -> 5;
			case "bp" -> 6;
			case "bx" -> 7;
			default -> -1;
		};
		if (number < 0)
			return null;
		int mod = mod(displacement, number == 6);
		return new EffectiveAddress(mod << 6 | number, -1, displacement, mod, false, false, false);
	}

	private static int mod(Value displacement, boolean needed) {
		if (!displacement.isNumber() || !displacement.fitsSigned(1))
			return 2;
		return displacement.number() == 0 && !needed ? 0 : 1;
	}

	/**
	 * Writes ModRM and what belongs to it.
	 *
	 * @param reg ModRM's reg field
	 * @param end the address of the next instruction
	 */
	void write(int reg, long end, ByteArrayOutputStream out) {
		out.write(modRm | reg << 3);
		if (sib >= 0)
			out.write(sib);
		Encoder.writeNumber(relative ? displacement.number() - end : displacement.number(), displacementBytes, out);
	}

	/** How many bytes {@link #write} writes. */
	int length() {
		return 1 + (sib >= 0 ? 1 : 0) + displacementBytes;
	}
}
