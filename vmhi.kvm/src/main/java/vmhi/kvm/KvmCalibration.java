package vmhi.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.sun.jna.LastErrorException;
import com.sun.jna.Pointer;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.MemoryRegion;

/**
 * Finds out how fast a KVM executes supervisor code, by having it execute some.
 * <p>
 * A processor takes some ten microseconds for the loop below; a KVM that interprets takes as many milliseconds. The
 * best of a few short rounds counts, since another process can only make a round slower, and the first that is fast
 * enough settles it.
 */
final class KvmCalibration {
	/** Instructions a second, from which on it is a processor that executes them. */
	static final double FAST = 50e6;

	private static final int LOOPS = 10_000;
	private static final int INSTRUCTIONS = 2 * LOOPS + 1;
	private static final long ENOUGH_NANOS = TimeUnit.MILLISECONDS.toNanos(40);
	private static final long STUCK_MILLIS = 1000;

	// where things are in the guest: a page each
	private static final int PML4 = 0, PDPT = 0x1000, PD = 0x2000, CODE = 0x3000, SIZE = 0x4000;

	private static final byte[] LOOP = {
			(byte) 0xff, (byte) 0xc9, // top: dec ecx
			0x75, (byte) 0xfc, // jnz top
			(byte) 0xf4 }; // hlt

	private static final long PRESENT_WRITABLE = 3, LARGE_PAGE = 0x80;
	private static final long CR0_PE = 1, CR0_ET = 1 << 4, CR0_PG = 1L << 31, CR4_PAE = 1 << 5;
	private static final int CODE_64 = 0xa9b, DATA = 0xc93; // attributes of segments
	private static final long RFLAGS_FIXED = 2;
	private static final long EFER_LME = 1 << 8, EFER_LMA = 1 << 10;

	private KvmCalibration() {}

	/** @return instructions a second; 0 if the guest did not come to an end */
	static double measure(KvmDevice device, CpuidTable cpuid) throws CpuException {
		Pointer ram;
		try {
			ram = Kvm.mmap(null, SIZE, Kvm.PROT_READ | Kvm.PROT_WRITE, Kvm.MAP_PRIVATE | Kvm.MAP_ANONYMOUS, -1, 0);
		} catch (LastErrorException e) {
			throw new CpuException(Kind.HOST, "mmap: " + e.getMessage(), e);
		}
		try (KvmVm vm = device.createVm("calibration")) {
			fill(ram.getByteBuffer(0, SIZE).order(ByteOrder.LITTLE_ENDIAN));
			KvmMemory.map(vm.fd, 0, new MemoryRegion(0, SIZE, Pointer.nativeValue(ram)), 0);
			try (KvmVcpu vcpu = new KvmVcpu(vm, 0, cpuid, null, false)) {
				return best(vm, vcpu);
			}
		} finally {
			Kvm.munmap(ram, SIZE);
		}
	}

	private static double best(KvmVm vm, KvmVcpu vcpu) throws CpuException {
		SystemRegisters system = longMode(vcpu.save().system());
		CountDownLatch done = new CountDownLatch(1);
		Thread watchdog = new Thread(() -> stopIfStuck(vcpu, done), "KVM calibration");
		watchdog.setDaemon(true);
		watchdog.start();
		try {
			double best = 0;
			for (long start = System.nanoTime(); best < FAST && System.nanoTime() - start < ENOUGH_NANOS;) {
				vcpu.restore(new CpuState(atTheTop(), system, null, null, null, null, null, null, null));
				long began = System.nanoTime();
				if (vcpu.run() != RunEnd.HALTED)
					break;
				best = Math.max(best, INSTRUCTIONS * 1e9 / (System.nanoTime() - began));
			}
			return best;
		} finally {
			done.countDown();
			vm.shut(); // the watchdog may be about to bark
		}
	}

	private static void stopIfStuck(KvmVcpu vcpu, CountDownLatch done) {
		try {
			if (!done.await(STUCK_MILLIS, TimeUnit.MILLISECONDS))
				vcpu.stop();
		} catch (InterruptedException e) {
			vcpu.stop();
		}
	}

	private static void fill(ByteBuffer ram) {
		ram.putLong(PML4, PDPT | PRESENT_WRITABLE).putLong(PDPT, PD | PRESENT_WRITABLE);
		ram.putLong(PD, LARGE_PAGE | PRESENT_WRITABLE).put(CODE, LOOP);
	}

	private static General atTheTop() {
		long[] registers = new long[KvmRegs.COUNT];
		registers[VcpuContext.RCX] = LOOPS;
		return new General(registers, CODE, RFLAGS_FIXED);
	}

	/** 64-bit code at privilege level 0, as in any operating system. */
	private static SystemRegisters longMode(SystemRegisters reset) {
		Segment code = new Segment(8, 0, -1, CODE_64), data = new Segment(16, 0, -1, DATA);
		return new SystemRegisters(code, data, data, data, data, data, reset.tr(), reset.ldt(), reset.gdt(),
				reset.idt(), CR0_PE | CR0_ET | CR0_PG, 0, PML4, CR4_PAE, 0, EFER_LME | EFER_LMA, reset.apicBase());
	}
}
