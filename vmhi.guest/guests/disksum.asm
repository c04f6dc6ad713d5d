; disksum: reads the beginning of the paravirtual disk, several requests at a time, and prints its SHA-256.
;
; Arguments  len=<bytes>, default 1048576; no more than the disk has
; Prints     disksum: capacity <n> block <n> features <n>
;            sha256 <64 digits>
;            disksum: no disk
;            disksum: status <n>	of the request that failed
; Exit       0, or 1 where there is no disk or a request failed

%include "lib/flat.inc"
%include "lib/trap.inc"
%include "lib/ring3.inc"
%include "lib/pvblock.inc"
%include "lib/sha256.inc"
%include "lib/disksum.inc"

main:
	call trap_init
	call ring3_init
	call disk_init
	test eax, eax
	jz .no_disk
	print "disksum: capacity "
	print_decimal [disk_capacity]
	print " block "
	mov eax, [disk_block]
	print_decimal rax
	print " features "
	mov eax, [disk_features]
	print_decimal rax
	print 10

	mov edi, .argument
	mov esi, 0x100000
	call arg_number
	mov rsi, [disk_capacity]
	cmp rax, rsi
	cmovb rsi, rax
	xor edi, edi
	call disk_sha256
	test eax, eax
	jnz .failed
	print "sha256 "
	call sha256_print
	print 10
	xor eax, eax
	ret

.no_disk:
	print "disksum: no disk", 10
	mov eax, 1
	ret
.failed:
	print "disksum: status "
	print_decimal rax
	print 10
	mov eax, 1
	ret

.argument:
	db "len=", 0
