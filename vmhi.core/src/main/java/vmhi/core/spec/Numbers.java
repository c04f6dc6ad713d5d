package vmhi.core.spec;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as people write them in texts. */
final class Numbers {
	private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})(?:([KMGT])(?:iB)?)?");
	private static final String UNITS = "KMGT";

	private Numbers() {}

	/** A whole number, as {@code 1016} or {@code 0x3f8}; empty if it is none, or not one of a {@code long}. */
	static OptionalLong whole(String text) {
		try {
			if (text.matches("0[xX][0-9a-fA-F]+"))
				return OptionalLong.of(Long.parseLong(text.substring(2), 16));
			if (text.matches("-?[0-9]+"))
				return OptionalLong.of(Long.parseLong(text));
		} catch (NumberFormatException e) {
			// beyond 64 bits
		}
		return OptionalLong.empty();
	}

	/** A number of bytes, as {@code 256M} or {@code 256MiB}, units being powers of 1024; empty if it is none. */
	static OptionalLong size(String text) {
		Matcher matcher = SIZE.matcher(text);
		if (!matcher.matches())
			return OptionalLong.empty();
		long number = Long.parseLong(matcher.group(1));
		int shift = matcher.group(2) == null ? 0 : 10 * (UNITS.indexOf(matcher.group(2)) + 1);
		return number <= Long.MAX_VALUE >> shift ? OptionalLong.of(number << shift) : OptionalLong.empty();
	}

	/** A number of bytes in the largest unit that it is a multiple of; just the number if there is none. */
	static Object sized(long bytes) {
		for (int i = UNITS.length(); i > 0; i--)
			if (bytes != 0 && bytes % (1L << 10 * i) == 0)
				return (bytes >> 10 * i) + UNITS.substring(i - 1, i);
		return bytes;
	}
}
