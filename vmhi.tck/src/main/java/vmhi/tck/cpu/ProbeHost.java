package vmhi.tck.cpu;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.VcpuContext;

/**
 * The rest of the machine for a vCPU under test: it notes what comes, answers what it was told to, and stops a vCPU
 * whose guest has come to its end. Tests override what they want otherwise. For any thread.
 */
class ProbeHost implements CpuHost {
	private static final int END_PORT = 0x81;
	private static final int WRONG_PORT = 0x82;

	/** What came, such as {@code "out 510 1 21"}, {@code "load d0000000 4"}; numbers in hexadecimal. */
	final List<String> seen = new CopyOnWriteArrayList<>();
	/** What reads are answered with, one after the other; all ones when there is no more. */
	final Queue<Long> answers = new ConcurrentLinkedQueue<>();
	/** What {@link #odd} was told. */
	final List<String> odd = new CopyOnWriteArrayList<>();

	private final Set<Integer> ended = ConcurrentHashMap.newKeySet();

	private long answer(int size) {
		Long next = answers.poll();
		return (next == null ? -1 : next) & -1L >>> Long.SIZE - 8 * size;
	}

	/** Tells whether the guest has come to its end on this vCPU, once for each time. */
	boolean takeEnd(int index) {
		return ended.remove(index);
	}

	@Override
	public long readPort(VcpuContext vcpu, int port, int size) {
		seen.add("in %x %d".formatted(port, size));
		return answer(size);
	}

	@Override
	public void writePort(VcpuContext vcpu, int port, int size, long value) {
		if (port != END_PORT)
			seen.add("out %x %d %x".formatted(port, size, value));
		if (port == END_PORT || port == WRONG_PORT) {
			ended.add(vcpu.index());
			Bench.stopRunning();
		}
	}

	@Override
	public long readMmio(VcpuContext vcpu, long gpa, int size) {
		seen.add("load %x %d".formatted(gpa, size));
		return answer(size);
	}

	@Override
	public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
		seen.add("store %x %d %x".formatted(gpa, size, value));
	}

	@Override
	public boolean readMsr(VcpuContext vcpu, int index) {
		seen.add("rdmsr %x".formatted(index));
		return false;
	}

	@Override
	public boolean writeMsr(VcpuContext vcpu, int index, long value) {
		seen.add("wrmsr %x %x".formatted(index, value));
		return false;
	}

	@Override
	public boolean hypercall(VcpuContext vcpu) {
		seen.add("hypercall");
		return false;
	}

	@Override
	public void odd(VcpuContext vcpu, String what) {
		odd.add(what);
	}
}
