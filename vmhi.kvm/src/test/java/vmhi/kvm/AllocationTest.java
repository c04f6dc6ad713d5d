package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;

import org.junit.jupiter.api.Test;

import com.sun.management.ThreadMXBean;

import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.VcpuContext;

class AllocationTest {
	private static final int ROUNDS = 2500; // of four exits

	/** A host that uses what there is, and allocates nothing itself. */
	private static final class Quiet implements CpuHost {
		InterruptController chips;
		long sum;

		@Override
		public long readPort(VcpuContext vcpu, int port, int size) {
			sum += vcpu.privilege() + vcpu.codeBits();
			return 7;
		}

		@Override
		public void writePort(VcpuContext vcpu, int port, int size, long value) {
			sum += vcpu.register(VcpuContext.RBX);
			vcpu.register(VcpuContext.RDX, value);
		}

		@Override
		public long readMmio(VcpuContext vcpu, long gpa, int size) {
			chips.line(5, true);
			chips.line(5, false);
			return sum;
		}

		@Override
		public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
			sum += value;
		}

		@Override
		public boolean readMsr(VcpuContext vcpu, int index) {
			chips.message(0xfee0_0000L, 0x40);
			vcpu.msrValue(sum);
			return true;
		}

		@Override
		public boolean writeMsr(VcpuContext vcpu, int index, long value) {
			return true;
		}

		@Override
		public boolean hypercall(VcpuContext vcpu) {
			return false;
		}

		@Override
		public void odd(VcpuContext vcpu, String what) {}
	}

	@Test
	void tenThousandExitsAllocateNothing() throws Exception {
		Quiet host = new Quiet();
		try (Guest guest = Guest.withChips(host, 1)) {
			host.chips = (InterruptController) guest.processor;
			guest.code(Guest.CODE,
					0xe5, 0x10, // next: in eax, 0x10
					0xe7, 0x11, // out 0x11, eax
					0x8b, 0x03, // mov eax, [rbx]
					0x51, // push rcx
					0xb9, 0x01, 0x48, 0x4d, 0x56, // mov ecx, 0x564d4801
					0x0f, 0x32, // rdmsr
					0x59, // pop rcx
					0xff, 0xc9, // dec ecx
					0x75, 0xed, // jnz next
					0xe6, Guest.STOP);
			ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
			long allocated = -1;
			for (int round = 0; allocated != 0 && round < 10; round++) { // the first ones load and compile
				guest.start(guest.vcpu(), 0, Guest.CODE, r -> {
					r[VcpuContext.RBX] = Guest.MMIO;
					r[VcpuContext.RCX] = ROUNDS;
				});
				long before = threads.getCurrentThreadAllocatedBytes();
				RunEnd end = guest.vcpu().run();
				allocated = threads.getCurrentThreadAllocatedBytes() - before;
				assertEquals(RunEnd.STOPPED, end);
				assertTrue(host.sum != 0);
			}
			assertEquals(0, allocated);
		}
	}
}
