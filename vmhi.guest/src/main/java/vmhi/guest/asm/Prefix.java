package vmhi.guest.asm;

import java.util.Locale;
import java.util.Map;

/** A prefix that is written before a mnemonic. They are encoded in this order. */
enum Prefix {
	REP(0xf3), REPNE(0xf2), LOCK(0xf0), O16(0), O32(0), O64(0), A16(0), A32(0), A64(0);

	private static final Map<String, Prefix> NAMES = Map.ofEntries(
			Map.entry("rep", REP),
			Map.entry("repe", REP),
			Map.entry("repz", REP),
			Map.entry("repne", REPNE),
			Map.entry("repnz", REPNE),
			Map.entry("lock", LOCK),
			Map.entry("o16", O16),
			Map.entry("o32", O32),
			Map.entry("o64", O64),
			Map.entry("a16", A16),
			Map.entry("a32", A32),
			Map.entry("a64", A64));

	private static final int[] OVERRIDES = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };

	private final int code;

	Prefix(int code) {
		this.code = code;
	}

	/** The prefix of that name, or null. */
	static Prefix named(String name) {
		return NAMES.get(name.toLowerCase(Locale.ROOT));
	}

	static int override(Register segment) {
		return OVERRIDES[segment.number()];
	}

	/** The byte it is, where that does not depend on the mode. */
	int code() {
		return code;
	}
}
