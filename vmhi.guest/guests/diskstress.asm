; diskstress: writes blocks of the paravirtual disk and reads them back, and finds every stale or wrong
; byte. What an area of the disk held before is lost.
;
; A round writes eight blocks while it reads eight others, all under way at once; which they are is
; random, the same in each run. Every fourth round one of the blocks is discarded and one filled with
; zeroes by the device, and every eighth ends with a flush, as far as the disk can. A block's content
; comes from a seed, which holds the block's number and the round that wrote it; so an old content, or
; that of another block, is told from the right one. At the end all blocks that were written are read
; once more.
;
; Arguments  n=<rounds>, default 100; 0: until 'q' arrives on the serial line
;            offset=<first byte of the area>, default 0, a multiple of the disk's block size
;            len=<bytes>, default 4 MiB, at most 64 MiB; made a power of two that the disk has
;            ms=<between two lines>, default 1000
; Prints     diskstress: blocks <n> from byte <n>
;            diskstress: round <n> errors <n>		every so often
;            diskstress: op <n> of block <n>: status <n>	for the first few requests that failed
;            diskstress: block <n> wrong at byte <n>	for the first few blocks with a wrong content
;            rounds <n> errors <n>
; Exit       0, or 1 if there were errors or there is no such disk

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/ring3.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"
%include "lib/pvblock.inc"

BLOCK		equ 4096
MOST_BLOCKS	equ 64 << 20 >> 12
BATCH		equ 8			; of writes, and of reads
SHOWN		equ 8			; errors printed

SEEDS		equ DISK_HEAP		; a quadword for each block: its seed, or one of these two
UNKNOWN		equ 0
ZEROES		equ 1

WRITTEN		equ HEAP + 0x100000	; a buffer for each block of a batch
FETCHED		equ WRITTEN + BATCH * BLOCK

; under way: an array of these
SLOT_BLOCK	equ 0			; u32
SLOT_REQUEST	equ 4			; u32, its number
SLOT_OP		equ 8			; u64
SLOT_SEED	equ 16			; u64, what the block then holds
SLOT		equ 24

main:
	push rbx
	call trap_init
	call ring3_init
	call vmhi_find
	call clock_init
	mov rax, 0x2545f4914f6cdd1d
	mov [seed], rax
	call choose_area
	test eax, eax
	jz .no_disk
	mov edi, .ms
	mov esi, 1000
	call arg_number
	mov rdi, rax
	call clock_every
	mov edi, .n
	mov esi, 100
	call arg_number
	mov rbx, rax
.round:
	inc qword [round]
	call run_round
	call serial_receive
	cmp eax, 'q'
	je .stop
	call clock_due
	test eax, eax
	jz .count
	print "diskstress: round "
	print_decimal [round]
	print " errors "
	print_decimal [errors]
	print 10
.count:
	cmp rbx, [round]
	jne .round
.stop:
	call flush
	call verify_all
	print "rounds "
	print_decimal [round]
	print " errors "
	print_decimal [errors]
	print 10
	xor eax, eax
	cmp [errors], rax
	setne al
	pop rbx
	ret
.no_disk:
	print "diskstress: no disk to write to", 10
	mov eax, 1
	pop rbx
	ret

.n:
	db "n=", 0
.ms:
	db "ms=", 0

; Returns EAX = 1 when there is an area to work on.
choose_area:
	push rbx
	call disk_init
	test eax, eax
	jz .end
	xor eax, eax
	test byte [disk_features], DISK_READ_ONLY
	jnz .end
	mov edi, .offset
	xor esi, esi
	call arg_number
	mov [area], rax
	mov rbx, [disk_capacity]
	sub rbx, rax
	jb .none
	mov edi, .len
	mov esi, 4 << 20
	call arg_number
	cmp rbx, rax
	cmova rbx, rax
	shr rbx, 12			; blocks
	mov eax, MOST_BLOCKS
.power:
	cmp rax, rbx
	jbe .found
	shr eax, 1
	cmp eax, 2 * BATCH
	jae .power
.none:
	xor eax, eax
	jmp .end
.found:
	mov [blocks], rax
	print "diskstress: blocks "
	print_decimal rax
	print " from byte "
	print_decimal [area]
	print 10
	mov edi, SEEDS
	mov ecx, eax
	xor eax, eax
	rep stosq
	mov eax, 1
.end:
	pop rbx
	ret

.offset:
	db "offset=", 0
.len:
	db "len=", 0

run_round:
	push rbx
	push rbp
	push r12
	push r13
	call random
	mov ebx, eax			; the block
	shr rax, 32
	or eax, 1
	mov ebp, eax			; to the next; odd, so that the blocks of a round differ
	mov r12d, slots
	xor r13d, r13d
.slot:
	mov eax, [blocks]
	dec eax
	and eax, ebx
	add ebx, ebp
	mov edi, r13d
	call choose_op
	mov [r12 + SLOT_BLOCK], eax
	mov [r12 + SLOT_OP], rcx
	mov [r12 + SLOT_SEED], rsi
	mov edi, r13d
	call make_request
	add r12, SLOT
	inc r13d
	cmp r13d, 2 * BATCH
	jb .slot

	call disk_start
	call finish_slots
	test byte [round], 7
	jnz .end
	call flush
.end:
	pop r13
	pop r12
	pop rbp
	pop rbx
	ret

; What to do with block EAX in slot EDI: returns RCX = op and RSI = the seed that the block then has.
choose_op:
	mov rsi, [SEEDS + rax * 8]
	mov ecx, READ
	cmp edi, BATCH
	jae .end
	mov ecx, WRITE
	mov rsi, [round]
	shl rsi, 32
	lea rsi, [rsi + rax + 2]	; neither UNKNOWN nor ZEROES
	test byte [round], 3
	jnz .end
	cmp edi, 1
	ja .end
	je .discard
	test byte [disk_features], DISK_ZEROES
	jz .end
	mov ecx, WRITE_ZEROES
	mov esi, ZEROES
	ret
.discard:
	test byte [disk_features], DISK_DISCARDS
	jz .end
	mov ecx, DISCARD
	xor esi, esi			; UNKNOWN
.end:
	ret

; Makes the request of the slot at R12, which is number EDI, and fills its buffer if it writes.
make_request:
	push rbx
	mov ebx, edi
	shl ebx, 12
	add ebx, WRITTEN
	cmp byte [r12 + SLOT_OP], WRITE
	jne .request
	mov esi, ebx
	mov rdx, [r12 + SLOT_SEED]
	mov edi, fill
	call ring3_call
.request:
	mov edi, [r12 + SLOT_OP]
	mov esi, [r12 + SLOT_BLOCK]
	shl rsi, 12
	add rsi, [area]
	mov edx, ebx
	mov ecx, BLOCK
	call disk_request
	mov [r12 + SLOT_REQUEST], eax
	pop rbx
	ret

; Waits for the requests of all slots, notes what is on the disk now and compares what was read.
finish_slots:
	push rbx
	push r12
	mov r12d, slots
	mov ebx, WRITTEN
.slot:
	mov edi, [r12 + SLOT_REQUEST]
	call disk_wait
	test eax, eax
	jnz .failed
	mov edx, [r12 + SLOT_BLOCK]
	mov rcx, [r12 + SLOT_SEED]
	mov [SEEDS + rdx * 8], rcx
	cmp byte [r12 + SLOT_OP], READ
	jne .next
	mov esi, ebx
	mov rdx, rcx
	call compare
.next:
	add r12, SLOT
	add ebx, BLOCK
	cmp ebx, WRITTEN + 2 * BATCH * BLOCK
	jb .slot
	pop r12
	pop rbx
	ret

.failed:
	cmp byte [r12 + SLOT_OP], READ
	je .count
	mov edx, [r12 + SLOT_BLOCK]
	and qword [SEEDS + rdx * 8], UNKNOWN
.count:
	inc qword [errors]
	cmp qword [errors], SHOWN
	ja .next
	mov ecx, [r12 + SLOT_BLOCK]
	print "diskstress: op "
	print_decimal [r12 + SLOT_OP]
	print " of block "
	print_decimal rcx
	print ": status "
	print_decimal rax
	print 10
	jmp .next

; Compares the buffer at RSI, that of the slot at R12, with what seed RDX says.
compare:
	cmp rdx, UNKNOWN
	je .end
	mov edi, verify
	call ring3_call
	test eax, eax
	js .end
	inc qword [errors]
	cmp qword [errors], SHOWN
	ja .end
	mov ecx, [r12 + SLOT_BLOCK]
	print "diskstress: block "
	print_decimal rcx
	print " wrong at byte "
	print_decimal rax
	print 10
.end:
	ret

flush:
	test byte [disk_features], DISK_FLUSHES
	jz .end
	mov edi, FLUSH
	xor esi, esi
	xor edx, edx
	xor ecx, ecx
	call disk_request
	push rax
	call disk_start
	pop rdi
	call disk_wait
	test eax, eax
	jz .end
	inc qword [errors]
	print "diskstress: flush: status "
	print_decimal rax
	print 10
.end:
	ret

; Reads all blocks, a batch at a time.
verify_all:
	push rbx
	push r12
	push r13
	xor ebx, ebx
.batch:
	mov r12d, slots
	xor r13d, r13d
.slot:
	mov [r12 + SLOT_BLOCK], ebx
	mov qword [r12 + SLOT_OP], READ
	mov rax, [SEEDS + rbx * 8]
	mov [r12 + SLOT_SEED], rax
	mov edi, r13d
	call make_request
	add r12, SLOT
	inc ebx
	inc r13d
	cmp r13d, 2 * BATCH
	jb .slot
	call disk_start
	call finish_slots
	cmp rbx, [blocks]
	jb .batch
	pop r13
	pop r12
	pop rbx
	ret

; Returns 64 random bits in RAX (xorshift64).
random:
	mov rax, [seed]
	mov rcx, rax
	shl rcx, 13
	xor rax, rcx
	mov rcx, rax
	shr rcx, 7
	xor rax, rcx
	mov rcx, rax
	shl rcx, 17
	xor rax, rcx
	mov [seed], rax
	ret

; At CPL 3: fills the block at RSI from seed RDX. As in splitmix64, each quadword depends on all bits of
; the seed.
fill:
	mov r8, 0x9e3779b97f4a7c15
	mov r9, 0xbf58476d1ce4e5b9
	xor ecx, ecx
.quadword:
	add rdx, r8
	mov rax, rdx
	shr rax, 30
	xor rax, rdx
	imul rax, r9
	mov [rsi + rcx], rax
	add ecx, 8
	cmp ecx, BLOCK
	jb .quadword
	ret

; At CPL 3: returns in EAX which byte of the block at RSI is not what seed RDX says, or -1.
verify:
	cmp rdx, ZEROES
	je .zeroes
	mov r8, 0x9e3779b97f4a7c15
	mov r9, 0xbf58476d1ce4e5b9
	xor ecx, ecx
.quadword:
	add rdx, r8
	mov rax, rdx
	shr rax, 30
	xor rax, rdx
	imul rax, r9
	xor rax, [rsi + rcx]
	jnz .wrong
	add ecx, 8
	cmp ecx, BLOCK
	jb .quadword
.right:
	or eax, -1
	ret

.zeroes:
	xor ecx, ecx
.zero:
	mov rax, [rsi + rcx]
	test rax, rax
	jnz .wrong
	add ecx, 8
	cmp ecx, BLOCK
	jb .zero
	jmp .right

.wrong:
	bsf rax, rax
	shr eax, 3
	add eax, ecx
	ret

	variable round, 8
	variable errors, 8
	variable blocks, 8
	variable area, 8
	variable seed, 8
	variable slots, 16 * 24	; two batches of SLOT
