package vmhi.tck.device;

import static vmhi.api.device.DeviceException.Kind.MISSING;
import static vmhi.api.device.DeviceException.Kind.TAKEN;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.DeviceException;
import vmhi.api.device.Drive;
import vmhi.api.device.InterruptLine;
import vmhi.api.device.IoHandler;
import vmhi.api.device.MsrHandler;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.tck.memory.TestMemory;

/**
 * The board of a machine without the machine: the test is the guest, the clock, the worker and those who watch.
 * <p>
 * Nothing happens by itself. Time passes by {@link TestClock#advance}; what the device gave its worker and its drives
 * is done in {@link #run}, on the test's thread. What a device throws comes out where the test made it happen. Accesses
 * go to the device without allocating anything, so that a test can tell what the device itself allocates. For any
 * thread.
 */
public final class TestBoard implements Board {
	private final TestMemory memory;
	private final TestClock clock = new TestClock();
	private final List<Range> claims = new CopyOnWriteArrayList<>();
	private final List<Msrs> msrs = new CopyOnWriteArrayList<>();
	private final List<Bell> bells = new CopyOnWriteArrayList<>();
	private final List<CpuidTable.Leaf> leaves = new CopyOnWriteArrayList<>();
	private final List<String> messages = new CopyOnWriteArrayList<>();
	private final List<String> reports = new CopyOnWriteArrayList<>();
	private final List<String> ends = new CopyOnWriteArrayList<>();
	private final Map<String, TestDrive> drives = new TreeMap<>();
	private final Map<String, TestConsole> consoles = new TreeMap<>();
	private final Map<Class<?>, Object> offers = new HashMap<>();
	private final Line[] lines = new Line[256];
	private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();
	private final AtomicInteger vcpus = new AtomicInteger(1);

	/** A board with 1 MiB of RAM. */
	public TestBoard() {
		this(new TestMemory(1 << 20));
	}

	/** A board with this RAM. */
	public TestBoard(TestMemory memory) {
		this.memory = memory;
		for (int gsi = 0; gsi < lines.length; gsi++)
			lines[gsi] = new Line();
	}

	/** Puts a drive on the board. */
	public synchronized TestDrive addDrive(String name, VirtualDisk disk, boolean readOnly) {
		TestDrive drive = new TestDrive(name, disk, readOnly, this::work);
		drives.put(name, drive);
		return drive;
	}

	/** Sets the number of vCPUs, which is 1 at first. */
	public void vcpus(int count) {
		vcpus.set(count);
	}

	/** IN. All ones where nobody answers. */
	public long in(VcpuContext vcpu, int port, int size) {
		return read(true, vcpu, port, size);
	}

	/** IN by vCPU 0. */
	public long in(int port, int size) {
		return in(new TestVcpu(0), port, size);
	}

	/** OUT. */
	public void out(VcpuContext vcpu, int port, int size, long value) {
		write(true, vcpu, port, size, value);
	}

	/** OUT by vCPU 0. */
	public void out(int port, int size, long value) {
		out(new TestVcpu(0), port, size, value);
	}

	/** A load from outside RAM. All ones where nobody answers. */
	public long load(VcpuContext vcpu, long gpa, int size) {
		return read(false, vcpu, gpa, size);
	}

	/** A load by vCPU 0. */
	public long load(long gpa, int size) {
		return load(new TestVcpu(0), gpa, size);
	}

	/** A store outside RAM. */
	public void store(VcpuContext vcpu, long gpa, int size, long value) {
		write(false, vcpu, gpa, size, value);
	}

	/** A store by vCPU 0. */
	public void store(long gpa, int size, long value) {
		store(new TestVcpu(0), gpa, size, value);
	}

	/** RDMSR. {@code false} is #GP. */
	public boolean readMsr(VcpuContext vcpu, int index) {
		for (int i = 0; i < msrs.size(); i++)
			if (msrs.get(i).range().contains(index))
				return msrs.get(i).handler().read(vcpu, index);
		return false;
	}

	/** WRMSR. {@code false} is #GP. */
	public boolean writeMsr(VcpuContext vcpu, int index, long value) {
		for (int i = 0; i < msrs.size(); i++)
			if (msrs.get(i).range().contains(index))
				return msrs.get(i).handler().write(vcpu, index, value);
		return false;
	}

	/** Does what waits for the device's worker and its drives, until nothing is left. Tells how much that was. */
	public int run() {
		int done = 0;
		while (step())
			done++;
		return done;
	}

	private boolean step() {
		Runnable job;
		synchronized (jobs) {
			job = jobs.poll();
		}
		if (job != null) {
			job.run();
			return true;
		}
		for (TestDrive drive : allDrives())
			if (drive.step())
				return true;
		return false;
	}

	private synchronized List<TestDrive> allDrives() {
		return new ArrayList<>(drives.values());
	}

	/**
	 * Gives RAM, time, drives and consoles the content that they have there, as they have it for a device that takes
	 * over from another.
	 */
	void copyFrom(TestBoard other) throws DiskException {
		memory.copyFrom(other.memory);
		clock.advance(other.clock.nanos() - clock.nanos());
		for (TestDrive drive : other.allDrives())
			drives.get(drive.name()).copyFrom(drive);
		other.consoles.forEach((name, console) -> console(name).copyFrom(console));
	}

	/** The level of an interrupt line. */
	public boolean asserted(int gsi) {
		return lines[gsi].asserted();
	}

	/** How often the line went from low to high. */
	public int rises(int gsi) {
		return lines[gsi].rises();
	}

	/** Has something done each time the line goes from low to high, by whoever makes it so. */
	public void onRise(int gsi, Runnable action) {
		lines[gsi].onRise = action;
	}

	/** The interrupt lines that are high. */
	public List<Integer> linesAsserted() {
		List<Integer> high = new ArrayList<>();
		for (int gsi = 0; gsi < lines.length; gsi++)
			if (lines[gsi].asserted())
				high.add(gsi);
		return high;
	}

	/** The ranges claimed now. */
	public List<Range> claims() {
		return List.copyOf(claims);
	}

	/** The MSRs claimed now. */
	public List<MsrRange> claimedMsrs() {
		return msrs.stream().map(Msrs::range).toList();
	}

	/** What was added to CPUID. */
	public List<CpuidTable.Leaf> cpuidLeaves() {
		return List.copyOf(leaves);
	}

	/** The message-signalled interrupts sent, each as {@code "address data"} in hexadecimal. */
	public List<String> messages() {
		return List.copyOf(messages);
	}

	/** What the device reported, each as {@code "what {particulars}"}. */
	public List<String> reports() {
		return List.copyOf(reports);
	}

	/** How the device ended or reset the machine: {@code "off STATUS REASON"} or {@code "reset REASON"}. */
	public List<String> ends() {
		return List.copyOf(ends);
	}

	@Override
	public String machine() {
		return "test";
	}

	@Override
	public int vcpus() {
		return vcpus.get();
	}

	@Override
	public TestMemory memory() {
		return memory;
	}

	@Override
	public TestClock clock() {
		return clock;
	}

	@Override
	public Claim claimPorts(int first, int count, IoHandler handler) throws DeviceException {
		if (first < 0 || count < 1 || count > 0x10000 - first)
			throw new IllegalArgumentException("ports %#x+%d".formatted(first, count));
		return claim(new Range(true, first, count, handler));
	}

	@Override
	public Claim claimMmio(long gpa, long size, IoHandler handler) throws DeviceException {
		if (size < 1)
			throw new IllegalArgumentException("MMIO %#x+%d".formatted(gpa, size));
		if (memory.contains(gpa, 1) || memory.contains(gpa + size - 1, 1))
			throw new DeviceException(TAKEN, "MMIO %#x+%#x is RAM".formatted(gpa, size));
		return claim(new Range(false, gpa, size, handler));
	}

	private synchronized Claim claim(Range range) throws DeviceException {
		for (Range other : claims)
			if (range.overlaps(other))
				throw new DeviceException(TAKEN, range + " is taken: " + other);
		claims.add(range);
		return () -> claims.remove(range);
	}

	@Override
	public Claim claimMsrs(MsrRange range, MsrHandler handler) {
		Msrs claimed = new Msrs(range, handler);
		msrs.add(claimed);
		return () -> msrs.remove(claimed);
	}

	@Override
	public void cpuid(CpuidTable.Leaf leaf) {
		leaves.add(leaf);
	}

	@Override
	public Claim doorbell(boolean port, long address, int size, Runnable bell) {
		Bell claimed = new Bell(port, address, size, bell);
		bells.add(claimed);
		return () -> bells.remove(claimed);
	}

	@Override
	public InterruptLine interrupt(int gsi) {
		return lines[gsi];
	}

	@Override
	public void message(long address, int data) {
		messages.add("%x %x".formatted(address, data));
	}

	@Override
	public void work(Runnable job) {
		synchronized (jobs) {
			jobs.add(job);
		}
	}

	@Override
	public synchronized Drive drive(String name) throws DeviceException {
		TestDrive drive = drives.get(name);
		if (drive == null)
			throw new DeviceException(MISSING, "machine test has no drive " + name);
		return drive;
	}

	@Override
	public synchronized TestConsole console(String name) {
		return consoles.computeIfAbsent(name, n -> new TestConsole());
	}

	/** The consoles asked for so far. */
	public synchronized List<TestConsole> consoles() {
		return new ArrayList<>(consoles.values());
	}

	/** The drives of the board. */
	public List<TestDrive> drives() {
		return allDrives();
	}

	@Override
	public synchronized <T> void offer(Class<T> type, T service) throws DeviceException {
		if (offers.putIfAbsent(type, service) != null)
			throw new DeviceException(TAKEN, type.getName() + " is offered already");
	}

	@Override
	public synchronized <T> Optional<T> find(Class<T> type) {
		return Optional.ofNullable(type.cast(offers.get(type)));
	}

	@Override
	public void powerOff(int status, String reason) {
		ends.add("off " + status + " " + reason);
	}

	@Override
	public void resetMachine(String reason) {
		ends.add("reset " + reason);
	}

	@Override
	public void report(String what, Map<String, String> particulars) {
		reports.add(what + " " + new TreeMap<>(particulars));
	}

	private long read(boolean port, VcpuContext vcpu, long address, int size) {
		Range range = find(port, address, size);
		long ones = -1L >>> Long.SIZE - 8 * size;
		return range == null ? ones : range.handler().read(vcpu, address - range.first(), size) & ones;
	}

	private void write(boolean port, VcpuContext vcpu, long address, int size, long value) {
		for (int i = 0; i < bells.size(); i++)
			if (bells.get(i).hears(port, address, size)) {
				work(bells.get(i).bell());
				return;
			}
		Range range = find(port, address, size);
		if (range != null)
			range.handler().write(vcpu, address - range.first(), size, value & -1L >>> Long.SIZE - 8 * size);
	}

	/** By index: an iterator would be garbage on each access. */
	private Range find(boolean port, long address, int size) {
		for (int i = 0; i < claims.size(); i++)
			if (claims.get(i).holds(port, address, size))
				return claims.get(i);
		return null;
	}

	/** Something claimed. */
	public record Range(boolean port, long first, long count, IoHandler handler) {

		boolean holds(boolean ofPorts, long address, int size) {
			long offset = address - first;
			return port == ofPorts && Long.compareUnsigned(offset, count) < 0 && size <= count - offset;
		}

		boolean overlaps(Range other) {
			return holds(other.port, other.first, 1) || other.holds(port, first, 1);
		}

		@Override
		public String toString() {
			return "%s %#x+%#x".formatted(port ? "ports" : "MMIO", first, count);
		}
	}

	private record Msrs(MsrRange range, MsrHandler handler) {}

	private record Bell(boolean port, long address, int size, Runnable bell) {

		boolean hears(boolean atPort, long where, int bytes) {
			return port == atPort && address == where && size == bytes;
		}
	}

	private static final class Line implements InterruptLine {
		volatile Runnable onRise = () -> {
		};
		private boolean level;
		private int rises;

		@Override
		public void set(boolean asserted) {
			if (change(asserted))
				onRise.run();
		}

		/** Tells whether the line rises. */
		private synchronized boolean change(boolean asserted) {
			boolean rising = asserted && !level;
			if (rising)
				rises++;
			level = asserted;
			return rising;
		}

		synchronized boolean asserted() {
			return level;
		}

		synchronized int rises() {
			return rises;
		}
	}
}
