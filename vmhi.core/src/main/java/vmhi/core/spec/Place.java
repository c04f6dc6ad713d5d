package vmhi.core.spec;

import java.util.regex.Pattern;

/** Where in a JSON text something is, as its messages begin: {@code disks[0].format}. */
record Place(Place parent, String step) {

	private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");
	private static final int MOST_CHARS = 64;

	/** The whole text; {@code name} is what it is called where there is no more to say. */
	static Place root(String name) {
		return new Place(null, name);
	}

	Place field(String key) {
		return new Place(this, WORD.matcher(key).matches() ? "." + key : "[" + quoted(key) + "]");
	}

	Place item(int index) {
		return new Place(this, "[" + index + "]");
	}

	/** A text from outside as one line of bounded length. */
	static String quoted(String text) {
		StringBuilder out = new StringBuilder("\"");
		text.codePoints().limit(MOST_CHARS).forEach(c -> {
			if (c == '"' || c == '\\')
				out.append('\\').appendCodePoint(c);
			else if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
					|| Character.getType(c) == Character.FORMAT || c == '\u2028' || c == '\u2029')
				out.append("\\u%04x".formatted(c));
			else
				out.appendCodePoint(c);
		});
		return out.append(text.codePointCount(0, text.length()) > MOST_CHARS ? "...\"" : "\"").toString();
	}

	@Override
	public String toString() {
		if (parent == null)
			return step;
		StringBuilder out = new StringBuilder();
		append(out);
		return out.charAt(0) == '.' ? out.substring(1) : out.toString();
	}

	private void append(StringBuilder out) {
		if (parent == null)
			return;
		parent.append(out);
		out.append(step);
	}
}
