; mmioloop: stores a doubleword at an address over and over at CPL 0, to time an exit to the device model.
;
; Arguments  n=<stores>, default 10000
;            addr=<address below 4 GiB>, default 0xd0001000, where no device is
; Prints     mmioloop: stores <n> TSC each <n>
; Exit       0

%include "lib/flat.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"

main:
	push rbx
	push rbp
	mov edi, .addr
	mov esi, 0xd0001000
	call arg_number
	mov rbp, rax
	mov edi, .n
	mov esi, 10000
	call arg_number
	mov rbx, rax
	call clock_now
	push rax
	mov rcx, rbx
	xor eax, eax
.store:
	mov [rbp], eax
	dec rcx
	jnz .store
	call clock_now
	pop rcx
	sub rax, rcx
	xor edx, edx
	div rbx
	print "mmioloop: stores "
	print_decimal rbx
	print " TSC each "
	print_decimal rax
	print 10
	xor eax, eax
	pop rbp
	pop rbx
	ret

.addr:
	db "addr=", 0
.n:
	db "n=", 0
