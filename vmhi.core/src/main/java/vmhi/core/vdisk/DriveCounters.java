package vmhi.core.vdisk;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

import vmhi.api.device.DriveRequest.Op;

/** What a drive has done. For any thread. */
final class DriveCounters {
	private final Map<Op, LongAdder> requests = new EnumMap<>(Op.class);
	private final LongAdder bytesRead = new LongAdder();
	private final LongAdder bytesWritten = new LongAdder();
	final LongAdder errors = new LongAdder();
	final LongAdder faults = new LongAdder();
	final LongAdder exchanges = new LongAdder();

	DriveCounters() {
		for (Op op : Op.values())
			requests.put(op, new LongAdder());
	}

	/** A request was carried out, well or not. */
	void count(DriveTask task, boolean well) {
		requests.get(task.op).increment();
		if (!well)
			errors.increment();
		else if (task.op == Op.READ)
			bytesRead.add(task.length);
		else if (task.op == Op.WRITE)
			bytesWritten.add(task.length);
	}

	/** By name, for people. */
	Map<String, Long> all() {
		Map<String, Long> all = new LinkedHashMap<>();
		requests.forEach((op, count) -> all.put("requests." + op.name().toLowerCase(Locale.ROOT), count.sum()));
		all.put("bytes.read", bytesRead.sum());
		all.put("bytes.written", bytesWritten.sum());
		all.put("errors", errors.sum());
		all.put("faults", faults.sum());
		all.put("exchanges", exchanges.sum());
		return all;
	}
}
