package vmhi.guest.asm;

import java.util.Map;

/** A step of an encoding. What {@code value} is depends on the kind. */
record Code(Kind kind, int value) {

	enum Kind {
		/** Works on so many bytes: may need a prefix. */
		OPERAND_SIZE,
		/** A prefix that is part of the opcode. */
		PREFIX, OPCODE,
		/** The opcode's last byte, with a register added. */
		OPCODE_REGISTER,
		/** ModRM with the register operand. */
		MODRM,
		/** ModRM with a digit in place of a register. */
		MODRM_DIGIT,
		/** ModRM with one register in both fields. */
		MODRM_TWICE,
		/** A number of so many bytes. */
		NUMBER,
		/** An address as long as the mode has it. */
		OFFSET,
		/** A distance of so many bytes; 0: as the mode has it. */
		RELATIVE,
		/** An offset of so many bytes, and a selector. */
		FAR
	}

	private static final Map<String, Code> NAMED = Map.ofEntries(
			Map.entry("o16", new Code(Kind.OPERAND_SIZE, 2)),
			Map.entry("o32", new Code(Kind.OPERAND_SIZE, 4)),
			Map.entry("o64", new Code(Kind.OPERAND_SIZE, 8)),
			Map.entry("p66", new Code(Kind.PREFIX, 0x66)),
			Map.entry("pf2", new Code(Kind.PREFIX, 0xf2)),
			Map.entry("pf3", new Code(Kind.PREFIX, 0xf3)),
			Map.entry("/r", new Code(Kind.MODRM, 0)),
			Map.entry("/rr", new Code(Kind.MODRM_TWICE, 0)),
			Map.entry("ib", new Code(Kind.NUMBER, 1)),
			Map.entry("iw", new Code(Kind.NUMBER, 2)),
			Map.entry("id", new Code(Kind.NUMBER, 4)),
			Map.entry("iq", new Code(Kind.NUMBER, 8)),
			Map.entry("moffs", new Code(Kind.OFFSET, 0)),
			Map.entry("rel8", new Code(Kind.RELATIVE, 1)),
			Map.entry("rel", new Code(Kind.RELATIVE, 0)),
			Map.entry("far16", new Code(Kind.FAR, 2)),
			Map.entry("far32", new Code(Kind.FAR, 4)));

	/** @param number of the mnemonic among those that share the line */
	static Code parse(String text, int number) {
		Code named = NAMED.get(text);
		if (named != null)
			return named;
		if (text.startsWith("/"))
			return new Code(Kind.MODRM_DIGIT, text.equals("/n") ? number : Integer.parseInt(text.substring(1)));
		String[] parts = text.split("\\+");
		int opcode = Integer.parseInt(parts[0], 16);
		if (parts.length == 1)
			return new Code(Kind.OPCODE, opcode);
		return switch (parts[1]) {
			case "r" -> new Code(Kind.OPCODE_REGISTER, opcode);
			case "n" -> new Code(Kind.OPCODE, opcode + number);
			case "8n" -> new Code(Kind.OPCODE, opcode + 8 * number);
			default -> throw new IllegalArgumentException("encoding " + text);
		};
	}

	int relativeBytes(int mode) {
		return value != 0 ? value : mode == 16 ? 2 : 4;
	}
}
