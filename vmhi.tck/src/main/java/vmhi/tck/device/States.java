package vmhi.tck.device;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

import vmhi.api.device.DeviceState;

/** Compares and spoils states of devices. */
final class States {

	private States() {}

	/** A text that is the same for states that are the same, arrays by their content. */
	static String text(DeviceState state) {
		return state.kind() + " " + value(state.fields());
	}

	private static String value(Object value) {
		if (value instanceof byte[] bytes)
			return HexFormat.of().formatHex(bytes);
		if (value instanceof List<?> list)
			return list.stream().map(States::value).toList().toString();
		if (value instanceof Map<?, ?> map) {
			Map<String, String> sorted = new TreeMap<>();
			map.forEach((key, inner) -> sorted.put(key.toString(), value(inner)));
			return sorted.toString();
		}
		return Objects.toString(value);
	}

	/** Whether there is nothing in it but what a state may hold. */
	static boolean storable(Object value) {
		if (value instanceof List<?> list)
			return list.stream().allMatch(States::storable);
		if (value instanceof Map<?, ?> map)
			return map.keySet().stream().allMatch(String.class::isInstance)
					&& map.values().stream().allMatch(States::storable);
		return value instanceof Long || value instanceof Boolean || value instanceof String || value instanceof byte[];
	}

	/** The same state with one field changed into something that nobody saved. */
	static DeviceState spoil(DeviceState state, Random chance) {
		Map<String, Object> fields = new HashMap<>(state.fields());
		if (!fields.isEmpty()) {
			String field = new TreeMap<>(fields).keySet().toArray(new String[0])[chance.nextInt(fields.size())];
			fields.put(field, spoilt(fields.get(field), chance));
		}
		return new DeviceState(state.kind(), state.version(), fields);
	}

	private static Object spoilt(Object value, Random chance) {
		if (chance.nextInt(5) == 0)
			return chance.nextBoolean() ? "nonsense" : List.of(Map.of("a", -1L));
		if (value instanceof Long)
			return chance.nextBoolean() ? chance.nextLong() : chance.nextInt(64) - 8L;
		if (value instanceof Boolean flag)
			return !flag;
		if (value instanceof byte[]) {
			byte[] bytes = new byte[chance.nextInt(100)];
			chance.nextBytes(bytes);
			return bytes;
		}
		return -1L;
	}
}
