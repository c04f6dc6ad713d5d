; hypercall: makes hypercalls one after the other and checks each answer: NOP with an argument that
; changes, which it must give back in RDX, and QUERY every sixteenth time. A call that is not available
; now, or is to be issued again, is repeated.
;
; Arguments  n=<calls>, default 1000; 0: until 'q' arrives on the serial line
;            ms=<between two lines>, default 1000
; Prints     hypercall: VMHI at CPUID leaf 0x40000000, ABI <major>.<minor>
;            hypercall: written by a hypercall	through the console range, or
;            hypercall: console status <n>
;            hypercall: calls <n> retried <n>	every so often
;            calls <n> ok <n> retried <n> lost <n> other <n>
;            lost counts the calls that left RAX as it was or gave back another argument, other those
;            that were answered with a status not mentioned above, of which the last is printed
; Exit       0, or 1 where a call was lost or answered otherwise, or no VMHI is there

%include "lib/flat.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"
%include "lib/calls.inc"

main:
	push rbx
	push rbp
	call vmhi_find
	test eax, eax
	jz .no_vmhi
	call clock_init
	call greet
	mov edi, .ms
	mov esi, 1000
	call arg_number
	mov rdi, rax
	call clock_every
	mov edi, .n
	mov esi, 1000
	call arg_number
	mov rbx, rax
.call:
	call call_once
	test byte [calls], 63
	jnz .count
	call serial_receive
	cmp eax, 'q'
	je .stop
	call clock_due
	test eax, eax
	jz .count
	print "hypercall: calls "
	print_decimal [calls]
	print " retried "
	print_decimal [calls_retried]
	print 10
.count:
	cmp rbx, [calls]
	jne .call
.stop:
	call show_calls
	mov rax, [calls]
	cmp rax, [calls_ok]
	setne al
	jmp .end
.no_vmhi:
	print "hypercall: no VMHI", 10
	mov eax, 1
.end:
	pop rbp
	pop rbx
	ret

.n:
	db "n=", 0
.ms:
	db "ms=", 0

greet:
	push rbx
	mov eax, [vmhi_leaf]
	print "hypercall: VMHI at CPUID leaf 0x"
	mov rdi, rax
	mov ecx, 8
	call serial_hex_digits
	inc eax
	cpuid
	print ", ABI "
	mov ecx, eax
	shr ecx, 16
	print_decimal rcx
	print "."
	movzx eax, ax
	print_decimal rax
	print 10
	call introduce
	test rax, rax
	jnz .end
	mov edi, .line
	mov esi, .line_end - .line
	hypercall CONSOLE_WRITE
	test rax, rax
	jz .end
	neg rax
	print "hypercall: console status -"
	print_decimal rax
	print 10
.end:
	pop rbx
	ret

.line:
	db "hypercall: written by a hypercall", 10
.line_end:
