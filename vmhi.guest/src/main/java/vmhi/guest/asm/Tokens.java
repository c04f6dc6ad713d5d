package vmhi.guest.asm;

import java.util.ArrayList;
import java.util.List;

import vmhi.guest.asm.Token.Kind;

/** Walks over the tokens of one line. Belongs to whoever parses the line. */
final class Tokens {

	private static final Token END = new Token(Kind.SYMBOL, "");

	private final Location where;
	private final List<Token> tokens;
	private int next;

	Tokens(Location where, List<Token> tokens) {
		this.where = where;
		this.tokens = tokens;
	}

	Location where() {
		return where;
	}

	boolean atEnd() {
		return next == tokens.size();
	}

	/** The token to come; one that is nothing at the end. */
	Token peek() {
		return peek(0);
	}

	Token peek(int ahead) {
		return next + ahead < tokens.size() ? tokens.get(next + ahead) : END;
	}

	Token take() throws AssemblyException {
		if (atEnd())
			throw where.error("something is missing at the end of the line");
		return tokens.get(next++);
	}

	/** Takes the token if it is this word or symbol. */
	boolean take(String symbolOrWord) {
		if (!peek().is(symbolOrWord))
			return false;
		next++;
		return true;
	}

	void expect(String symbol) throws AssemblyException {
		if (!take(symbol))
			throw where.error("`%s' expected%s", symbol, atEnd() ? "" : " instead of `" + peek().text() + "'");
	}

	String takeName(String what) throws AssemblyException {
		if (!peek().isName())
			throw where.error("%s expected%s", what, atEnd() ? "" : " instead of `" + peek().text() + "'");
		return take().text();
	}

	void expectEnd() throws AssemblyException {
		if (!atEnd())
			throw where.error("`%s' was not expected here", peek().text());
	}

	List<Token> rest() {
		List<Token> rest = new ArrayList<>(tokens.subList(next, tokens.size()));
		next = tokens.size();
		return rest;
	}
}
