package vmhi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.osgi.framework.VersionRange;

/**
 * What a platform shall be able to do: a small text that names features, from which bundles are found by their
 * capabilities. {@code docs/launcher.md} describes it.
 *
 * <pre>
 * # a host for qcow2 disks
 * cpu    = kvm, softcpu?
 * disk   = raw, qcow2;version=[1.2,2)
 * device = *
 * mgmt   = rest
 * </pre>
 *
 * @param name for messages
 */
record Composition(String name, List<Wish> wishes) {

	/**
	 * A value of a feature.
	 *
	 * @param value {@code "*"} for all there are
	 * @param range of versions of the bundle; {@code null} for any
	 * @param optional whether a platform without it will do
	 */
	record Wish(Feature feature, String value, VersionRange range, boolean optional) {

		boolean all() {
			return value.equals("*");
		}

		/** As it could stand in a composition. */
		@Override
		public String toString() {
			return feature.word() + "=" + value + (optional ? "?" : "") + (range == null ? "" : ";version=" + range);
		}
	}

	/** One that comes with the launcher. */
	static Composition builtIn(String name) {
		try (InputStream in = Composition.class.getResourceAsStream(name + ".composition")) {
			return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
		} catch (IOException | Problem e) {
			throw new IllegalStateException(name, e);
		}
	}

	static Composition read(Path file) throws Problem {
		try {
			return parse(file.toString(), Files.readString(file));
		} catch (IOException e) {
			throw new Problem(
					"the composition %s cannot be read: %s; name a text file".formatted(file, Problem.line(e)), e);
		}
	}

	static Composition parse(String name, String text) throws Problem {
		List<Wish> wishes = new ArrayList<>();
		int number = 0;
		for (String line : text.lines().toList()) {
			number++;
			String content = line.replaceFirst("#.*", "").strip();
			if (content.isEmpty())
				continue;
			try {
				wishes.addAll(wishes(content));
			} catch (IllegalArgumentException e) {
				throw new Problem("%s:%d: %s".formatted(name, number, e.getMessage()), e);
			}
		}
		return new Composition(name, List.copyOf(wishes));
	}

	/** This one with a further line. */
	Composition and(String line) {
		List<Wish> more = new ArrayList<>(wishes);
		more.addAll(wishes(line));
		return new Composition(name, List.copyOf(more));
	}

	private static List<Wish> wishes(String line) {
		int equals = line.indexOf('=');
		if (equals < 0)
			throw new IllegalArgumentException("\"%s\" is not of the form feature = value, value".formatted(line));
		String word = line.substring(0, equals).strip();
		Feature feature = Feature.of(word).orElseThrow(() -> new IllegalArgumentException(
				"\"%s\" is not a feature; use one of %s".formatted(word, Feature.words())));
		return split(line.substring(equals + 1)).stream().map(value -> wish(feature, value.strip())).toList();
	}

	private static Wish wish(Feature feature, String text) {
		String[] parts = text.split(";", 2);
		String value = parts[0].strip();
		boolean optional = value.endsWith("?");
		if (optional)
			value = value.substring(0, value.length() - 1).strip();
		if (value.equals("auto"))
			value = "*";
		if (!value.matches("\\*|[A-Za-z0-9._-]+"))
			throw new IllegalArgumentException(value.isEmpty()
					? "a value of %s is missing".formatted(feature.word())
					: "\"%s\" is not a name; use letters, digits and . _ -, or * for all there are".formatted(value));
		return new Wish(feature, value, parts.length == 1 ? null : range(parts[1].strip()), optional);
	}

	private static VersionRange range(String text) {
		if (!text.matches("version\\s*=.*"))
			throw new IllegalArgumentException("\"%s\" is not of the form version=[1.0,2)".formatted(text));
		String range = text.substring(text.indexOf('=') + 1).replace("\"", "").strip();
		try {
			VersionRange versions = new VersionRange(range);
			if (!versions.isEmpty())
				return versions;
		} catch (IllegalArgumentException e) {
			// said below
		}
		throw new IllegalArgumentException("\"%s\" is not a range of versions such as [1.0,2)".formatted(range));
	}

	/** Splits at the commas that are not within a range of versions. */
	private static List<String> split(String values) {
		List<String> parts = new ArrayList<>();
		int start = 0;
		boolean inRange = false;
		for (int i = 0; i < values.length(); i++) {
			switch (values.charAt(i)) {
				case '[', '(' -> inRange = true;
				case ']', ')' -> inRange = false;
				case ',' -> {
					if (!inRange) {
						parts.add(values.substring(start, i));
						start = i + 1;
					}
				}
				default -> {
				}
			}
		}
		parts.add(values.substring(start));
		return parts;
	}
}
