; compute: runs an integer loop at CPL 3. The first half of the iterations is entered by sysret, the
; second by iretq.
;
; Arguments  n=<iterations>, default 10000000
;            via=int or via=syscall: how to leave CPL 3, by int 0x80 or syscall in place of ud2
; Prints     compute: iterations <n> checksum 0x<16 digits>
; Exit       0
;
; The checksum of n iterations, in C:
;
;     uint64_t x = 0x9e3779b97f4a7c15, sum = 0;
;     for (uint64_t i = n; i > 0; i--) {
;         x ^= x << 13;  x ^= x >> 7;  x ^= x << 17;
;         sum = (sum << 5 | sum >> 59) + x * i;
;     }

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/ring3.inc"

main:
	push rbx
	call trap_init
	call ring3_init
	mov rax, 0x9e3779b97f4a7c15
	mov [x], rax
	mov edi, .via
	call arg_find
	test rax, rax
	jz .chosen
	mov edx, ring3_int
	cmp byte [rax], 'i'
	je .choose
	mov edx, ring3_syscall
.choose:
	mov [ring3_leave], rdx
.chosen:
	mov edi, .n
	mov esi, 10000000
	call arg_number
	mov rbx, rax

	mov edi, loop
	mov rsi, rbx
	mov rdx, rbx
	shr rdx, 1
	call ring3_call
	mov edi, loop
	mov rsi, rax
	xor edx, edx
	call ring3_call_iret

	print "compute: iterations "
	print_decimal rbx
	print " checksum 0x"
	print_hex [sum]
	print 10
	xor eax, eax
	pop rbx
	ret

.n:
	db "n=", 0
.via:
	db "via=", 0

; At CPL 3: runs iterations RSI down to RDX + 1. Returns in RAX the number of the next, RDX.
loop:
	mov rcx, [x]
	mov r8, [sum]
.next:
	cmp rsi, rdx
	jbe .end
	mov rax, rcx
	shl rax, 13
	xor rcx, rax
	mov rax, rcx
	shr rax, 7
	xor rcx, rax
	mov rax, rcx
	shl rax, 17
	xor rcx, rax
	mov rax, rcx
	imul rax, rsi
	rol r8, 5
	add r8, rax
	dec rsi
	jmp .next
.end:
	mov [x], rcx
	mov [sum], r8
	mov rax, rsi
	ret

	variable x, 8
	variable sum, 8
