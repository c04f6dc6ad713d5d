package vmhi.guest.asm;

import java.nio.charset.StandardCharsets;

/** The smallest piece of a line. {@code value} is that of a number. */
record Token(Kind kind, String text, long value) {

	enum Kind {
		/** A label, mnemonic, register or other word. */
		NAME, NUMBER,
		/** {@code text} is what stands between the quotes. */
		STRING,
		/** An operator or a bracket. */
		SYMBOL,
		/** {@code %name}: what the preprocessor is to do. */
		DIRECTIVE,
		/** {@code %1}: an argument of the macro around it; {@code %0}: how many it has. */
		ARGUMENT,
		/** {@code %%name}: a label of one call of a macro. */
		MACRO_LABEL
	}

	Token(Kind kind, String text) {
		this(kind, text, 0);
	}

	boolean is(String symbolOrWord) {
		return (kind == Kind.SYMBOL || kind == Kind.NAME) && text.equalsIgnoreCase(symbolOrWord);
	}

	boolean isName() {
		return kind == Kind.NAME;
	}

	/** The bytes of a string, as they are in the source file. */
	byte[] bytes() {
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}
}
