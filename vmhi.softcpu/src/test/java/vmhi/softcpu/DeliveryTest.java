package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.RunEnd;
import vmhi.softcpu.SystemGuest.Mode;

/** Exceptions and interrupts in 64-bit and 32-bit mode (SDM volume 3, chapter 6). */
class DeliveryTest {

	@Test
	void frameIn64BitModeHasFiveValuesOnAnAlignedStack() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					start:
					mov rsp, 0x7009
					before: int 0x40
					after: out 0x81, al
					handler:
					mov rax, rsp
					out 0x80, eax
					mov eax, [rsp]
					sub eax, after
					out 0x80, eax
					mov rax, [rsp + 8]
					out 0x80, eax
					mov rax, [rsp + 24]
					out 0x80, eax
					mov rax, [rsp + 32]
					out 0x80, eax
					iretq
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x7000L - 40, 0L, (long) SystemGuest.WIDE_0, 0x7009L, (long) SystemGuest.DATA_0),
					guest.execute());
			assertEquals(0x7009, guest.vcpu.save().general().registers()[4]);
		}
	}

	@Test
	void interruptStackTableIsUsedWhereTheGateAsksForIt() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					ud2
					handler:
					mov rax, rsp
					out 0x80, eax
					mov ax, ss
					out 0x80, ax
					out 0x81, al
					""", "handler");
			guest.gate(6, "handler", SystemGuest.INTERRUPT_GATE | 1);

			assertEquals(List.of(SystemGuest.STACK_IST - 40L, (long) SystemGuest.DATA_0), guest.execute());
		}
	}

	@Test
	void faultPushesTheResumeFlagAndTheAddressOfItsInstruction() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					fault: ud2
					handler:
					mov rax, [rsp]
					sub rax, fault
					out 0x80, eax
					mov rax, [rsp + 16]
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(6, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L, 0x1_0002L), guest.execute());
		}
	}

	@Test
	void pageFaultTellsItsAddressAndReason() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov dword [0x654321], 1
					handler:
					mov rax, cr2
					out 0x80, eax
					pop rax
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(14, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x65_4321L, 2L), guest.execute());
		}
	}

	@Test
	void errorCodeNamesTheGateThatIsMissing() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					int 0x50
					handler:
					pop rax
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x50L * 8 + 2), guest.execute());
		}
	}

	@Test
	void faultWhileAFaultIsDeliveredIsADoubleFault() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			// #GP by the null selector while #DE, a contributory exception, is delivered
			guest.load("""
					xor ecx, ecx
					xor edx, edx
					div ecx
					handler:
					pop rax
					out 0x80, eax
					mov eax, 8
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(0, 0, guest.at("handler"), SystemGuest.INTERRUPT_GATE);
			guest.gate(8, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L, 8L), guest.execute());
		}
	}

	@Test
	void faultWhileABenignExceptionIsDeliveredTakesItsPlace() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					ud2
					handler:
					pop rax
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			// the gate of #UD is not there: bit 0 says that it was not the program's doing
			assertEquals(List.of(6L * 8 + 3), guest.execute());
		}
	}

	@Test
	void faultWhileADoubleFaultIsDeliveredShutsDown() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("ud2");

			assertEquals(RunEnd.SHUTDOWN, guest.executeUntilEnd());
			assertEquals(RunEnd.SHUTDOWN, guest.run());
		}
	}

	@Test
	void stackThatIsNoAddressIsAStackFaultOnAStackOfItsOwn() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rsp, 0x800000000010
					fault: push rax
					handler:
					mov rax, rsp
					out 0x80, eax
					mov rax, [rsp + 8]
					sub rax, fault
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(12, "handler", SystemGuest.INTERRUPT_GATE | 1);

			assertEquals(List.of(SystemGuest.STACK_IST - 48L, 0L), guest.execute());
		}
	}

	@Test
	void singleStepTrapsBehindEachInstruction() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					push qword 0x102
					popfq
					first: nop
					second: nop
					push qword 2
					popfq
					last: out 0x81, al
					handler:
					mov rax, [rsp]
					sub rax, first
					out 0x80, eax
					mov rax, dr6
					and eax, 0x4000
					out 0x80, eax
					iretq
					""", "handler");
			guest.gate(1, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(1L, 0x4000L, 2L, 0x4000L, 4L, 0x4000L, 5L, 0x4000L), guest.execute());
		}
	}

	@Test
	void breakpointStopsBeforeItsInstructionUntilTheResumeFlagIsSet() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rax, there
					mov dr0, rax
					mov eax, 0x401
					mov dr7, rax
					there: out 0x81, al
					handler:
					mov rax, [rsp]
					sub rax, there
					out 0x80, eax
					or dword [rsp + 16], 0x10000
					iretq
					""", "handler");
			guest.gate(1, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L), guest.execute());
		}
	}

	@Test
	void interruptWaitsForOneInstructionAfterSti() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			SystemGuest.Interrupts apic = new SystemGuest.Interrupts();
			guest.vcpu.connect(apic);
			guest.host.signal = () -> {
				apic.waiting.add(0x40);
				guest.vcpu.interruptPending();
			};
			guest.load("""
					out 0x82, al
					mov eax, 1
					out 0x80, eax
					sti
					mov eax, 2
					out 0x80, eax
					cli
					out 0x81, al
					handler:
					push rax
					mov eax, 7
					out 0x80, eax
					pop rax
					out 0x80, eax
					iretq
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(1L, 7L, 2L, 2L), guest.execute());
		}
	}

	@Test
	void interruptEndsAHaltAndReturnsBehindIt() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			SystemGuest.Interrupts apic = new SystemGuest.Interrupts();
			guest.vcpu.connect(apic);
			guest.load("""
					sti
					hlt
					after: out 0x81, al
					handler:
					mov rax, [rsp]
					sub rax, after
					out 0x80, eax
					iretq
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(RunEnd.HALTED, guest.executeUntilEnd());
			assertEquals(RunEnd.HALTED, guest.run(), "nothing has come");
			apic.waiting.add(0x40);
			assertEquals(RunEnd.STOPPED, guest.run());
			assertEquals(List.of(0L), guest.said);
		}
	}

	@Test
	void secondNmiWaitsForTheReturnFromTheFirst() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.host.signal = guest.vcpu::nmi;
			guest.load("""
					xor ebx, ebx
					out 0x82, al
					mov eax, 5
					out 0x80, eax
					out 0x81, al
					handler:
					inc ebx
					mov eax, ebx
					out 0x80, eax
					cmp ebx, 1
					jne done
					out 0x82, al
					nop
					mov eax, 9
					out 0x80, eax
					done: iretq
					""", "handler");
			guest.gate(2, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(1L, 9L, 2L, 5L), guest.execute());
		}
	}

	@Test
	void exceptionThatWasPendingElsewhereIsDeliveredFirst() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					out 0x81, al
					handler:
					pop rax
					out 0x80, eax
					mov rax, cr2
					out 0x80, eax
					iretq
					""", "handler");
			guest.gate(14, "handler", SystemGuest.INTERRUPT_GATE);
			CpuState start = guest.begin();
			guest.vcpu.restore(new CpuState(start.general(), start.system(), null, null, null, null, null,
					new CpuState.Events(14, true, 6, 0x1234, -1, false, 0, false, false, -1), start.mpState()));

			assertEquals(RunEnd.STOPPED, guest.run());
			assertEquals(List.of(6L, 0x1234L), guest.said);
			assertEquals(-1, guest.vcpu.save().events().exception());
		}
	}

	@Test
	void realModeTakesVectorsFromTheBottomOfMemory() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.REAL)) {
			guest.load("""
					sti
					int 0x21
					after: out 0x81, al
					handler:
					mov bp, sp
					mov ax, [bp]
					sub ax, after - 0x10000
					out 0x80, ax
					mov ax, [bp + 2]
					out 0x80, ax
					mov ax, [bp + 4]
					out 0x80, ax
					pushf
					pop ax
					out 0x80, ax
					iret
					""", "handler");
			guest.memory.putShort(4 * 0x21, guest.at("handler") - SystemGuest.CODE);
			guest.memory.putShort(4 * 0x21 + 2, SystemGuest.CODE >> 4);

			guest.execute();
			assertEquals(List.of(0L, (long) SystemGuest.CODE >> 4, 0x202L), guest.said.subList(0, 3));
			assertEquals(0, guest.said.get(3) & 0x200, "interrupts are off in the handler");
		}
	}

	@Test
	void tablesMayLieAbove4GiBWhileCodeOf32BitsRuns() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.memory.putLong(SystemGuest.PML4 + 511 * 8, SystemGuest.PML4 + 0x1000 | 7);
			guest.load("""
					lidt [interrupts]
					lgdt [descriptors]
					db 0xff, 0x2c, 0x25
					dd pointer
					bits 32
					compatible:
					mov eax, 5
					int 0x40
					mov ebx, cs
					out 0x80, eax
					mov eax, ebx
					out 0x80, eax
					out 0x81, al
					bits 64
					handler:
					mov rax, [rsp + 8]
					out 0x80, eax
					mov eax, 6
					iretq
					align 8
					pointer:
					dd compatible
					dw 0x08
					interrupts:
					dw 0xfff
					dq 0xffffff8000002000
					descriptors:
					dw 0xff
					dq 0xffffff8000001000
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(8L, 6L, 8L), guest.execute());
		}
	}

	@Test
	void nmiDoesNotComeBetweenLoadsOfSsAndOfTheStackPointer() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			// the host is asked, and sends the NMI, in the shadow of the load
			guest.host.signal = guest.vcpu::nmi;
			guest.load("""
					mov eax, 0x10
					mov edx, 1
					mov ss, ax
					out 0x82, al
					behind: mov edx, 2
					out 0x81, al
					handler:
					mov eax, [esp]
					sub eax, behind
					out 0x80, eax
					mov eax, edx
					out 0x80, eax
					iretd
					""", "handler");
			guest.gate(2, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L, 1L), guest.execute());
		}
	}

	@Test
	void trapOfDataThatSsIsLoadedFromComesAfterTheNextInstruction() throws Exception {
		// at which there is a breakpoint as well, of which nothing comes
		assertEquals(List.of(5L, 1L, 1L), breakpointAtALoadOfSs("mov edx, 1"));
	}

	@Test
	void trapOfDataThatSsIsLoadedFromComesInTheHandlerOfAnInterruptBehindTheLoad() throws Exception {
		assertEquals(List.of(0x100L, 1L, 0L, 2L), breakpointAtALoadOfSs("int 0x40"));
	}

	@Test
	void trapOfDataThatSsIsLoadedFromIsLostWhereTheNextInstructionFaults() throws Exception {
		assertEquals(List.of(2L), breakpointAtALoadOfSs("ud2"));
	}

	@Test
	void trapOfDataThatSsIsLoadedFromIsLostInTheTrapThatTheNextInstructionIs() throws Exception {
		assertEquals(List.of(1L, 0L, 0L), breakpointAtALoadOfSs("db 0xf1"));
	}

	/**
	 * SS is loaded from where a breakpoint is. What the debug handler says: how far it is behind the load, the cause, and
	 * how far the program is. That of the others: how far the program is now.
	 */
	private static List<Long> breakpointAtALoadOfSs(String next) throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ebx, 0xb000
					mov word [rbx], 0x10
					mov dr0, rbx
					mov rax, behind
					mov dr1, rax
					mov eax, 0x70405
					mov dr7, rax
					xor edx, edx
					mov ss, [rbx]
					behind:
					%s
					out 0x81, al
					times 0x100 - ($ - behind) nop
					other:
					mov edx, 2
					mov eax, edx
					out 0x80, eax
					out 0x81, al
					debug:
					mov rax, [rsp]
					sub rax, behind
					out 0x80, eax
					mov rax, dr6
					and eax, 0x600f
					out 0x80, eax
					mov eax, edx
					out 0x80, eax
					or dword [rsp + 16], 0x10000
					iretq
					""".formatted(next), "debug", "other");
			guest.gate(1, "debug", SystemGuest.INTERRUPT_GATE);
			guest.gate(6, "other", SystemGuest.INTERRUPT_GATE);
			guest.gate(0x40, "other", SystemGuest.INTERRUPT_GATE);

			return guest.execute();
		}
	}

	@Test
	void singleStepTrapsBehindLssButNotBehindALoadOfSsAlone() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ebx, 0xb000
					mov dword [rbx], 0x7800
					mov word [rbx + 4], 0x10
					mov eax, 0x10
					push qword 0x102
					popfq
					first: mov ss, ax
					db 0x0f, 0xb2, 0x23
					push qword 2
					popfq
					out 0x81, al
					handler:
					mov rdi, rax
					mov rax, [rsp]
					sub rax, first
					out 0x80, eax
					mov rax, rdi
					iretq
					""", "handler");
			guest.gate(1, "handler", SystemGuest.INTERRUPT_GATE);

			// MOV SS has 2 bytes and traps nowhere; LSS ESP, [RBX] does so before PUSH
			assertEquals(List.of(5L, 7L, 8L), guest.execute());
		}
	}

	@Test
	void singleStepEndsAHalt() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					push qword 0x102
					popfq
					halt: hlt
					out 0x81, al
					handler:
					mov rax, [rsp]
					sub rax, halt
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(1, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(1L), guest.execute());
		}
	}

	@Test
	void guardedDebugRegisterTrapsItsAccess() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov eax, 0x2400
					mov dr7, rax
					fault: mov rax, dr3
					out 0x81, al
					handler:
					mov rax, [rsp]
					sub rax, fault
					out 0x80, eax
					mov rax, dr6
					and eax, 0x600f
					out 0x80, eax
					mov rax, dr7
					out 0x80, eax
					iretq
					""", "handler");
			guest.gate(1, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L, 0x2000L, 0x400L), guest.execute());
		}
	}

	@Test
	void tablesAreHiddenFromUsersWhereThatIsAskedFor() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov eax, 0xe20
					mov cr4, rax
					sidt [0xb000]
					push qword 0x23
					push qword 0x9000
					push qword 0x3002
					push qword 0x2b
					push qword user
					iretq
					user: sidt [0xb010]
					handler:
					pop rax
					out 0x80, eax
					pop rax
					sub rax, user
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L, 0L), guest.execute());
			assertEquals(0xfff, guest.memory.getShort(0xb000));
			assertEquals(SystemGuest.IDT, guest.memory.getLong(0xb002));
			assertEquals(0, guest.memory.getShort(0xb010));
		}
	}
}
