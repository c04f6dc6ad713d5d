package vmhi.core.machine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.MsrRange;
import vmhi.api.device.Board;
import vmhi.api.device.ConsolePort;
import vmhi.api.device.DeviceException;
import vmhi.api.device.Drive;
import vmhi.api.device.GuestClock;
import vmhi.api.device.InterruptLine;
import vmhi.api.device.IoHandler;
import vmhi.api.device.MsrHandler;
import vmhi.api.memory.GuestMemory;
import vmhi.core.bus.AddressSpace;
import vmhi.core.bus.Claimed;
import vmhi.core.bus.ClaimedMsrs;

/**
 * The machine, as one device sees it, and the list of what the device took, so that all of it can be taken back.
 * <p>
 * After {@link #close} a device that still holds this gets nothing any more and changes nothing.
 */
final class DeviceBoard implements Board {
	private final PoweredMachine machine;
	private final String device;
	private final Worker worker;
	private final List<Claim> claims = new CopyOnWriteArrayList<>();
	private final List<InterruptLine> lines = new CopyOnWriteArrayList<>();
	private final List<CpuidTable.Leaf> leaves = new ArrayList<>();
	private final Map<Class<?>, Object> offers = new HashMap<>();
	private volatile boolean closed;

	DeviceBoard(PoweredMachine machine, String device, Worker worker) {
		this.machine = machine;
		this.device = device;
		this.worker = worker;
	}

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
	public Claim claimPorts(int first, int count, IoHandler handler) throws DeviceException {
		if (first < 0 || count < 1 || first + count > 0x10000)
			throw new DeviceException(DeviceException.Kind.SETTINGS,
					"%s: ports %#x to %#x are not within 0..0xffff".formatted(device, first, first + count - 1));
		return claim(machine.exits().ports(), "port", first, count, handler);
	}

	@Override
	public Claim claimMmio(long gpa, long size, IoHandler handler) throws DeviceException {
		if (size < 1 || Long.compareUnsigned(gpa + size - 1, gpa) < 0)
			throw new DeviceException(DeviceException.Kind.SETTINGS,
					"%s: %#x bytes at %#x".formatted(device, size, gpa));
		for (var region : machine.memory().regions())
			if (Long.compareUnsigned(gpa, region.end()) < 0 && Long.compareUnsigned(region.gpa(), gpa + size - 1) <= 0)
				throw new DeviceException(DeviceException.Kind.TAKEN,
						"%s: address %#x is RAM; choose one from %#x on".formatted(device, gpa, 3L << 30));
		return claim(machine.exits().memory(), "address", gpa, size, handler);
	}

	private Claim claim(AddressSpace space, String what, long first, long size, IoHandler handler)
			throws DeviceException {
		Claimed range = new Claimed(first, size, device, handler, machine::fault);
		refuseWhenClosed();
		Optional<Claimed> other = space.add(range);
		if (other.isPresent())
			throw new DeviceException(DeviceException.Kind.TAKEN,
					"%s: %s %#x is taken by %s".formatted(device, what, first, other.get().owner()));
		return keep(() -> {
			space.remove(range);
			machine.exits().awaitQuiet(1_000);
		});
	}

	/** Notes what has to be undone. Undone once, however often it is closed. */
	private Claim keep(Runnable undo) {
		Claim claim = new Claim() {
			@Override
			public void close() {
				if (claims.remove(this))
					undo.run();
			}
		};
		claims.add(claim);
		if (closed)
			claim.close(); // the board was cleared while this was on its way
		return claim;
	}

	private void refuseWhenClosed() throws DeviceException {
		if (closed)
			throw new DeviceException(DeviceException.Kind.MISSING, device + " is off the board");
	}

	@Override
	public Claim claimMsrs(MsrRange range, MsrHandler handler) throws DeviceException {
		for (ClaimedMsrs other : machine.exits().msrs())
			if (other.range().contains(range.first()) || range.contains(other.range().first()))
				throw new DeviceException(DeviceException.Kind.TAKEN,
						"%s: MSR %#x is taken by %s".formatted(device, range.first(), other.owner()));
		refuseWhenClosed();
		ClaimedMsrs claimed = new ClaimedMsrs(range, device, handler);
		machine.exits().msrs().add(claimed);
		return keep(() -> machine.exits().msrs().remove(claimed));
	}

	@Override
	public void cpuid(CpuidTable.Leaf leaf) {
		leaves.add(leaf);
	}

	List<CpuidTable.Leaf> leaves() {
		return leaves;
	}

	@Override
	public Claim doorbell(boolean port, long address, int size, Runnable bell) throws DeviceException {
		refuseWhenClosed();
		AddressSpace space = port ? machine.exits().ports() : machine.exits().memory();
		Claimed range = space.find(address);
		if (range == null || !range.owner().equals(device) || !range.contains(address, size))
			throw new DeviceException(DeviceException.Kind.MISSING,
					"%s: a doorbell at %#x, which is not its own".formatted(device, address));
		Runnable ring = () -> work(bell);
		Claimed.Bell added = new Claimed.Bell(address, size, ring);
		range.add(added);
		Doorbell outside = machine.cpu().addDoorbell(new Doorbell(port, address, size, ring));
		return keep(() -> {
			range.remove(added);
			machine.cpu().removeDoorbell(outside);
		});
	}

	@Override
	public InterruptLine interrupt(int gsi) throws DeviceException {
		if (gsi < 0 || gsi >= InterruptLines.LINES)
			throw new DeviceException(DeviceException.Kind.SETTINGS,
					"%s: interrupt %d is not 0..255".formatted(device, gsi));
		InterruptLine inner = machine.cpu().lines().line(gsi);
		InterruptLine line = asserted -> {
			if (!closed)
				inner.set(asserted);
		};
		lines.add(inner);
		return line;
	}

	@Override
	public void message(long address, int data) {
		if (!closed)
			machine.cpu().lines().message(address, data);
	}

	@Override
	public void work(Runnable job) {
		if (!closed)
			worker.execute(job);
	}

	@Override
	public Drive drive(String name) throws DeviceException {
		return machine.drive(name, device, worker);
	}

	@Override
	public ConsolePort console(String name) throws DeviceException {
		refuseWhenClosed();
		ConsolePort console = machine.takeConsole(name, device);
		keep(() -> machine.returnConsole(name, device));
		return console;
	}

	@Override
	public <T> void offer(Class<T> type, T service) throws DeviceException {
		if (offers.putIfAbsent(type, type.cast(service)) != null)
			throw new DeviceException(DeviceException.Kind.TAKEN,
					"%s offers two of %s".formatted(device, type.getName()));
	}

	@Override
	public <T> Optional<T> find(Class<T> type) {
		return machine.find(type, device);
	}

	/** What the device offers under this type. */
	<T> Optional<T> offered(Class<T> type) {
		return Optional.ofNullable(type.cast(offers.get(type)));
	}

	@Override
	public void powerOff(int status, String reason) {
		if (!closed)
			machine.powerOff(status, reason);
	}

	@Override
	public void resetMachine(String reason) {
		if (!closed)
			machine.resetFromInside(reason);
	}

	@Override
	public void report(String what, Map<String, String> particulars) {
		if (!closed)
			machine.report("device." + what, particulars);
	}

	/** Takes everything back. */
	void close() {
		closed = true;
		claims.forEach(Claim::close);
		lines.forEach(line -> line.set(false));
	}

	/** A write that rings, for the processors that can take it as a signal. */
	record Doorbell(boolean port, long address, int size, Runnable ring) {}
}
