package vmhi.hypercall;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import vmhi.api.device.ConsolePort;
import vmhi.api.hypercall.Call;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.Status;
import vmhi.api.hypercall.Transferable;

/**
 * Console and log in one machine. Nothing here waits: a console whose reader is slow takes less than it was offered, and
 * records beyond the rate are dropped and counted; the count goes out with the next one that isn't. The count outlives
 * the bundle.
 */
final class ConsoleHandler implements RangeHandler, Transferable {
	static final int MOST_WRITE = 4096;
	static final int MOST_LOG = 1024;
	private static final String[] LEVELS = { "error", "warn", "info", "debug", "trace" };
	private static final long SECOND = 1_000_000_000;

	private final RangeHost host;
	private final int recordsPerSecond;

	// guarded by this: several vCPUs may log at once
	private long secondBegan = Long.MIN_VALUE;
	private int thisSecond;
	private long dropped;

	ConsoleHandler(RangeHost host, int recordsPerSecond) {
		this.host = host;
		this.recordsPerSecond = recordsPerSecond;
	}

	@Override
	public int call(int function, Call call) {
		return switch (function) {
			case ConsoleRange.WRITE -> write(call);
			case ConsoleRange.LOG -> log(call);
			case ConsoleRange.TRACE -> trace(call);
			default -> Status.NO_FUNCTION;
		};
	}

	private int write(Call call) {
		long length = call.argument(1);
		if (Long.compareUnsigned(length, MOST_WRITE) > 0)
			return Status.TOO_BIG;
		byte[] text = call.memory().copyIn(call.argument(0), (int) length);
		if (text == null)
			return Status.BAD_ADDRESS;
		ConsolePort console = host.console();
		int taken = 0;
		while (taken < text.length && console.write(text[taken] & 0xff))
			taken++;
		call.value(0, taken);
		return taken == text.length ? Status.OK : Status.PARTIAL;
	}

	private int log(Call call) {
		long level = call.argument(0);
		long length = call.argument(2);
		if (Long.compareUnsigned(level, LEVELS.length) >= 0)
			return Status.INVALID;
		if (Long.compareUnsigned(length, MOST_LOG) > 0)
			return Status.TOO_BIG;
		byte[] text = call.memory().copyIn(call.argument(1), (int) length);
		if (text == null)
			return Status.BAD_ADDRESS;
		report("log", Map.of("level", LEVELS[(int) level], "text", printable(text)));
		return Status.OK;
	}

	private int trace(Call call) {
		report("trace",
				Map.of("id", Long.toUnsignedString(call.argument(0)), "first", "%#x".formatted(call.argument(1)),
						"second", "%#x".formatted(call.argument(2))));
		return Status.OK;
	}

	private synchronized void report(String what, Map<String, String> particulars) {
		long now = System.nanoTime();
		if (secondBegan == Long.MIN_VALUE || now - secondBegan >= SECOND) {
			secondBegan = now;
			thisSecond = 0;
		}
		if (++thisSecond > recordsPerSecond) {
			dropped++;
			return;
		}
		Map<String, String> all = new LinkedHashMap<>(particulars);
		if (dropped > 0)
			all.put("dropped", Long.toString(dropped));
		dropped = 0;
		host.report(what, all);
	}

	/** What a terminal or a log file may be shown: control characters become their numbers. */
	private static String printable(byte[] text) {
		StringBuilder printable = new StringBuilder();
		new String(text, StandardCharsets.UTF_8).codePoints().forEach(c -> {
			if (obeyed(c))
				printable.append("\\x%02x".formatted(c));
			else
				printable.appendCodePoint(c);
		});
		return printable.toString();
	}

	private static boolean obeyed(int c) {
		int type = Character.getType(c);
		return type == Character.CONTROL || type == Character.FORMAT || type == Character.LINE_SEPARATOR
				|| type == Character.PARAGRAPH_SEPARATOR;
	}

	@Override
	public synchronized byte[] exportState() {
		return ByteBuffer.allocate(Long.BYTES).putLong(dropped).array();
	}

	@Override
	public synchronized boolean importState(byte[] state) {
		if (state.length < Long.BYTES)
			return false;
		dropped = ByteBuffer.wrap(state).getLong();
		return true;
	}

	@Override
	public void close() {
		// nothing was taken
	}
}
