; memwalk: writes a pattern derived from its address to every 4 KiB page of RAM, then reads all of them
; back. One quadword of each page is touched. The first 2 MiB, which hold this guest and what the
; machine left for it, are not. RAM is reached through a window of 1 GiB at 4 GiB, for which the guest
; adds a page directory of its own; so it may lie anywhere.
;
; Prints  memwalk: 0x<first> to 0x<end>	for each region of RAM in the memory map
;         memwalk: wrong at 0x<address>: 0x<what was read>	for the first few errors
;         memwalk: pages <n> errors <n>
; Exit    0, or 1 if there were errors

%include "lib/flat.inc"
%include "lib/trap.inc"

WINDOW		equ 1 << 32
WINDOW_SIZE	equ 1 << 30
PAGE		equ 0x1000
PATTERN		equ 0x5a17c0de00000000
LARGE_PAGE	equ 0x83		; present, writable, 2 MiB
SHOWN		equ 8			; errors printed

; an entry of the memory map
MAP_START	equ 0
MAP_SIZE	equ 8
MAP_TYPE	equ 16
MAP_ENTRY	equ 24
MAP_RAM		equ 1

main:
	call trap_init
	mov rax, cr3
	and rax, ~0xfff
	mov rax, [rax]
	and rax, ~0xfff
	mov dword [rax + WINDOW / WINDOW_SIZE * 8], WINDOW_TABLE | 3

	mov edi, show_region
	call each_region
	mov edi, write_region
	call each_region
	mov edi, verify_region
	call each_region

	print "memwalk: pages "
	print_decimal [pages]
	print " errors "
	print_decimal [errors]
	print 10
	xor eax, eax
	cmp [errors], rax
	setne al
	ret

; Calls the routine at RDI for each region of RAM, with RBX = its first byte and RBP = its end.
each_region:
	push rbx
	push rbp
	push r12
	push r13
	push r14
	mov r14, rdi
	mov rax, [start_info]
	mov r12, [rax + START_MEMMAP]
	mov r13d, [rax + START_ENTRIES]
.entry:
	sub r13d, 1
	jb .end
	mov rbx, [r12 + MAP_START]
	mov rbp, [r12 + MAP_SIZE]
	mov eax, [r12 + MAP_TYPE]
	add r12, MAP_ENTRY
	add rbp, rbx
	cmp eax, MAP_RAM
	jne .entry
	add rbx, PAGE - 1		; whole pages only
	and rbx, -PAGE
	and rbp, -PAGE
	mov eax, HEAP
	cmp rbx, rax
	cmovb rbx, rax
	cmp rbx, rbp
	jae .entry
	call r14
	jmp .entry
.end:
	pop r14
	pop r13
	pop r12
	pop rbp
	pop rbx
	ret

show_region:
	print "memwalk: 0x"
	print_hex rbx
	print " to 0x"
	print_hex rbp
	print 10
	ret

; RBX to RBP, a window at a time. open_window leaves RDI = first byte in the window, RSI = end in it,
; R8 = what to add to an address in the window for its pattern, and moves RBX on.
write_region:
	call open_window
	mov rcx, rsi
	sub rcx, rdi
	shr rcx, 12
	add [pages], rcx
.page:
	lea rax, [rdi + r8]
	mov [rdi], rax
	add rdi, PAGE
	cmp rdi, rsi
	jb .page
	cmp rbx, rbp
	jb write_region
	ret

verify_region:
	call open_window
.page:
	lea rax, [rdi + r8]
	cmp [rdi], rax
	jne .wrong
.next:
	add rdi, PAGE
	cmp rdi, rsi
	jb .page
	cmp rbx, rbp
	jb verify_region
	ret

.wrong:
	inc qword [errors]
	cmp qword [errors], SHOWN
	ja .next
	mov rdx, PATTERN
	sub rax, rdx
	print "memwalk: wrong at 0x"
	print_hex rax
	print ": 0x"
	print_hex [rdi]
	print 10
	jmp .next

open_window:
	mov rax, -WINDOW_SIZE
	and rax, rbx
	mov rsi, rax			; where the window looks at
	mov edi, WINDOW_TABLE
	mov ecx, 512
	or rax, LARGE_PAGE
.large_page:
	mov [rdi], rax
	add rdi, 8
	add rax, 0x200000
	dec ecx
	jnz .large_page
	mov rax, cr3
	mov cr3, rax

	mov rdx, WINDOW
	sub rdx, rsi			; from address to window
	lea rdi, [rbx + rdx]
	add rsi, WINDOW_SIZE
	cmp rsi, rbp
	cmova rsi, rbp
	mov rbx, rsi
	add rsi, rdx
	mov r8, PATTERN
	sub r8, rdx
	ret

	variable pages, 8
	variable errors, 8
