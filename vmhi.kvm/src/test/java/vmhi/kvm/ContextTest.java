package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.VcpuContext;

class ContextTest {
	/** Asks for segments at port 1, and not at others. */
	private final TestHost asking = new TestHost() {
		@Override
		public void writePort(VcpuContext vcpu, int port, int size, long value) {
			if (port == 1)
				seen.add("level %d, %d bits".formatted(vcpu.privilege(), vcpu.codeBits()));
		}
	};

	@Test
	void tells64BitCodeAndItsPrivilege() throws Exception {
		try (Guest guest = Guest.of(asking)) {
			guest.code(Guest.CODE,
					0xe6, 0x01, // out 1, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();
			guest.start(guest.vcpu(), 3);
			guest.vcpu().run();
		}
		assertEquals(List.of("level 0, 64 bits", "level 3, 64 bits"), asking.seen);
	}

	@Test
	void tells16BitCode() throws Exception {
		try (Guest guest = Guest.of(asking)) {
			guest.code(Guest.CODE,
					0xe6, 0x01, // out 1, al
					0xe6, Guest.STOP);
			guest.startReal(guest.vcpu());
			guest.vcpu().run();
		}
		assertEquals(List.of("level 0, 16 bits"), asking.seen);
	}

	/** The far return goes from level 0 to 3 between two exits, and the second answer must not be a stale one. */
	@Test
	void isUpToDateAfterManyExitsThatDidNotAsk() throws Exception {
		int patience = KvmContext.PATIENCE;
		try (Guest guest = Guest.of(asking)) {
			guest.code(Guest.CODE,
					0xe6, 0x01, // out 1, al
					0xb9, patience + 10 & 0xff, patience + 10 >> 8, 0x00, 0x00, // mov ecx, patience + 10
					0xe6, 0x02, // next: out 2, al
					0xff, 0xc9, // dec ecx
					0x75, 0xfa, // jnz next
					0xe6, 0x01, // out 1, al
					0x6a, 0x23, // push user data segment
					0x68, 0x00, 0x00, 0x02, 0x00, // push STACK
					0x68, 0x02, 0x30, 0x00, 0x00, // push flags, ports allowed
					0x6a, 0x1b, // push user code segment
					0x68, 0x24, 0x00, 0x01, 0x00, // push user
					0x48, 0xcf, // iretq
					0xe6, 0x01, // user: out 1, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();
		}
		assertEquals(List.of("level 0, 64 bits", "level 0, 64 bits", "level 3, 64 bits"), asking.seen);
	}
}
