package vmhi.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.VcpuContext;

/**
 * The pages that a vCPU shares with KVM ({@code struct kvm_run} and, behind it, the data of port I/O): after each run
 * they say why the guest stopped, and they take the answer to what the guest was reading.
 * <p>
 * Used by the vCPU's own thread between runs; only {@link #exitAtOnce(boolean)} is for other threads. The offsets are
 * those of linux/kvm.h on x86-64, held to by {@code LayoutTest}.
 */
final class KvmRun {
	static final int EXIT_UNKNOWN = 0;
	static final int EXIT_IO = 2;
	static final int EXIT_HYPERCALL = 3;
	static final int EXIT_DEBUG = 4;
	static final int EXIT_HLT = 5;
	static final int EXIT_MMIO = 6;
	static final int EXIT_IRQ_WINDOW_OPEN = 7;
	static final int EXIT_SHUTDOWN = 8;
	static final int EXIT_FAIL_ENTRY = 9;
	static final int EXIT_INTR = 10;
	static final int EXIT_SET_TPR = 11;
	static final int EXIT_INTERNAL_ERROR = 17;
	static final int EXIT_SYSTEM_EVENT = 24;
	static final int EXIT_IOAPIC_EOI = 26;
	static final int EXIT_X86_RDMSR = 29;
	static final int EXIT_X86_WRMSR = 30;
	static final int EXIT_X86_BUS_LOCK = 33;
	static final int EXIT_NOTIFY = 37;
	static final int EXIT_MEMORY_FAULT = 39; // Linux 6.8

	static final int REQUEST_INTERRUPT_WINDOW = 0; // u8
	static final int IMMEDIATE_EXIT = 1; // u8
	static final int EXIT_REASON = 8; // u32
	static final int READY_FOR_INTERRUPT = 12; // u8
	static final int IF_FLAG = 13; // u8
	static final int CR8 = 16; // u64

	// a union starts at 32; exit_reason tells which of these it holds
	static final int HW_REASON = 32; // u64

	static final int FAIL_ENTRY_REASON = 32; // u64
	static final int FAIL_ENTRY_CPU = 40; // u32

	static final int IO_DIRECTION = 32; // u8, 1 is out
	static final int IO_SIZE = 33; // u8
	static final int IO_PORT = 34; // u16
	static final int IO_COUNT = 36; // u32, above 1 for rep ins
	static final int IO_DATA_OFFSET = 40; // u64, from the start of these pages

	static final int DEBUG_EXCEPTION = 32; // u32
	static final int DEBUG_PC = 40; // u64
	static final int DEBUG_DR6 = 48; // u64

	static final int MMIO_PHYS_ADDR = 32; // u64
	static final int MMIO_DATA = 40; // u8[8]
	static final int MMIO_LEN = 48; // u32
	static final int MMIO_IS_WRITE = 52; // u8

	static final int HYPERCALL_NR = 32; // u64
	static final int HYPERCALL_RET = 88; // u64

	static final int INTERNAL_SUBERROR = 32; // u32
	static final int INTERNAL_NDATA = 36; // u32
	static final int INTERNAL_DATA = 40; // u64[16]

	// the same again, for the suberror that is a failure of emulation
	static final int EMULATION_FLAGS = 40; // u64, 1: the bytes are there
	static final int EMULATION_INSN_SIZE = 48; // u8
	static final int EMULATION_INSN_BYTES = 49; // u8[15]

	static final int SYSTEM_EVENT_TYPE = 32; // u32
	static final int SYSTEM_EVENT_DATA = 40; // u64[16]
	static final int SYSTEM_EVENT_SHUTDOWN = 1;
	static final int SYSTEM_EVENT_RESET = 2;

	static final int MSR_ERROR = 32; // u8, 1 raises #GP
	static final int MSR_INDEX = 44; // u32
	static final int MSR_DATA = 48; // u64

	static final int NOTIFY_FLAGS = 32; // u32
	static final int NOTIFY_CONTEXT_INVALID = 1;

	static final int MEMORY_FAULT_FLAGS = 32; // u64
	static final int MEMORY_FAULT_GPA = 40; // u64
	static final int MEMORY_FAULT_SIZE = 48; // u64

	// behind the union: the registers, as far as valid_regs asks for them; KVM takes those back that dirty_regs names
	static final int VALID_REGS = 288; // u64
	static final int DIRTY_REGS = 296; // u64
	static final int REGS = 304; // struct kvm_regs
	static final int SREGS = REGS + KvmRegs.SIZE; // struct kvm_sregs

	static final int SYNC_REGS = 1;
	static final int SYNC_SREGS = 2;
	static final int SYNC_ALL = SYNC_REGS | SYNC_SREGS;

	private static final int ENOSYS = 1000; // KVM_ENOSYS

	private final ByteBuffer page;

	/** @param page zeroed; from here on general registers come with every exit */
	KvmRun(ByteBuffer page) {
		this.page = page.order(ByteOrder.LITTLE_ENDIAN);
		page.putLong(VALID_REGS, SYNC_REGS);
	}

	int exitReason() {
		return page.getInt(EXIT_REASON);
	}

	/**
	 * Makes the run in progress, if a signal reaches its thread, and all later ones end with EINTR, once an instruction
	 * that is in progress is complete. From any thread.
	 */
	void exitAtOnce(boolean on) {
		page.put(IMMEDIATE_EXIT, (byte) (on ? 1 : 0));
	}

	/** Carries out an {@link #EXIT_IO}. */
	void io(CpuHost host, VcpuContext vcpu) {
		int port = Short.toUnsignedInt(page.getShort(IO_PORT));
		int size = page.get(IO_SIZE);
		int data = (int) page.getLong(IO_DATA_OFFSET);
		boolean out = page.get(IO_DIRECTION) == 1;

		for (int i = page.getInt(IO_COUNT); i > 0; i--, data += size)
			if (out)
				host.writePort(vcpu, port, size, number(data, size));
			else
				number(data, size, host.readPort(vcpu, port, size));
	}

	/** Carries out an {@link #EXIT_MMIO}. */
	void mmio(CpuHost host, VcpuContext vcpu) {
		long gpa = page.getLong(MMIO_PHYS_ADDR);
		int size = page.getInt(MMIO_LEN);
		if (page.get(MMIO_IS_WRITE) != 0)
			host.writeMmio(vcpu, gpa, size, number(MMIO_DATA, size));
		else
			number(MMIO_DATA, size, host.readMmio(vcpu, gpa, size));
	}

	int msr() {
		return page.getInt(MSR_INDEX);
	}

	/** What the guest wants to write, or the answer to what it reads. */
	long msrData() {
		return page.getLong(MSR_DATA);
	}

	void msrData(long value) {
		page.putLong(MSR_DATA, value);
	}

	/** @param good {@code false} raises #GP */
	void msrDone(boolean good) {
		page.put(MSR_ERROR, (byte) (good ? 0 : 1));
	}

	/** Whether the exit is a guest's orderly end, told through a paravirtual interface of KVM's. */
	boolean endsMachine() {
		int type = page.getInt(SYSTEM_EVENT_TYPE);
		return exitReason() == EXIT_SYSTEM_EVENT && (type == SYSTEM_EVENT_SHUTDOWN || type == SYSTEM_EVENT_RESET);
	}

	/** Whether it is a note that the guest kept the processor to itself for long, which it survived. */
	boolean isHarmless() {
		return exitReason() == EXIT_NOTIFY && (page.getInt(NOTIFY_FLAGS) & NOTIFY_CONTEXT_INVALID) == 0;
	}

	/** Tells the guest that there is no such hypercall, in KVM's own words. */
	void refuseHypercall() {
		page.putLong(HYPERCALL_RET, -ENOSYS);
	}

	long register(int number) {
		return KvmRegs.register(page, REGS, number);
	}

	void register(int number, long value) {
		KvmRegs.register(page, REGS, number, value);
		page.putLong(DIRTY_REGS, page.getLong(DIRTY_REGS) | SYNC_REGS);
	}

	/** Whether segments and control registers come with each exit, too. */
	void syncSregs(boolean on) {
		page.putLong(VALID_REGS, on ? SYNC_ALL : SYNC_REGS);
	}

	/** Of the segments that are here, whether they came with the exit or were fetched to {@link #SREGS}. */
	int privilege() {
		return KvmSregs.privilege(page, SREGS, page.getLong(REGS + KvmRegs.RFLAGS));
	}

	/** Likewise. */
	int codeBits() {
		return KvmSregs.codeBits(page, SREGS);
	}

	/** For a VM without a local APIC: whether KVM takes an interrupt now. It says so at each exit. */
	boolean readyForInterrupt() {
		return page.get(READY_FOR_INTERRUPT) != 0;
	}

	/** What has become of that since the exit. */
	void readyForInterrupt(boolean ready) {
		page.put(READY_FOR_INTERRUPT, (byte) (ready ? 1 : 0));
	}

	/** Asks for an exit as soon as an interrupt can be taken. */
	void requestInterruptWindow(boolean on) {
		page.put(REQUEST_INTERRUPT_WINDOW, (byte) (on ? 1 : 0));
	}

	/** RFLAGS.IF at the exit. */
	boolean interruptsEnabled() {
		return page.get(IF_FLAG) != 0;
	}

	/** For a VM without a local APIC: goes in with every run and comes out with every exit. */
	int cr8() {
		return (int) page.getLong(CR8);
	}

	void cr8(int value) {
		page.putLong(CR8, value);
	}

	/** The pages themselves, for those who describe what went wrong. */
	ByteBuffer page() {
		return page;
	}

	private long number(int at, int size) {
		return switch (size) {
			case 1 -> page.get(at) & 0xffL;
			case 2 -> page.getShort(at) & 0xffffL;
			case 4 -> page.getInt(at) & 0xffff_ffffL;
			case 8 -> page.getLong(at);
			default -> {
				long value = 0; // a store that was cut at the border of a page
				for (int i = size; i-- > 0;)
					value = value << 8 | page.get(at + i) & 0xff;
				yield value;
			}
		};
	}

	private void number(int at, int size, long value) {
		for (int i = 0; i < size; i++)
			page.put(at + i, (byte) (value >>> 8 * i));
	}
}
