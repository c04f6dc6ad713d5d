package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** Ways between levels of privilege: gates, far returns, IRET, SYSCALL and SYSENTER. */
class PrivilegeTest {
	/** A descriptor of a call gate at {@link SystemGuest#OWN}, for all levels. */
	private static final int CALL_GATE_32 = 0xec00;

	private static void callGate(SystemGuest guest, int selector, int code, String target, int parameters,
			boolean wide) {
		int offset = guest.at(target);
		long gate = offset & 0xffffL | (long) code << 16 | (long) (CALL_GATE_32 | parameters) << 32
				| (offset & 0xffff_0000L) << 32;
		guest.memory.putLong(SystemGuest.GDT + (selector & ~7), gate);
		if (wide)
			guest.memory.putLong(SystemGuest.GDT + (selector & ~7) + 8, 0);
	}

	@Test
	void interruptFromLevel3ChangesToTheStackOfTheTask() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					push dword 0x23
					push dword 0x9000
					push dword 0x3002
					push dword 0x1b
					push dword user
					iretd
					user:
					int 0x40
					handler:
					mov ax, cs
					out 0x80, ax
					mov ax, ss
					out 0x80, ax
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					mov eax, [esp + 12]
					out 0x80, eax
					mov eax, [esp + 16]
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE | SystemGuest.FROM_LEVEL_3);

			assertEquals(List.of(8L, 0x10L, 0x10L, SystemGuest.STACK_0 - 20L, 0x9000L, 0x23L), guest.execute());
		}
	}

	@Test
	void gateThatIsNotForLevel3IsAProtectionFault() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					push dword 0x23
					push dword 0x9000
					push dword 0x2
					push dword 0x1b
					push dword user
					iretd
					user:
					int 0x40
					handler:
					pop eax
					out 0x80, eax
					pop eax
					sub eax, user
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE);
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x40L * 8 + 2, 0L), guest.execute());
		}
	}

	@Test
	void returnToLevel3TakesPrivilegedDataSegmentsAway() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					mov eax, 0x23
					mov es, ax
					push dword 0x23
					push dword 0x9000
					push dword 0x1b
					push dword user
					retf
					user:
					mov eax, ds
					mov ebx, es
					int 0x40
					handler:
					out 0x80, eax
					mov eax, ebx
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE | SystemGuest.FROM_LEVEL_3);

			assertEquals(List.of(0L, 0x23L), guest.execute());
		}
	}

	@Test
	void callGateCopiesParametersAndReturnsOverThem() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					push dword 0x23
					push dword 0x9000
					push dword 0x3002
					push dword 0x1b
					push dword user
					iretd
					user:
					push dword 0x11
					push dword 0x22
					db 0x9a
					dd 0
					dw 0x53
					back:
					mov eax, cs
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					out 0x81, al
					gate:
					mov eax, cs
					out 0x80, eax
					mov eax, [esp]
					sub eax, back
					out 0x80, eax
					mov eax, [esp + 8]
					out 0x80, eax
					mov eax, [esp + 12]
					out 0x80, eax
					mov eax, [esp + 16]
					out 0x80, eax
					mov eax, [esp + 20]
					out 0x80, eax
					db 0xca
					dw 8
					""", "gate");
			callGate(guest, SystemGuest.OWN, SystemGuest.CODE_0, "gate", 2, false);

			assertEquals(List.of(8L, 0L, 0x22L, 0x11L, 0x9000L - 8, 0x23L, 0x1bL, 0x9000L), guest.execute());
		}
	}

	@Test
	void callGateIn64BitModeTakesTheStackOfTheTaskAndANullSelector() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					push qword 0x23
					push qword 0x9000
					push qword 0x3002
					push qword 0x2b
					push qword user
					iretq
					user:
					db 0xff, 0x1c, 0x25
					dd pointer
					mov eax, cs
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					out 0x81, al
					gate:
					mov eax, cs
					out 0x80, eax
					mov eax, ss
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					retfq
					pointer:
					dd 0
					dw 0x53
					""", "gate");
			callGate(guest, SystemGuest.OWN, SystemGuest.WIDE_0, "gate", 0, true);

			assertEquals(List.of((long) SystemGuest.WIDE_0, 0L, SystemGuest.STACK_0 - 32L, 0x2bL, 0x9000L),
					guest.execute());
		}
	}

	@Test
	void syscallAndSysretChangeLevelAndFlags() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ecx, 0xc0000081
					mov edx, 0x180030
					xor eax, eax
					wrmsr
					mov ecx, 0xc0000082
					mov eax, entry
					xor edx, edx
					wrmsr
					mov ecx, 0xc0000084
					mov eax, 0x400
					wrmsr
					push qword 0x23
					push qword 0x9000
					push qword 0x3402
					push qword 0x2b
					push qword user
					iretq
					user:
					syscall
					back:
					mov eax, cs
					out 0x80, eax
					mov eax, ss
					out 0x80, eax
					pushfq
					pop rax
					and eax, 0x3400
					out 0x80, eax
					out 0x81, al
					entry:
					mov eax, ecx
					sub eax, back
					out 0x80, eax
					mov eax, r11d
					out 0x80, eax
					mov eax, cs
					out 0x80, eax
					mov eax, ss
					out 0x80, eax
					pushfq
					pop rax
					and eax, 0x400
					out 0x80, eax
					db 0x48, 0x0f, 0x07     ; o64 sysret
					""");

			assertEquals(List.of(0L, 0x3402L, 0x30L, 0x38L, 0L, 0x2bL, 0x23L, 0x3400L), guest.execute());
		}
	}

	@Test
	void sysretToNoAddressFaultsAtLevel0() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rcx, 0x800000000000
					mov r11d, 2
					fault: db 0x48, 0x0f, 0x07
					handler:
					pop rax
					out 0x80, eax
					pop rax
					sub rax, fault
					out 0x80, eax
					pop rax
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L, 0L, (long) SystemGuest.WIDE_0), guest.execute());
		}
	}

	@Test
	void sysenterAndSysexitChangeLevel() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					mov ecx, 0x174
					xor edx, edx
					mov eax, 8
					wrmsr
					inc ecx
					mov eax, 0x7800
					wrmsr
					inc ecx
					mov eax, entry
					wrmsr
					push dword 0x23
					push dword 0x9000
					push dword 0x3002
					push dword 0x1b
					push dword user
					iretd
					user:
					sysenter
					back:
					mov eax, cs
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					out 0x81, al
					entry:
					mov eax, cs
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					mov edx, back
					mov ecx, 0x8ff0
					sysexit
					""");

			assertEquals(List.of(8L, 0x7800L, 0x1bL, 0x8ff0L), guest.execute());
		}
	}

	@Test
	void loadOfASegmentChecksLevelsAndPresence() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.descriptor(SystemGuest.OWN, 0, -1, SystemGuest.DATA_32 & ~0x80);
			guest.load("""
					mov eax, 0x50
					mov es, ax
					mov eax, 0x10
					mov ss, ax
					mov eax, 0x23
					mov ss, ax
					mov eax, 0x1000
					mov fs, ax
					out 0x81, al
					absent:
					mov eax, 11
					out 0x80, eax
					jmp skip
					protection:
					mov eax, 13
					out 0x80, eax
					skip:
					pop eax
					out 0x80, eax
					add dword [esp], 2
					iretd
					""", "absent", "protection");
			guest.gate(11, "absent", SystemGuest.INTERRUPT_GATE);
			guest.gate(13, "protection", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(11L, 0x50L, 13L, 0x20L, 13L, 0x1000L), guest.execute());
		}
	}

	@Test
	void accessBeyondALimitFaults() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.descriptor(SystemGuest.OWN, SystemGuest.DATA, 0xfff, 0x093 | 0x400);
			guest.descriptor(SystemGuest.OWN + 8, SystemGuest.DATA, 0xfff, 0x097 | 0x400); // expands down
			guest.descriptor(SystemGuest.OWN + 16, SystemGuest.DATA, 0xfff, 0x091 | 0x400); // read only
			guest.load("""
					mov eax, 0x50
					mov es, ax
					mov eax, 0x58
					mov fs, ax
					mov eax, 0x60
					mov gs, ax
					xor ebx, ebx
					mov ecx, 0xffc
					db 0x26, 0xc7, 0x01, 0x77, 0, 0, 0 ; mov dword [es:ecx], 0x77
					inc ecx
					db 0x26, 0x8b, 0x01     ; mov eax, [es:ecx]
					nop
					db 0x64, 0x8b, 0x01     ; mov eax, [fs:ecx]
					nop
					add ecx, 3
					db 0x64, 0x8b, 0x01     ; mov eax, [fs:ecx]
					db 0x65, 0x8b, 0x03     ; mov eax, [gs:ebx]
					db 0x65, 0x89, 0x03     ; mov [gs:ebx], eax
					mov eax, 1
					out 0x80, eax
					out 0x81, al
					handler:
					pop eax
					mov eax, [esp]
					sub eax, handler
					neg eax
					out 0x80, eax
					add dword [esp], 3
					iretd
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			// es beyond, fs below its limit and gs for writing fault: each is three bytes long
			assertEquals(List.of(29L, 25L, 12L, 1L), guest.execute());
			assertEquals(0x77, guest.memory.getInt(SystemGuest.DATA + 0xffc));
		}
	}

	@Test
	void lookAtSelectorsTellsRightsAndLimits() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					mov ecx, 0x18
					db 0x0f, 0x02, 0xc1     ; lar eax, ecx
					out 0x80, eax
					db 0x0f, 0x03, 0xc1     ; lsl eax, ecx
					out 0x80, eax
					mov ecx, 0x40
					db 0x0f, 0x03, 0xc1     ; lsl eax, ecx
					out 0x80, eax
					mov ecx, 0x1000
					db 0x0f, 0x02, 0xc1     ; lar eax, ecx
					setz al
					out 0x80, al
					mov ecx, 8
					db 0x0f, 0x00, 0xe1     ; verr cx
					setz al
					out 0x80, al
					db 0x0f, 0x00, 0xe9     ; verw cx
					setz al
					out 0x80, al
					mov eax, 0x10
					mov ecx, 0x13
					db 0x63, 0xc8           ; arpl ax, cx
					setz cl
					out 0x80, eax
					mov al, cl
					out 0x80, al
					out 0x81, al
					""");

			assertEquals(List.of(0xcf_fb00L, 0xffff_ffffL, 0x67L, 0L, 1L, 0L, 0x13L, 1L), guest.execute());
		}
	}
}
