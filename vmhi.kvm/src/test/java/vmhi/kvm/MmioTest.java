package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.VcpuContext;

class MmioTest {
	private static final int RBX = VcpuContext.RBX;

	@ParameterizedTest(name = "at privilege level {0}")
	@ValueSource(ints = { 0, 3 })
	void storesOfEachSizeReachTheHost(int privilege) throws Exception {
		TestHost host = new TestHost();
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE,
					0x48, 0xb8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x91, // mov rax, 0x9122334455667788
					0x88, 0x03, // mov [rbx], al
					0x66, 0x89, 0x43, 0x02, // mov [rbx+2], ax
					0x89, 0x43, 0x04, // mov [rbx+4], eax
					0x48, 0x89, 0x43, 0x08, // mov [rbx+8], rax
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), privilege, Guest.CODE, r -> r[RBX] = Guest.MMIO);
			guest.vcpu().run();

			assertEquals(List.of("store 20000000/1 88", "store 20000002/2 7788", "store 20000004/4 55667788",
					"store 20000008/8 9122334455667788"), host.seen);
		}
	}

	@ParameterizedTest(name = "at privilege level {0}")
	@ValueSource(ints = { 0, 3 })
	void loadsOfEachSizeGetTheAnswer(int privilege) throws Exception {
		TestHost host = new TestHost() {
			@Override
			public long readMmio(VcpuContext vcpu, long gpa, int size) {
				return 0x9122_3344_5566_7788L >>> 64 - 8 * size;
			}
		};
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE,
					0x0f, 0xb6, 0x03, // movzx eax, byte [rbx]
					0xe7, 0x10, // out 0x10, eax
					0x0f, 0xb7, 0x03, // movzx eax, word [rbx]
					0xe7, 0x10, // out 0x10, eax
					0x8b, 0x03, // mov eax, [rbx]
					0xe7, 0x10, // out 0x10, eax
					0x48, 0x8b, 0x03, // mov rax, [rbx]
					0xe7, 0x10, // out 0x10, eax
					0x48, 0xc1, 0xe8, 0x20, // shr rax, 32
					0xe7, 0x10, // out 0x10, eax
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), privilege, Guest.CODE, r -> r[RBX] = Guest.MMIO);
			guest.vcpu().run();

			assertEquals(List.of("out 10/4 91", "out 10/4 9122", "out 10/4 91223344", "out 10/4 55667788",
					"out 10/4 91223344"), host.seen);
		}
	}

	@Test
	void storeAcrossAPageBorderArrivesInTwoPieces() throws Exception {
		TestHost host = new TestHost();
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE,
					0xb8, 0x44, 0x33, 0x22, 0x11, // mov eax, 0x11223344
					0x89, 0x83, 0xfd, 0x0f, 0x00, 0x00, // mov [rbx+0xffd], eax
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[RBX] = Guest.MMIO);
			guest.vcpu().run();

			assertEquals(List.of("store 20000ffd/3 223344", "store 20001000/1 11"), host.seen);
		}
	}

	/** The second piece comes when KVM is entered to complete the first, though the run is to end. */
	@Test
	void stopInTheMiddleOfAnInstructionLetsItFinish() throws Exception {
		Guest[] it = new Guest[1];
		TestHost host = new TestHost() {
			@Override
			public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
				super.writeMmio(vcpu, gpa, size, value);
				it[0].vcpu().stop();
			}
		};
		try (Guest guest = Guest.of(host)) {
			it[0] = guest;
			guest.code(Guest.CODE,
					0x89, 0x83, 0xfd, 0x0f, 0x00, 0x00, // mov [rbx+0xffd], eax
					0x90); // nop
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[RBX] = Guest.MMIO);
			guest.vcpu().run();

			assertEquals(2, host.seen.size());
			assertEquals(Guest.CODE + 6, guest.vcpu().save().general().rip());
		}
	}
}
