; clocks: compares the clocks of a PC, and counts interrupts: of the local APIC's timer, 100 a second, and
; of the serial line, through the I/O APIC, one for what has been typed. Without either it hears nothing
; more. So whatever is done to the machine meanwhile shows: a clock that jumps, stands or goes back, a
; timer that does not go off any more, a line that is dead.
;
; Arguments  ms=<between two lines>, default 100
; Prints     clocks: ready
;            clocks: ticks <n> tsc <ms> pm <ms> rtc <s> heard <bytes>	since the start
;            clocks: stopped ticks <n> tsc <ms> pm <ms> rtc <s> heard <bytes> gap <ms> backwards <n>
;            	after a 'q' was heard. The gap is the longest time between two interrupts, by the time
;            	stamp counter, which was found to go backwards so often
; Exit       0, or 1 where the time stamp counter went backwards
;
; A machine without a power management timer or real time clock shows nothing that means anything there.

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"

TIMER_VECTOR	equ 0x40
SERIAL_VECTOR	equ 0x41
SERIAL_GSI	equ 4
DIVIDE_BY_16	equ 3
TICK		equ 625000		; 10 ms at 1 GHz
TICK_MS		equ 10
IER_RECEIVED	equ 1

PM_TIMER	equ 0x608		; where VMHI's FADT says that it is
PM_MASK		equ 0xffffff		; 24 bits at least
PM_HZ		equ 3579545

RTC_INDEX	equ 0x70
RTC_DATA	equ 0x71
RTC_SECONDS	equ 0
RTC_MINUTES	equ 2
RTC_HOURS	equ 4
RTC_A		equ 10
RTC_UPDATING	equ 0x80
RTC_TRIES	equ 100000
DAY		equ 86400

main:
	push rbx
	call trap_init
	call vmhi_find
	call clock_init
	mov edi, TIMER_VECTOR
	mov esi, timer_tick
	call trap_set
	mov edi, SERIAL_VECTOR
	mov esi, serial_heard
	call trap_set
	mov edi, .argument
	mov esi, 100
	call arg_number
	xor edx, edx
	mov ecx, TICK_MS
	div rcx
	cmp rax, 1
	adc rax, 0			; one at least
	mov [ticks_per_line], rax
	mov [next_line], rax

	mov edi, SERIAL_GSI
	mov esi, SERIAL_VECTOR
	xor edx, edx
	call ioapic_route
	mov edx, COM1 + UART_IER
	mov al, IER_RECEIVED
	out dx, al
	call rtc_now
	mov [rtc_start], rax
	call pm_look
	and qword [pm_counts], 0
	call clock_now
	mov [tsc_start], rax
	mov [tsc_last], rax
	mov ebx, LAPIC
	mov dword [rbx + LAPIC_DIVIDE], DIVIDE_BY_16
	mov dword [rbx + LAPIC_TIMER], LVT_PERIODIC | TIMER_VECTOR
	mov dword [rbx + LAPIC_INITIAL], TICK
	print "clocks: ready", 10

.next:
	call wait_for_interrupt
	call pm_look
	call tsc_look
	cmp byte [stop], 0
	jne .stop
	mov rax, [ticks]
	cmp rax, [next_line]
	jb .next
	add rax, [ticks_per_line]
	mov [next_line], rax
	print "clocks: "
	call show
	print 10
	jmp .next

.stop:
	mov dword [rbx + LAPIC_TIMER], LVT_MASKED
	print "clocks: stopped "
	call show
	print " gap "
	mov rax, [tsc_gap]
	call milliseconds
	print_decimal rax
	print " backwards "
	print_decimal [backwards]
	print 10
	cmp qword [backwards], 0
	setne al
	pop rbx
	ret

.argument:
	db "ms=", 0

show:
	print "ticks "
	print_decimal [ticks]
	print " tsc "
	mov rax, [tsc_last]
	sub rax, [tsc_start]
	call milliseconds
	print_decimal rax
	print " pm "
	mov rax, [pm_counts]
	mov ecx, 1000
	mul rcx
	mov ecx, PM_HZ
	div rcx
	print_decimal rax
	print " rtc "
	call rtc_now
	mov rcx, [rtc_start]
	cmp rax, rcx
	jae .day
	add rax, DAY
.day:
	sub rax, rcx
	print_decimal rax
	print " heard "
	print_decimal [heard]
	ret

; Makes milliseconds of the counts of the time stamp counter in RAX.
milliseconds:
	xor edx, edx
	mov ecx, [clock_khz]
	div rcx
	ret

tsc_look:
	call clock_now
	mov rcx, [tsc_last]
	mov [tsc_last], rax
	sub rax, rcx
	jae .forward
	inc qword [backwards]
	ret
.forward:
	cmp rax, [tsc_gap]
	jbe .end
	mov [tsc_gap], rax
.end:
	ret

; To be called more often than 24 bits are counted, which takes 4.7 s.
pm_look:
	mov edx, PM_TIMER
	in eax, dx
	mov ecx, [pm_last]
	mov [pm_last], eax
	sub eax, ecx
	and eax, PM_MASK
	add [pm_counts], rax
	ret

; Returns in RAX the second of the day.
rtc_now:
	push rbx
	mov ecx, RTC_TRIES
.updating:
	mov edi, RTC_A
	call rtc_register
	test al, RTC_UPDATING
	jz .read
	dec ecx
	jnz .updating
.read:
	mov edi, RTC_HOURS
	call rtc_number
	imul ebx, eax, 60
	mov edi, RTC_MINUTES
	call rtc_number
	add ebx, eax
	imul ebx, ebx, 60
	mov edi, RTC_SECONDS
	call rtc_number
	add eax, ebx
	pop rbx
	ret

; Returns in EAX register EDI, of which this makes two decimal digits a number.
rtc_number:
	call rtc_register
	mov edx, eax
	shr edx, 4
	and eax, 15
	imul edx, edx, 10
	add eax, edx
	ret

rtc_register:
	mov eax, edi
	out RTC_INDEX, al
	xor eax, eax
	in al, RTC_DATA
	ret

timer_tick:
	irq_entry
	inc qword [ticks]
	irq_exit

serial_heard:
	irq_entry
.next:
	mov edx, COM1 + UART_LSR
	in al, dx
	test al, LSR_RECEIVED
	jz .end
	inc qword [heard]
	mov edx, COM1 + UART_DATA
	in al, dx
	cmp al, 'q'
	jne .next
	mov byte [stop], 1
	jmp .next
.end:
	irq_exit

	variable ticks, 8
	variable ticks_per_line, 8
	variable next_line, 8
	variable tsc_start, 8
	variable tsc_last, 8
	variable tsc_gap, 8
	variable backwards, 8
	variable pm_counts, 8
	variable pm_last, 8
	variable rtc_start, 8
	variable heard, 8
	variable stop, 8
