package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.MemoryRegion;

class FailureTest {
	private final TestHost host = new TestHost();

	@Test
	void tripleFaultIsTheEndOfTheMachineAndItCanBeStartedAgain() throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE, 0x0f, 0x0b); // ud2, and no gates
			guest.start(guest.vcpu(), 0);
			assertEquals(RunEnd.SHUTDOWN, guest.vcpu().run());

			guest.code(Guest.CODE,
					0xe6, 0x01, // out 1, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			assertEquals(RunEnd.STOPPED, guest.vcpu().run());
			assertEquals(List.of("out 1/1 0"), host.seen);
		}
	}

	/** No KVM can fetch instructions from a device. */
	@Test
	void codeThatKvmCantExecuteFailsWithReasonPlaceAndRegisters() throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.start(guest.vcpu(), 0, Guest.MMIO, r -> r[VcpuContext.RBX] = 0x1234_5678_9abc_def0L);

			CpuException failure = assertThrows(CpuException.class, guest.vcpu()::run);
			List<String> lines = failure.getMessage().lines().toList();
			assertEquals(Kind.GUEST, failure.kind());
			assertTrue(lines.get(0).startsWith("vCPU 0 of test: KVM_INTERNAL_ERROR_EMULATION"), lines.get(0));
			assertTrue(lines.get(0).endsWith(" at RIP 0x20000000"), lines.get(0));
			assertTrue(failure.getMessage().contains("RBX 123456789abcdef0"), failure::getMessage);
			assertTrue(failure.getMessage().contains("CR0 80000011"), failure::getMessage);
			assertTrue(lines.stream().anyMatch(l -> l.startsWith("CS  0008")), failure::getMessage);
		}
	}

	@Test
	void memoryThatIsNotThereIsRefusedWithTheErrno() throws Exception {
		try (Guest guest = Guest.of(host);
				KvmDevice device = KvmDevice.open("/dev/kvm");
				KvmVm vm = device.createVm("m")) {
			CpuException failure = assertThrows(CpuException.class, () -> KvmMemory.map(vm.fd, 0,
					new MemoryRegion(0x800, 4096, guest.ram.regions().get(0).hostAddress()), 0));
			assertEquals("m: KVM_SET_USER_MEMORY_REGION: [22] Invalid argument", failure.getMessage());
		}
	}
}
