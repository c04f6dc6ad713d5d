package vmhi.guest.asm;

/**
 * Knows the last label that was not local, which the names of local labels are completed with. Moves on
 * as the statements are parsed.
 */
final class LabelScope {

	private String last;

	/** The full name of a label: {@code .next} after {@code main} is {@code main.next}. */
	String full(String name, Location where) throws AssemblyException {
		if (!name.startsWith(".") || name.startsWith(Preprocessor.MACRO_LABEL))
			return name;
		if (last == null)
			throw where.error("local label `%s' comes before any other", name);
		return last + name;
	}

	/** Tells that a label was defined. Returns its full name. */
	String define(String name, Location where) throws AssemblyException {
		if (!name.startsWith(".") && !name.startsWith(Preprocessor.MACRO_LABEL))
			last = name;
		return full(name, where);
	}
}
