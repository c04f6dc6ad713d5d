package vmhi.device.irqchip;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.TimeStampedVcpu;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.tck.device.TestBoard;
import vmhi.tck.device.TestVcpu;

/** The device on a board, with vCPUs that note what they are told. The test is the guest. */
final class Rig implements AutoCloseable {
	static final long APIC = LocalApic.BASE, IO_APIC = IoApic.BASE;
	static final int TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0, ISR = 0x100, TMR = 0x180,
			IRR = 0x200, ESR = 0x280, ICR = 0x300, ICR_HIGH = 0x310, LVT_TIMER = 0x320, LINT0 = 0x350, LINT1 = 0x360,
			LVT_ERROR = 0x370, COUNT = 0x380, CURRENT = 0x390, DIVIDE = 0x3e0;
	static final int MASKED = 0x1_0000, LEVEL = 0x8000;
	static final int DEADLINE_MSR = 0x6e0;

	final TestBoard board = new TestBoard();
	final Irqchip device = (Irqchip) new IrqchipFactory().create(null);
	final Vcpu[] vcpus;
	final InterruptSource[] sources;

	/** A vCPU. Its time-stamp counter is {@link #offset} ahead of the clock of the machine. */
	class Vcpu implements InterruptibleVcpu, TimeStampedVcpu {
		final List<String> told = new CopyOnWriteArrayList<>();
		final TestVcpu context;
		long offset;
		int khz = 1_000_000;

		Vcpu(int index) {
			context = new TestVcpu(index);
		}

		@Override
		public void connect(InterruptSource source) {}

		@Override
		public void interruptPending() {
			told.add("interrupt");
		}

		@Override
		public void nmi() {
			told.add("nmi");
		}

		@Override
		public void init() {
			told.add("init");
		}

		@Override
		public void startup(int vector) {
			told.add("startup " + Integer.toHexString(vector));
		}

		@Override
		public long timeStamp() {
			return offset + board.clock().nanos() / 1_000 * khz / 1_000;
		}

		@Override
		public int timeStampKhz() {
			return khz;
		}

		@Override
		public RunEnd run() {
			return RunEnd.STOPPED;
		}

		@Override
		public void stop() {}

		@Override
		public CpuState save() {
			return null;
		}

		@Override
		public void restore(CpuState state) {}
	}

	Rig(int count) throws DeviceException {
		this(count, 0);
	}

	/** At this time of the machine's clock. */
	Rig(int count, long nanos) throws DeviceException {
		board.vcpus(count);
		board.clock().advance(nanos);
		device.attach(board);
		vcpus = new Vcpu[count];
		sources = new InterruptSource[count];
		for (int i = 0; i < count; i++)
			connect(i);
	}

	void connect(int index) {
		vcpus[index] = new Vcpu(index);
		sources[index] = device.localApic(index, vcpus[index]);
	}

	/** Another device with the state of this one, at the same time. */
	Rig copy() throws DeviceException {
		DeviceState state = device.save();
		Rig next = new Rig(vcpus.length, board.clock().nanos());
		next.device.restore(state);
		for (int i = 0; i < vcpus.length; i++)
			next.connect(i);
		return next;
	}

	int apic(int vcpu, int register) {
		return (int) board.load(vcpus[vcpu].context, APIC + register, 4);
	}

	void apic(int vcpu, int register, int value) {
		board.store(vcpus[vcpu].context, APIC + register, 4, value & 0xffff_ffffL);
	}

	/** Enables all local APICs, with the vector 0xff for spurious interrupts. */
	Rig enabled() {
		for (int i = 0; i < vcpus.length; i++)
			apic(i, SVR, 0x1ff);
		return this;
	}

	/** Sets all local APICs to x2APIC mode. */
	Rig extended() {
		for (InterruptSource source : sources)
			source.apicBase(source.apicBase() | LocalApic.BASE_X2APIC);
		for (int i = 0; i < vcpus.length; i++)
			msr(i, 0x80f, 0x1ff);
		return this;
	}

	boolean msr(int vcpu, int index, long value) {
		return board.writeMsr(vcpus[vcpu].context, index, value);
	}

	/** The value of an MSR, or {@code null} for #GP. */
	Long msr(int vcpu, int index) {
		return board.readMsr(vcpus[vcpu].context, index) ? vcpus[vcpu].context.msrValue : null;
	}

	/** Sends an IPI in xAPIC mode. */
	void ipi(int from, int destination, int command) {
		apic(from, ICR_HIGH, destination << 24);
		apic(from, ICR, command);
	}

	int ioApic(int register) {
		board.store(IO_APIC, 4, register);
		return (int) board.load(IO_APIC + 0x10, 4);
	}

	void ioApic(int register, int value) {
		board.store(IO_APIC, 4, register);
		board.store(IO_APIC + 0x10, 4, value & 0xffff_ffffL);
	}

	/** Programs a pin of the I/O APIC, low half last. */
	void pin(int pin, int destination, int low) {
		ioApic(0x11 + 2 * pin, destination << 24);
		ioApic(0x10 + 2 * pin, low);
	}

	void out(int port, int... values) {
		for (int value : values)
			board.out(port, 1, value);
	}

	int in(int port) {
		return (int) board.in(port, 1);
	}

	/** Initializes the 8259 pair as Linux does, and unmasks all. Vectors from 0x30 and 0x38. */
	Rig pics() {
		out(0x20, 0x11);
		out(0x21, 0x30, 4, 1);
		out(0xa0, 0x11);
		out(0xa1, 0x38, 2, 1);
		out(0x21, 0);
		out(0xa1, 0);
		return this;
	}

	/** What vCPU 0 accepts, or -1. */
	int accept() {
		return accept(0);
	}

	int accept(int vcpu) {
		return sources[vcpu].pending() ? sources[vcpu].accept() : -1;
	}

	@Override
	public void close() {
		device.close();
	}
}
