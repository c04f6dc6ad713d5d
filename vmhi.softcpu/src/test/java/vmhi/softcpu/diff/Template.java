package vmhi.softcpu.diff;

import java.util.HexFormat;
import java.util.Map;

/**
 * One form of an instruction, as {@link Templates} writes it in a line: what it is encoded as, what its operands are,
 * and what it does to flags. It never changes once it is parsed.
 */
final class Template {
	/** The six arithmetic flags in RFLAGS. */
	static final int CARRY = 1, PARITY = 4, ADJUST = 0x10, ZERO = 0x40, SIGN = 0x80, OVERFLOW = 0x800;
	static final int ARITHMETIC = CARRY | PARITY | ADJUST | ZERO | SIGN | OVERFLOW;

	/** What {@link #modrm} is besides a number that extends the opcode. */
	static final int NO_MODRM = -2, ANY_REGISTER = -1;

	/** C1 of the x87 status word, where vendors differ: in the same sets as the flags, at a bit that RFLAGS has not. */
	static final int X87_C1 = 0x4000_0000;

	private static final Map<Character,
			Integer> FLAGS = Map.of('k', X87_C1, 'c', CARRY, 'p', PARITY, 'a', ADJUST, 'z', ZERO, 's',
					SIGN, 'o', OVERFLOW);
	private static final String REGISTERS = "acdbxpsi"; // x is the stack pointer

	final String family;
	final String name;
	/** 0x66, 0xf2 or 0xf3 where it belongs to the opcode, else 0. */
	int prefix;
	byte[] opcode = {};
	int modrm = NO_MODRM;
	boolean registerInOpcode;
	/** b: bytes; v: 16, 32, 64 bits; y: 32, 64; q: 16, 64 (32 in 32-bit code); W: 64; -: no prefix says. */
	char size = '-';
	/** b, w, z (at most 32 bits), v (as the operand), or 0 for none. */
	char immediate;
	/** Bytes of the operand in memory; 0 if as {@link #size} says. */
	int memoryBytes;
	boolean memoryOnly, registerOnly, aligned;
	/** Files of the register and of the r/m operand: g, x (XMM), m (MMX), or - where it is none of them. */
	char registerFile = 'g', rmFile = 'g';
	boolean lockable, stack, wide = true, narrow = true, last;
	int undefined, reads, writes;
	/** General registers, a bit each, that it reads or writes unasked. */
	int touches;
	/** CPUID feature it needs, or empty. */
	String feature = "";
	/** What has to be prepared, a name that {@link Generator} knows; or empty. */
	String hook = "";

	private Template(String family, String name) {
		this.family = family;
		this.name = name;
	}

	/** A line: opcode bytes in hexadecimal, then attributes. */
	static Template parse(String family, String name, String line) {
		Template template = new Template(family, name);
		for (String word : line.trim().split(" +"))
			template.take(word);
		return template;
	}

	private void take(String word) {
		switch (word) {
			case "p66", "pf2", "pf3" -> prefix = Integer.parseInt(word.substring(1), 16);
			case "/r" -> modrm = ANY_REGISTER;
			case "+r" -> registerInOpcode = true;
			case "ib", "iw", "iz", "iv" -> immediate = word.charAt(1);
			case "b", "v", "y", "q", "W" -> size = word.charAt(0);
			case "mem" -> memoryOnly = true;
			case "reg" -> registerOnly = true;
			case "al" -> aligned = true;
			case "lock" -> lockable = true;
			case "stack" -> stack = true;
			case "last" -> last = true;
			case "only64" -> narrow = false;
			case "only32" -> wide = false;
			case "xx", "mm", "gx", "xg", "mx", "xm", "gm", "mg", "-g", "-x", "--" -> {
				registerFile = word.charAt(0);
				rmFile = word.charAt(1);
			}
			default -> takeValue(word);
		}
	}

	private void takeValue(String word) {
		if (word.startsWith("/"))
			modrm = word.charAt(1) - '0';
		else if (word.startsWith("u="))
			undefined = flags(word.substring(2));
		else if (word.startsWith("f="))
			reads = flags(word.substring(2));
		else if (word.startsWith("w="))
			writes = flags(word.substring(2));
		else if (word.startsWith("t="))
			word.substring(2).chars().forEach(register -> touches |= 1 << REGISTERS.indexOf(register));
		else if (word.startsWith("m="))
			memoryBytes = Integer.parseInt(word.substring(2));
		else if (word.startsWith("+"))
			feature = word.substring(1);
		else if (word.startsWith("!"))
			hook = word.substring(1);
		else
			opcode = HexFormat.of().parseHex(word);
	}

	private static int flags(String letters) {
		return letters.chars().map(letter -> FLAGS.get((char) letter)).reduce(0, (a, b) -> a | b);
	}

	/** Tells it from all others of a mode, in words. */
	String id(boolean wideCode) {
		return "%d-bit %s.%s %s%s%s%s".formatted(wideCode ? 64 : 32, family, name,
				prefix == 0 ? "" : "%02x ".formatted(prefix), HexFormat.of().formatHex(opcode),
				modrm >= 0 ? "/" + modrm : "", registerOnly ? " register" : memoryOnly ? " memory" : "");
	}

	@Override
	public String toString() {
		return name;
	}
}
