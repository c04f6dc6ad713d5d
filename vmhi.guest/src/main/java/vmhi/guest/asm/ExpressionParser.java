package vmhi.guest.asm;

import java.util.List;

import vmhi.guest.asm.Token.Kind;

/** Parses expressions, by NASM's operators and their precedence. */
final class ExpressionParser {

	/** The operators of two operands, those that bind least first. */
	private static final List<List<String>> LEVELS = List.of(
			List.of("||"),
			List.of("&&"),
			List.of("=", "==", "!=", "<>", "<", "<=", ">", ">="),
			List.of("|"),
			List.of("^"),
			List.of("&"),
			List.of("<<", ">>"),
			List.of("+", "-"),
			List.of("*", "/", "//", "%", "%%"));

	private static final List<String> UNARY = List.of("+", "-", "~", "!");

	private final Tokens tokens;
	private final LabelScope labels;

	/** @param labels completes the names of local labels */
	ExpressionParser(Tokens tokens, LabelScope labels) {
		this.tokens = tokens;
		this.labels = labels;
	}

	Expression parse() throws AssemblyException {
		return level(0);
	}

	private Expression level(int level) throws AssemblyException {
		if (level == LEVELS.size())
			return unary();
		Expression left = level(level + 1);
		while (tokens.peek().kind() == Kind.SYMBOL && LEVELS.get(level).contains(tokens.peek().text()))
			left = new Expression.Binary(tokens.take().text(), left, level(level + 1));
		return left;
	}

	private Expression unary() throws AssemblyException {
		if (tokens.peek().kind() == Kind.SYMBOL && UNARY.contains(tokens.peek().text()))
			return new Expression.Unary(tokens.take().text(), unary());
		return primary();
	}

	private Expression primary() throws AssemblyException {
		Token token = tokens.take();
		switch (token.kind()) {
			case NUMBER:
				return new Expression.Number(token.value());
			case STRING:
				return new Expression.Number(littleEndian(token));
			case NAME:
				Register register = Register.named(token.text());
				return register != null ? new Expression.OfRegister(register)
						: new Expression.Symbol(labels.full(token.text(), tokens.where()));
			case SYMBOL:
				if (token.is("$"))
					return new Expression.Here();
				if (token.is("$$"))
					return new Expression.Start();
				if (token.is("(")) {
					Expression inner = parse();
					tokens.expect(")");
					return inner;
				}
				break;
			default:
				break;
		}
		throw tokens.where().error("`%s' cannot stand in an expression", token.text());
	}

	/** A string of up to eight characters is a number, the first character its lowest byte. */
	private long littleEndian(Token string) throws AssemblyException {
		byte[] bytes = string.bytes();
		if (bytes.length > Long.BYTES)
			throw tokens.where().error("'%s' is too long for a number", string.text());
		long number = 0;
		for (int i = bytes.length - 1; i >= 0; i--)
			number = number << 8 | bytes[i] & 0xff;
		return number;
	}
}
