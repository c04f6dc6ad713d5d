package vmhi.guest.asm;

import vmhi.guest.asm.Operand.Memory;

/**
 * Parses what stands in square brackets, and says which register is the base and which the index, as
 * NASM does: the first is the base, unless a factor makes it the index.
 */
final class AddressParser {

	private final Tokens tokens;
	private final LabelScope labels;
	private Register base;
	private Register index;
	private long scale;
	private Expression displacement;

	AddressParser(Tokens tokens, LabelScope labels) {
		this.tokens = tokens;
		this.labels = labels;
	}

	/** Parses up to and with the closing bracket. */
	Memory parse(boolean relativeByDefault, int bytes) throws AssemblyException {
		boolean relative = tokens.take("rel") || !tokens.take("abs") && relativeByDefault;
		Register segment = segment();
		add(new ExpressionParser(tokens, labels).parse(), false);
		tokens.expect("]");
		arrange();
		if (base != null && index != null && base.bytes() != index.bytes())
			throw tokens.where().error("%s and %s are of different sizes", base.name(), index.name());
		Expression offset = displacement != null ? displacement : new Expression.Number(0);
		return new Memory(base, index, (int) scale, offset, segment,
				relative && segment == null && base == null && index == null, bytes);
	}

	private Register segment() throws AssemblyException {
		Register register = tokens.peek().isName() ? Register.named(tokens.peek().text()) : null;
		if (register == null || register.kind() != Register.Kind.SEGMENT)
			return null;
		tokens.take();
		tokens.expect(":");
		return register;
	}

	private void add(Expression term, boolean negative) throws AssemblyException {
		if (term instanceof Expression.Binary sum && (sum.operator().equals("+") || sum.operator().equals("-"))) {
			add(sum.left(), negative);
			add(sum.right(), negative != sum.operator().equals("-"));
		} else if (term instanceof Expression.OfRegister of)
			addRegister(of.register(), 1, false, negative);
		else if (term instanceof Expression.Binary product && product.operator().equals("*")
				&& product.left() instanceof Expression.OfRegister of)
			addRegister(of.register(), factor(product.right()), true, negative);
		else if (term instanceof Expression.Binary product && product.operator().equals("*")
				&& product.right() instanceof Expression.OfRegister of)
			addRegister(of.register(), factor(product.left()), true, negative);
		else if (displacement == null)
			displacement = negative ? new Expression.Unary("-", term) : term;
		else
			displacement = new Expression.Binary(negative ? "-" : "+", displacement, term);
	}

	private long factor(Expression expression) throws AssemblyException {
		if (expression instanceof Expression.Number number)
			return number.number();
		throw tokens.where().error("a register is multiplied by a plain number only");
	}

	private void addRegister(Register register, long factor, boolean factorWritten, boolean negative)
			throws AssemblyException {
		if (negative || !register.addresses())
			throw tokens.where().error("%s cannot be part of an address like this", register.name());
		if (base == null && !factorWritten)
			base = register;
		else if (index == null) {
			index = register;
			scale = factor;
		} else if (base == null && scale == 1) {
			// [rax*1 + rbx*2]: the first can do without being the index
			base = index;
			index = register;
			scale = factor;
		} else
			throw tokens.where().error("too many registers in an address");
	}

	private void arrange() throws AssemblyException {
		if (base == null && index != null) {
			if (scale == 1) {
				base = index;
				index = null;
			} else if (scale == 2 || scale == 3 || scale == 5 || scale == 9) {
				base = index;
				scale--;
			}
		}
		if (index != null && index.bytes() > 2 && index.isStackPointer()) {
			if (scale != 1 || base == null || base.isStackPointer())
				throw tokens.where().error("%s cannot be an index", index.name());
			Register swapped = base;
			base = index;
			index = swapped;
		}
		if (index == null)
			scale = 1;
		else if (Long.bitCount(scale) != 1 || scale > 8)
			throw tokens.where().error("a factor of %d cannot be encoded", scale);
	}
}
