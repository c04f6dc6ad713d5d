; vendor: uses a range that a vendor's bundle brings (vmhi.example.range), whose number it does not know:
; it asks for the range by its UUID, waits while no such range is there, keeps a value in it, and adds 1 to
; a number again and again, each time looking whether the sum is the next one. A call that is not available
; now is repeated for as long as it takes.
;
; Arguments  ms=<between two lines>, default 1000
; Prints     vendor: no range		when it finds none, and then waits for it
;            vendor: range 0x<owner> version <major>.<minor>
;            vendor: away		when a call is not available,
;            vendor: back		when it is again
;            vendor: calls <n> sum <n> retried <n> wrong <n> other <n>	every so often, and at the end
;            wrong counts sums that are not the next one and times the value was not what was kept, other
;            the calls that were answered with a status not mentioned above
; Exit       when 'q' arrives on the serial line: 0, or 1 where something was wrong or answered otherwise;
;            1 at once where no VMHI is there

%include "lib/flat.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"

CORE_RANGE_LOOKUP equ 2
NO_RANGE	equ -5

; the range: its UUID, in two halves, and its functions
STORE_LOW	equ 0x9946f4eb11b8047e
STORE_HIGH	equ 0x7f32308cca3845ca
STORE_PUT	equ 1
STORE_GET	equ 2
STORE_ADD	equ 4

%define VALUE_SIZE 16

; store FUNCTION: calls it; see request
%macro store 1
	mov eax, [owner]
	or eax, %1
	call request
%endmacro

main:
	push rbx
	call vmhi_find
	test eax, eax
	jz .no_vmhi
	call clock_init
	mov edi, .ms
	mov esi, 1000
	call arg_number
	mov rdi, rax
	call clock_every
	call find_range
	test rax, rax
	jnz .stop
	call keep
.call:
	call add_one
	cmp byte [quit], 0
	jne .stop
	inc ebx
	test ebx, 15
	jnz .call
	call serial_receive
	cmp eax, 'q'
	je .stop
	call clock_due
	test eax, eax
	jz .call
	call compare
	call show
	jmp .call
.stop:
	call show
	mov rax, [wrong]
	or rax, [other]
	setnz al
	pop rbx
	ret

.no_vmhi:
	print "vendor: no VMHI", 10
	mov eax, 1
	pop rbx
	ret

.ms:
	db "ms=", 0

; Waits for the range. Returns with RAX = 0, or not 0 when 'q' arrived.
find_range:
	push rbx
	xor ebx, ebx
.look:
	mov rdi, STORE_LOW
	mov rsi, STORE_HIGH
	mov eax, CORE_RANGE_LOOKUP
	call request
	test rax, rax
	jz .found
	cmp rax, NO_RANGE
	jne .end
	test ebx, ebx
	jnz .wait
	print "vendor: no range", 10
	inc ebx
.wait:
	mov edi, 10
	call clock_wait
	call serial_receive
	cmp eax, 'q'
	jne .look
	jmp .end
.found:
	mov eax, edx
	shl eax, 16			; above that is whether its bundle is there
	mov [owner], eax
	print "vendor: range 0x"
	movzx edi, dx
	mov ecx, 4
	call serial_hex_digits
	print " version "
	mov rax, r10
	shr eax, 16
	print_decimal rax
	print "."
	movzx eax, r10w
	print_decimal rax
	print 10
	xor eax, eax
.end:
	pop rbx
	ret

; Keeps a value.
keep:
	mov edi, kept_name
	mov esi, kept_name.end - kept_name
	mov edx, kept_value
	mov r10d, VALUE_SIZE
	store STORE_PUT
	jmp judge

; Gets it back and compares.
compare:
	mov edi, kept_name
	mov esi, kept_name.end - kept_name
	mov edx, room
	mov r10d, VALUE_SIZE
	store STORE_GET
	test rax, rax
	jnz judge
	cmp rdx, VALUE_SIZE
	jne .wrong
	cmp r10, VALUE_SIZE
	jne .wrong
	mov rax, [room]
	cmp rax, [kept_value]
	jne .wrong
	mov rax, [room + 8]
	cmp rax, [kept_value + 8]
	je .end
.wrong:
	inc qword [wrong]
.end:
	ret

; Adds 1 to a number, which is then one more than it was.
add_one:
	mov edi, number_name
	mov esi, number_name.end - number_name
	mov edx, 1
	store STORE_ADD
	test rax, rax
	jnz judge
	inc qword [calls]
	mov rax, [sum]
	inc rax
	mov [sum], rdx
	cmp rax, rdx
	je .end
	inc qword [wrong]
.end:
	ret

; Counts a status that should not have come. RAX: the status.
judge:
	test rax, rax
	jz .end
	cmp byte [quit], 0
	jne .end
	inc qword [other]
.end:
	ret

; Calls EAX with RDI, RSI, RDX, R10, again and again until it is answered. Returns status and values in RAX,
; RDX, R10. Where 'q' arrives first it sets quit, and the status is NOT_AVAILABLE.
request:
	push rbx
	push rbp
	push r12
	push r13
	push r14
	push r15
	mov ebp, eax
	mov r12, rdi
	mov r13, rsi
	mov r14, rdx
	mov r15, r10
	xor ebx, ebx			; whether it said that the range is away
.call:
	mov rdi, r12
	mov rsi, r13
	mov rdx, r14
	mov r10, r15
	mov rax, UNANSWERED
	or rax, rbp
	out HYPERCALL_PORT, eax
	cmp rax, NOT_AVAILABLE
	je .away
	cmp rax, AGAIN
	je .retry
	cmp rax, LIMITED
	je .slow_down
	test ebx, ebx
	jz .end
	print "vendor: back", 10
.end:
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbp
	pop rbx
	ret

.slow_down:
	mov rax, rdx			; microseconds
	xor edx, edx
	mov ecx, 1000
	div rcx
	lea rdx, [rax + 1]
	jmp .wait
.away:
	test ebx, ebx
	jnz .wait
	print "vendor: away", 10
	inc ebx
.wait:
	mov rdi, rdx			; milliseconds
	call clock_wait
	call serial_receive
	cmp eax, 'q'
	jne .retry
	mov byte [quit], 1
	mov rax, NOT_AVAILABLE
	jmp .end
.retry:
	inc qword [retried]
	jmp .call

show:
	print "vendor: calls "
	print_decimal [calls]
	print " sum "
	print_decimal [sum]
	print " retried "
	print_decimal [retried]
	print " wrong "
	print_decimal [wrong]
	print " other "
	print_decimal [other]
	print 10
	ret

kept_name:
	db "kept"
.end:
number_name:
	db "number"
.end:
	align 8
kept_value:
	db "kept by the host"		; VALUE_SIZE of them

	variable owner, 8		; of the range, where a call's number has it
	variable quit, 8
	variable room, VALUE_SIZE
	variable calls, 8
	variable sum, 8
	variable retried, 8
	variable wrong, 8
	variable other, 8
