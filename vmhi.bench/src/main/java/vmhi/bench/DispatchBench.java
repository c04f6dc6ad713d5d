package vmhi.bench;

import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RDI;

import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.osgi.framework.Version;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.ConsolePort;
import vmhi.api.device.GuestClock;
import vmhi.api.device.IoHandler;
import vmhi.api.hypercall.Abi;
import vmhi.api.memory.GuestMemory;
import vmhi.core.bus.Claimed;
import vmhi.core.bus.ExitHost;
import vmhi.core.hypercall.Dispatcher;
import vmhi.core.hypercall.MachineSide;
import vmhi.core.memory.GuestRam;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.hypercall.CoreRange;

/**
 * What the core does with an exit once the backend has it: from {@code ExitHost} to a device's handler and back, on a
 * board with twenty ranges of ports and twenty of MMIO; and a whole hypercall, from the port to the handler of NOP and
 * back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DispatchBench {
	private static final int RANGES = 20;
	private static final int NOP = Abi.OWNER_CORE << 16 | 11;

	/** Whether the guest uses one range, or each in turn, so that no branch is foreseen. */
	@Param({ "one", "all" })
	public String ranges;

	private final FakeVcpu vcpu = new FakeVcpu();
	private final ExitHost exits = new ExitHost("bench", 1);
	private final int[] ports = new int[RANGES];
	private final long[] gpas = new long[RANGES];
	private GuestRam ram;
	private int next;

	/** Puts the board together. */
	@Setup
	public void board() {
		for (int i = 0; i < RANGES; i++) {
			ports[i] = 0x100 + 0x20 * i;
			gpas[i] = 0xd000_0000L + 0x2000L * i;
			exits.ports().add(claimed(ports[i], 8, handler(i)));
			exits.memory().add(claimed(gpas[i], 0x1000, handler(i)));
		}
		if (ranges.equals("one")) {
			Arrays.fill(ports, ports[7]);
			Arrays.fill(gpas, gpas[7]);
		}
		ram = new GuestRam(1 << 20, Cleaner.create());
		Dispatcher dispatcher = new Dispatcher(new Machine(ram), new PluginServices().ranges(), role -> null);
		dispatcher.arrived(new Plugin<>("hypercall:core", new CoreRange(), 1, "vmhi.hypercall", new Version(1, 0, 0)));
		exits.ports().add(Claimed.undivided(Abi.PORT, "hypercalls", dispatcher, DispatchBench::fault));
		exits.hypercalls(dispatcher);
	}

	/** Unmaps the guest's RAM. */
	@TearDown
	public void end() {
		ram.close();
	}

	private static Claimed claimed(long first, long size, IoHandler handler) {
		return new Claimed(first, size, "bench", handler, DispatchBench::fault);
	}

	private static void fault(Claimed range, Throwable thrown, boolean last) {
		throw new IllegalStateException(thrown);
	}

	/** Of several classes, as a machine has devices of several kinds. */
	private static IoHandler handler(int number) {
		return switch (number % 4) {
			case 0 -> new Register();
			case 1 -> new Counter();
			case 2 -> new Latch();
			default -> new Nothing();
		};
	}

	private int turn() {
		next = next + 1 < RANGES ? next + 1 : 0;
		return next;
	}

	/** IN. */
	@Benchmark
	public long readPort() {
		return exits.readPort(vcpu, ports[turn()], 1);
	}

	/** OUT. */
	@Benchmark
	public void writePort() {
		exits.writePort(vcpu, ports[turn()], 1, 5);
	}

	/** A load. */
	@Benchmark
	public long readMmio() {
		return exits.readMmio(vcpu, gpas[turn()] + 0x10, 4);
	}

	/** A store. */
	@Benchmark
	public void writeMmio() {
		exits.writeMmio(vcpu, gpas[turn()] + 0x10, 4, 5);
	}

	/** OUT to the port of hypercalls, with NOP in RAX. */
	@Benchmark
	public long hypercall() {
		vcpu.register(RAX, NOP);
		vcpu.register(RDI, turn());
		exits.writePort(vcpu, Abi.PORT, 4, NOP);
		return vcpu.register(RAX);
	}

	/** VMCALL with NOP in RAX. */
	@Benchmark
	public long vmcall() {
		vcpu.register(RAX, NOP);
		vcpu.register(RDI, turn());
		exits.hypercall(vcpu);
		return vcpu.register(RAX);
	}

	private static final class Register implements IoHandler {
		private long value;

		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return value;
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long newValue) {
			value = newValue;
		}
	}

	private static final class Counter implements IoHandler {
		private long count;

		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return count++;
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long value) {
			count++;
		}
	}

	private static final class Latch implements IoHandler {
		private volatile long value;

		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return value + offset;
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long newValue) {
			value = newValue;
		}
	}

	private static final class Nothing implements IoHandler {
		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return -1;
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long value) {
			// nobody is there
		}
	}

	/** As much of a machine as the core range looks at. */
	private record Machine(GuestMemory memory) implements MachineSide {
		@Override
		public void later(Runnable what) {
			what.run();
		}

		@Override
		public String machine() {
			return "bench";
		}

		@Override
		public int vcpus() {
			return 1;
		}

		@Override
		public GuestClock clock() {
			return null;
		}

		@Override
		public ConsolePort console() {
			return null;
		}

		@Override
		public long guestIdentity() {
			return 0;
		}

		@Override
		public void guestIdentity(long identity) {
			// nobody asks for it
		}

		@Override
		public void report(String type, Map<String, String> particulars) {
			throw new IllegalStateException(type + " " + particulars);
		}
	}
}
