package vmhi.hypercall;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import vmhi.api.device.ConsolePort;
import vmhi.api.device.GuestClock;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.memory.GuestMemory;
import vmhi.tck.device.TestClock;
import vmhi.tck.device.TestConsole;
import vmhi.tck.memory.TestMemory;

/** A machine of 64 KiB with two ranges, one of which is not there. */
final class FakeHost implements RangeHost {
	static final int RAM = 64 << 10;

	/** Something reported. */
	record Report(String what, Map<String, String> particulars) {}

	final TestMemory memory = new TestMemory(RAM);
	final TestConsole console = new TestConsole();
	final List<Report> reports = new ArrayList<>();
	private final List<Bound> ranges = List.of(new Bound(new UUID(2, 1), 0, 1, 3, true),
			new Bound(new UUID(-1, -2), 0x8000, 4, 5, false));
	private long identity;
	int identities;

	@Override
	public String machine() {
		return "m";
	}

	@Override
	public int vcpus() {
		return 3;
	}

	@Override
	public GuestMemory memory() {
		return memory;
	}

	@Override
	public GuestClock clock() {
		return new TestClock();
	}

	@Override
	public ConsolePort console() {
		return console;
	}

	@Override
	public List<Bound> ranges() {
		return ranges;
	}

	@Override
	public int generation() {
		return -2; // a number of 32 bits, however it is printed
	}

	@Override
	public long guestIdentity() {
		return identity;
	}

	@Override
	public void guestIdentity(long next) {
		identity = next;
		identities++;
	}

	@Override
	public void report(String what, Map<String, String> particulars) {
		reports.add(new Report(what, particulars));
	}
}
