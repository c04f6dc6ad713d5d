package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** The way from real mode to 64-bit mode and back, as firmware and kernels go it (SDM volume 3, 9.8 and 9.9). */
class ModeSwitchTest {

	@Test
	void realModeGoesToLongModeAndBack() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.REAL)) {
			guest.descriptor(SystemGuest.OWN, SystemGuest.CODE, 0xffff, SystemGuest.CODE_16);
			guest.descriptor(SystemGuest.OWN + 8, 0, 0xffff, 0x93);
			guest.load("""
					mov ax, 0x1000
					mov ds, ax
					mov eax, 16
					out 0x80, al
					lgdt [table - 0x10000]
					mov eax, cr0
					or eax, 1
					mov cr0, eax
					db 0x66, 0xea
					dd protected
					dw 0x08
					bits 32
					protected:
					mov eax, 0x10
					mov ds, ax
					mov ss, ax
					mov eax, 32
					out 0x80, al
					mov eax, 0x20
					mov cr4, eax
					mov eax, 0x4000
					mov cr3, eax
					mov ecx, 0xc0000080
					rdmsr
					or eax, 0x100
					wrmsr
					mov eax, cr0
					or eax, 0x80000000
					mov cr0, eax
					rdmsr
					and eax, 0x500
					out 0x80, eax
					db 0xea
					dd long
					dw 0x30
					bits 64
					long:
					mov rax, 0x123456789abcdef0
					shr rax, 32
					out 0x80, eax
					db 0xff, 0x2c, 0x25
					dd compatible
					bits 32
					compatible_code:
					mov eax, 0x7fffffff
					inc eax
					dec eax
					out 0x80, eax
					mov eax, cr0
					and eax, 0x7fffffff
					mov cr0, eax
					rdmsr
					and eax, 0x500
					out 0x80, eax
					mov eax, 0x58
					mov ds, ax
					db 0xea
					dd sixteen - 0x10000
					dw 0x50
					bits 16
					sixteen:
					mov eax, cr0
					and eax, 0xfffffffe
					mov cr0, eax
					db 0xea
					dw real - 0x10000
					dw 0x1000
					real:
					mov ax, cs
					out 0x80, ax
					out 0x81, al
					align 8
					table:
					dw 0xff
					dd 0x1000
					compatible:
					dd compatible_code
					dw 0x08
					""");

			assertEquals(List.of(16L, 32L, 0x500L, 0x1234_5678L, 0x7fff_ffffL, 0x100L, 0x1000L), guest.execute());
		}
	}

	@Test
	void realModeKeepsALimitThatProtectedModeHasSet() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.REAL)) {
			guest.memory.putInt(0x2_3456 & ~3, 0x7788_99aa);
			guest.load("""
					mov ax, 0x1000
					mov ds, ax
					lgdt [table - 0x10000]
					mov eax, cr0
					or eax, 1
					mov cr0, eax
					mov bx, 0x10
					mov es, bx
					and eax, 0xfffffffe
					mov cr0, eax
					xor bx, bx
					mov es, bx
					mov ecx, 0x23454
					db 0x26, 0x67, 0x66, 0x8b, 0x01 ; mov eax, [es:ecx]
					out 0x80, eax
					out 0x81, al
					table:
					dw 0xff
					dd 0x1000
					""");

			assertEquals(List.of(0x7788_99aaL), guest.execute());
		}
	}

	@Test
	void controlRegistersRefuseWhatDoesNotGoTogether() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rbx, 0x80000030     ; PG without PE
					mov cr0, rbx
					mov rbx, 0x180000031
					mov cr0, rbx
					mov rbx, 0xa0000031     ; NW without CD
					mov cr0, rbx
					mov rbx, 0x31           ; no paging, in 64-bit mode
					mov cr0, rbx
					mov rbx, 0x600          ; no PAE
					mov cr4, rbx
					mov rbx, 0x2620         ; VMX
					mov cr4, rbx
					mov rbx, 0x10000000000
					mov cr3, rbx
					mov ebx, 16
					mov cr8, rbx
					mov rbx, 0x620
					mov cr4, rbx
					mov eax, edi
					out 0x80, eax
					out 0x81, al
					handler:
					inc edi
					pop rax
					add qword [rsp], 3
					cmp ebx, 16
					jne short_one
					inc qword [rsp]
					short_one:
					iretq
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(8L), guest.execute());
			assertEquals(0x620, guest.vcpu.save().system().cr4());
			assertEquals(SystemGuest.PML4, guest.vcpu.save().system().cr3());
		}
	}
}
