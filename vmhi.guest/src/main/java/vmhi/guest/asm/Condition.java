package vmhi.guest.asm;

import java.util.Deque;

/**
 * An {@code %if} that is not ended yet.
 *
 * @param holds whether the lines that follow count
 * @param done whether a branch of it was taken already
 */
record Condition(boolean holds, boolean done) {

	/** Finds out whether the condition behind a directive is true. */
	interface Test {
		boolean truth(String directive, Tokens tokens) throws AssemblyException;
	}

	static boolean isDirective(String directive) {
		return directive.startsWith("%if") || directive.startsWith("%el") || directive.equals("%endif");
	}

	static boolean holds(Deque<Condition> conditions) {
		return conditions.stream().allMatch(Condition::holds);
	}

	static void carryOut(String directive, Tokens tokens, Deque<Condition> conditions, Test test)
			throws AssemblyException {
		if (directive.startsWith("%if")) {
			boolean holds = holds(conditions) && test.truth(directive, tokens);
			conditions.push(new Condition(holds, holds));
			return;
		}
		if (conditions.isEmpty())
			throw tokens.where().error("%s without %%if", directive);
		Condition last = conditions.pop();
		if (directive.equals("%endif"))
			return;
		boolean holds = !last.done && holds(conditions)
				&& (directive.equals("%else") || test.truth(directive, tokens));
		conditions.push(new Condition(holds, last.done || holds));
	}
}
