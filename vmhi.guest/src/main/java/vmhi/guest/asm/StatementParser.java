package vmhi.guest.asm;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import vmhi.guest.asm.Statement.Data;
import vmhi.guest.asm.Token.Kind;

/** Parses the lines that the preprocessor left, one after the other: what one says can matter to the next. */
final class StatementParser {

	private static final Map<String, Integer> DATA = Map.of("db", 1, "dw", 2, "dd", 4, "dq", 8);
	private static final Map<String, Integer> RESERVE = Map.of("resb", 1, "resw", 2, "resd", 4, "resq", 8);
	private static final Set<String> DIRECTIVES = Set.of("equ", "times", "align", "org", "bits", "default");

	private final InstructionTable table;
	private final LabelScope labels = new LabelScope();
	private final List<Statement> statements = new ArrayList<>();
	private int mode = 16;
	private boolean relative;

	StatementParser(InstructionTable table) {
		this.table = table;
	}

	List<Statement> parse(List<SourceLine> lines) throws AssemblyException {
		for (SourceLine line : lines)
			parse(line.cursor());
		return statements;
	}

	private void parse(Tokens tokens) throws AssemblyException {
		String label = label(tokens);
		if (label != null && tokens.take("equ")) {
			Expression value = expression(tokens);
			statements.add(new Statement.Equ(tokens.where(), labels.define(label, tokens.where()), value));
		} else {
			if (label != null)
				statements.add(new Statement.Label(tokens.where(), labels.define(label, tokens.where())));
			if (!tokens.atEnd())
				directiveOrCode(tokens);
		}
		tokens.expectEnd();
	}

	/** Takes the label at the beginning of the line, if there is one. */
	private String label(Tokens tokens) throws AssemblyException {
		Token first = tokens.peek();
		boolean colon = tokens.peek(1).is(":");
		if (!first.isName() || !colon && isKeyword(first.text()))
			return null;
		if (Register.named(first.text()) != null)
			throw tokens.where().error("%s is a register", first.text());
		tokens.take();
		tokens.take(":");
		if (!colon && !tokens.atEnd() && !isKeyword(tokens.peek().text()))
			throw tokens.where().error("`%s' is not an instruction that is known here", first.text());
		return first.text();
	}

	private boolean isKeyword(String word) {
		String lower = word.toLowerCase(Locale.ROOT);
		return DATA.containsKey(lower) || RESERVE.containsKey(lower) || DIRECTIVES.contains(lower)
				|| Prefix.named(lower) != null || table.knows(lower);
	}

	private void directiveOrCode(Tokens tokens) throws AssemblyException {
		Location where = tokens.where();
		if (tokens.take("bits")) {
			long bits = number(tokens);
			if (bits != 16 && bits != 32 && bits != 64)
				throw where.error("bits is 16, 32 or 64");
			mode = (int) bits;
		} else if (tokens.take("default")) {
			relative = tokens.take("rel");
			if (!relative)
				tokens.expect("abs");
		} else if (tokens.take("org"))
			statements.add(new Statement.Org(where, expression(tokens)));
		else
			statements.add(code(tokens));
	}

	private Statement code(Tokens tokens) throws AssemblyException {
		Location where = tokens.where();
		String word = tokens.peek().text().toLowerCase(Locale.ROOT);
		if (tokens.take("times"))
			return new Statement.Times(where, expression(tokens), code(tokens));
		if (tokens.take("align")) {
			Expression boundary = expression(tokens);
			return new Statement.Align(where, boundary, tokens.take(",") ? code(tokens) : instruction("nop", where));
		}
		if (DATA.containsKey(word)) {
			tokens.take();
			return new Data(where, DATA.get(word), items(tokens));
		}
		if (RESERVE.containsKey(word)) {
			tokens.take();
			return new Statement.Reserve(where, RESERVE.get(word), expression(tokens));
		}
		return instruction(tokens);
	}

	private List<Data.Item> items(Tokens tokens) throws AssemblyException {
		List<Data.Item> items = new ArrayList<>();
		do {
			Token next = tokens.peek();
			boolean alone = tokens.peek(1).is(",") || tokens.peek(1).text().isEmpty();
			if (next.kind() == Kind.STRING && alone)
				items.add(new Data.Item(null, tokens.take().bytes()));
			else
				items.add(new Data.Item(expression(tokens), null));
		} while (tokens.take(","));
		return items;
	}

	private Statement instruction(Tokens tokens) throws AssemblyException {
		Set<Prefix> prefixes = EnumSet.noneOf(Prefix.class);
		for (Prefix prefix = Prefix.named(tokens.peek().text()); prefix != null; prefix = Prefix
				.named(tokens.peek().text())) {
			prefixes.add(prefix);
			tokens.take();
		}
		String mnemonic = tokens.takeName("an instruction");
		if (!table.knows(mnemonic))
			throw tokens.where().error("`%s' is not an instruction that is known here", mnemonic);
		List<Operand> operands = new ArrayList<>();
		if (!tokens.atEnd())
			do
				operands.add(new OperandParser(tokens, labels, relative).parse());
			while (tokens.take(","));
		return new Statement.Instruction(tokens.where(), mode, prefixes, mnemonic, table.forms(mnemonic), operands);
	}

	private Statement instruction(String mnemonic, Location where) {
		return new Statement.Instruction(where, mode, Set.of(), mnemonic, table.forms(mnemonic), List.of());
	}

	private Expression expression(Tokens tokens) throws AssemblyException {
		return new ExpressionParser(tokens, labels).parse();
	}

	private static long number(Tokens tokens) throws AssemblyException {
		Token token = tokens.take();
		if (token.kind() != Kind.NUMBER)
			throw tokens.where().error("a number expected instead of `%s'", token.text());
		return token.value();
	}
}
