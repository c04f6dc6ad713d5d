package vmhi.tck.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.GuestMemory;

/**
 * A machine as small as can be: RAM with a {@link Code} in it, tables for each way to run it, and vCPUs to do so. The
 * thread that uses a vCPU is its vCPU thread.
 */
final class Bench implements AutoCloseable {
	static final long CODE = 0x1_0000;
	static final long DATA = 0x2_0000;
	static final long MMIO = 0xd000_0000L;
	static final int VECTOR = 0x40;
	static final MsrRange TRAPPED = new MsrRange(0x4000_0f00, 2);
	static final Leaf OWN_LEAF = new Leaf(0x4000_0000, 0, false, 0x4000_0001, 0x4948_4d56, 0x1234_5678, 0x9abc_def0);

	private static final long PML4 = 0x1000, PDPT = 0x2000, LOW = 0x3000, HIGH = 0x4000;
	private static final long GDT = 0x5000, IDT = 0x6000, STACK_TOP = 0x9000, TASK = 0xa000, HANDLER = 0xd000;
	private static final int IO_MAP = 0x68, TASK_LIMIT = IO_MAP + 0x2000; // of the task state, a bit a port
	private static final int LONGEST_SECONDS = 20;

	// segment attributes, see CpuState.Segment
	private static final int CODE_64 = 0xa9b, CODE_32 = 0xc9b, CODE_16 = 0x09b, DATA_32 = 0xc93, DATA_16 = 0x093;
	private static final int USER = 3 << 5, TASK_STATE = 0x08b, NO_TABLE = 0x1082;

	/** How the code is run. */
	enum Mode {
		REAL, PROTECTED, LONG,
		/** 64-bit code at privilege level 3, with the right to do I/O. */
		USER
	}

	private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(job -> {
		Thread thread = new Thread(job, "tck-watchdog");
		thread.setDaemon(true);
		return thread;
	});

	private static final ThreadLocal<Vcpu> RUNNING = new ThreadLocal<>();

	final GuestMemory memory;
	final ProbeHost host;
	final Processor processor;
	private final CpuBackend backend;
	private final CpuSetup setup;
	private final Mode mode;

	Bench(CpuBackend backend, GuestMemory memory, ProbeHost host, Mode mode, int vcpus, boolean interruptController)
			throws CpuException {
		this.backend = backend;
		this.memory = memory;
		this.host = host;
		this.mode = mode;
		CpuidTable table = withOwnLeaf(backend.supportedCpuid());
		setup = new CpuSetup("tck", memory, Collections.nCopies(vcpus, table), List.of(TRAPPED), interruptController);
		buildTables();
		processor = another(new NoInterrupts());
	}

	/** For a backend under test, without an interrupt controller. */
	static Bench of(CpuContract contract, Mode mode, ProbeHost host, int vcpus) throws CpuException {
		return new Bench(contract.backend(), contract.memory(), host, mode, vcpus, false);
	}

	private static CpuidTable withOwnLeaf(CpuidTable table) {
		List<Leaf> leaves = new ArrayList<>(table.leaves());
		leaves.removeIf(leaf -> leaf.leaf() == OWN_LEAF.leaf());
		int at = 0;
		while (at < leaves.size() && Integer.compareUnsigned(leaves.get(at).leaf(), OWN_LEAF.leaf()) < 0)
			at++;
		leaves.add(at, OWN_LEAF);
		return new CpuidTable(leaves);
	}

	/** A further processor of the same backend on the same RAM. The test closes it. */
	Processor another(InterruptSource localApic) throws CpuException {
		Processor made = backend.create(setup, host);
		for (int i = 0; i < setup.vcpus(); i++)
			if (made.vcpu(i) instanceof InterruptibleVcpu vcpu)
				vcpu.connect(localApic);
		return made;
	}

	/** Puts code where {@link #begin} starts it. */
	Bench load(Code code) {
		memory.write(CODE, ByteBuffer.wrap(code.bytes()));
		return this;
	}

	/** The code that an interrupt runs. */
	void loadHandler(Code code) {
		memory.write(HANDLER, ByteBuffer.wrap(code.bytes()));
	}

	/** Identity mapping of the first and the fourth GiB in 2 MiB pages, descriptors, and a gate for one interrupt. */
	private void buildTables() {
		memory.putLong(PML4, PDPT | 7);
		memory.putLong(PDPT, LOW | 7);
		memory.putLong(PDPT + 3 * 8, HIGH | 7);
		for (long page = 0; page < 512; page++) {
			memory.putLong(LOW + page * 8, page << 21 | 0x87);
			memory.putLong(HIGH + page * 8, (3L << 30) + (page << 21) | 0x87);
		}
		long[] descriptors = { 0, 0x00af_9b00_0000_ffffL, 0x00cf_9300_0000_ffffL, 0x00cf_f300_0000_ffffL,
				0x00af_fb00_0000_ffffL, 0x0000_8b00_0000_0000L | TASK << 16 | TASK_LIMIT, 0 };
		for (int i = 0; i < descriptors.length; i++)
			memory.putLong(GDT + 8L * i, descriptors[i]);
		memory.putShort(TASK + 0x66, IO_MAP); // all ports allowed, for hosts that do not look at IOPL
		memory.putByte(TASK + TASK_LIMIT, 0xff);
		memory.putLong(IDT + VECTOR * 16, HANDLER | 8 << 16 | 0x8e00L << 32);
	}

	/**
	 * The state at the start of the code. The interrupt table is there only if asked for: without it, faults pile up.
	 */
	CpuState begin(boolean interruptTable) {
		General general = new General(new long[16], CODE, mode == Mode.USER ? 0x3002 : 2);
		general.registers()[VcpuContext.RSP] = mode == Mode.REAL ? 0x7000 : STACK_TOP;
		boolean wide = mode == Mode.LONG || mode == Mode.USER;
		int user = mode == Mode.USER ? USER : 0;
		Segment code = switch (mode) {
			case REAL -> new Segment((int) (CODE >> 4), CODE, 0xffff, CODE_16);
			case PROTECTED -> new Segment(8, 0, -1, CODE_32);
			default -> new Segment(mode == Mode.USER ? 0x23 : 8, 0, -1, CODE_64 | user);
		};
		if (mode == Mode.REAL)
			general = new General(general.registers(), 0, 2);
		Segment data = mode == Mode.REAL ? new Segment(0, 0, 0xffff, DATA_16)
				: new Segment(mode == Mode.USER ? 0x1b : 0x10, 0, -1, DATA_32 | user);
		SystemRegisters system = new SystemRegisters(code, data, data, data, data, data,
				new Segment(0x28, TASK, TASK_LIMIT, TASK_STATE), new Segment(0, 0, 0, NO_TABLE),
				new Table(GDT, 55), new Table(IDT, interruptTable ? 0xfff : 0),
				mode == Mode.REAL ? 0x10 : wide ? 0x8000_0031L : 0x31, 0, wide ? PML4 : 0,
				wide ? 0x620 : 0, 0, wide ? 0x500 : 0, 0xfee0_0900L);
		return new CpuState(general, system, null, null, null, null, null, CpuState.Events.NONE, MpState.RUNNABLE);
	}

	/** Starts a vCPU at the beginning of the code. */
	Vcpu start(int index) throws CpuException {
		Vcpu vcpu = processor.vcpu(index);
		vcpu.restore(begin(false));
		return vcpu;
	}

	/** Ends the run that is on on this thread. */
	static void stopRunning() {
		RUNNING.get().stop();
	}

	/** Runs, and makes sure that it ends. */
	static RunEnd run(Vcpu vcpu) throws CpuException {
		RUNNING.set(vcpu);
		AtomicBoolean late = new AtomicBoolean();
		ScheduledFuture<?> watch = WATCHDOG.schedule(() -> {
			late.set(true);
			vcpu.stop();
		}, LONGEST_SECONDS, TimeUnit.SECONDS);
		try {
			RunEnd end = vcpu.run();
			assertTrue(!late.get(), () -> "the guest did not end within " + LONGEST_SECONDS + " seconds");
			return end;
		} finally {
			watch.cancel(false);
		}
	}

	/** Starts vCPU 0 and runs it to the end of the code. */
	CpuState execute() throws CpuException {
		Vcpu vcpu = start(0);
		runToEnd(vcpu, 0);
		return vcpu.save();
	}

	void runToEnd(Vcpu vcpu, int index) throws CpuException {
		RunEnd end = run(vcpu);
		assertTrue(host.takeEnd(index),
				() -> "the guest ended before its time, as " + end + "; it did " + host.seen + "; odd: " + host.odd);
		assertEquals(RunEnd.STOPPED, end, "stopped by its host");
		assertTrue(host.seen.stream().noneMatch(access -> access.startsWith("out 82 ")),
				"the guest found something wrong");
	}

	static long register(CpuState state, int number) {
		return state.general().registers()[number];
	}

	@Override
	public void close() {
		processor.close();
	}

	/** A local APIC at which nothing arrives. */
	static class NoInterrupts implements InterruptSource {
		private int priority;

		@Override
		public boolean pending() {
			return false;
		}

		@Override
		public int accept() {
			return -1;
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
			return true;
		}
	}
}
