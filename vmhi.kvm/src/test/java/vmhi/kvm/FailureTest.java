package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

	@ParameterizedTest(name = "{0}")
	@MethodSource("exits")
	void everyOtherExitIsToldInWords(String words, Kind kind, ByteBuffer page) {
		Kvm.acquire();
		try {
			CpuException failure = KvmFailure.exit("vCPU 1 of m", new KvmFd(-1, "vCPU 1 of m"), page);

			assertEquals(kind, failure.kind());
			assertEquals(List.of("vCPU 1 of m: " + words,
					"no registers: vCPU 1 of m: KVM_GET_REGS: [9] Bad file descriptor"),
					failure.getMessage().lines().toList());
		} finally {
			Kvm.release();
		}
	}

	static List<Arguments> exits() {
		return List.of(
				exit("KVM_EXIT_UNKNOWN, the processor's reason 0x2a", Kind.HOST, page(0).putLong(32, 42)),
				exit("KVM_EXIT_DEBUG, exception 3 at 0x1000, DR6 0xf: nobody debugs this guest", Kind.HOST,
						page(4).putInt(32, 3).putLong(40, 0x1000).putLong(48, 15)),
				exit("KVM_EXIT_FAIL_ENTRY, the processor's reason 0x80000021 on CPU 7: it can't run this state",
						Kind.GUEST, page(9).putLong(32, 0x8000_0021L).putInt(40, 7)),
				exit("KVM_INTERNAL_ERROR_EMULATION, KVM does not know the instruction", Kind.GUEST,
						page(17).putInt(32, 1)),
				exit("KVM_INTERNAL_ERROR_EMULATION, KVM does not know the instruction beginning with 0f 01 ca",
						Kind.GUEST,
						page(17).putInt(32, 1).putInt(36, 4).putLong(40, 1).put(48, (byte) 3).put(49, (byte) 0x0f)
								.put(50, (byte) 1).put(51, (byte) 0xca)),
				exit("KVM_EXIT_INTERNAL_ERROR, an event could not be delivered (DELIVERY_EV), data 0x80000b0e 0x31",
						Kind.GUEST,
						page(17).putInt(32, 3).putInt(36, 2).putLong(40, 0x8000_0b0eL).putLong(48, 0x31)),
				exit("KVM_EXIT_INTERNAL_ERROR, suberror 99", Kind.GUEST, page(17).putInt(32, 99)),
				exit("KVM_EXIT_SYSTEM_EVENT 3, data 0x5", Kind.GUEST, page(24).putInt(32, 3).putLong(40, 5)),
				exit("KVM_EXIT_NOTIFY, flags 0x1: the registers are lost", Kind.HOST, page(37).putInt(32, 1)),
				exit("KVM_EXIT_MEMORY_FAULT, 0x1000 bytes at GPA 0xa0000, flags 0x8", Kind.HOST,
						page(39).putLong(32, 8).putLong(40, 0xa0000).putLong(48, 4096)),
				exit("KVM exit 16, which nothing here asked for", Kind.HOST, page(16)));
	}

	private static Arguments exit(String words, Kind kind, ByteBuffer page) {
		return Arguments.of(words, kind, page);
	}

	private static ByteBuffer page(int reason) {
		return ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN).putInt(8, reason);
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
