package vmhi.example.range;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What one version of the bundle leaves to the next: parts of {@code tag u32, size u32, size bytes}, big-endian. A
 * version that finds a tag it does not know skips that part, so that a later one may add to the state and be replaced
 * by this one again.
 */
final class StoreState {
	/** {@code name size u32, name, value}: a value and its name. */
	static final int VALUE = 1;

	private static final int HEADER = 2 * Integer.BYTES;

	private StoreState() {}

	static byte[] write(Map<String, byte[]> values) {
		int size = values.entrySet().stream().mapToInt(v -> HEADER + size(v.getKey(), v.getValue())).sum();
		ByteBuffer state = ByteBuffer.allocate(size);
		values.forEach((name, value) -> state.putInt(VALUE).putInt(size(name, value)).putInt(name.length())
				.put(name.getBytes(StandardCharsets.ISO_8859_1)).put(value));
		return state.array();
	}

	private static int size(String name, byte[] value) {
		return Integer.BYTES + name.length() + value.length;
	}

	/** The values, or {@code null} if this is not such a state. */
	static Map<String, byte[]> read(byte[] bytes) {
		Map<String, byte[]> values = new HashMap<>();
		ByteBuffer state = ByteBuffer.wrap(bytes);
		while (state.hasRemaining()) {
			if (state.remaining() < HEADER)
				return null;
			int tag = state.getInt();
			int size = state.getInt();
			if (size < 0 || size > state.remaining())
				return null;
			if (tag == VALUE && !value(state.slice(state.position(), size), values))
				return null;
			state.position(state.position() + size);
		}
		return values;
	}

	private static boolean value(ByteBuffer part, Map<String, byte[]> values) {
		if (part.remaining() < Integer.BYTES)
			return false;
		int length = part.getInt();
		if (length < 0 || length > part.remaining())
			return false;
		byte[] name = new byte[length];
		part.get(name);
		byte[] value = new byte[part.remaining()];
		part.get(value);
		values.put(new String(name, StandardCharsets.ISO_8859_1), value);
		return true;
	}
}
