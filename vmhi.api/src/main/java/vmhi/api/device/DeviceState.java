package vmhi.api.device;

import java.util.Map;

/**
 * The state of one device as a value.
 *
 * @param kind of the device, as in {@link DeviceKind}
 * @param version of the layout, the device's own count from 1; for messages, since fields are found by name
 * @param fields each a {@link Long}, {@link Boolean}, {@link String}, {@code byte[]}, or a list or map of these
 */
public record DeviceState(String kind, int version, Map<String, Object> fields) {

	/** The map is kept as it is now. */
	public DeviceState {
		fields = Map.copyOf(fields);
	}

	/** A number, or {@code missing} if there is none of that name. */
	public long number(String name, long missing) {
		return fields.get(name) instanceof Long value ? value : missing;
	}

	/** A truth value, or {@code missing} if there is none of that name. */
	public boolean flag(String name, boolean missing) {
		return fields.get(name) instanceof Boolean value ? value : missing;
	}

	/** A copy of a byte array; empty if there is none of that name. */
	public byte[] bytes(String name) {
		return fields.get(name) instanceof byte[] value ? value.clone() : new byte[0];
	}
}
