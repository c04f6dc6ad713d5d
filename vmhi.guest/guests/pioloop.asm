; pioloop: writes a byte to a port over and over at CPL 0, to time an exit to the device model.
;
; Arguments  n=<writes>, default 10000
;            port=<port>, default 0x5f0, where no device of the usual board is
; Prints     pioloop: writes <n> TSC each <n>
; Exit       0

%include "lib/flat.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"

main:
	push rbx
	push rbp
	mov edi, .port
	mov esi, 0x5f0
	call arg_number
	mov ebp, eax
	mov edi, .n
	mov esi, 10000
	call arg_number
	mov rbx, rax
	call clock_now
	push rax
	mov rcx, rbx
	mov edx, ebp
	xor eax, eax
.write:
	out dx, al
	dec rcx
	jnz .write
	call clock_now
	pop rcx
	sub rax, rcx
	xor edx, edx
	div rbx
	print "pioloop: writes "
	print_decimal rbx
	print " TSC each "
	print_decimal rax
	print 10
	xor eax, eax
	pop rbp
	pop rbx
	ret

.port:
	db "port=", 0
.n:
	db "n=", 0
