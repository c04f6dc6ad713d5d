package vmhi.guest.asm;

/** An expression, as parsed. Its value can differ from pass to pass, as labels move. */
sealed interface Expression {

	Value value(Scope scope) throws AssemblyException;

	/** What an expression can refer to, at one place in one pass. */
	interface Scope {

		/** {@link Value#UNKNOWN} for a label further on, as long as its address is not known. */
		Value symbol(String name) throws AssemblyException;

		/** The address of the statement, {@code $}. */
		Value here();

		/** The address of the image, {@code $$}. */
		Value start();

		AssemblyException error(String format, Object... args);
	}

	record Number(long number) implements Expression {
		@Override
		public Value value(Scope scope) {
			return Value.number(number);
		}
	}

	record Symbol(String name) implements Expression {
		@Override
		public Value value(Scope scope) throws AssemblyException {
			return scope.symbol(name);
		}
	}

	record Here() implements Expression {
		@Override
		public Value value(Scope scope) {
			return scope.here();
		}
	}

	record Start() implements Expression {
		@Override
		public Value value(Scope scope) {
			return scope.start();
		}
	}

	/** A register, which has a place in an address only. */
	record OfRegister(Register register) implements Expression {
		@Override
		public Value value(Scope scope) throws AssemblyException {
			throw scope.error("register %s cannot stand here", register.name());
		}
	}

	record Unary(String operator, Expression of) implements Expression {
		@Override
		public Value value(Scope scope) throws AssemblyException {
			Value value = of.value(scope);
			if (!value.known())
				return value;
			long number = value.number();
			if (value.addresses() != 0 && !operator.equals("+") && !operator.equals("-"))
				throw scope.error("`%s' takes a number, not an address", operator);
			return switch (operator) {
				case "+" -> value;
				case "-" -> new Value(-number, -value.addresses(), true);
				case "~" -> Value.number(~number);
				case "!" -> Value.number(number == 0 ? 1 : 0);
				default -> throw scope.error("`%s' is not an operator", operator);
			};
		}
	}

	record Binary(String operator, Expression left, Expression right) implements Expression {
		@Override
		public Value value(Scope scope) throws AssemblyException {
			Value a = left.value(scope);
			Value b = right.value(scope);
			if (!a.known() || !b.known())
				return Value.UNKNOWN;
			return switch (operator) {
				case "+" -> new Value(a.number() + b.number(), a.addresses() + b.addresses(), true);
				case "-" -> new Value(a.number() - b.number(), a.addresses() - b.addresses(), true);
				default -> {
					if (a.addresses() != 0 || b.addresses() != 0)
						throw scope.error("`%s' takes numbers, not addresses", operator);
					yield Value.number(compute(a.number(), b.number(), scope));
				}
			};
		}

		private long compute(long a, long b, Scope scope) throws AssemblyException {
			if (b == 0 && (operator.contains("/") || operator.contains("%")))
				throw scope.error("division by zero");
			return switch (operator) {
				case "*" -> a * b;
				case "/" -> Long.divideUnsigned(a, b);
				case "//" -> a / b;
				case "%" -> Long.remainderUnsigned(a, b);
				case "%%" -> a % b;
				case "<<" -> b >>> 6 == 0 ? a << b : 0;
				case ">>" -> b >>> 6 == 0 ? a >>> b : 0;
				case "&" -> a & b;
				case "|" -> a | b;
				case "^" -> a ^ b;
				case "=", "==" -> truth(a == b);
				case "!=", "<>" -> truth(a != b);
				case "<" -> truth(a < b);
				case "<=" -> truth(a <= b);
				case ">" -> truth(a > b);
				case ">=" -> truth(a >= b);
				case "&&" -> truth(a != 0 && b != 0);
				case "||" -> truth(a != 0 || b != 0);
				default -> throw scope.error("`%s' is not an operator", operator);
			};
		}

		private static long truth(boolean is) {
			return is ? 1 : 0;
		}
	}
}
