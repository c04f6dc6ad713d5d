package vmhi.guest.asm;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A register.
 *
 * @param number as in an encoding, 0 to 15; that of AH to BH is 4 to 7
 * @param bytes its size, which for control, debug and segment registers does not matter
 */
record Register(String name, Kind kind, int number, int bytes) {

	enum Kind {
		GENERAL,
		/** AH, CH, DH, BH: not to be had in an instruction with a REX prefix. */
		HIGH,
		/** SPL to DIL and R8B to R15B: of a byte, and only with a REX prefix. */
		REX_BYTE, SEGMENT, CONTROL, DEBUG, XMM
	}

	private static final String[] CLASSIC = { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di" };
	private static final Map<String, Register> BY_NAME = new HashMap<>();

	static {
		String[] bytes = { "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil" };
		String[] high = { "ah", "ch", "dh", "bh" };
		String[] segments = { "es", "cs", "ss", "ds", "fs", "gs" };
		for (int i = 0; i < 8; i++) {
			add(bytes[i], i < 4 ? Kind.GENERAL : Kind.REX_BYTE, i, 1);
			add(CLASSIC[i], Kind.GENERAL, i, 2);
			add("e" + CLASSIC[i], Kind.GENERAL, i, 4);
			add("r" + CLASSIC[i], Kind.GENERAL, i, 8);
		}
		for (int i = 8; i < 16; i++) {
			add("r" + i + "b", Kind.REX_BYTE, i, 1);
			add("r" + i + "w", Kind.GENERAL, i, 2);
			add("r" + i + "d", Kind.GENERAL, i, 4);
			add("r" + i, Kind.GENERAL, i, 8);
		}
		for (int i = 0; i < high.length; i++)
			add(high[i], Kind.HIGH, 4 + i, 1);
		for (int i = 0; i < segments.length; i++)
			add(segments[i], Kind.SEGMENT, i, 2);
		for (int i = 0; i < 16; i++) {
			add("cr" + i, Kind.CONTROL, i, 8);
			add("dr" + i, Kind.DEBUG, i, 8);
			add("xmm" + i, Kind.XMM, i, 16);
		}
	}

	private static void add(String name, Kind kind, int number, int bytes) {
		BY_NAME.put(name, new Register(name, kind, number, bytes));
	}

	/** The register of that name, or null. */
	static Register named(String name) {
		return BY_NAME.get(name.toLowerCase(Locale.ROOT));
	}

	/** Whether it can be part of an address. */
	boolean addresses() {
		return kind == Kind.GENERAL && bytes > 1;
	}

	boolean isStackPointer() {
		return number == 4;
	}

	/** The part of the number that does not go into a REX prefix. */
	int low() {
		return number & 7;
	}

	boolean isExtended() {
		return number > 7;
	}
}
