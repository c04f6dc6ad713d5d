package vmhi.device.irqchip;

import static vmhi.api.device.DeviceException.Kind.STATE;

import java.util.HashMap;
import java.util.Map;

import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;

/**
 * The fields of a state, while it is put in or taken out: a chip names each of its registers once, and gives it the value
 * that comes back. That is the one it has when its state is saved, and the one in the state when it is restored.
 */
abstract class Fields {

	/** A number. What is not in the state keeps its value. */
	abstract long number(String name, long value, long least, long most) throws DeviceException;

	/** A truth value. */
	abstract boolean flag(String name, boolean value);

	/** Some bytes. */
	abstract byte[] bytes(String name, byte[] value, int least, int most) throws DeviceException;

	/** A number of 0 to {@code most}. */
	int number(String name, int value, int most) throws DeviceException {
		return (int) number(name, value, 0, most);
	}

	/** A byte. */
	int octet(String name, int value) throws DeviceException {
		return number(name, value, 0xff);
	}

	/** Collects a state. */
	static final class Saver extends Fields {
		private final Map<String, Object> fields = new HashMap<>();

		DeviceState state(String kind, int version) {
			return new DeviceState(kind, version, fields);
		}

		@Override
		long number(String name, long value, long least, long most) {
			fields.put(name, value);
			return value;
		}

		@Override
		boolean flag(String name, boolean value) {
			fields.put(name, value);
			return value;
		}

		@Override
		byte[] bytes(String name, byte[] value, int least, int most) {
			fields.put(name, value);
			return value;
		}
	}

	/** Gives out a state. */
	static final class Loader extends Fields {
		private final DeviceState state;

		Loader(DeviceState state) {
			this.state = state;
		}

		@Override
		long number(String name, long value, long least, long most) throws DeviceException {
			long read = state.number(name, value);
			if (read < least || read > most)
				throw new DeviceException(STATE, "%s is %d, not %d..%d".formatted(name, read, least, most));
			return read;
		}

		@Override
		boolean flag(String name, boolean value) {
			return state.flag(name, value);
		}

		@Override
		byte[] bytes(String name, byte[] value, int least, int most) throws DeviceException {
			if (!(state.fields().get(name) instanceof byte[]))
				return value;
			byte[] read = state.bytes(name);
			if (read.length < least || read.length > most)
				throw new DeviceException(STATE,
						"%s has %d bytes, not %d..%d".formatted(name, read.length, least, most));
			return read;
		}
	}
}
