package vmhi.tck.device;

import static vmhi.api.device.DeviceException.Kind.SETTINGS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import vmhi.api.device.DeviceException;
import vmhi.api.device.Settings;

/**
 * Settings out of a map, as strict as the core's: a {@link Number} or a text such as {@code "0x3f8"} is a number, a
 * {@link String} a text, a {@link Boolean} a truth value, a {@link List} of texts or of maps a list.
 */
public final class MapSettings implements Settings {
	private final String name;
	private final String place;
	private final Map<String, ?> values;
	private final Set<String> read = new TreeSet<>();
	private final List<MapSettings> inside = new ArrayList<>();

	/** @param name of the device */
	public MapSettings(String name, Map<String, ?> values) {
		this(name, "devices[0]", values);
	}

	private MapSettings(String name, String place, Map<String, ?> values) {
		this.name = name;
		this.place = place;
		this.values = values;
	}

	/** The settings that nobody has read so far, with the place of each: the core would refuse them. */
	public List<String> unread() {
		List<String> unread = new ArrayList<>();
		for (String key : new TreeSet<>(values.keySet()))
			if (!read.contains(key))
				unread.add(place + "." + key);
		inside.forEach(section -> unread.addAll(section.unread()));
		return unread;
	}

	@Override
	public String name() {
		return name;
	}

	@Override
	public boolean has(String key) {
		return values.containsKey(key);
	}

	@Override
	public String text(String key) throws DeviceException {
		return of(key, String.class, "a text");
	}

	@Override
	public String text(String key, String missing) throws DeviceException {
		return seen(key) ? text(key) : missing;
	}

	@Override
	public long number(String key, long least, long most) throws DeviceException {
		Object value = of(key, Object.class, "a number");
		long number;
		if (value instanceof Long || value instanceof Integer)
			number = ((Number) value).longValue();
		else if (value instanceof String text)
			number = decoded(key, text);
		else
			throw refuse(key, "is " + value + ", not a number");
		if (number < least || number > most)
			throw refuse(key, "is %d, not %d..%d".formatted(number, least, most));
		return number;
	}

	private long decoded(String key, String text) throws DeviceException {
		try {
			return Long.decode(text);
		} catch (NumberFormatException e) {
			throw refuse(key, "is \"" + text + "\", not a number");
		}
	}

	@Override
	public long number(String key, long least, long most, long missing) throws DeviceException {
		return seen(key) ? number(key, least, most) : missing;
	}

	@Override
	public boolean flag(String key, boolean missing) throws DeviceException {
		return seen(key) ? of(key, Boolean.class, "true or false") : missing;
	}

	@Override
	public List<String> texts(String key) throws DeviceException {
		List<String> texts = new ArrayList<>();
		if (seen(key))
			for (Object value : of(key, List.class, "a list")) {
				if (!(value instanceof String text))
					throw refuse("%s[%d]".formatted(key, texts.size()), "is " + value + ", not a text");
				texts.add(text);
			}
		return texts;
	}

	@Override
	public List<Settings> sections(String key) throws DeviceException {
		List<Settings> sections = new ArrayList<>();
		if (seen(key))
			for (Object value : of(key, List.class, "a list"))
				sections.add(section("%s[%d]".formatted(key, sections.size()), value));
		return sections;
	}

	private MapSettings section(String key, Object value) throws DeviceException {
		if (!(value instanceof Map<?, ?> map))
			throw refuse(key, "is " + value + ", not an object");
		Map<String, Object> copy = new HashMap<>();
		map.forEach((k, v) -> copy.put((String) k, v));
		MapSettings section = new MapSettings(name, place + "." + key, copy);
		inside.add(section);
		return section;
	}

	@Override
	public DeviceException refuse(String key, String why) {
		return new DeviceException(SETTINGS, place + "." + key + " " + why);
	}

	private boolean seen(String key) {
		read.add(key);
		return values.containsKey(key);
	}

	private <T> T of(String key, Class<T> type, String words) throws DeviceException {
		if (!seen(key))
			throw refuse(key, "is missing");
		Object value = values.get(key);
		if (!type.isInstance(value))
			throw refuse(key, "is " + value + ", not " + words);
		return type.cast(value);
	}
}
