; demo: a guest that shows what VMHI does while its parts are replaced. It finds VMHI, introduces itself,
; prints the SHA-256 of the beginning of its disk, and from then on makes hypercalls and reads parts of
; that beginning again, comparing the sum of each with the first.
;
; With scratch= it also writes 4 KiB to that place on the disk in each turn, unless the disk is
; read-only, and reads it back. The guest writes nowhere else.
;
; Arguments  seconds=<how long>, or n=<turns>; neither: until 'q' arrives on the serial line
;            len=<bytes>, default 1048576, at most 16 MiB
;            scratch=<byte of the disk>, a multiple of its block size
;            ms=<between two lines>, default 1000
; Prints     demo: VMHI <major>.<minor> at CPUID leaf 0x<8 digits>
;            demo: sha256 <64 digits> of <n> bytes
;            demo: turn <n> calls <n> retried <n> chunks <n> written <n> errors <n>	every so often
;            demo: chunk <n> has changed, demo: scratch has changed, demo: disk status <n>
;            calls <n> ok <n> retried <n> lost <n> other <n>
;            demo: turns <n> chunks <n> written <n> errors <n>
; Exit       0, or 1 where there were errors
;
; A turn is 64 hypercalls and one chunk of 64 KiB. Without VMHI, or without a disk, the guest says so and
; does the rest.

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/ring3.inc"
%include "lib/clock.inc"
%include "lib/vmhi.inc"
%include "lib/calls.inc"
%include "lib/pvblock.inc"
%include "lib/sha256.inc"
%include "lib/disksum.inc"

MOST		equ 16 << 20
CALLS_A_TURN	equ 64
SHOWN		equ 8			; errors printed
SCRATCH		equ 4096		; bytes

SUMS		equ HEAP + 0x100000	; the sum of each chunk, 32 bytes
SCRATCH_OUT	equ HEAP + 0x110000
SCRATCH_IN	equ HEAP + 0x120000

main:
	push rbx
	call trap_init
	call ring3_init
	call vmhi_find
	call clock_init
	call meet_vmhi
	call meet_disk
	mov edi, .seconds
	xor esi, esi
	call arg_number
	imul rdi, rax, 1000
	call clock_counts
	mov rbx, rax			; how long, by the clock; 0: for ever
	call clock_now
	mov [started], rax
	mov edi, .ms
	mov esi, 1000
	call arg_number
	mov rdi, rax
	call clock_every
	mov edi, .n
	xor esi, esi
	call arg_number
	mov [wanted], rax
.turn:
	inc qword [turn]
	call make_calls
	call check_chunk
	call check_scratch
	call serial_receive
	cmp eax, 'q'
	je .stop
	call clock_due
	test eax, eax
	jz .quiet
	call show_turn
.quiet:
	mov rax, [turn]
	cmp rax, [wanted]
	je .stop
	test rbx, rbx
	jz .turn
	call clock_now
	sub rax, [started]
	cmp rax, rbx
	jb .turn
.stop:
	call show_calls
	print "demo: turns "
	print_decimal [turn]
	call show_disk
	mov rax, [errors]
	mov rcx, [calls]
	sub rcx, [calls_ok]
	or rax, rcx
	setnz al
	pop rbx
	ret

.seconds:
	db "seconds=", 0
.ms:
	db "ms=", 0
.n:
	db "n=", 0

meet_vmhi:
	push rbx
	mov eax, [vmhi_leaf]
	test eax, eax
	jz .none
	inc eax
	cpuid
	mov ecx, eax
	shr ecx, 16
	print "demo: VMHI "
	print_decimal rcx
	print "."
	movzx eax, ax
	print_decimal rax
	print " at CPUID leaf 0x"
	mov edi, [vmhi_leaf]
	mov ecx, 8
	call serial_hex_digits
	print 10
	call introduce
	test rax, rax
	setnz al
	movzx eax, al
	add [errors], rax
	pop rbx
	ret
.none:
	print "demo: no VMHI", 10
	pop rbx
	ret

; Starts the disk, prints the sum of its beginning and notes that of each chunk.
meet_disk:
	push rbx
	call disk_init
	test eax, eax
	jz .none
	mov edi, .len
	mov esi, 1 << 20
	call arg_number
	mov rbx, [disk_capacity]
	cmp rbx, rax
	cmova rbx, rax
	mov eax, MOST
	cmp rbx, rax
	cmova rbx, rax
	xor edi, edi
	mov rsi, rbx
	call disk_sha256
	test eax, eax
	jnz .failed
	print "demo: sha256 "
	call sha256_print
	print " of "
	print_decimal rbx
	print " bytes", 10
	shr rbx, 16			; whole chunks
.chunk:
	cmp [chunks], rbx
	jae .end
	mov rdi, [chunks]
	call sum_chunk
	test eax, eax
	jnz .failed
	mov esi, sha256_state
	mov rdi, [chunks]
	shl rdi, 5
	add rdi, SUMS
	mov ecx, 4
	rep movsq
	inc qword [chunks]
	jmp .chunk
.none:
	print "demo: no disk", 10
.end:
	pop rbx
	ret
.failed:
	and qword [chunks], 0
	pop rbx
	jmp disk_failed

.len:
	db "len=", 0

; Leaves the sum of chunk RDI in sha256_state. Returns EAX = 0 or a status.
sum_chunk:
	shl rdi, 16
	mov esi, CHUNK
	jmp disk_sha256

; Counts an error, and prints status EAX.
disk_failed:
	inc qword [errors]
	cmp qword [errors], SHOWN
	ja .end
	print "demo: disk status "
	print_decimal rax
	print 10
.end:
	ret

make_calls:
	cmp dword [vmhi_leaf], 0
	je .end
	push rbx
	mov ebx, CALLS_A_TURN
.call:
	call call_once
	dec ebx
	jnz .call
	pop rbx
.end:
	ret

check_chunk:
	cmp qword [chunks], 0
	je .none
	push rbx
	mov rax, [turn]
	xor edx, edx
	div qword [chunks]
	mov rbx, rdx
	mov rdi, rdx
	call sum_chunk
	test eax, eax
	jnz .failed
	inc qword [checked]
	mov rdi, rbx
	shl rdi, 5
	add rdi, SUMS
	mov esi, sha256_state
	mov ecx, 4
	repe cmpsq
	je .end
	inc qword [errors]
	cmp qword [errors], SHOWN
	ja .end
	print "demo: chunk "
	print_decimal rbx
	print " has changed", 10
.end:
	pop rbx
.none:
	ret
.failed:
	pop rbx
	jmp disk_failed

; Writes the scratch area and reads it back; each quadword holds the turn and where it is.
check_scratch:
	test byte [disk_features], DISK_READ_ONLY
	jnz .none
	mov edi, .scratch
	or rsi, -1
	call arg_number
	cmp rax, [disk_capacity]
	jae .none
	push rbx
	mov rbx, rax
	mov edi, SCRATCH_OUT
	mov esi, SCRATCH_IN
	mov rcx, [turn]
	shl rcx, 32
.fill:
	mov [rdi], rcx
	mov [rsi], rdi			; spoiled
	add ecx, 8
	add edi, 8
	add esi, 8
	cmp ecx, SCRATCH
	jb .fill

	mov edi, WRITE
	mov edx, SCRATCH_OUT
	call .transfer
	test eax, eax
	jnz .failed
	mov edi, READ
	mov edx, SCRATCH_IN
	call .transfer
	test eax, eax
	jnz .failed
	inc qword [written]
	mov edi, SCRATCH_IN
	mov esi, SCRATCH_OUT
	mov ecx, SCRATCH / 8
	repe cmpsq
	je .end
	inc qword [errors]
	cmp qword [errors], SHOWN
	ja .end
	print "demo: scratch has changed", 10
.end:
	pop rbx
.none:
	ret
.failed:
	pop rbx
	jmp disk_failed

.transfer:
	mov rsi, rbx
	mov ecx, SCRATCH
	call disk_request
	push rax
	call disk_start
	pop rdi
	jmp disk_wait

.scratch:
	db "scratch=", 0

show_turn:
	print "demo: turn "
	print_decimal [turn]
	print " calls "
	print_decimal [calls_ok]
	print " retried "
	print_decimal [calls_retried]
show_disk:
	print " chunks "
	print_decimal [checked]
	print " written "
	print_decimal [written]
	print " errors "
	mov rax, [calls]
	sub rax, [calls_ok]
	add rax, [errors]
	print_decimal rax
	print 10
	ret

	variable turn, 8
	variable wanted, 8	; turns; 0: for ever
	variable started, 8	; by the clock
	variable chunks, 8
	variable checked, 8
	variable written, 8
	variable errors, 8	; of the disk; those of calls are counted apart
