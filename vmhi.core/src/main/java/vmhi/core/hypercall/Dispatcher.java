package vmhi.core.hypercall;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

import org.osgi.framework.VersionRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.ConsolePort;
import vmhi.api.device.GuestClock;
import vmhi.api.device.IoHandler;
import vmhi.api.hypercall.Abi;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.RangeProvider;
import vmhi.api.hypercall.Status;
import vmhi.api.hypercall.Transferable;
import vmhi.api.machine.MachineSnapshot.Serving;
import vmhi.api.memory.GuestMemory;
import vmhi.core.bus.ExitHost;
import vmhi.core.plugin.Deadline;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.ServicePool;

/**
 * The hypercalls of one machine: finds the range, checks what the range declared, calls its handler, and exchanges
 * handlers while guests call.
 * <p>
 * Calls come on vCPU threads, through the port or by VMCALL; they read the table of bindings, an array that is replaced
 * as a whole. Everything that changes the table is {@code synchronized}.
 */
public final class Dispatcher implements IoHandler, ExitHost.HypercallEntry, ServicePool.Listener<RangeProvider> {
	private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

	/** How long a call waits for a handler that is being exchanged, and what it is told to wait then. */
	private static final long PATIENCE_NANOS = 1_000_000;
	private static final long RETRY_MILLIS = 10;
	/** How long a handler that is to go may finish its calls. */
	private static final long DRAIN_MILLIS = 500;

	private final MachineSide machine;
	private final ServicePool<RangeProvider> pool;
	private final Function<String, VersionRange> pins;
	private final VcpuCall[] calls;
	private volatile Binding[] bindings = {};
	private volatile int generation;
	private boolean closed;

	/**
	 * With nothing bound yet.
	 *
	 * @param pins the versions that this machine takes of a role; {@code null} for any
	 */
	public Dispatcher(MachineSide machine, ServicePool<RangeProvider> pool, Function<String, VersionRange> pins) {
		this.machine = machine;
		this.pool = pool;
		this.pins = pins;
		calls = new VcpuCall[machine.vcpus()];
		Arrays.setAll(calls, i -> new VcpuCall(machine.memory()));
	}

	/** Binds the ranges that are there, and from now on those that come. */
	public synchronized void open() {
		pool.listen(this);
		pool.all().forEach(this::arrived);
	}

	/** Ends all handlers. */
	public synchronized void close() {
		pool.forget(this);
		closed = true;
		for (Binding binding : bindings)
			retire(binding, false);
	}

	/** The leaves of the hypercall interface (ABI 1.0, section "Discovery"), from the leaf {@code base} on. */
	public static List<CpuidTable.Leaf> cpuid(int base, int port, int vcpu, int timeStampKhz) {
		int signature = Abi.SIGNATURE;
		return List.of(
				new CpuidTable.Leaf(base, 0, false, base + 4, signature, signature, signature),
				new CpuidTable.Leaf(base + 1, 0, false, Abi.VERSION, 0, 0, 1),
				new CpuidTable.Leaf(base + 2, 0, false, 1, port, 0, 0),
				new CpuidTable.Leaf(base + 3, 0, false, 4096, 0, 0, vcpu),
				new CpuidTable.Leaf(base + 4, 0, false, timeStampKhz, 0, 0, 0));
	}

	/** Which bundles serve the machine's ranges. */
	public List<Serving> serving() {
		List<Serving> serving = new ArrayList<>();
		for (Binding binding : bindings) {
			Binding.Active active = binding.active();
			if (active != null)
				serving.add(active.plugin.serving(true));
		}
		return serving;
	}

	/** Ids of the bundles that serve the machine's ranges. */
	public List<Long> bundles() {
		return Arrays.stream(bindings).map(Binding::active).filter(Objects::nonNull).map(a -> a.plugin.bundleId())
				.toList();
	}

	// --- calls, on vCPU threads

	@Override
	public long read(VcpuContext vcpu, long offset, int size) {
		return -1;
	}

	@Override
	public void write(VcpuContext vcpu, long offset, int size, long value) {
		call(vcpu);
	}

	@Override
	public void call(VcpuContext vcpu) {
		VcpuCall call = calls[vcpu.index()];
		int number = call.begin(vcpu);
		int status = call.codeBits() == 16 ? Status.INVALID : dispatch(call, number >>> 16, number & 0xffff);
		if (calls[vcpu.index()] == call) // else this thread was given up, and another has answered
			call.end(vcpu, status);
	}

	/** Answers for a call whose handler did not come back. The vCPU is the caller's now. */
	public void giveUp(VcpuContext vcpu) {
		VcpuCall lost = calls[vcpu.index()];
		VcpuCall call = new VcpuCall(machine.memory());
		calls[vcpu.index()] = call;
		lost.endLease();
		blame(call.begin(vcpu) >>> 16);
		call.end(vcpu, Status.TIMEOUT);
	}

	private int dispatch(VcpuCall call, int owner, int function) {
		Binding binding = find(owner);
		if (binding == null)
			return call.privilege() == 0 ? Status.NO_RANGE : Status.DENIED;
		Binding.Active active = binding.lease(PATIENCE_NANOS);
		if (active == null) {
			if (call.privilege() != 0)
				return Status.DENIED;
			call.value(0, RETRY_MILLIS);
			return Status.NOT_AVAILABLE;
		}
		call.lease(active);
		try {
			return serve(call, binding, active, function);
		} catch (AbandonedRun e) {
			throw e;
		} catch (Throwable e) {
			fault(binding, active, e);
			return Status.INTERNAL;
		} finally {
			call.endLease();
		}
	}

	private Binding find(int owner) {
		for (Binding binding : bindings)
			if (binding.owner == owner)
				return binding;
		return null;
	}

	private int serve(VcpuCall call, Binding binding, Binding.Active active, int function) {
		if (function >= Abi.FUNCTION_UUID)
			return call.privilege() == 0 ? describe(call, active, function) : Status.DENIED;
		if (!active.has(function))
			return call.privilege() == 0 ? Status.NO_FUNCTION : Status.DENIED;
		if (call.privilege() > active.privilege(function))
			return Status.DENIED;
		if (binding.limited()) { // after the checks: who may not call does not use up what others may
			long micros = binding.microsToWait(System.nanoTime());
			if (micros > 0) {
				call.value(0, micros);
				return Status.LIMITED;
			}
		}
		return active.handler.call(function, call);
	}

	private static int describe(VcpuCall call, Binding.Active active, int function) {
		RangeInfo info = active.info;
		switch (function) {
			case Abi.FUNCTION_UUID -> {
				call.value(0, info.uuid().getLeastSignificantBits());
				call.value(1, info.uuid().getMostSignificantBits());
			}
			case Abi.FUNCTION_REVISION -> call.value(0, (long) info.major() << 16 | info.minor());
			case Abi.FUNCTION_FEATURES -> call.value(0, active.features(call.argument(0)));
			case Abi.FUNCTION_LIMITS -> call.value(0, info.callsPerSecond());
			default -> {
				return Status.NO_FUNCTION;
			}
		}
		return Status.OK;
	}

	/** A handler threw, or did not come back. */
	private void fault(Binding binding, Binding.Active active, Throwable thrown) {
		LOG.warn("machine {}: {} {} failed a call", machine.machine(), active.plugin.role(), active.plugin.version(),
				thrown);
		machine.report("plugin.fault", Map.of("plugin", active.plugin.role(), "bundle", active.plugin.bundle(), "error",
				String.valueOf(thrown)));
		if (binding.fault() && binding.active() == active)
			machine.later(() -> suspend(binding, active));
	}

	/** Takes a handler off that faults too often; another bundle that serves the range takes over. */
	private synchronized void suspend(Binding binding, Binding.Active active) {
		if (closed || binding.active() != active)
			return;
		machine.report("plugin.suspended",
				Map.of("plugin", active.plugin.role(), "bundle", active.plugin.bundle(), "version",
						active.plugin.version().toString(), "reason",
						"too many faults; update it, or remove and install it again"));
		binding.suspend(active.plugin.service());
		retire(binding, false);
		takeOver(binding);
	}

	/** A thread is lost in the handler of a range: that is a fault. */
	private void blame(int owner) {
		Binding binding = find(owner);
		Binding.Active active = binding == null ? null : binding.active();
		if (active != null)
			fault(binding, active, new IllegalStateException("a call did not come back in time"));
	}

	// --- exchange, on the threads of the framework

	@Override
	public synchronized void arrived(Plugin<RangeProvider> plugin) {
		if (closed || !pinned(plugin))
			return;
		RangeInfo info = plugin.service().info();
		Binding binding = Arrays.stream(bindings).filter(b -> b.uuid.equals(info.uuid())).findFirst().orElse(null);
		if (binding == null) {
			bindNew(plugin, info);
			return;
		}
		Binding.Active old = binding.active();
		if (!binding.takes(info) || old != null && plugin.compareTo(old.plugin) <= 0)
			return;
		RangeHandler handler = opened(plugin); // before the old one goes
		if (handler == null)
			return;
		retire(binding, true);
		install(binding, plugin, info, handler);
	}

	private void bindNew(Plugin<RangeProvider> plugin, RangeInfo info) {
		int owner = info.owner() >= 0 ? info.owner() : freeOwner();
		if (find(owner) != null) {
			LOG.warn("machine {}: {} wants owner {}, which another range has", machine.machine(), plugin.role(), owner);
			return;
		}
		Binding binding = new Binding(info, owner);
		activate(binding, plugin, info);
		if (binding.active() == null)
			return;
		Binding[] next = Arrays.copyOf(bindings, bindings.length + 1);
		next[bindings.length] = binding;
		Arrays.sort(next, Comparator.comparingInt(b -> b.owner));
		bindings = next;
	}

	private int freeOwner() {
		int owner = Abi.OWNER_DYNAMIC_FIRST;
		while (find(owner) != null)
			owner++;
		return owner;
	}

	private void activate(Binding binding, Plugin<RangeProvider> plugin, RangeInfo info) {
		RangeHandler handler = opened(plugin);
		if (handler != null)
			install(binding, plugin, info, handler);
	}

	/** {@code null} if it does not open. */
	private RangeHandler opened(Plugin<RangeProvider> plugin) {
		try {
			return guarded("open", plugin, () -> plugin.service().open(new Host()));
		} catch (FailedException e) {
			LOG.warn("machine {}: {} {} does not open", machine.machine(), plugin.role(), plugin.version(), e);
			machine.report("plugin.fault", Map.of("plugin", plugin.role(), "error", e.getMessage()));
			return null;
		}
	}

	private void install(Binding binding, Plugin<RangeProvider> plugin, RangeInfo info, RangeHandler handler) {
		byte[] state = binding.takeKept();
		if (state != null && !takesOver(plugin, handler, state))
			machine.report("plugin.restarted", Map.of("plugin", plugin.role()));
		binding.active(new Binding.Active(plugin, info, handler));
		generation++;
	}

	private boolean takesOver(Plugin<RangeProvider> plugin, RangeHandler handler, byte[] state) {
		try {
			return handler instanceof Transferable next
					&& guarded("hand over to", plugin, () -> next.importState(state));
		} catch (FailedException e) {
			LOG.warn("machine {}: {} {} does not take over", machine.machine(), plugin.role(), plugin.version(), e);
			return false;
		}
	}

	/** A plug-in threw, or did not come back. */
	private static final class FailedException extends Exception {
		private static final long serialVersionUID = 1L;

		FailedException(Throwable cause) {
			super(String.valueOf(cause), cause);
		}
	}

	/** A call into a plug-in, which may hang: others wait for the lock that this has. */
	private <T> T guarded(String what, Plugin<RangeProvider> plugin, Callable<T> call) throws FailedException {
		try {
			return Deadline.call("%s %s %s".formatted(what, plugin.role(), plugin.version()), Deadline.MILLIS, call);
		} catch (ExecutionException e) {
			throw new FailedException(e.getCause());
		} catch (Deadline.MissedException e) {
			throw new FailedException(e);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new FailedException(e);
		}
	}

	private static Void closed(RangeHandler handler) {
		handler.close();
		return null;
	}

	@Override
	public synchronized void leaving(Plugin<RangeProvider> plugin) {
		for (Binding binding : bindings) {
			Binding.Active active = binding.active();
			if (active == null || active.plugin.service() != plugin.service())
				continue;
			retire(binding, true);
			takeOver(binding);
		}
	}

	/** Whether the machine takes this version of the plug-in. */
	private boolean pinned(Plugin<RangeProvider> plugin) {
		VersionRange pin = pins.apply(plugin.role());
		return pin == null || pin.includes(plugin.version());
	}

	/** The best of the bundles that are there serves the range from now on, but for those that were suspended. */
	private void takeOver(Binding binding) {
		pool.all().stream()
				.filter(this::pinned)
				.filter(next -> binding.takes(next.service().info()) && !binding.suspended(next.service()))
				.max(Plugin::compareTo)
				.ifPresent(next -> activate(binding, next, next.service().info()));
	}

	/** Ends the handler of a range, after its calls. */
	private void retire(Binding binding, boolean keep) {
		Binding.Active active = binding.active();
		if (active == null)
			return;
		binding.active(null);
		generation++;
		boolean quiet = active.drain(DRAIN_MILLIS);
		if (!quiet)
			LOG.warn("machine {}: {} {} still has a call after {} ms; it ends on the old code", machine.machine(),
					active.plugin.role(), active.plugin.version(), DRAIN_MILLIS);
		try {
			if (keep && quiet && active.handler instanceof Transferable state)
				binding.keep(guarded("save", active.plugin, state::exportState));
		} catch (FailedException e) {
			LOG.warn("machine {}: {} {} does not give its state", machine.machine(), active.plugin.role(),
					active.plugin.version(), e);
		}
		try {
			guarded("close", active.plugin, () -> closed(active.handler));
		} catch (FailedException e) {
			LOG.warn("machine {}: {} {} fails to close", machine.machine(), active.plugin.role(),
					active.plugin.version(), e);
		}
	}

	/** The machine, as ranges see it. */
	private final class Host implements RangeHost {
		@Override
		public String machine() {
			return machine.machine();
		}

		@Override
		public int vcpus() {
			return machine.vcpus();
		}

		@Override
		public GuestMemory memory() {
			return machine.memory();
		}

		@Override
		public GuestClock clock() {
			return machine.clock();
		}

		@Override
		public ConsolePort console() {
			return machine.console();
		}

		@Override
		public List<Bound> ranges() {
			return Arrays.stream(bindings)
					.map(b -> new Bound(b.uuid, b.owner, b.major, b.minor, b.active() != null))
					.toList();
		}

		@Override
		public int generation() {
			return generation;
		}

		@Override
		public long guestIdentity() {
			return machine.guestIdentity();
		}

		@Override
		public void guestIdentity(long identity) {
			machine.guestIdentity(identity);
		}

		@Override
		public void report(String what, Map<String, String> particulars) {
			machine.report("guest." + what, particulars);
		}
	}

}
