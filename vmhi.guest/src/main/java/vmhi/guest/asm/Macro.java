package vmhi.guest.asm;

import java.util.ArrayList;
import java.util.List;

import vmhi.guest.asm.Token.Kind;

/**
 * A macro of several lines.
 *
 * @param greedy whether the last argument takes all that is left, commas too
 */
record Macro(String name, int arguments, boolean greedy, List<SourceLine> body) {

	/** @param tokens what follows {@code %macro}: the name, and how many arguments it takes */
	static Macro define(Tokens tokens, List<SourceLine> body) throws AssemblyException {
		String name = tokens.takeName("a macro's name");
		Token count = tokens.take();
		if (count.kind() != Kind.NUMBER)
			throw tokens.where().error("macro `%s' takes how many arguments?", name);
		boolean greedy = tokens.take("+");
		tokens.expectEnd();
		return new Macro(name, (int) count.value(), greedy, List.copyOf(body));
	}

	/**
	 * What a call stands for.
	 *
	 * @param call what follows the name
	 * @param number tells this call from others, for its labels
	 */
	List<SourceLine> call(SourceLine call, int number) throws AssemblyException {
		List<List<Token>> given = split(call.tokens());
		if (given.size() != arguments)
			throw call.where().error("macro `%s' takes %d arguments, not %d", name, arguments, given.size());
		List<SourceLine> lines = new ArrayList<>();
		for (SourceLine line : body) {
			List<Token> tokens = new ArrayList<>();
			for (Token token : line.tokens())
				substitute(token, given, number, tokens, line.where());
			lines.add(new SourceLine(call.where(), tokens));
		}
		return lines;
	}

	private void substitute(Token token, List<List<Token>> given, int number, List<Token> to, Location where)
			throws AssemblyException {
		switch (token.kind()) {
			case ARGUMENT -> {
				int index = Integer.parseInt(token.text());
				if (index > arguments)
					throw where.error("macro `%s' has no argument %%%d", name, index);
				if (index == 0)
					to.add(new Token(Kind.NUMBER, String.valueOf(arguments), arguments));
				else
					to.addAll(given.get(index - 1));
			}
			case MACRO_LABEL -> to.add(new Token(Kind.NAME, Preprocessor.MACRO_LABEL + number + "." + token.text()));
			default -> to.add(token);
		}
	}

	private List<List<Token>> split(List<Token> tokens) {
		List<List<Token>> given = new ArrayList<>();
		if (tokens.isEmpty())
			return given;
		given.add(new ArrayList<>());
		for (Token token : tokens)
			if (token.is(",") && !(greedy && given.size() == arguments))
				given.add(new ArrayList<>());
			else
				given.get(given.size() - 1).add(token);
		return given;
	}
}
