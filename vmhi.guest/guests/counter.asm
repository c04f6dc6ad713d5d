; counter: counts for ever, in eleven registers, two vector registers and four places in memory at once,
; and compares them all after each step. The loop runs at CPL 3, a stretch at a time; between stretches
; the guest compares the count with what it must be by now. So a lost, repeated or spoiled instruction,
; register or byte is found, whatever was done to the machine meanwhile: paused, saved and restored,
; moved to another CPU backend.
;
; Arguments  ms=<between two lines>, default 1000
; Prints     counter: ready
;            tick <1, 2, 3, ...> count <steps so far>
;            LOST ...	and all that was counted, if anything disagrees
;            counter: stopped at <steps>	after a 'q' arrived on the serial line
; Exit       0, or 1 after LOST

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/ring3.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"

STRETCH		equ 200000		; steps between two looks at the clock and the serial line

main:
	push rbx
	push rbp
	call trap_init
	call ring3_init
	call vmhi_find
	call clock_init
	mov edi, .argument
	mov esi, 1000
	call arg_number
	mov rdi, rax
	call clock_every
	print "counter: ready", 10
	xor ebx, ebx			; steps
	xor ebp, ebp			; ticks
.stretch:
	mov edi, count
	mov esi, STRETCH
	call ring3_call
	add rbx, STRETCH
	test eax, eax
	jz .lost
	mov edi, counters
	mov ecx, COUNTERS
.compare:
	cmp rbx, [rdi]
	jne .lost
	add rdi, 8
	dec ecx
	jnz .compare

	call serial_receive
	cmp eax, 'q'
	je .stop
	call clock_due
	test eax, eax
	jz .stretch
	inc rbp
	print "tick "
	print_decimal rbp
	print " count "
	print_decimal rbx
	print 10
	jmp .stretch

.stop:
	print "counter: stopped at "
	print_decimal rbx
	print 10
	xor eax, eax
	jmp .end

.lost:
	print "LOST after "
	print_decimal rbx
	print " steps, in memory:"
	mov edi, counters
	mov ecx, COUNTERS
	call show
	print ", in registers:"
	mov edi, registers
	mov ecx, REGISTERS
	call show
	print 10
	mov eax, 1
.end:
	pop rbp
	pop rbx
	ret

.argument:
	db "ms=", 0

show:
	print " "
	print_decimal [rdi]
	add rdi, 8
	dec ecx
	jnz show
	ret

; At CPL 3: counts RSI steps on. Returns 1, or 0 as soon as two of the counters differ; then all
; registers are in memory.
count:
	mov ecx, esi
	mov rax, [counters]
	mov rbx, [counters + 8]
	mov rdx, [counters + 16]
	mov rbp, [counters + 24]
	mov r8, rax
	mov r9, rbx
	mov r10, rdx
	mov r12, rbp
	mov r13, rax
	mov r14, rbx
	mov r15, rdx
	movq xmm0, rax
	movq xmm1, rbx
	mov edi, 1
	movq xmm2, rdi
	mov esi, counters
.step:
	inc rax
	add rbx, 1
	lea rdx, [rdx + 1]
	sub rbp, -1
	inc r8
	add r9, rdi
	lea r10, [r10 + rdi]
	not r12				; -(~x) = x + 1
	neg r12
	inc r13
	stc
	adc r14, 0
	add r15, rdi
	paddq xmm0, xmm2
	paddq xmm1, xmm2
	inc qword [rsi]
	add [rsi + 8], rdi
	mov r11, [rsi + 16]
	inc r11
	mov [rsi + 16], r11
	xchg r11, [rsi + 24]
	inc r11

	cmp rax, rbx
	jne .differ
	cmp rax, rdx
	jne .differ
	cmp rax, rbp
	jne .differ
	cmp rax, r8
	jne .differ
	cmp rax, r9
	jne .differ
	cmp rax, r10
	jne .differ
	cmp rax, r11
	jne .differ
	cmp rax, r12
	jne .differ
	cmp rax, r13
	jne .differ
	cmp rax, r14
	jne .differ
	cmp rax, r15
	jne .differ
	cmp rax, [rsi]
	jne .differ
	cmp rax, [rsi + 8]
	jne .differ
	cmp rax, [rsi + 16]
	jne .differ
	cmp rax, [rsi + 24]
	jne .differ
	movq r11, xmm0
	cmp rax, r11
	jne .differ
	movq r11, xmm1
	cmp rax, r11
	jne .differ
	dec ecx
	jnz .step
	mov eax, edi
	ret

.differ:
	mov edi, registers
	mov [rdi], rax
	mov [rdi + 8], rbx
	mov [rdi + 16], rdx
	mov [rdi + 24], rbp
	mov [rdi + 32], r8
	mov [rdi + 40], r9
	mov [rdi + 48], r10
	mov [rdi + 56], r11
	mov [rdi + 64], r12
	mov [rdi + 72], r13
	mov [rdi + 80], r14
	mov [rdi + 88], r15
	movq [rdi + 96], xmm0
	movq [rdi + 104], xmm1
	xor eax, eax
	ret

COUNTERS	equ 4
REGISTERS	equ 14

	variable counters, 4 * 8
	variable registers, 14 * 8
