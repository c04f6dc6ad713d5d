package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.Msr;
import vmhi.softcpu.SystemGuest.Mode;

/** Model-specific registers, and CPUID where it follows from others. */
class MsrTest {
	/** Counts faults in EDI and goes on behind the instruction, which has two bytes. */
	private static final String COUNT_FAULTS = """
			handler:
			inc edi
			add rsp, 8
			add qword [rsp], 2
			iretq
			""";

	private static long msr(CpuState state, int index) {
		return state.msrs().stream().filter(each -> each.index() == index).mapToLong(Msr::value).findFirst()
				.orElseThrow();
	}

	@Test
	void unknownRegisterIsTheHostsAffair() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ecx, 0x40000003
					rdmsr
					out 0x80, eax
					mov eax, edx
					out 0x80, eax
					wrmsr
					mov ecx, 0x345
					rdmsr
					wrmsr
					mov eax, edi
					out 0x80, eax
					out 0x81, al
					""" + COUNT_FAULTS, "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x5566_7788L, 0x1122_3344L, 2L), guest.execute());
			assertEquals(List.of("rdmsr 40000003", "wrmsr 40000003 1122334411223344", "rdmsr 345",
					"wrmsr 345 1122334411223344"), guest.host.accesses);
		}
	}

	@Test
	void valueThatCannotBeIsAFaultAndLeavesTheRegisterAlone() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ecx, 0xc0000082     ; LSTAR, not canonical
					mov edx, 0x8000
					xor eax, eax
					wrmsr
					mov ecx, 0xc0000080     ; EFER, a bit that is reserved
					mov edx, 1
					mov eax, 0x500
					wrmsr
					xor edx, edx
					mov eax, 0x400          ; LME off while there is paging
					wrmsr
					mov ecx, 0x277          ; PAT, a type that is none
					mov eax, 2
					wrmsr
					mov ecx, 0xc0000103     ; TSC_AUX
					mov edx, 1
					wrmsr
					mov ecx, 0x10a          ; read-only
					wrmsr
					mov ecx, 0x2ff
					xor edx, edx
					mov eax, 0x1000
					wrmsr
					mov ecx, 0x200
					mov eax, 0x106
					wrmsr
					mov ecx, 0x201          ; a mask
					mov eax, 0x800
					wrmsr
					mov eax, edi
					out 0x80, eax
					out 0x81, al
					""" + COUNT_FAULTS, "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(8L), guest.execute());
			CpuState state = guest.vcpu.save();
			assertEquals(0, msr(state, 0xc000_0082));
			assertEquals(0x7_0406_0007_0406L, msr(state, 0x277));
			assertEquals(0x800, msr(state, 0x201));
		}
	}

	@Test
	void basesOfFsAndGsAreSegmentsAndSwapped() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ecx, 0xc0000101
					mov eax, 0xb000
					xor edx, edx
					wrmsr
					inc ecx
					mov eax, 0xb100
					wrmsr
					mov eax, 0x620 + 0x10000
					mov cr4, rax
					swapgs
					mov rax, 0x11
					mov [gs:0], rax
					swapgs
					mov rax, 0x22
					mov [gs:0], rax
					db 0xf3, 0x0f, 0xae, 0xc8 ; rdgsbase eax
					out 0x80, eax
					mov eax, 0xb200
					db 0xf3, 0x48, 0x0f, 0xae, 0xd0 ; wrfsbase rax
					mov rax, 0x33
					mov [fs:0], rax
					out 0x81, al
					""");

			assertEquals(List.of(0xb000L), guest.execute());
			assertEquals(0x22, guest.memory.getLong(0xb000));
			assertEquals(0x11, guest.memory.getLong(0xb100));
			assertEquals(0x33, guest.memory.getLong(0xb200));
		}
	}

	@Test
	void timeStampCounterGoesOnFromWhatWasWritten() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ecx, 0x10
					mov edx, 0x1000
					xor eax, eax
					wrmsr
					rdtsc
					mov eax, edx
					out 0x80, eax
					rdmsr
					mov eax, edx
					out 0x80, eax
					out 0x81, al
					""");

			assertEquals(List.of(0x1000L, 0x1000L), guest.execute());
			long saved = msr(guest.vcpu.save(), 0x10);
			assertTrue(saved >>> 32 == 0x1000, Long.toHexString(saved));
		}
	}

	@Test
	void timeStampCounterMayBeForLevel0Alone() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov eax, 0x624
					mov cr4, rax
					rdtsc
					push qword 0x23
					push qword 0x9000
					push qword 0x3002
					push qword 0x2b
					push qword user
					iretq
					user:
					rdtsc
					mov eax, edi
					out 0x80, eax
					out 0x81, al
					""" + COUNT_FAULTS, "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(1L), guest.execute());
		}
	}

	@Test
	void cpuidTellsWhetherXsaveIsOn() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov eax, 1
					cpuid
					and ecx, 0xc000000
					mov eax, ecx
					out 0x80, eax
					mov eax, 0x40620
					mov cr4, rax
					mov eax, 1
					cpuid
					and ecx, 0xc000000
					mov eax, ecx
					out 0x80, eax
					xor ecx, ecx
					mov eax, 3
					xor edx, edx
					xsetbv
					xor eax, eax
					xgetbv
					out 0x80, eax
					out 0x81, al
					""");

			assertEquals(List.of(0x400_0000L, 0xc00_0000L, 3L), guest.execute());
		}
	}
}
