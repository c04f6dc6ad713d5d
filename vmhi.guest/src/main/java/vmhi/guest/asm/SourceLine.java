package vmhi.guest.asm;

import java.util.List;

/** A line cut into tokens. */
record SourceLine(Location where, List<Token> tokens) {

	Tokens cursor() {
		return new Tokens(where, tokens);
	}
}
