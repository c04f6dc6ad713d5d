package vmhi.guest.asm;

/**
 * What an expression comes to: a number, or an address in the image, which is a number that would move
 * if the image did.
 *
 * @param addresses how many addresses were added up, less those taken off: 0 for a number, 1 for an address
 * @param known false where it depends on a label that the first pass has not come to yet
 */
record Value(long number, int addresses, boolean known) {

	static final Value UNKNOWN = new Value(0, 0, false);

	static Value number(long number) {
		return new Value(number, 0, true);
	}

	static Value address(long number) {
		return new Value(number, 1, true);
	}

	/** This, if it can be used for anything. */
	Value checked(Expression.Scope scope) throws AssemblyException {
		if (addresses != 0 && addresses != 1)
			throw scope.error("neither a number nor an address");
		return this;
	}

	boolean isNumber() {
		return known && addresses == 0;
	}

	boolean isAddress() {
		return known && addresses == 1;
	}

	/** Whether it fits so many bytes, taken as signed or as unsigned. */
	boolean fits(int bytes) {
		return bytes >= Long.BYTES || fitsSigned(bytes) || number >>> bytes * 8 == 0;
	}

	boolean fitsSigned(int bytes) {
		int shift = Long.SIZE - bytes * 8;
		return number << shift >> shift == number;
	}

	/** Whether an operand of so many bytes with this value can be written as a sign-extended byte. */
	boolean isSignedByteOf(int bytes) {
		int shift = Long.SIZE - bytes * 8;
		return isNumber() && number << shift >> shift == (byte) number && (bytes == Long.BYTES || fits(bytes));
	}
}
