package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongUnaryOperator;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.GuestMemory;
import vmhi.guest.asm.Assembler;
import vmhi.guest.asm.AssemblyException;
import vmhi.tck.memory.TestMemory;

/**
 * A guest of a few lines of assembly language, with descriptor tables of which a test changes what it is about. It says
 * what it finds by OUT to port 0x80, and ends by OUT to port 0x81. Belongs to the thread of the test, which is the vCPU's.
 */
final class SystemGuest implements AutoCloseable {
	static final int GDT = 0x1000, IDT = 0x2000, TASK = 0x3000, PML4 = 0x4000, STACK_0 = 0x8000, STACK_3 = 0x9000,
			STACK_IST = 0xa000, DATA = 0xb000, CODE = 0x1_0000;
	static final int CODE_0 = 0x08, DATA_0 = 0x10, CODE_3 = 0x1b, DATA_3 = 0x23, WIDE_3 = 0x2b, WIDE_0 = 0x30,
			TSS = 0x40, OWN = 0x50;

	// segment attributes, see CpuState.Segment
	static final int CODE_16 = 0x09b, CODE_32 = 0xc9b, CODE_64 = 0xa9b, DATA_32 = 0xc93, LEVEL_3 = 3 << 5,
			TASK_STATE = 0x08b, FREE_TASK_STATE = 0x089;
	static final int INTERRUPT_GATE = 0x8e00, TRAP_GATE = 0x8f00, FROM_LEVEL_3 = 0x6000;
	private static final int GDT_LIMIT = 0xff, IDT_LIMIT = 0xfff, TASK_LIMIT = 0x67;
	private static final int LONGEST_SECONDS = 20;

	/** How it starts. */
	enum Mode {
		REAL, PROTECTED, LONG
	}

	private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(job -> {
		Thread thread = new Thread(job, "guest-watchdog");
		thread.setDaemon(true);
		return thread;
	});

	final GuestMemory memory = new TestMemory(1 << 20);
	final List<Long> said = new ArrayList<>();
	final Host host;
	final SoftProcessor processor;
	final InterruptibleVcpu vcpu;
	/** The vCPU that is being run. */
	InterruptibleVcpu running;
	private final Mode mode;
	private final Map<String, Integer> labels = new HashMap<>();

	SystemGuest(Mode mode) {
		this.mode = mode;
		host = new Host();
		processor = another();
		vcpu = (InterruptibleVcpu) processor.vcpu(0);
		descriptor(CODE_0, 0, -1, CODE_32);
		descriptor(DATA_0, 0, -1, DATA_32);
		descriptor(CODE_3 & ~3, 0, -1, CODE_32 | LEVEL_3);
		descriptor(DATA_3 & ~3, 0, -1, DATA_32 | LEVEL_3);
		descriptor(WIDE_3 & ~3, 0, -1, CODE_64 | LEVEL_3);
		descriptor(WIDE_0, 0, -1, CODE_64);
		descriptor(WIDE_0 + 8, 0, -1, DATA_32);
		descriptor(TSS, TASK, TASK_LIMIT, TASK_STATE);
		if (mode == Mode.LONG) {
			memory.putLong(TASK + 4, STACK_0);
			memory.putLong(TASK + 0x24, STACK_IST);
		} else {
			memory.putInt(TASK + 4, STACK_0);
			memory.putInt(TASK + 8, DATA_0);
		}
		memory.putLong(PML4, PML4 + 0x1000 | 7);
		memory.putLong(PML4 + 0x1000, PML4 + 0x2000 | 7);
		memory.putLong(PML4 + 0x2000, 0x87); // 2 MiB one to one
	}

	/** A further processor on the same RAM. */
	SoftProcessor another() {
		return new SoftProcessor(
				new CpuSetup("test", memory, Collections.nCopies(1, new SoftBackend().supportedCpuid()),
						List.of(new MsrRange(0x4000_0000, 16)), false),
				host);
	}

	void descriptor(int selector, int base, int limit, int attributes) {
		descriptor(GDT, selector, base, limit, attributes);
	}

	void descriptor(int table, int selector, int base, int limit, int attributes) {
		if ((attributes & 0x800) != 0)
			limit >>>= 12;
		long d = limit & 0xffffL | (base & 0xff_ffffL) << 16 | (attributes & 0xffL) << 40 | (limit & 0xf_0000L) << 32
				| (attributes & 0xf00L) << 44 | (base & 0xff00_0000L) << 32;
		memory.putLong(table + (selector & ~7), d);
	}

	/** An interrupt or trap gate; {@code kind} has the stack's number in its lowest bits in long mode. */
	void gate(int vector, String handler, int kind) {
		gate(vector, mode == Mode.LONG ? WIDE_0 : CODE_0, at(handler), kind);
	}

	void gate(int vector, int selector, int offset, int kind) {
		long gate = offset & 0xffffL | (long) selector << 16 | (long) kind << 32 | (offset & 0xffff_0000L) << 32;
		memory.putLong(IDT + vector * (mode == Mode.LONG ? 16 : 8), gate);
	}

	/** Assembles code to where the guest starts. The labels can be asked for with {@link #at}. */
	SystemGuest load(String source, String... names) {
		int bits = mode == Mode.REAL ? 16 : mode == Mode.LONG ? 64 : 32;
		StringBuilder text = new StringBuilder("bits %d\norg 0x%x\n".formatted(bits, CODE));
		for (String name : names)
			text.append("dd ").append(name).append('\n');
		text.append("align 64\n").append(source);
		byte[] bytes = assemble(text.toString());
		memory.write(CODE, ByteBuffer.wrap(bytes));
		for (int i = 0; i < names.length; i++)
			labels.put(names[i], memory.getInt(CODE + 4L * i));
		return this;
	}

	private static byte[] assemble(String text) {
		try {
			Path directory = Files.createTempDirectory("guest");
			Path file = directory.resolve("guest.asm");
			try {
				Files.writeString(file, text);
				return new Assembler(directory).assemble(file);
			} finally {
				Files.deleteIfExists(file);
				Files.delete(directory);
			}
		} catch (IOException | AssemblyException e) {
			throw new IllegalStateException(e.getMessage() + "\n" + text, e);
		}
	}

	int at(String label) {
		return labels.get(label);
	}

	/** The state in which it starts. */
	CpuState begin() {
		long[] registers = new long[16];
		registers[VcpuContext.RSP] = STACK_0 - 0x800;
		boolean wide = mode == Mode.LONG;
		Segment data = new Segment(DATA_0, 0, -1, DATA_32);
		Segment code = wide ? new Segment(WIDE_0, 0, -1, CODE_64) : new Segment(CODE_0, 0, -1, CODE_32);
		long rip = (CODE + labels.size() * 4 + 63 & ~63);
		if (mode == Mode.REAL) {
			data = new Segment(0, 0, 0xffff, 0x93);
			code = new Segment(CODE >> 4, CODE, 0xffff, CODE_16);
			rip -= CODE;
		}
		SystemRegisters system = new SystemRegisters(code, data, data, data, data, data,
				new Segment(TSS, TASK, TASK_LIMIT, TASK_STATE), new Segment(0, 0, 0, 0x1000),
				new Table(GDT, GDT_LIMIT), mode == Mode.REAL ? new Table(0, 0x3ff) : new Table(IDT, IDT_LIMIT),
				mode == Mode.REAL ? 0x10 : wide ? 0x8000_0031L : 0x31, 0, PML4, wide ? 0x620 : 0x600, 0,
				wide ? 0x501 : 0,
				0xfee0_0900L);
		return new CpuState(new General(registers, rip, 2), system, null, null, null, null, null, CpuState.Events.NONE,
				MpState.RUNNABLE);
	}

	/** Runs from the start to the end, and gives what was said. */
	List<Long> execute() throws CpuException {
		vcpu.restore(begin());
		assertEquals(RunEnd.STOPPED, run(), () -> "said " + said);
		return said;
	}

	/** The same, where it is to end otherwise. */
	RunEnd executeUntilEnd() throws CpuException {
		vcpu.restore(begin());
		return run();
	}

	RunEnd run() throws CpuException {
		return run(vcpu);
	}

	RunEnd run(InterruptibleVcpu which) throws CpuException {
		running = which;
		AtomicBoolean late = new AtomicBoolean();
		ScheduledFuture<?> watch = WATCHDOG.schedule(() -> {
			late.set(true);
			which.stop();
		}, LONGEST_SECONDS, TimeUnit.SECONDS);
		try {
			RunEnd end = which.run();
			assertFalse(late.get(), () -> "does not end; said " + said);
			return end;
		} finally {
			watch.cancel(false);
		}
	}

	@Override
	public void close() {
		processor.close();
	}

	/** Ports, and a few MSRs. */
	final class Host implements CpuHost {
		/** What is done at an OUT to port 0x82. */
		Runnable signal = () -> {
		};
		/** What is done at a store to where there is no RAM. */
		Runnable atStore = () -> {
		};
		/** What a load from an address without RAM finds. */
		LongUnaryOperator atLoad = gpa -> -1;
		final List<String> accesses = new ArrayList<>();

		@Override
		public long readPort(VcpuContext context, int port, int size) {
			accesses.add("in %x %d".formatted(port, size));
			return port & -1L >>> 64 - 8 * size;
		}

		@Override
		public void writePort(VcpuContext context, int port, int size, long value) {
			switch (port) {
				case 0x80 -> said.add(value);
				case 0x81 -> running.stop();
				case 0x82 -> signal.run();
				default -> accesses.add("out %x %d %x".formatted(port, size, value));
			}
		}

		@Override
		public long readMmio(VcpuContext context, long gpa, int size) {
			return atLoad.applyAsLong(gpa) & -1L >>> 64 - 8 * size;
		}

		@Override
		public void writeMmio(VcpuContext context, long gpa, int size, long value) {
			accesses.add("store %x %d %x".formatted(gpa, size, value));
			atStore.run();
		}

		@Override
		public boolean readMsr(VcpuContext context, int index) {
			accesses.add("rdmsr %x".formatted(index));
			context.msrValue(0x1122_3344_5566_7788L);
			return index >>> 4 == 0x400_0000;
		}

		@Override
		public boolean writeMsr(VcpuContext context, int index, long value) {
			accesses.add("wrmsr %x %x".formatted(index, value));
			return index >>> 4 == 0x400_0000;
		}

		@Override
		public boolean hypercall(VcpuContext context) {
			accesses.add("hypercall");
			return false;
		}

		@Override
		public void odd(VcpuContext context, String what) {
			// not what these tests are about
		}
	}

	/** A local APIC with interrupts that wait in a row. */
	static final class Interrupts implements InterruptSource {
		final List<Integer> waiting = new ArrayList<>();
		int priority;

		@Override
		public boolean pending() {
			return !waiting.isEmpty();
		}

		@Override
		public int accept() {
			return waiting.isEmpty() ? -1 : waiting.remove(0);
		}

		@Override
		public int taskPriority() {
			return priority;
		}

		@Override
		public void taskPriority(int value) {
			priority = value;
		}

		@Override
		public long apicBase() {
			return 0xfee0_0900L;
		}

		@Override
		public boolean apicBase(long value) {
			return value == 0xfee0_0900L;
		}
	}
}
