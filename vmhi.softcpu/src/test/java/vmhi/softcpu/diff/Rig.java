package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.Layout.*;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.GuestMemory;
import vmhi.tck.memory.TestMemory;

/**
 * A machine with a vCPU of a backend that runs batches of cases in 64-bit mode. Belongs to the thread that uses it,
 * which is the vCPU's.
 */
final class Rig implements AutoCloseable {
	private static final int LONGEST_SECONDS = 20;
	/** Times in a row that the translator is found waiting for work. */
	private static final int IDLE_LOOKS = 3;

	// segment attributes, see CpuState.Segment
	private static final int CODE_64 = 0xafb, DATA = 0xcf3, TASK_STATE = 0x08b, NO_TABLE = 0x1082;
	private static final int TASK_LIMIT = 0x67;

	// page table entries (SDM volume 3, 4.5)
	private static final long PRESENT = 1, WRITABLE = 2, USER = 4, LARGE = 0x80, NO_EXECUTE = 1L << 63;
	private static final long ALL = PRESENT | WRITABLE | USER;

	private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(job -> {
		Thread thread = new Thread(job, "diff-watchdog");
		thread.setDaemon(true);
		return thread;
	});

	final String name;
	final GuestMemory memory = new TestMemory(RAM);
	private final CpuBackend backend;
	private final CpuidTable cpuid;
	private final int vcpus;
	private Processor processor;
	private boolean ended;

	Rig(String name, CpuBackend backend, CpuidTable cpuid) {
		this(name, backend, cpuid, 1);
	}

	/** @param vcpus how many there are; the first runs, the others make it work as among several */
	Rig(String name, CpuBackend backend, CpuidTable cpuid, int vcpus) {
		this.vcpus = vcpus;
		this.name = name;
		this.backend = backend;
		this.cpuid = cpuid;
		Harness harness = Harness.assemble();
		buildTables();
		memory.write(HARNESS, ByteBuffer.wrap(harness.user()));
		memory.write(HANDLERS, ByteBuffer.wrap(harness.supervisor()));
		for (int vector = 0; vector < Harness.VECTORS; vector++)
			buildGate(vector, memory.getInt(HANDLERS + 8L * vector));
	}

	private void buildTables() {
		memory.putLong(PML4, PDPT | ALL);
		memory.putLong(PDPT, DIRECTORY | ALL);
		memory.putLong(DIRECTORY, PAGES | ALL);
		for (long page = 1; page < RAM >> 21; page++)
			memory.putLong(DIRECTORY + page * 8, page << 21 | ALL | LARGE);
		for (int page = 0; page < 512; page++)
			memory.putLong(PAGES + page * 8, page << 12 | PRESENT | WRITABLE | (page << 12 < OPEN ? 0 : USER));
		memory.putLong(PAGES + (ABSENT >> 9), 0);
		memory.putLong(PAGES + (READ_ONLY >> 9), READ_ONLY | PRESENT | USER);
		memory.putLong(PAGES + (SUPERVISOR >> 9), SUPERVISOR | PRESENT | WRITABLE);
		memory.putLong(PAGES + (NO_CODE >> 9), NO_CODE | ALL | NO_EXECUTE);
		long[] descriptors = { 0, 0, 0x00af_9b00_0000_ffffL, 0x00cf_9300_0000_ffffL, 0x00cf_fb00_0000_ffffL,
				0x00cf_f300_0000_ffffL, 0x00af_fb00_0000_ffffL, 0, 0x0000_8b00_0000_0000L | TASK << 16 | TASK_LIMIT,
				0 };
		for (int i = 0; i < descriptors.length; i++)
			memory.putLong(GDT + 8L * i, descriptors[i]);
		memory.putLong(TASK + 4, STACK_0);
		memory.putShort(TASK + 0x66, TASK_LIMIT + 1); // no ports
	}

	/** Interrupt gates; INT3 and INTO may come from level 3 (SDM volume 3, 6.12.1.2). */
	private void buildGate(int vector, int handler) {
		long type = vector == 3 || vector == 4 ? 0xee00L : 0x8e00L;
		memory.putLong(IDT + vector * 16L,
				(handler & 0xffffL) | 0x10 << 16 | type << 32 | (handler & 0xffff_0000L) << 32);
		memory.putLong(IDT + vector * 16L + 8, 0);
	}

	private CpuState begin() {
		General general = new General(new long[16], Harness.START, CLEAN_FLAGS);
		general.registers()[VcpuContext.RSP] = STACK_3;
		Segment data = new Segment(USER_DATA, 0, -1, DATA);
		SystemRegisters system = new SystemRegisters(new Segment(USER_CODE_64, 0, -1, CODE_64), data, data,
				new Segment(0, FS_BASE, -1, DATA), new Segment(0, GS_BASE, -1, DATA), data,
				new Segment(0x40, TASK, TASK_LIMIT, TASK_STATE), new Segment(0, 0, 0, NO_TABLE), new Table(GDT, 79),
				new Table(IDT, 16 * Harness.VECTORS - 1), 0x8005_0033L, 0, PML4, 0x620, 0, 0xd00, 0xfee0_0900L);
		return new CpuState(general, system, null, null, null, null, null, CpuState.Events.NONE, MpState.RUNNABLE);
	}

	/** Puts a case into its slot. */
	void load(Case given) {
		memory.write(code(given.slot()), ByteBuffer.wrap(given.code()));
		memory.write(record(given.slot()), ByteBuffer.wrap(given.record()));
	}

	/** Runs every slot once, so that the pages of all are there for a hypervisor that maps them as they are used. */
	void warmUp() throws CpuException {
		for (int slot = 0; slot < MOST_CASES; slot++)
			load(new CaseBuilder(0, slot, true, true, false).build());
		run(0, MOST_CASES);
	}

	/** What is in the record of a slot now. */
	void read(int slot, byte[] target) {
		memory.read(record(slot), ByteBuffer.wrap(target));
	}

	/** The exception that a case ended in, or {@link Layout#NO_FAULT}. */
	long vector(int slot) {
		return memory.getLong(record(slot) + OUT_VECTOR);
	}

	/**
	 * Runs the cases in the slots from {@code from} up to {@code to}.
	 *
	 * @return the first slot that did not come to its end; {@code to} if all did
	 */
	int run(int from, int to) throws CpuException {
		memory.putLong(CURRENT, record(from));
		memory.putLong(END, record(to));
		// what was translated or shadowed for other code in the same place is not carried along
		if (processor == null)
			processor = backend.create(new CpuSetup("diff-" + name, memory, Collections.nCopies(vcpus, cpuid),
					List.of(), false), new Host());
		Vcpu vcpu = processor.vcpu(0);
		vcpu.restore(begin());
		ended = false;
		ScheduledFuture<?> watch = WATCHDOG.schedule(vcpu::stop, LONGEST_SECONDS, TimeUnit.SECONDS);
		ScheduledFuture<?> alarm = WATCHDOG.schedule(this::reportHang, 2 * LONGEST_SECONDS, TimeUnit.SECONDS);
		try {
			RunEnd end = vcpu.run();
			if (!ended)
				System.err.println(name + " ended as " + end + " at " + vcpu.save().general());
		} finally {
			watch.cancel(false);
			alarm.cancel(false);
		}
		return ended ? to : (int) (memory.getLong(CURRENT) - RECORDS) / RECORD_SIZE;
	}

	/**
	 * Waits until the thread that translates for this machine, if there is one, has nothing to do. It may miss that there
	 * is work for a thread that is about to wake up, which then is translated while the next run is under way.
	 */
	void awaitTranslator() {
		Thread[] all = new Thread[2 * Thread.activeCount() + 8];
		int count = Thread.enumerate(all);
		for (int i = 0; i < count; i++)
			if (all[i].getName().equals("translator diff-" + name))
				awaitIdle(all[i]);
	}

	private static void awaitIdle(Thread thread) {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
		for (int idle = 0; idle < IDLE_LOOKS && System.nanoTime() < deadline;) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
			Thread.State state = thread.getState();
			idle = state == Thread.State.WAITING || state == Thread.State.TERMINATED ? idle + 1 : 0;
		}
	}

	/** On the watchdog's thread: all that can be done about a vCPU that does not stop. */
	private void reportHang() {
		long slot = (memory.getLong(CURRENT) - RECORDS) / RECORD_SIZE;
		System.err.println(name + " was told to stop and does not, in the case in slot " + slot);
	}

	@Override
	public void close() {
		if (processor != null)
			processor.close();
	}

	/** No devices but the port at which a batch ends. */
	private final class Host implements CpuHost {

		@Override
		public long readPort(VcpuContext vcpu, int port, int size) {
			return -1L >>> Long.SIZE - 8 * size;
		}

		@Override
		public void writePort(VcpuContext vcpu, int port, int size, long value) {
			if (port == END_PORT) {
				ended = true;
				processor.vcpu(0).stop();
			}
		}

		@Override
		public long readMmio(VcpuContext vcpu, long gpa, int size) {
			return -1L >>> Long.SIZE - 8 * size;
		}

		@Override
		public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
			// nobody is there
		}

		@Override
		public boolean readMsr(VcpuContext vcpu, int index) {
			return false;
		}

		@Override
		public boolean writeMsr(VcpuContext vcpu, int index, long value) {
			return false;
		}

		@Override
		public boolean hypercall(VcpuContext vcpu) {
			return false;
		}

		@Override
		public void odd(VcpuContext vcpu, String what) {
			// cases are odd on purpose
		}
	}
}
