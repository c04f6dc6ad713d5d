; smp: starts the other processors with INIT and SIPI, and all of them together count to a total with
; locked additions.
;
; Arguments  cpus=<processors to wait for, up to 5 s>; missing: whichever come within 200 ms
;            n=<additions on each>, default 10000
; Prints     smp: cpus <n> total <n>
; Exit       0, or 1 where the total is wrong or fewer processors came than expected

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"

; interrupt commands: to all but self
INIT		equ 0xc4500
STARTUP		equ 0xc4600 | TRAMPOLINE >> 12
TRAMPOLINE	equ 0x8000		; the boot stack's page, free by now

main:
	push rbx
	call trap_init
	call vmhi_find
	call clock_init
	mov edi, .n
	mov esi, 10000
	call arg_number
	mov [additions], rax
	inc qword [arrived]		; this processor is here
	mov edi, .cpus
	xor esi, esi
	call arg_number
	mov [expected], rax

	mov esi, trampoline
	mov edi, TRAMPOLINE
	mov ecx, trampoline_end - trampoline
	rep movsb
	mov rax, cr3
	mov [abs TRAMPOLINE + trampoline_cr3 - trampoline], eax
	mov ebx, LAPIC
	mov dword [rbx + LAPIC_ICR], INIT
	mov edi, 10
	call clock_wait
	mov dword [rbx + LAPIC_ICR], STARTUP
	mov edi, 1
	call clock_wait
	mov dword [rbx + LAPIC_ICR], STARTUP

	mov edi, 5000			; milliseconds to wait
	cmp qword [expected], 0
	jne .limit
	mov edi, 200
	or qword [expected], -1
.limit:
	call clock_every
.wait:
	pause
	mov rax, [arrived]
	cmp rax, [expected]
	jae .all
	call clock_due
	test eax, eax
	jz .wait
.all:
	mov rbx, [arrived]
	mov byte [go], 1
	call add_up
.finish:
	pause
	cmp rbx, [finished]
	ja .finish

	print "smp: cpus "
	print_decimal rbx
	print " total "
	print_decimal [total]
	print 10
	mov rax, [additions]
	mul rbx
	cmp rax, [total]
	jne .failed
	mov rax, [expected]
	cmp rax, -1
	je .right
	cmp rax, rbx
	ja .failed
.right:
	xor eax, eax
	jmp .end
.failed:
	mov eax, 1
.end:
	pop rbx
	ret

.n:
	db "n=", 0
.cpus:
	db "cpus=", 0

; Adds this processor's share to the total.
add_up:
	mov rcx, [additions]
	test rcx, rcx
	jz .end
.add:
	mov eax, 1
	lock xadd [total], rax
	dec rcx
	jnz .add
.end:
	lock inc qword [finished]
	ret

; Where the other processors go from the trampoline.
other:
	lidt [idt_pointer]
	mov eax, 1
	lock xadd [arrived], rax	; its number
	shl eax, 12
	lea rsp, [rax + HEAP + 0x1000]
.wait:
	pause
	cmp byte [go], 0
	je .wait
	call add_up
.stay:
	cli
	hlt
	jmp .stay

	variable additions, 8
	variable expected, 8
	variable arrived, 8
	variable finished, 8
	variable total, 8
	variable go, 8

; Copied to TRAMPOLINE, where the others begin in real mode. From there straight to 64-bit mode.
	align 8
	bits 16
trampoline:
	cli
	cld
	mov ax, cs
	mov ds, ax
	o32 lgdt [trampoline_gdt - trampoline]
	mov eax, cr4
	or eax, 0x620			; PAE, OSFXSR, OSXMMEXCPT
	mov cr4, eax
	mov eax, [trampoline_cr3 - trampoline]
	mov cr3, eax
	mov ecx, 0xc0000080		; EFER
	rdmsr
	or eax, 0x100			; LME
	wrmsr
	mov eax, cr0
	and eax, ~0x60000000		; CD, NW
	or eax, 0x80000001		; PG, PE
	mov cr0, eax
	jmp dword CODE:(other - $$ + IMAGE)

	align 4
trampoline_cr3:
	dd 0
trampoline_gdt:
	dw gdt.end - gdt - 1
	dd gdt
trampoline_end:
