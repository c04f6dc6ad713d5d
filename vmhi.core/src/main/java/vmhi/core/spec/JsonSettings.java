package vmhi.core.spec;

import static vmhi.api.device.DeviceException.Kind.SETTINGS;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import vmhi.api.device.DeviceException;
import vmhi.api.device.Settings;
import vmhi.api.machine.MachineSpec;

/**
 * The settings of one device, or of a section in them. What the device's factory did not read it does not know:
 * {@link #refuseUnread} is called when the factory has made the device.
 */
public final class JsonSettings implements Settings {
	private final String name;
	private final Place place;
	private final Map<?, ?> values;
	private final Set<String> read = new LinkedHashSet<>();
	private final List<JsonSettings> sections = new ArrayList<>();

	/** Settings of the device that is {@code devices[index]} of its machine. */
	public JsonSettings(MachineSpec.Device device, int index) {
		this(device.name(), SpecRules.ROOT.field("devices").item(index), device.settings());
	}

	private JsonSettings(String name, Place place, Map<?, ?> values) {
		this.name = name;
		this.place = place;
		this.values = values;
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
		return asText(key, require(key));
	}

	@Override
	public String text(String key, String missing) throws DeviceException {
		Object value = value(key);
		if (value == null)
			return missing;
		return asText(key, value);
	}

	private String asText(String key, Object value) throws DeviceException {
		if (value instanceof String text)
			return text;
		throw wrong(key, value, "a text");
	}

	@Override
	public long number(String key, long least, long most) throws DeviceException {
		return asNumber(key, least, most, require(key));
	}

	@Override
	public long number(String key, long least, long most, long missing) throws DeviceException {
		Object value = value(key);
		return value == null ? missing : asNumber(key, least, most, value);
	}

	private long asNumber(String key, long least, long most, Object value) throws DeviceException {
		long number;
		if (value instanceof Long whole)
			number = whole;
		else if (value instanceof String text && Numbers.whole(text).isPresent())
			number = Numbers.whole(text).getAsLong();
		else
			throw wrong(key, value, "a whole number");
		if (number < least || number > most)
			throw refuse(key, "is %d, not %d..%d".formatted(number, least, most));
		return number;
	}

	@Override
	public boolean flag(String key, boolean missing) throws DeviceException {
		Object value = value(key);
		if (value == null)
			return missing;
		if (value instanceof Boolean flag)
			return flag;
		throw wrong(key, value, "true or false");
	}

	@Override
	public List<String> texts(String key) throws DeviceException {
		List<String> texts = new ArrayList<>();
		for (Object item : list(key))
			texts.add(asText("%s[%d]".formatted(key, texts.size()), item));
		return texts;
	}

	@Override
	public List<Settings> sections(String key) throws DeviceException {
		List<Settings> found = new ArrayList<>();
		for (Object item : list(key)) {
			if (!(item instanceof Map<?, ?> object))
				throw wrong("%s[%d]".formatted(key, found.size()), item, "an object");
			JsonSettings section = new JsonSettings(name, place.field(key).item(found.size()), object);
			found.add(section);
			sections.add(section);
		}
		return found;
	}

	private List<?> list(String key) throws DeviceException {
		Object value = value(key);
		if (value == null)
			return List.of();
		if (value instanceof List<?> list)
			return list;
		throw wrong(key, value, "a list");
	}

	private Object value(String key) {
		read.add(key);
		return values.get(key);
	}

	private Object require(String key) throws DeviceException {
		Object value = value(key);
		if (value == null)
			throw refuse(key, "is missing");
		return value;
	}

	private DeviceException wrong(String key, Object value, String wanted) {
		return refuse(key, "is %s, not %s".formatted(Json.describe(value), wanted));
	}

	@Override
	public DeviceException refuse(String key, String why) {
		// a key may have an index behind it, so it isn't a field of the place
		return new DeviceException(SETTINGS, "%s.%s %s".formatted(place, key, why));
	}

	/**
	 * Refuses settings that nobody read.
	 *
	 * @throws DeviceException of kind {@code SETTINGS}
	 */
	public void refuseUnread() throws DeviceException {
		for (Object key : values.keySet())
			if (!read.contains(key))
				throw new DeviceException(SETTINGS, "%s is not known to this kind of device%s"
						.formatted(place.field((String) key), Hint.nearest((String) key, read)));
		for (JsonSettings section : sections)
			section.refuseUnread();
	}
}
