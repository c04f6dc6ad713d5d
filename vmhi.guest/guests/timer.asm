; timer: takes interrupts of the local APIC's timer, and of the serial line through the I/O APIC.
;
; Arguments  n=<periodic ticks>, default 20
; Prints     timer: one-shot 5
;            timer: periodic <n>, at CPL 3 <n>
;            timer: serial by interrupt	this line byte by byte, as the transmitter asks for it
;            timer: serial interrupts <n>
;            timer: TSC per tick <n>
; Exit       0, or 1 where fewer interrupts came than should have
;
; The periodic ticks are taken while a loop runs at CPL 3, the others while the processor halts. A tick
; is 4 ms where the APIC's timer counts at 1 GHz.

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/ring3.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"

TIMER_VECTOR	equ 0x40
SERIAL_VECTOR	equ 0x41
SERIAL_GSI	equ 4
DIVIDE_BY_16	equ 3
TICK		equ 250000
ONE_SHOTS	equ 5

IER_EMPTY	equ 2			; interrupt when the transmitter is empty
IIR_REASON	equ 0x0f
IIR_EMPTY	equ 2

main:
	push rbx
	call trap_init
	call ring3_init
	mov edi, TIMER_VECTOR
	mov esi, timer_tick
	call trap_set
	mov edi, SERIAL_VECTOR
	mov esi, serial_ready
	call trap_set
	mov eax, text
	mov [next_byte], rax
	mov qword [wanted], ONE_SHOTS
	mov ebx, LAPIC
	mov dword [rbx + LAPIC_DIVIDE], DIVIDE_BY_16

	mov dword [rbx + LAPIC_TIMER], TIMER_VECTOR
.one_shot:
	mov dword [rbx + LAPIC_INITIAL], TICK
	mov eax, [ticks]
.wait:
	call wait_for_interrupt
	cmp eax, [ticks]
	je .wait
	cmp dword [ticks], ONE_SHOTS
	jb .one_shot
	print "timer: one-shot "
	print_decimal [ticks]
	print 10

	mov edi, .argument
	mov esi, 20
	call arg_number
	mov [wanted], rax
	call clock_now
	push rax
	and qword [ticks], 0
	mov dword [rbx + LAPIC_TIMER], LVT_PERIODIC | TIMER_VECTOR
	mov dword [rbx + LAPIC_INITIAL], TICK
	mov edi, count_ticks
	call ring3_call
	mov dword [rbx + LAPIC_TIMER], LVT_MASKED
	mov dword [rbx + LAPIC_INITIAL], 0
	call clock_now
	pop rcx
	sub rax, rcx
	xor edx, edx
	div qword [wanted]
	mov [counts_per_tick], rax
	print "timer: periodic "
	print_decimal [ticks]
	print ", at CPL 3 "
	print_decimal [ticks_seen]
	print 10

	mov edi, SERIAL_GSI
	mov esi, SERIAL_VECTOR
	xor edx, edx
	call ioapic_route
	mov edx, COM1 + UART_IER
	mov al, IER_EMPTY
	out dx, al
.serial:
	call wait_for_interrupt
	mov rax, [next_byte]
	cmp byte [rax], 0
	jne .serial
	cmp byte [all_sent], 0
	je .serial
	print "timer: serial interrupts "
	print_decimal [serial_interrupts]
	print 10, "timer: TSC per tick "
	print_decimal [counts_per_tick]
	print 10

	mov rax, [ticks]
	cmp rax, [wanted]
	setb al
	pop rbx
	ret

.argument:
	db "n=", 0

; At CPL 3: returns when all ticks have come.
count_ticks:
	xor eax, eax
.tick:
	cmp rax, [wanted]
	jae .end
	pause
	cmp rax, [ticks]
	je .tick
	inc rax
	inc qword [ticks_seen]
	jmp .tick
.end:
	ret

timer_tick:
	irq_entry
	mov rax, [ticks]
	cmp rax, [wanted]
	adc rax, 0			; no more than wanted: one may come while the timer is stopped
	mov [ticks], rax
	irq_exit

; Sends a byte for each interrupt; where there is none left, asks for no more.
serial_ready:
	irq_entry
	inc qword [serial_interrupts]
	mov edx, COM1 + UART_IIR
	in al, dx
	and al, IIR_REASON
	cmp al, IIR_EMPTY
	jne .end
	mov rcx, [next_byte]
	mov al, [rcx]
	test al, al
	jz .last
	inc qword [next_byte]
	mov edx, COM1 + UART_DATA
	out dx, al
	jmp .end
.last:
	mov edx, COM1 + UART_IER
	out dx, al
	mov byte [all_sent], 1
.end:
	irq_exit

	variable ticks, 8
	variable ticks_seen, 8
	variable wanted, 8
	variable counts_per_tick, 8
	variable serial_interrupts, 8
	variable next_byte, 8
	variable all_sent, 8
text:			db "timer: serial by interrupt", 10, 0
