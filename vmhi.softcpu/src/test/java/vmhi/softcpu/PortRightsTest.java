package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.RunEnd;
import vmhi.softcpu.SystemGuest.Mode;

/** Who may use which port, and what becomes of an access whose thread is given up. */
class PortRightsTest {

	@Test
	void bitmapOfTheTaskAllowsPortByPort() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov eax, 0x40
					ltr ax
					push qword 0x23
					push qword 0x9000
					push qword 0x2
					push qword 0x2b
					push qword user
					iretq
					user:
					mov edx, 0x101
					in al, dx
					in eax, dx
					mov edx, 0x100
					in al, dx
					mov edx, 0xffff
					in al, dx
					int 0x40
					handler:
					add rsp, 8
					mov eax, edx
					out 0x80, eax
					inc qword [rsp]
					iretq
					end: out 0x81, al
					""", "handler", "end");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);
			guest.gate(0x40, "end", SystemGuest.INTERRUPT_GATE | SystemGuest.FROM_LEVEL_3);
			guest.descriptor(SystemGuest.TSS, SystemGuest.TASK, 0x68 + 0x30, SystemGuest.FREE_TASK_STATE);
			guest.memory.putShort(SystemGuest.TASK + 0x66, 0x68);
			for (int i = 0; i <= 0x30; i++)
				guest.memory.putByte(SystemGuest.TASK + 0x68 + i, i == 0x20 ? 0xfd : 0xff);

			assertEquals(List.of(0x101L, 0x100L, 0xffffL), guest.execute());
			assertEquals(List.of("in 101 1"), guest.host.accesses);
		}
	}

	@Test
	void accessOfAThreadThatIsGivenUpCountsAsDone() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			List<Integer> calls = new ArrayList<>();
			guest.host.signal = () -> {
				calls.add(1);
				throw AbandonedRun.INSTANCE;
			};
			guest.load("""
					mov esi, 0xb000
					mov ecx, 3
					mov edx, 0x82
					out 0x82, al
					rep outsb
					mov eax, esi
					out 0x80, eax
					mov eax, ecx
					out 0x80, eax
					out 0x81, al
					""");
			guest.vcpu.restore(guest.begin());

			for (int i = 0; i < 4; i++)
				assertThrows(AbandonedRun.class, guest::run);
			assertEquals(RunEnd.STOPPED, guest.run());

			assertEquals(4, calls.size());
			assertEquals(List.of(0xb003L, 0L), guest.said);
		}
	}

	@Test
	void inputIntoADeviceWhoseThreadIsGivenUpCountsAsDone() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.host.atStore = () -> {
				throw AbandonedRun.INSTANCE;
			};
			guest.load("""
					mov edi, 0x100000
					mov ecx, 2
					mov edx, 0x60
					rep insb
					mov dword [0x100010], 5
					mov eax, edi
					out 0x80, eax
					out 0x81, al
					""");
			guest.vcpu.restore(guest.begin());

			for (int i = 0; i < 3; i++)
				assertThrows(AbandonedRun.class, guest::run);
			assertEquals(RunEnd.STOPPED, guest.run());

			assertEquals(List.of("in 60 1", "store 100000 1 60", "in 60 1", "store 100001 1 60", "store 100010 4 5"),
					guest.host.accesses);
			assertEquals(List.of(0x10_0002L), guest.said);
		}
	}

	@Test
	void repeatedInputGoesOnAfterAFaultInItsMiddle() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov edi, 0x1ffffe
					mov ecx, 4
					mov edx, 0x61
					rep insb
					handler:
					mov eax, ecx
					out 0x80, eax
					mov eax, edi
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(14, "handler", SystemGuest.INTERRUPT_GATE);

			// RAM ends before the page does: the first two go nowhere, the third is not mapped
			assertEquals(List.of(2L, 0x20_0000L), guest.execute());
			assertEquals(List.of("in 61 1", "store 1ffffe 1 61", "in 61 1", "store 1fffff 1 61"),
					guest.host.accesses);
		}
	}
}
