package vmhi.hypercall;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import vmhi.api.hypercall.Abi;
import vmhi.api.hypercall.Call;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.RangeHost.Bound;
import vmhi.api.hypercall.Status;

/** The core range in one machine. It keeps nothing: what the guest said of itself is the machine's. */
final class CoreHandler implements RangeHandler {
	/** {@code uuid u64[2], owner u32, version u32, state u32, reserved u32}. */
	private static final int ENTRY_SIZE = 32;
	private static final int PAGE = 4096;
	private static final int AVAILABLE = 1;

	private final RangeHost host;

	CoreHandler(RangeHost host) {
		this.host = host;
	}

	@Override
	public int call(int function, Call call) {
		return switch (function) {
			case CoreRange.QUERY -> query(call);
			case CoreRange.RANGE_LOOKUP -> lookup(call);
			case CoreRange.RANGE_ENUM -> enumerate(call);
			case CoreRange.GUEST_ID -> identify(call);
			case CoreRange.NOP -> nop(call);
			default -> Status.NO_FUNCTION;
		};
	}

	private int query(Call call) {
		call.value(0, Abi.VERSION);
		call.value(1, Integer.toUnsignedLong(host.generation()) << 32 | host.vcpus());
		return Status.OK;
	}

	/** From 32-bit code the UUID's four words are the first four arguments, low first. */
	private int lookup(Call call) {
		boolean wide = call.codeBits() == 64;
		long low = wide ? call.argument(0) : call.argument(0) | call.argument(1) << 32;
		long high = wide ? call.argument(1) : call.argument(2) | call.argument(3) << 32;
		for (Bound range : host.ranges())
			if (range.uuid().getLeastSignificantBits() == low && range.uuid().getMostSignificantBits() == high) {
				call.value(0, range.owner() | (range.available() ? AVAILABLE << 16 : 0));
				call.value(1, version(range));
				return Status.OK;
			}
		return Status.NO_RANGE;
	}

	private int enumerate(Call call) {
		List<Bound> ranges = host.ranges();
		long index = call.argument(0);
		long gpa = call.argument(1);
		if (index < 0 || index >= ranges.size() || (gpa & 7) != 0 || (gpa & PAGE - 1) > PAGE - ENTRY_SIZE)
			return Status.INVALID;
		Bound range = ranges.get((int) index);
		ByteBuffer entry = ByteBuffer.allocate(ENTRY_SIZE).order(ByteOrder.LITTLE_ENDIAN)
				.putLong(range.uuid().getLeastSignificantBits())
				.putLong(range.uuid().getMostSignificantBits())
				.putInt(range.owner())
				.putInt((int) version(range))
				.putInt(range.available() ? AVAILABLE : 0);
		if (!call.memory().copyOut(gpa, entry.array()))
			return Status.BAD_ADDRESS;
		call.value(0, host.generation());
		call.value(1, ranges.size());
		return Status.OK;
	}

	private static long version(Bound range) {
		return (long) range.major() << 16 | range.minor();
	}

	private int identify(Call call) {
		long identity = call.argument(0);
		if (identity == 0)
			return Status.INVALID;
		if (identity != host.guestIdentity())
			host.guestIdentity(identity);
		return Status.OK;
	}

	/** Gives its argument back, so that a guest can tell one answer from another. */
	private static int nop(Call call) {
		call.value(0, call.argument(0));
		return Status.OK;
	}

	@Override
	public void close() {
		// nothing was taken
	}
}
