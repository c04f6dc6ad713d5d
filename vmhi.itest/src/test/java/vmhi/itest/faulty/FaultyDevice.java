package vmhi.itest.faulty;

import java.util.Hashtable;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceState;
import vmhi.api.device.IoHandler;
import vmhi.api.device.Settings;
import vmhi.api.device.Stateful;

/** A device at port 0xf9 that throws from every method, or that never comes back from an access. */
public final class FaultyDevice implements BundleActivator, DeviceFactory {

	@Override
	public void start(BundleContext context) {
		Hashtable<String, Object> properties = new Hashtable<>();
		properties.put("vmhi.device.kind", "faulty");
		context.registerService(DeviceFactory.class, this, properties);
	}

	@Override
	public void stop(BundleContext context) {
		// the framework takes the service back
	}

	@Override
	public Device create(Settings settings) throws DeviceException {
		return new Faulty(settings.flag("hang", false));
	}

	/** What it makes. Attaching works, or nobody would ever meet the rest. */
	private record Faulty(boolean hang) implements Device, IoHandler, Stateful {
		@Override
		public void attach(Board board) throws DeviceException {
			board.claimPorts(0xf9, 1, this);
		}

		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return misbehave();
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long value) {
			misbehave();
		}

		private long misbehave() {
			while (hang)
				try {
					Thread.sleep(Long.MAX_VALUE);
				} catch (InterruptedException e) {
					// it does not listen either
				}
			throw new IllegalStateException("a device that throws");
		}

		@Override
		public void reset() {
			throw new IllegalStateException("a device that throws");
		}

		@Override
		public DeviceState save() {
			throw new IllegalStateException("a device that throws");
		}

		@Override
		public void restore(DeviceState state) {
			throw new IllegalStateException("a device that throws");
		}

		@Override
		public void close() {
			throw new IllegalStateException("a device that throws");
		}
	}
}
