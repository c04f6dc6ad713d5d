package vmhi.itest.faulty;

import java.util.Hashtable;
import java.util.List;
import java.util.UUID;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

import vmhi.api.hypercall.Call;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.RangeInfo.Effect;
import vmhi.api.hypercall.RangeInfo.Function;
import vmhi.api.hypercall.RangeProvider;

/**
 * The core range once more, in a higher version, whose NOP throws or does not come back. It calls itself core 1.1, so a
 * machine takes it for the newer one.
 */
public final class FaultyRange implements BundleActivator, RangeProvider {
	private boolean hang;

	@Override
	public void start(BundleContext context) {
		hang = context.getBundle().getSymbolicName().endsWith("hang");
		Hashtable<String, Object> properties = new Hashtable<>();
		properties.put("vmhi.hypercall.range", "core");
		context.registerService(RangeProvider.class, this, properties);
	}

	@Override
	public void stop(BundleContext context) {
		// the framework takes the service back
	}

	@Override
	public RangeInfo info() {
		return new RangeInfo(UUID.fromString("4e3b6b0c-6c0a-5f3e-9a51-56d6a8a1c001"), "core", 0, 1, 1, 0,
				List.of(new Function(11, "NOP", 1, 0, Effect.PURE)));
	}

	@Override
	public RangeHandler open(RangeHost host) {
		return new Faulty(hang);
	}

	private record Faulty(boolean hang) implements RangeHandler {
		@Override
		public int call(int function, Call call) {
			while (hang)
				try {
					Thread.sleep(Long.MAX_VALUE);
				} catch (InterruptedException e) {
					// it does not listen either
				}
			throw new IllegalStateException("a range that throws");
		}

		@Override
		public void close() {
			throw new IllegalStateException("a range that throws");
		}
	}
}
