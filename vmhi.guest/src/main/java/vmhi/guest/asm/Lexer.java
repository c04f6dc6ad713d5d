package vmhi.guest.asm;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import vmhi.guest.asm.Token.Kind;

/** Cuts a line into tokens. A comment is left out. */
final class Lexer {

	/** The groups are named after the kinds of {@link Token}; what comes first wins. */
	private static final Pattern TOKEN = Pattern.compile("""
			(?<blank> \\s+ | ;.* )
			| (?<string> "[^"]*" | '[^']*' )
			| (?<label> %%[A-Za-z_][\\w.]* )
			| (?<directive> %[A-Za-z]+ )
			| (?<argument> %\\d+ )
			| (?<number> \\d[\\w]* )
			| (?<name> [A-Za-z_.?][\\w.?@~\\#$]* )
			| (?<symbol> \\$\\$ | << | >> | <= | >= | == | != | <> | && | \\|\\| | // | %%
				| [-+*/%&|^~!()\\[\\],:=<>$] )
			""", Pattern.COMMENTS);

	private Lexer() {}

	static List<Token> tokens(String line, Location where) throws AssemblyException {
		List<Token> tokens = new ArrayList<>();
		Matcher matcher = TOKEN.matcher(line);
		int at = 0;
		while (at < line.length()) {
			if (!matcher.find(at) || matcher.start() != at)
				throw where.error("cannot read `%s'", line.substring(at).strip());
			if (matcher.group("blank") == null)
				tokens.add(token(matcher, where));
			at = matcher.end();
		}
		return tokens;
	}

	private static Token token(Matcher matcher, Location where) throws AssemblyException {
		String text = matcher.group();
		if (matcher.group("string") != null)
			return new Token(Kind.STRING, text.substring(1, text.length() - 1));
		if (matcher.group("label") != null)
			return new Token(Kind.MACRO_LABEL, text.substring(2));
		if (matcher.group("directive") != null)
			return new Token(Kind.DIRECTIVE, text);
		if (matcher.group("argument") != null)
			return new Token(Kind.ARGUMENT, text.substring(1));
		if (matcher.group("number") != null)
			return new Token(Kind.NUMBER, text, number(text, where));
		return new Token(matcher.group("name") != null ? Kind.NAME : Kind.SYMBOL, text);
	}

	/** Decimal, 0x or h hexadecimal, 0b or b binary, 0o octal; underscores may stand between digits. */
	private static long number(String text, Location where) throws AssemblyException {
		String digits = text.replace("_", "").toLowerCase();
		int radix = 10;
		if (digits.startsWith("0x")) {
			radix = 16;
			digits = digits.substring(2);
		} else if (digits.endsWith("h")) {
			radix = 16;
			digits = digits.substring(0, digits.length() - 1);
		} else if (digits.startsWith("0b") && digits.length() > 2) {
			radix = 2;
			digits = digits.substring(2);
		} else if (digits.startsWith("0o")) {
			radix = 8;
			digits = digits.substring(2);
		} else if (digits.endsWith("b")) {
			radix = 2;
			digits = digits.substring(0, digits.length() - 1);
		}
		try {
			return Long.parseUnsignedLong(digits, radix);
		} catch (NumberFormatException e) {
			throw where.error("`%s' is not a number of up to 64 bits", text);
		}
	}
}
