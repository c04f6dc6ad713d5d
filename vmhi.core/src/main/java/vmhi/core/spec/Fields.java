package vmhi.core.spec;

import static vmhi.api.machine.MachineException.Kind.INVALID;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import vmhi.api.machine.MachineException;

/** An object of a specification while it is read: each field is asked for, and then there may be no others. */
final class Fields {
	private final Place place;
	private final Map<?, ?> values;
	private final Set<String> asked = new LinkedHashSet<>();

	Fields(Object value, Place place) throws MachineException {
		if (!(value instanceof Map<?, ?> object))
			throw wrong(place, value, "an object");
		this.place = place;
		this.values = object;
	}

	static MachineException refuse(Place place, String why) {
		return new MachineException(INVALID, place + ": " + why);
	}

	private static MachineException wrong(Place place, Object value, String wanted) {
		return refuse(place, "%s, not %s".formatted(Json.describe(value), wanted));
	}

	private Object value(String key) {
		asked.add(key);
		return values.get(key);
	}

	boolean has(String key) {
		asked.add(key);
		return values.containsKey(key);
	}

	void require(String key) throws MachineException {
		if (!has(key))
			throw refuse(place.field(key), "missing");
	}

	String text(String key) throws MachineException {
		require(key);
		return text(key, "");
	}

	String text(String key, String missing) throws MachineException {
		if (!has(key))
			return missing;
		if (value(key) instanceof String text)
			return text;
		throw wrong(place.field(key), value(key), "a text");
	}

	boolean flag(String key, boolean missing) throws MachineException {
		if (!has(key))
			return missing;
		if (value(key) instanceof Boolean flag)
			return flag;
		throw wrong(place.field(key), value(key), "true or false");
	}

	/** A whole number; ranges are checked later, so that the one check serves all, but it has to be an {@code int}. */
	int small(String key, int missing) throws MachineException {
		long number = number(key, missing);
		if (number != (int) number)
			throw refuse(place.field(key), number + " is out of range");
		return (int) number;
	}

	/** A whole number, or one as text. */
	long number(String key, long missing) throws MachineException {
		if (!has(key))
			return missing;
		if (value(key) instanceof Long number)
			return number;
		if (value(key) instanceof String text && Numbers.whole(text).isPresent())
			return Numbers.whole(text).getAsLong();
		throw wrong(place.field(key), value(key), "a whole number such as 4096 or \"0x1000\"");
	}

	/** A number of bytes, which must be there. */
	long size(String key) throws MachineException {
		require(key);
		if (value(key) instanceof Long number)
			return number;
		if (value(key) instanceof String text && Numbers.size(text).isPresent())
			return Numbers.size(text).getAsLong();
		throw wrong(place.field(key), value(key), "a size such as 268435456, \"256M\" or \"256MiB\"");
	}

	/** A constant of an enumeration, which is written in small letters. */
	<E extends Enum<E>> E word(String key, Class<E> words, E missing) throws MachineException {
		if (!has(key))
			return missing;
		List<String> known = new ArrayList<>();
		for (E word : words.getEnumConstants()) {
			known.add(word(word));
			if (word(word).equals(value(key)))
				return word;
		}
		String hint = value(key) instanceof String text ? Hint.nearest(text, known) : "";
		throw refuse(place.field(key), "%s, not one of %s%s".formatted(Json.describe(value(key)),
				String.join(", ", known), hint));
	}

	static String word(Enum<?> word) {
		return word.name().toLowerCase(Locale.ROOT);
	}

	Map<String, String> texts(String key) throws MachineException {
		Map<String, String> texts = new LinkedHashMap<>();
		if (!has(key))
			return texts;
		if (!(value(key) instanceof Map<?, ?> object))
			throw wrong(place.field(key), value(key), "an object");
		for (Map.Entry<?, ?> field : object.entrySet()) {
			String name = (String) field.getKey();
			if (!(field.getValue() instanceof String text))
				throw wrong(place.field(key).field(name), field.getValue(), "a text");
			texts.put(name, text);
		}
		return texts;
	}

	/** An object; an empty one if it is missing. */
	Fields section(String key) throws MachineException {
		return new Fields(has(key) ? value(key) : Map.of(), place.field(key));
	}

	/** A list of objects; empty if it is missing. */
	List<Fields> sections(String key) throws MachineException {
		List<Fields> sections = new ArrayList<>();
		if (!has(key))
			return sections;
		if (!(value(key) instanceof List<?> list))
			throw wrong(place.field(key), value(key), "a list");
		for (Object item : list)
			sections.add(new Fields(item, place.field(key).item(sections.size())));
		return sections;
	}

	/** What nobody asked for. */
	Map<String, Object> others() {
		Map<String, Object> others = new LinkedHashMap<>();
		values.forEach((key, value) -> {
			if (!asked.contains(key))
				others.put((String) key, value);
		});
		return others;
	}

	/** Refuses fields that nobody asked for. */
	void refuseOthers() throws MachineException {
		for (String other : others().keySet())
			throw refuse(place.field(other), "unknown field" + Hint.nearest(other, asked));
	}
}
