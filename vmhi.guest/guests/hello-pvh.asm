; hello-pvh: greets, from an ELF file with a PVH note. The machine enters it in 32-bit protected mode.
;
; Prints  hello from an ELF file with a PVH note
;         command line: ...
; Exit    0

%include "lib/layout.inc"

	bits 64
	org IMAGE

SECTION_BASE	equ IMAGE
IMAGE_SIZE	equ end - $$

PT_LOAD		equ 1
PT_NOTE		equ 4
PHYS32_ENTRY	equ 18			; XEN_ELFNOTE_PHYS32_ENTRY

elf_header:
	db 0x7f, "ELF", 2, 1, 1, 0	; 64 bits, little-endian
	dq 0
	dw 2, 62			; executable, x86-64
	dd 1
	dq start_pvh
	dq program_headers - $$, 0
	dd 0
	dw 64, 56, 2, 0, 0, 0

program_headers:
	dd PT_LOAD, 7
	dq 0, IMAGE, IMAGE, IMAGE_SIZE, HEAP - IMAGE, 0x1000

	dd PT_NOTE, 4
	dq note - $$, note, note, note.end - note, note.end - note, 4

note:
	dd 4, 4, PHYS32_ENTRY
	db "Xen", 0
	dd start_pvh
.end:

	bits 32
start_pvh:
	xor esi, esi			; no boot_params
%include "lib/long.inc"
%include "lib/serial.inc"
%include "lib/args.inc"
%include "lib/start.inc"

main:
	print "hello from an ELF file with a PVH note", 10, "command line: "
	mov rdi, [command_line]
	call serial_string
	print 10
	xor eax, eax
	ret

end:
