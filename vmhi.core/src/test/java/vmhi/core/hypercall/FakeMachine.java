package vmhi.core.hypercall;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import vmhi.api.device.ConsolePort;
import vmhi.api.device.GuestClock;
import vmhi.tck.device.TestClock;
import vmhi.tck.device.TestConsole;
import vmhi.tck.memory.TestMemory;

/** A machine of four vCPUs with 1 MiB, as ranges see it. */
final class FakeMachine implements MachineSide {
	static final int VCPUS = 4;

	final TestMemory memory = new TestMemory(1 << 20);
	final TestConsole console = new TestConsole();
	final List<String> reports = new CopyOnWriteArrayList<>();
	final TestClock clock = new TestClock();
	volatile long identity;

	@Override
	public String machine() {
		return "m";
	}

	@Override
	public int vcpus() {
		return VCPUS;
	}

	@Override
	public TestMemory memory() {
		return memory;
	}

	@Override
	public GuestClock clock() {
		return clock;
	}

	@Override
	public ConsolePort console() {
		return console;
	}

	@Override
	public long guestIdentity() {
		return identity;
	}

	@Override
	public void guestIdentity(long next) {
		identity = next;
	}

	@Override
	public void later(Runnable what) {
		new Thread(what, "later").start();
	}

	@Override
	public void report(String type, Map<String, String> particulars) {
		reports.add(type);
	}
}
