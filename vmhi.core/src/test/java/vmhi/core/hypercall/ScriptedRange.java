package vmhi.core.hypercall;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import vmhi.api.hypercall.Call;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.RangeInfo.Effect;
import vmhi.api.hypercall.RangeInfo.Function;
import vmhi.api.hypercall.RangeProvider;
import vmhi.api.hypercall.Transferable;

/** A range whose calls do what the test says. Its handlers count their calls, and hand the count over. */
final class ScriptedRange implements RangeProvider {
	static final int KERNEL = 1;
	static final int USER = 64;
	static final UUID ID = new UUID(0x1122_3344_5566_7788L, 0x99aa_bbcc_ddee_ff00L);

	/** What a call does. */
	interface Script {
		int call(int function, Call call) throws Exception;
	}

	final RangeInfo info;
	volatile Script script;
	volatile RangeHost host;
	volatile Handler last;
	volatile RuntimeException refusal;

	ScriptedRange(int owner, int minor, int callsPerSecond, Script script) {
		this(ID, owner, 1, minor, callsPerSecond, script);
	}

	ScriptedRange(UUID id, int owner, int major, int minor, int callsPerSecond, Script script) {
		info = new RangeInfo(id, "scripted", owner, major, minor, callsPerSecond,
				List.of(new Function(KERNEL, "KERNEL", 5, 0, Effect.PURE),
						new Function(USER, "USER", 5, 3, Effect.STATEFUL)));
		this.script = script;
	}

	@Override
	public RangeInfo info() {
		return info;
	}

	@Override
	public RangeHandler open(RangeHost opener) {
		if (refusal != null)
			throw refusal;
		host = opener;
		return last = new Handler();
	}

	/** What the core gets. */
	final class Handler implements RangeHandler, Transferable {
		final AtomicLong calls = new AtomicLong();
		volatile boolean closed;
		volatile int callsAfterClose;

		@Override
		public int call(int function, Call call) {
			if (closed)
				callsAfterClose++;
			calls.incrementAndGet();
			try {
				return script.call(function, call);
			} catch (RuntimeException e) {
				throw e;
			} catch (Exception e) {
				throw new IllegalStateException(e);
			}
		}

		@Override
		public byte[] exportState() {
			return ByteBuffer.allocate(8).putLong(calls.get()).array();
		}

		@Override
		public boolean importState(byte[] state) {
			calls.set(ByteBuffer.wrap(state).getLong());
			return true;
		}

		@Override
		public void close() {
			closed = true;
		}
	}
}
