package vmhi.kvm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.annotation.Annotation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Table;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;

/**
 * A machine for one test, on the real /dev/kvm: RAM with page tables that map the lowest and the fourth GiB to
 * themselves, for everybody, and a processor. Where there is no KVM the test is skipped, with the probe's reason.
 */
final class Guest implements AutoCloseable {
	static final int CODE = 0x1_0000;
	static final int STACK = 0x2_0000; // its top
	static final int DATA = 0x3_0000;
	static final int MMIO = 0x2000_0000; // no RAM there
	static final int IDT = 0x5000;
	static final int HANDLER = 0x6000;

	/** OUT to this port ends the run, at any privilege level: {@code 0xe6, 0xf0}. */
	static final int STOP = 0xf0;

	private static final int GDT = 0x4000, PML4 = 0x7000, PDPT = 0x8000, LOW = 0x9000, HIGH = 0xa000;
	private static final int PRESENT = 1, WRITABLE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40, LARGE = 0x80;
	private static final long IOPL_3 = 3 << 12;

	static final KvmBackend BACKEND = backend("/dev/kvm");

	final Ram ram = new Ram(4 << 20);
	final Processor processor;

	private Guest(CpuHost host, int vcpus, boolean chips, List<MsrRange> trapped) throws CpuException {
		HostVerdict verdict = BACKEND.probe();
		if (verdict.fitness() == Fitness.UNAVAILABLE)
			ram.close();
		assumeTrue(verdict.fitness() != Fitness.UNAVAILABLE, verdict::summary);
		tables();
		processor = create("test", host, vcpus, chips, trapped);
	}

	/** With one vCPU and no interrupt controllers. */
	static Guest of(CpuHost host, MsrRange... trapped) throws CpuException {
		return new Guest(host, 1, false, List.of(trapped));
	}

	/** With KVM's interrupt controllers. */
	static Guest withChips(CpuHost host, int vcpus) throws CpuException {
		return new Guest(host, vcpus, true, List.of());
	}

	/** Without them, and with several vCPUs. */
	static Guest bare(CpuHost host, int vcpus) throws CpuException {
		return new Guest(host, vcpus, false, List.of());
	}

	static KvmBackend backend(String device) {
		return new KvmBackend(new KvmBackend.Config() {
			@Override
			public Class<? extends Annotation> annotationType() {
				return KvmBackend.Config.class;
			}

			@Override
			public String device() {
				return device;
			}
		});
	}

	Vcpu vcpu() {
		return processor.vcpu(0);
	}

	/** Another processor for the same memory, as after a move. */
	Processor another(CpuHost host, boolean chips) throws CpuException {
		return create("other", host, 1, chips, List.of());
	}

	/** Puts machine code at an address. */
	Guest code(int gpa, int... bytes) {
		for (int i = 0; i < bytes.length; i++)
			ram.putByte(gpa + i, bytes[i]);
		return this;
	}

	/** An entry of the IDT: a handler at privilege level 0. */
	void gate(int vector, int handler) {
		ram.putLong(IDT + 16 * vector, handler & 0xffffL | 8 << 16 | 0x8e00L << 32 | (long) (handler >>> 16) << 48);
		ram.putLong(IDT + 16 * vector + 8, 0);
	}

	/** Starts 64-bit code at {@link #CODE}, with ports allowed at every level. */
	void start(Vcpu vcpu, int privilege) throws CpuException {
		start(vcpu, privilege, CODE, r -> {});
	}

	void start(Vcpu vcpu, int privilege, int rip, Consumer<long[]> registers) throws CpuException {
		long[] r = new long[16];
		r[4] = STACK;
		registers.accept(r);
		SystemRegisters now = vcpu.save().system();
		vcpu.restore(
				new CpuState(new General(r, rip, 2 | IOPL_3), longMode(now, privilege), null, null, null, null, null,
						null, null));
	}

	/** Starts 16-bit code at {@link #CODE} in real mode. */
	void startReal(Vcpu vcpu) throws CpuException {
		SystemRegisters r = vcpu.save().system();
		Segment code = new Segment(CODE >> 4, CODE, 0xffff, 0x9b), data = new Segment(DATA >> 4, DATA, 0xffff, 0x93);
		vcpu.restore(new CpuState(new General(new long[16], 0, 2),
				new SystemRegisters(code, data, data, data, data, data, r.tr(), r.ldt(), r.gdt(), r.idt(), r.cr0(),
						r.cr2(),
						r.cr3(), r.cr4(), r.cr8(), r.efer(), r.apicBase()),
				null, null, null, null, null, null, null));
	}

	@Override
	public void close() {
		processor.close();
		ram.close();
	}

	static SystemRegisters longMode(SystemRegisters now, int privilege) {
		int dpl = privilege << 5;
		Segment code = new Segment(privilege == 0 ? 0x08 : 0x1b, 0, -1, 0xa9b | dpl);
		Segment data = new Segment(privilege == 0 ? 0x10 : 0x23, 0, -1, 0xc93 | dpl);
		return new SystemRegisters(code, data, data, data, data, data, now.tr(), now.ldt(), new Table(GDT, 0x27),
				new Table(IDT, 0xfff), 0x8000_0011L, 0, PML4, 0x20, 0, 0x500, now.apicBase());
	}

	private Processor create(String name, CpuHost host, int vcpus, boolean chips, List<MsrRange> trapped)
			throws CpuException {
		Processor[] made = new Processor[1];
		made[0] = BACKEND.create(new CpuSetup(name, ram, cpuid(vcpus), trapped, chips), stopping(host, made));
		return made[0];
	}

	/** The host of the test, but for the port that stops. */
	private static CpuHost stopping(CpuHost host, Processor[] processor) {
		return new CpuHost() {
			@Override
			public long readPort(VcpuContext vcpu, int port, int size) {
				return host.readPort(vcpu, port, size);
			}

			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port == STOP)
					processor[0].vcpu(vcpu.index()).stop();
				else
					host.writePort(vcpu, port, size, value);
			}

			@Override
			public long readMmio(VcpuContext vcpu, long gpa, int size) {
				return host.readMmio(vcpu, gpa, size);
			}

			@Override
			public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
				host.writeMmio(vcpu, gpa, size, value);
			}

			@Override
			public boolean readMsr(VcpuContext vcpu, int index) {
				return host.readMsr(vcpu, index);
			}

			@Override
			public boolean writeMsr(VcpuContext vcpu, int index, long value) {
				return host.writeMsr(vcpu, index, value);
			}

			@Override
			public boolean hypercall(VcpuContext vcpu) {
				return host.hypercall(vcpu);
			}

			@Override
			public void odd(VcpuContext vcpu, String what) {
				host.odd(vcpu, what);
			}
		};
	}

	private void tables() {
		ram.putLong(GDT + 0x08, 0x00af_9b00_0000_ffffL);
		ram.putLong(GDT + 0x10, 0x00cf_9300_0000_ffffL);
		ram.putLong(GDT + 0x18, 0x00af_fb00_0000_ffffL);
		ram.putLong(GDT + 0x20, 0x00cf_f300_0000_ffffL);

		int all = PRESENT | WRITABLE | USER | ACCESSED | DIRTY; // so that nobody has to write here
		ram.putLong(PML4, PDPT | all);
		ram.putLong(PDPT, LOW | all);
		ram.putLong(PDPT + 3 * 8, HIGH | all);
		for (int i = 0; i < 512; i++) {
			ram.putLong(LOW + 8 * i, (long) i << 21 | LARGE | all);
			ram.putLong(HIGH + 8 * i, 3L << 30 | (long) i << 21 | LARGE | all);
		}
	}

	/** What the host has, with an APIC number for each. */
	private static List<CpuidTable> cpuid(int vcpus) throws CpuException {
		CpuidTable table = BACKEND.supportedCpuid();
		List<CpuidTable> tables = new ArrayList<>(Collections.nCopies(vcpus, table));
		for (int i = 1; i < vcpus; i++) {
			int id = i;
			tables.set(i, new CpuidTable(table.leaves().stream().map(l -> l.leaf() != 1 ? l
					: new CpuidTable.Leaf(1, 0, false, l.eax(), l.ebx() | id << 24, l.ecx(), l.edx())).toList()));
		}
		return tables;
	}

	static byte[] bytes(ByteBuffer buffer) {
		byte[] bytes = new byte[buffer.remaining()];
		buffer.get(bytes);
		return bytes;
	}
}
