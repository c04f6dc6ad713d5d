package vmhi.guest.asm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import vmhi.guest.asm.Token.Kind;

/**
 * Carries out the lines that begin with {@code %}: files included, names defined, macros, repetitions
 * and conditions. What is left is lines of labels, instructions and data.
 * <p>
 * Unlike NASM's it runs once, before labels have values, so conditions depend on defined names only.
 */
final class Preprocessor {

	/** How the name of a label begins that {@code %%name} became. */
	static final String MACRO_LABEL = "..@";

	private static final int DEEPEST = 100;

	private final Path directory;
	private final Map<String, List<Token>> defined = new HashMap<>();
	private final Map<String, Macro> macros = new HashMap<>();
	private final List<SourceLine> output = new ArrayList<>();
	private int calls;
	private int depth;

	/** @param directory where included files are looked for */
	Preprocessor(Path directory) {
		this.directory = directory;
	}

	List<SourceLine> run(Path source) throws AssemblyException, IOException {
		process(read(source, source.getFileName().toString()));
		return output;
	}

	private static List<SourceLine> read(Path file, String name) throws AssemblyException, IOException {
		List<SourceLine> lines = new ArrayList<>();
		for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
			Location where = new Location(name, lines.size() + 1);
			lines.add(new SourceLine(where, Lexer.tokens(line, where)));
		}
		return lines;
	}

	private void process(List<SourceLine> lines) throws AssemblyException, IOException {
		Deque<Condition> conditions = new ArrayDeque<>();
		for (int i = 0; i < lines.size(); i++) {
			SourceLine line = lines.get(i);
			Tokens tokens = line.cursor();
			if (tokens.peek().kind() != Kind.DIRECTIVE) {
				if (Condition.holds(conditions))
					expand(line);
				continue;
			}
			String directive = tokens.take().text().toLowerCase();
			if (Condition.isDirective(directive))
				Condition.carryOut(directive, tokens, conditions, this::truth);
			else if (directive.equals("%macro") || directive.equals("%rep")) {
				int end = end(lines, i, directive);
				if (Condition.holds(conditions))
					block(directive, tokens, lines.subList(i + 1, end));
				i = end;
			} else if (Condition.holds(conditions))
				carryOut(directive, tokens);
		}
		if (!conditions.isEmpty())
			throw lines.get(lines.size() - 1).where().error("%endif is missing");
	}

	/** The line with the directive that ends the block which begins at line {@code from}. */
	private static int end(List<SourceLine> lines, int from, String directive) throws AssemblyException {
		String endDirective = directive.replace("%", "%end");
		int open = 0;
		for (int i = from; i < lines.size(); i++) {
			Token first = lines.get(i).cursor().peek();
			if (first.kind() != Kind.DIRECTIVE)
				continue;
			if (first.text().equalsIgnoreCase(directive))
				open++;
			if (first.text().equalsIgnoreCase(endDirective) && --open == 0)
				return i;
		}
		throw lines.get(from).where().error("%s is missing", endDirective);
	}

	private void block(String directive, Tokens tokens, List<SourceLine> body)
			throws AssemblyException, IOException {
		if (directive.equals("%macro")) {
			Macro macro = Macro.define(tokens, body);
			macros.put(macro.name(), macro);
			return;
		}
		long times = number(tokens);
		for (long i = 0; i < times; i++)
			process(body);
	}

	private void carryOut(String directive, Tokens tokens) throws AssemblyException, IOException {
		switch (directive) {
			case "%include" -> {
				Token name = tokens.take();
				tokens.expectEnd();
				Path file = directory.resolve(name.text());
				if (name.kind() != Kind.STRING || !Files.isRegularFile(file))
					throw tokens.where().error("cannot include `%s'", name.text());
				nested(tokens.where(), read(file, name.text()));
			}
			case "%define" -> defined.put(tokens.takeName("a name"), tokens.rest());
			case "%undef" -> defined.remove(tokens.takeName("a name"));
			case "%assign" -> {
				String name = tokens.takeName("a name");
				long value = number(tokens);
				defined.put(name, List.of(new Token(Kind.NUMBER, Long.toUnsignedString(value), value)));
			}
			case "%error" -> {
				Token message = tokens.take();
				throw tokens.where().error("%s", message.text());
			}
			default -> throw tokens.where().error("`%s' is not a directive that is known here", directive);
		}
	}

	private void nested(Location where, List<SourceLine> lines) throws AssemblyException, IOException {
		if (++depth > DEEPEST)
			throw where.error("macros or files go too deep");
		process(lines);
		depth--;
	}

	/** Puts in what names stand for, and carries out the call if the line is one of a macro. */
	private void expand(SourceLine line) throws AssemblyException, IOException {
		List<Token> tokens = new ArrayList<>();
		replace(line.tokens(), tokens, new HashSet<>());
		Tokens cursor = new Tokens(line.where(), tokens);
		int label = cursor.peek(1).is(":") ? 2 : 0;
		Macro macro = macros.get(cursor.peek(label).text());
		if (macro == null || !cursor.peek(label).isName()) {
			if (!tokens.isEmpty())
				output.add(new SourceLine(line.where(), tokens));
			return;
		}
		if (label > 0)
			output.add(new SourceLine(line.where(), tokens.subList(0, label)));
		SourceLine call = new SourceLine(line.where(), tokens.subList(label + 1, tokens.size()));
		nested(line.where(), macro.call(call, ++calls));
	}

	private void replace(List<Token> from, List<Token> to, Set<String> within) {
		for (Token token : from) {
			List<Token> replacement = token.isName() ? defined.get(token.text()) : null;
			if (replacement == null || !within.add(token.text())) {
				to.add(token);
				continue;
			}
			replace(replacement, to, within);
			within.remove(token.text());
		}
	}

	private boolean truth(String directive, Tokens tokens) throws AssemblyException {
		return switch (directive) {
			case "%ifdef" -> defined.containsKey(tokens.takeName("a name"));
			case "%ifndef" -> !defined.containsKey(tokens.takeName("a name"));
			default -> number(tokens) != 0;
		};
	}

	/** The value of the expression that the rest of the line is, in which labels have no place. */
	private long number(Tokens tokens) throws AssemblyException {
		List<Token> replaced = new ArrayList<>();
		replace(tokens.rest(), replaced, new HashSet<>());
		Tokens cursor = new Tokens(tokens.where(), replaced);
		Expression expression = new ExpressionParser(cursor, new LabelScope()).parse();
		cursor.expectEnd();
		return expression.value(new WithoutLabels(tokens.where())).number();
	}

	private record WithoutLabels(Location where) implements Expression.Scope {

		@Override
		public Value symbol(String name) throws AssemblyException {
			throw where.error("`%s' is not defined; a label has no value yet", name);
		}

		@Override
		public Value here() {
			return Value.UNKNOWN;
		}

		@Override
		public Value start() {
			return Value.UNKNOWN;
		}

		@Override
		public AssemblyException error(String format, Object... args) {
			return where.error(format, args);
		}
	}
}
