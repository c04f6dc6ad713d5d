package vmhi.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.IoHandler;

/**
 * Counts writes to a port and to a page of MMIO, and tells how long it was from the first to the last of interest: the
 * event {@code device.timed} has {@code nanos} by the clock and {@code cpu} of the vCPU's thread, and as microseconds
 * since 1970 when the device was {@code attached} and when the first of these writes was {@code reached}.
 * <p>
 * For machines with one vCPU: on its thread alone the count is kept.
 */
final class BenchDevice implements Device, IoHandler {
	static final String KIND = "bench";

	// the exit device has the ports around pioloop's usual one
	static final int PORT = 0x5f0;
	static final long GPA = 0xd000_1000L;
	private static final int PAGE = 0x1000;

	private final long first;
	private final long last;
	private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
	private Board board;
	private long attached;

	private long count;
	private long reached;
	private long began;
	private long cpuBegan;

	BenchDevice(long first, long last) {
		this.first = first;
		this.last = last;
		threads.getCurrentThreadCpuTime(); // the first time takes longer
	}

	@Override
	public void attach(Board newBoard) throws DeviceException {
		board = newBoard;
		attached = micros();
		board.claimPorts(PORT, 1, this);
		board.claimMmio(GPA, PAGE, this);
	}

	@Override
	public long read(VcpuContext vcpu, long offset, int size) {
		return 0;
	}

	@Override
	public void write(VcpuContext vcpu, long offset, int size, long value) {
		long number = ++count;
		if (number == first)
			begin();
		if (number == last)
			end();
	}

	private void begin() {
		reached = micros();
		began = System.nanoTime();
		cpuBegan = threads.getCurrentThreadCpuTime();
	}

	private void end() {
		long nanos = System.nanoTime() - began;
		long cpu = threads.getCurrentThreadCpuTime() - cpuBegan;
		board.report("timed", Map.of("nanos", Long.toString(nanos), "cpu", Long.toString(cpu), "attached",
				Long.toString(attached), "reached", Long.toString(reached)));
	}

	private static long micros() {
		return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
	}

	@Override
	public void reset() {
		count = 0;
	}

	@Override
	public void close() {
		// the core gives up what was claimed
	}
}
