package vmhi.example.range;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import vmhi.api.hypercall.Call;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.Status;
import vmhi.api.hypercall.Transferable;

/**
 * The store of one machine. The core has checked privilege and function; all else that comes from the guest is checked
 * here: a length before memory is set aside for it, an address by the view that reads it.
 */
final class StoreHandler implements RangeHandler, Transferable {
	static final int MOST_NAME = 128;
	static final int MOST_VALUE = 4096;
	/** Second value of GET where nothing has that name. */
	static final long ABSENT = -1;

	private final int most;

	/** By name, one char for a byte. Guarded by this: several vCPUs may call at once. */
	private final Map<String, byte[]> values = new HashMap<>();

	StoreHandler(int most) {
		this.most = most;
	}

	@Override
	public int call(int function, Call call) {
		long length = call.argument(1);
		if (length == 0)
			return Status.INVALID;
		if (Long.compareUnsigned(length, MOST_NAME) > 0)
			return Status.TOO_BIG;
		byte[] bytes = call.memory().copyIn(call.argument(0), (int) length);
		if (bytes == null)
			return Status.BAD_ADDRESS;
		String name = new String(bytes, StandardCharsets.ISO_8859_1);
		return switch (function) {
			case StoreRange.PUT -> put(name, call);
			case StoreRange.GET -> get(name, call);
			case StoreRange.REMOVE -> remove(name);
			case StoreRange.ADD -> add(name, call);
			default -> Status.NO_FUNCTION;
		};
	}

	private int put(String name, Call call) {
		long length = call.argument(3);
		if (Long.compareUnsigned(length, MOST_VALUE) > 0)
			return Status.TOO_BIG;
		byte[] value = call.memory().copyIn(call.argument(2), (int) length);
		if (value == null)
			return Status.BAD_ADDRESS;
		return keep(name, value);
	}

	private synchronized int keep(String name, byte[] value) {
		if (values.size() >= most && !values.containsKey(name))
			return Status.NO_MEMORY;
		values.put(name, value);
		return Status.OK;
	}

	/** What is copied out reaches the guest because the status is not negative. */
	private int get(String name, Call call) {
		byte[] value;
		synchronized (this) {
			value = values.get(name); // an array that nobody changes
		}
		call.value(0, 0);
		call.value(1, value == null ? ABSENT : value.length);
		if (value == null)
			return Status.OK;
		long room = call.argument(3);
		int taken = Long.compareUnsigned(room, value.length) < 0 ? (int) room : value.length;
		if (!call.memory().copyOut(call.argument(2), Arrays.copyOf(value, taken)))
			return Status.BAD_ADDRESS;
		call.value(0, taken);
		return taken == value.length ? Status.OK : Status.PARTIAL;
	}

	private synchronized int remove(String name) {
		values.remove(name);
		return Status.OK;
	}

	/** The value is a number of 64 bits; one that is not there counts as 0. */
	private synchronized int add(String name, Call call) {
		byte[] value = values.getOrDefault(name, new byte[Long.BYTES]);
		if (value.length != Long.BYTES)
			return Status.INVALID;
		long sum = little(value).getLong(0) + call.argument(2);
		int status = keep(name, little(new byte[Long.BYTES]).putLong(0, sum).array());
		if (status == Status.OK)
			call.value(0, sum);
		return status;
	}

	private static ByteBuffer little(byte[] bytes) {
		return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
	}

	@Override
	public synchronized byte[] exportState() {
		return StoreState.write(values);
	}

	/** A new bundle may be configured for fewer values than there are; those stay, and no new ones are taken. */
	@Override
	public synchronized boolean importState(byte[] state) {
		Map<String, byte[]> before = StoreState.read(state);
		if (before == null)
			return false;
		values.putAll(before);
		return true;
	}

	@Override
	public void close() {
		// nothing was taken
	}
}
