package vmhi.guest.asm;

import java.util.Map;

import vmhi.guest.asm.Operand.Distance;

/** Parses an operand. */
final class OperandParser {

	private static final Map<String, Integer> SIZES = Map.of("byte", 1, "word", 2, "dword", 4, "qword", 8, "oword", 16);

	private final Tokens tokens;
	private final LabelScope labels;
	private final boolean relative;

	/** @param relative whether addresses are relative to RIP unless they say otherwise */
	OperandParser(Tokens tokens, LabelScope labels, boolean relative) {
		this.tokens = tokens;
		this.labels = labels;
		this.relative = relative;
	}

	Operand parse() throws AssemblyException {
		Distance distance = tokens.take("short") ? Distance.SHORT
				: tokens.take("near") ? Distance.NEAR : Distance.ANY;
		int bytes = 0;
		Integer size = tokens.peek().isName() ? SIZES.get(tokens.peek().text().toLowerCase()) : null;
		if (size != null) {
			bytes = size;
			tokens.take();
		}
		if (tokens.take("["))
			return new AddressParser(tokens, labels).parse(relative, bytes);
		Expression value = new ExpressionParser(tokens, labels).parse();
		if (value instanceof Expression.OfRegister of) {
			if (bytes != 0 && bytes != of.register().bytes())
				throw tokens.where().error("register %s is not of %d bytes", of.register().name(), bytes);
			return new Operand.OfRegister(of.register());
		}
		if (tokens.take(":"))
			return new Operand.Far(value, new ExpressionParser(tokens, labels).parse(), bytes);
		return new Operand.Immediate(value, bytes, distance);
	}
}
