package vmhi.softcpu.diff;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;

/**
 * Runs random bytes as guest code at every privilege level. Each run has to end in a guest exception, a halt or a
 * shutdown, or when it is told to stop; never in a Java exception, with a write outside of RAM, or not at all.
 * <p>
 * Has two threads, one that is the vCPU's and one that stops what takes long; {@link #run} is called from a third and
 * waits for them.
 */
final class RandomCode {
	private static final int RAM = 2 << 20;
	private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
	private static final int CASES_BETWEEN_CHECKS = 512, LENGTH = 64;
	private static final int[] SYSTEM = { 0x0f00, 0x0f01, 0x0f20, 0x0f22, 0x0f30, 0x0f32, 0x0fc7, 0x0fae, 0xcf, 0xff,
			0x8e, 0xea, 0x9a, 0xcd, 0xcb, 0x0f05, 0x0f34, 0x0f07, 0x0f35, 0x0f06, 0xf4, 0xfa, 0xfb, 0xe6, 0xec,
			0xf36f };
	private static final List<Template> TEMPLATES = Templates.all();

	private final CpuBackend backend;
	private final long hangNanos;
	private final GuardedMemory memory = new GuardedMemory(RAM);
	private final byte[] pristine = new byte[Level.TOP];
	private final int[] ends = new int[RunEnd.values().length];

	private volatile Vcpu running;
	private volatile long deadline = Long.MAX_VALUE;
	private volatile String current = "";
	private volatile String failure;
	private volatile boolean finished;

	/** @param hangMillis after how long a run that was told to stop counts as hanging */
	RandomCode(CpuBackend backend, long hangMillis) {
		this.backend = backend;
		hangNanos = TimeUnit.MILLISECONDS.toNanos(hangMillis);
		SplittableRandom random = new SplittableRandom(0);
		for (int i = 0; i < RAM; i += 8)
			memory.putLong(i, random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(RAM));
		Level.buildTables(memory);
		memory.read(0, ByteBuffer.wrap(pristine));
	}

	/**
	 * Runs the cases from {@code first} up to {@code end}.
	 *
	 * @return what went wrong, or {@code null}
	 */
	String run(long seed, long first, long end) throws InterruptedException {
		Thread runner = new Thread(() -> runAll(seed, first, end), "random-code");
		runner.setDaemon(true); // a hang that cannot be ended is reported, not waited for
		runner.start();
		while (!finished && failure == null)
			watch(runner);
		if (failure == null)
			runner.join();
		return failure;
	}

	/** How the runs ended so far, by {@link RunEnd}. */
	int[] ends() {
		return ends.clone();
	}

	private void watch(Thread runner) {
		LockSupport.parkNanos(LONGEST_NANOS / 4);
		long late = System.nanoTime() - deadline;
		Vcpu vcpu = running;
		if (late < 0 || vcpu == null)
			return;
		if (late > hangNanos) {
			StringBuilder text = new StringBuilder("does not end: " + current);
			for (StackTraceElement element : runner.getStackTrace())
				text.append("\n\tat ").append(element);
			failure = text.toString();
		} else
			vcpu.stop();
	}

	/** On the vCPU's thread. Whatever is thrown is what is looked for. */
	private void runAll(long seed, long first, long end) {
		try (Processor processor = backend.create(
				new CpuSetup("random", memory, List.of(backend.supportedCpuid()), List.of(), false), new Host(seed))) {
			Vcpu vcpu = processor.vcpu(0);
			for (long index = first; index < end && failure == null; index++) {
				runOne(vcpu, seed, index);
				if (((index - first) % CASES_BETWEEN_CHECKS == 0 || index == end - 1) && !memory.isIntact())
					failure = "wrote outside of RAM, at the latest in " + current;
			}
		} catch (CpuException | RuntimeException | Error e) {
			StringBuilder text = new StringBuilder(current + ": " + e);
			for (StackTraceElement element : e.getStackTrace())
				text.append("\n\tat ").append(element);
			failure = text.toString();
		} finally {
			finished = true;
		}
	}

	private void runOne(Vcpu vcpu, long seed, long index) throws CpuException {
		SplittableRandom random = Values.random(seed, index);
		Level level = Level.values()[(int) (index % Level.values().length)];
		byte[] code = code(random);
		current = "-Dvmhi.random.case=%d:%d %s %s".formatted(seed, index, level, HexFormat.of().formatHex(code));
		memory.write(0, ByteBuffer.wrap(pristine));
		memory.write(Level.CODE, ByteBuffer.wrap(code));
		Values values = new Values(random);
		long[] registers = new long[16];
		for (int i = 0; i < 16; i++)
			registers[i] = random.nextBoolean() ? random.nextInt(RAM) : values.integer();
		vcpu.restore(level.begin(registers, random.nextInt(), random.nextInt(4) != 0,
				random.nextInt(3) == 0 ? random.nextInt() : 1, random.nextInt(3) == 0 ? random.nextInt() : 0x600));
		running = vcpu;
		deadline = System.nanoTime() + LONGEST_NANOS;
		RunEnd end = vcpu.run();
		deadline = Long.MAX_VALUE;
		running = null;
		ends[end.ordinal()]++;
		vcpu.save();
	}

	private static byte[] code(SplittableRandom random) {
		byte[] code = new byte[LENGTH];
		random.nextBytes(code);
		int at = 0;
		switch (random.nextInt(3)) {
			case 0 -> {
				while (at < LENGTH - 12) {
					int opcode = SYSTEM[random.nextInt(SYSTEM.length)];
					if (opcode > 0xff)
						code[at++] = (byte) (opcode >> 8);
					code[at++] = (byte) opcode;
					at += random.nextInt(4);
				}
			}
			case 1 -> {
				while (at < LENGTH - 16) {
					Template template = TEMPLATES.get(random.nextInt(TEMPLATES.size()));
					if (template.prefix != 0)
						code[at++] = (byte) template.prefix;
					if (random.nextInt(4) == 0)
						code[at++] = (byte) (0x40 | random.nextInt(16));
					for (byte each : template.opcode)
						code[at++] = each;
					at += 1 + random.nextInt(3);
				}
			}
			default -> {
				// as it is
			}
		}
		return code;
	}

	/** Answers anything. On the vCPU's thread. */
	private final class Host implements CpuHost {
		private final SplittableRandom random;

		Host(long seed) {
			random = new SplittableRandom(seed);
		}

		private long any(int size) {
			return random.nextLong() & -1L >>> Long.SIZE - 8 * size;
		}

		@Override
		public long readPort(VcpuContext vcpu, int port, int size) {
			return any(size);
		}

		@Override
		public void writePort(VcpuContext vcpu, int port, int size, long value) {
			if (port == Layout.END_PORT)
				running.stop();
		}

		@Override
		public long readMmio(VcpuContext vcpu, long gpa, int size) {
			return any(size);
		}

		@Override
		public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
			// nobody is there
		}

		@Override
		public boolean readMsr(VcpuContext vcpu, int index) {
			vcpu.msrValue(random.nextLong());
			return random.nextBoolean();
		}

		@Override
		public boolean writeMsr(VcpuContext vcpu, int index, long value) {
			return random.nextBoolean();
		}

		@Override
		public boolean hypercall(VcpuContext vcpu) {
			vcpu.register(VcpuContext.RAX, random.nextLong());
			return random.nextBoolean();
		}

		@Override
		public void odd(VcpuContext vcpu, String what) {
			// it is
		}
	}
}
