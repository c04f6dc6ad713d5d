package vmhi.guest.asm;

/** What an instruction works on, as parsed. */
sealed interface Operand {

	/** The size that was written before it, in bytes, or that of the register; 0 where there is none. */
	int bytes();

	record OfRegister(Register register) implements Operand {
		@Override
		public int bytes() {
			return register.bytes();
		}
	}

	/** @param distance how far a jump was said to go */
	record Immediate(Expression value, int bytes, Distance distance) implements Operand {}

	/** A place in memory; {@code base}, {@code index} and {@code segment} are null where there is none. */
	record Memory(Register base, Register index, int scale, Expression displacement, Register segment,
			boolean relative, int bytes) implements Operand {

		/** Its registers' size, or 0. */
		int addressBytes() {
			return base != null ? base.bytes() : index != null ? index.bytes() : 0;
		}
	}

	/** {@code selector:offset} */
	record Far(Expression selector, Expression offset, int bytes) implements Operand {}

	enum Distance {
		ANY, SHORT, NEAR
	}
}
